"""The hot work of a day that has begun, of the permits a rule speaks of; or why it speaks of none."""

from collections.abc import Callable
from typing import Final

from rdchem.declared import NO_PERMITS, NO_WORK_STARTED, has_begun, permits_in_force
from rdchem.model.commitment import HotWorkGrade
from rdchem.model.day import EnterpriseDay, Received
from rdchem.model.outcome import NotApplicable, Reason
from rdchem.model.permit import HotWorkPermit

_NO_SPECIAL: Final = Reason("no_special_hot_work", "当日没有特级动火作业")


def begun(
    day: EnterpriseDay, concerns: Callable[[HotWorkPermit], bool], none: Reason
) -> list[Received[HotWorkPermit]] | NotApplicable:
    """The permits in force that a rule `concerns` and whose work has begun; `none`: there are none."""
    permits = permits_in_force(day)
    if not permits:
        return NotApplicable(NO_PERMITS)
    concerned = [held for held in permits if concerns(held.message)]
    if not concerned:
        return NotApplicable(none)
    at_work = [held for held in concerned if has_begun(held.message)]
    return at_work or NotApplicable(NO_WORK_STARTED)


def special_begun(day: EnterpriseDay) -> list[Received[HotWorkPermit]] | NotApplicable:
    """The same of 特级 permits."""
    return begun(day, lambda permit: permit.grade is HotWorkGrade.SPECIAL, _NO_SPECIAL)
