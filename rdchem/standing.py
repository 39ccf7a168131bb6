"""The classes by which a declared item, a permit, or a pair of them stands in the reconciliation."""

from enum import StrEnum
from typing import Final


class Standing(StrEnum):
    """How a row stands. Those in `FAULTS` are findings, by the rules' names for them."""

    UNDECLARED = "undeclared_permit"
    NO_PERMIT = "declared_without_permit"
    GRADE_LOWER = "grade_lower_than_permit"
    GRADE_HIGHER = "grade_higher_than_permit"
    PLACE_DIFFERS = "place_differs"
    TIME_OUTSIDE = "time_outside_permit"
    DECLARED_LATE = "declared_late"
    WORKED_ALL_THE_SAME = "worked_though_taken_back"
    TICKET_SHARED = "ticket_for_several_works"
    AGREES = "agrees"
    UPGRADED = "legal_upgrade"
    SAME_PLACE = "another_ticket_of_the_place"
    SAME_TICKET = "another_item_of_the_ticket"
    LATE_ADDITION = "late_addition"
    CANCELLED = "permit_cancelled"
    TAKEN_BACK = "declaration_taken_back"
    CHANGED = "permit_changed"
    NOT_SAID = "cannot_be_said"

    @property
    def label(self) -> str:
        """As officers call it."""
        return _LABELS[self]


_LABELS: Final = {
    Standing.UNDECLARED: "有作业票无报备",
    Standing.NO_PERMIT: "有报备无作业票",
    Standing.GRADE_LOWER: "申报级别低于作业票",
    Standing.GRADE_HIGHER: "申报级别高于作业票",
    Standing.PLACE_DIFFERS: "地点不符",
    Standing.TIME_OUTSIDE: "申报时间在作业票之外",
    Standing.DECLARED_LATE: "截止后补充申报",
    Standing.WORKED_ALL_THE_SAME: "申报取消后仍作业",
    Standing.TICKET_SHARED: "一票多用",
    Standing.AGREES: "一致",
    Standing.UPGRADED: "依法升级管理",
    Standing.SAME_PLACE: "同一处的另一张票",
    Standing.SAME_TICKET: "同一张票的另一项申报",
    Standing.LATE_ADDITION: "截止后补报",
    Standing.CANCELLED: "作业票已取消",
    Standing.TAKEN_BACK: "申报后取消",
    Standing.CHANGED: "申报后作业票变更",
    Standing.NOT_SAID: "无法判定",
}
DIFFERS: Final = frozenset(
    {Standing.GRADE_LOWER, Standing.GRADE_HIGHER, Standing.PLACE_DIFFERS, Standing.TIME_OUTSIDE}
)
"""What two papers can differ in."""
FAULTS: Final = DIFFERS | {
    Standing.UNDECLARED,
    Standing.NO_PERMIT,
    Standing.DECLARED_LATE,
    Standing.WORKED_ALL_THE_SAME,
    Standing.TICKET_SHARED,
}
"""The standings that are findings."""
