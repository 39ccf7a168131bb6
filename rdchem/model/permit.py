"""Permits of special work 特殊作业票 as the collaboration system holds them (GB 30871-2022).

Hot work 动火 is the one whose grade counts; the other operations share everything else with it.
"""

from enum import StrEnum
from typing import Annotated, Literal

from msgspec import Meta

from rdchem.model.commitment import HotWorkGrade, Operation
from rdchem.model.message import Code, Identifier, Instant, Message, Name, Part, Text


class TicketStatus(StrEnum):
    """Where a permit stands. Code lists differ between platforms; the adapter maps them to these."""

    DRAFT = "draft"
    APPROVED = "approved"
    WORKING = "working"
    CLOSED = "closed"


class GasAnalysis(Part, frozen=True, kw_only=True):
    """One gas analysis of a permit; `result` in `unit` (usually % vol)."""

    gas: Name
    result: float | None
    unit: Name
    analysed_at: Instant
    analyst: Name | None = None
    place: Name | None = None


class Approval(Part, frozen=True, kw_only=True):
    """One step of the approval, in the order given."""

    node: Name
    person: Name
    opinion: Text | None = None
    approved_at: Instant | None = None


class Break(Part, frozen=True, kw_only=True):
    """An interruption 中断 of the work of a permit; without `until` the work has not been resumed."""

    since: Instant
    until: Instant | None = None


Recorded = Literal["guardian", "checked_at", "camera_codes", "gas_analyses", "associated_tickets"]
"""What a permit is expected to say and a source may not hold at all."""


class Permit(Message, frozen=True, kw_only=True):
    """What permits of every operation say: the whole of it, sent again with a higher `seq` when it changes.

    `filing` is 1 for a permit filed beforehand (报备) and 2 for one added later (补报). `not_recorded` names
    what the sending system has no field for: that it is empty here says nothing about the work. `breaks` is
    null where the source does not tell of interruptions, and empty where it does and there was none.
    """

    ticket_no: Identifier
    status: TicketStatus
    place: Name | None
    filing: Annotated[Literal[1, 2], Meta(description="1 报备, 2 补报")] = 1
    issued_at: Instant | None
    plan_start_at: Instant | None
    plan_end_at: Instant | None
    started_at: Instant | None = None
    ended_at: Instant | None = None
    checked_at: Instant | None = None
    checked_by: Name | None = None
    worker: Name | None = None
    responsible: Name | None = None
    guardian: Name | None = None
    contractor: Name | None = None
    associated_tickets: list[Identifier] = []
    camera_codes: list[Code] = []
    longitude: Annotated[float, Meta(ge=-180, le=180)] | None = None
    latitude: Annotated[float, Meta(ge=-90, le=90)] | None = None
    changed_reason: Text | None = None
    cancelled: bool = False
    cancelled_reason: Text | None = None
    deleted: bool = False
    test: bool = False
    gas_analyses: list[GasAnalysis] = []
    approvals: list[Approval] = []
    breaks: list[Break] | None = None
    not_recorded: list[Recorded] = []

    @property
    def operation(self) -> Operation:
        """What it permits."""
        raise NotImplementedError

    @property
    def title(self) -> str:
        """The paper as officers call it."""
        return f"作业票 {self.ticket_no}"


class HotWorkPermit(Permit, frozen=True, kw_only=True, tag="hot_work_permit", tag_field="kind"):
    """动火安全作业票: a permit of hot work with its grade.

    `continuous_monitoring`: whether gas is monitored continuously during the work; null: the source does not
    tell.
    """

    grade: HotWorkGrade
    style: Name | None = None
    continuous_monitoring: bool | None = None

    @property
    def operation(self) -> Operation:
        """动火."""
        return Operation.HOT_WORK

    @property
    def title(self) -> str:
        """The paper as officers call it: 一级动火作业票 T1."""
        return f"{self.grade.label}动火作业票 {self.ticket_no}"


OtherOperation = Literal["02", "03", "04", "05", "06", "07", "08", "09"]


class SpecialWorkPermit(Permit, frozen=True, kw_only=True, tag="special_work_permit", tag_field="kind"):
    """特殊作业票: a permit of one of the other operations; `level` as the platform writes it, if at all."""

    operation_code: Annotated[
        OtherOperation,
        Meta(description="02 受限空间 03 盲板抽堵 04 高处 05 吊装 06 临时用电 07 动土 08 断路 09 检维修"),
    ]
    level: Name | None = None

    @property
    def operation(self) -> Operation:
        """The operation it permits."""
        return Operation(self.operation_code)

    @property
    def title(self) -> str:
        """The paper as officers call it: 受限空间作业票 S1."""
        return f"{self.operation.label}作业票 {self.ticket_no}"
