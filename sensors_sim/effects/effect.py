"""What a scenario does to an enterprise's plan."""

import re
from abc import abstractmethod
from datetime import datetime
from typing import NamedTuple

import msgspec

from sensors_sim.plan import Plan


class Hit(NamedTuple):
    """A subject hit, as `kind:code`, and from when to when (UTC).

    No `until`: to the end of the window. No `since`: there is no telling when it began, as with numbers that
    do not add up. `company_code`: where it hits another enterprise than the one bent.
    """

    subject: str
    since: datetime | None = None
    until: datetime | None = None
    company_code: str = ""


def _tag(class_name: str) -> str:
    return re.sub(r"(?<!^)([A-Z])", r"_\1", class_name).lower()


class Effect(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="do", tag=_tag):
    """One way to bend a plan; its fields are the parameters a scenario gives in the data file.

    `do:` in the file names the class in snake case.
    """

    def fits(self, plan: Plan) -> bool:  # noqa: ARG002
        """Whether the enterprise has what it takes, e.g. a second gateway."""
        return True

    @abstractmethod
    def apply(self, plan: Plan) -> list[Hit]:
        """Bend the plan; return what was hit."""


def lists_work(plan: Plan) -> bool:
    """Whether the announcement lists any work: a file of line items cannot say "listed, but none"."""
    return any(announcement.items for announcement in plan.announcements)
