"""The safety-commitment announcement 安全承诺公告 and the special work it declares.

Fields follow the counts table WC_ENT_TASK and the line items WC_ENT_QYCN of the platforms, under plain
English names. A count the platform did not give is `null`; it is never read as 0.
"""

from datetime import date
from enum import StrEnum
from typing import Annotated, Final, Literal

from msgspec import Meta

from rdchem.model.message import Count, Identifier, Instant, Message, Name, Part, Text


class HotWorkGrade(StrEnum):
    """Grade of hot work, GB 30871-2022 5.1 (before 2022-10-01 the top grade was called 特殊)."""

    SPECIAL = "special"
    GRADE_1 = "grade_1"
    GRADE_2 = "grade_2"

    @property
    def label(self) -> str:
        """The grade as officers say it."""
        return {"special": "特级", "grade_1": "一级", "grade_2": "二级"}[self.value]

    @property
    def rank(self) -> int:
        """3 for the most dangerous grade, 1 for the least."""
        return {"special": 3, "grade_1": 2, "grade_2": 1}[self.value]


class Operation(StrEnum):
    """Kinds of special work, with the operation codes platforms use."""

    HOT_WORK = "01"
    CONFINED_SPACE = "02"
    BLIND_PLATE = "03"
    HEIGHT = "04"
    LIFTING = "05"
    TEMPORARY_POWER = "06"
    EXCAVATION = "07"
    ROAD_CLOSURE = "08"
    MAINTENANCE = "09"

    @property
    def label(self) -> str:
        """The operation as officers say it."""
        return _OPERATIONS[self]


_OPERATIONS: Final = {
    Operation.HOT_WORK: "动火",
    Operation.CONFINED_SPACE: "受限空间",
    Operation.BLIND_PLATE: "盲板抽堵",
    Operation.HEIGHT: "高处",
    Operation.LIFTING: "吊装",
    Operation.TEMPORARY_POWER: "临时用电",
    Operation.EXCAVATION: "动土",
    Operation.ROAD_CLOSURE: "断路",
    Operation.MAINTENANCE: "检维修",
}


class Units(Part, frozen=True, kw_only=True):
    """Production units 生产装置(套): all, running, stopped, under overhaul, and on the move."""

    total: Count | None
    running: Count | None
    stopped: Count | None
    overhaul: Count | None
    trial: Count | None = None
    starting: Count | None = None
    stopping: Count | None = None


class HotWorkCounts(Part, frozen=True, kw_only=True):
    """Places (处) of hot work declared on the board, by grade."""

    special: Count | None
    grade_1: Count | None
    grade_2: Count | None

    def of(self, grade: HotWorkGrade) -> int | None:
        """The declared number of places of one grade, None where it was not given."""
        return {
            HotWorkGrade.SPECIAL: self.special,
            HotWorkGrade.GRADE_1: self.grade_1,
            HotWorkGrade.GRADE_2: self.grade_2,
        }[grade]


class OtherWorkCounts(Part, frozen=True, kw_only=True):
    """Numbers of the other special work, tank work, maintenance and contractors."""

    confined_space: Count | None = None
    blind_plate: Count | None = None
    height: Count | None = None
    lifting: Count | None = None
    temporary_power: Count | None = None
    excavation: Count | None = None
    road_closure: Count | None = None
    maintenance: Count | None = None
    tank_transfer: Count | None = None
    tank_cleaning: Count | None = None
    draining: Count | None = None
    contractors: Count | None = None
    changes: Count | None = None

    def of(self, operation: Operation) -> int | None:
        """The declared number of one operation other than hot work, None where it was not given."""
        count: int | None = getattr(self, operation.name.lower())
        return count


class CommitmentFlags(Part, frozen=True, kw_only=True):
    """Yes/no answers of the announcement; null where unanswered."""

    has_contractor: bool | None = None
    trial_production: bool | None = None
    starting_or_stopping: bool | None = None
    test: bool | None = None
    major_hidden_danger: bool | None = None
    hazards_are_safe: Annotated[bool | None, Meta(description="罐区、仓库等重大危险源是否处于安全状态")] = (
        None
    )


class WorkItem(Part, frozen=True, kw_only=True):
    """One declared piece of special work (a line of WC_ENT_QYCN).

    `ticket_no` is the permit number the enterprise gave, null where it gave none; `grade` only for hot work.
    """

    item_id: Identifier
    operation: Operation
    grade: HotWorkGrade | None = None
    ticket_no: Identifier | None = None
    place: Name | None = None
    begin_at: Instant | None = None
    end_at: Instant | None = None
    by_contractor: bool | None = None
    unit: Name | None = None
    person: Name | None = None
    content: Text | None = None
    changed_reason: Text | None = None
    cancelled: bool = False
    cancelled_reason: Text | None = None
    active: bool = True


class SafetyCommitment(Message, frozen=True, kw_only=True, tag="commitment", tag_field="kind"):
    """安全承诺公告: one enterprise's announcement for one business day.

    `occurred_at` is the instant of publication as the platform stamped it. `items` is null when the line
    items travel separately (a `declared_work` message) or were not given at all.
    """

    day: date
    state: Literal["published", "withdrawn"] = "published"
    promised_by: Name | None
    promise: Annotated[bool, Meta(description="承诺所有装置、重大危险源处于安全状态")] = True
    subject: Text | None = None
    units: Units
    hot_work: HotWorkCounts
    other_work: OtherWorkCounts = OtherWorkCounts()
    flags: CommitmentFlags = CommitmentFlags()
    risk_grade: Annotated[int, Meta(ge=1, le=4, description="1 高 2 较大 3 一般 4 低")] | None = None
    items: list[WorkItem] | None = None


class DeclaredWork(Message, frozen=True, kw_only=True, tag="declared_work", tag_field="kind"):
    """作业明细: one declared line item that travels apart from its announcement (file imports)."""

    day: date
    item: WorkItem
