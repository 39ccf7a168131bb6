"""The hot-work permit 动火安全作业票 as the hot-work collaboration system holds it (GB 30871-2022)."""

from enum import StrEnum
from typing import Annotated, Literal

from msgspec import Meta

from rdchem.model.commitment import HotWorkGrade
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


Recorded = Literal["guardian", "checked_at", "camera_codes", "gas_analyses"]
"""What a permit is expected to say and a source may not hold at all."""


class HotWorkPermit(Message, frozen=True, kw_only=True, tag="hot_work_permit", tag_field="kind"):
    """动火安全作业票: the whole permit, sent again with a higher `seq` when it changes or is cancelled.

    `filing` is 1 for a permit filed beforehand (报备) and 2 for one added later (补报). `not_recorded` names
    what the sending system has no field for: that it is empty here says nothing about the work.
    """

    ticket_no: Identifier
    status: TicketStatus
    grade: HotWorkGrade
    place: Name | None
    filing: Annotated[Literal[1, 2], Meta(description="1 报备, 2 补报")] = 1
    issued_at: Instant | None
    plan_start_at: Instant | None
    plan_end_at: Instant | None
    started_at: Instant | None = None
    ended_at: Instant | None = None
    checked_at: Instant | None = None
    checked_by: Name | None = None
    style: Name | None = None
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
    not_recorded: list[Recorded] = []
