"""The morning's clock: which business day, from when to when, and when a message leaves."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from rdchem import calendar
from rdchem.calendar import SHANGHAI

OPENS: Final = time(8, 50)
CLOSES: Final = time(9, 22)
DEADLINE: Final = time(9, 20)
AS_OF: Final = time(9, 21)
"""The instant the truth speaks of: the deadline of 09:20 and one minute for what is under way."""
EXACT_FROM: Final = time(9, 19)
"""From here on messages leave on their own second; before, on the next multiple of `GRID_SECONDS`."""
GRID_SECONDS: Final = 10


@dataclass(frozen=True, slots=True)
class Window:
    """The part of a business day that is played, local times of day; at its end only the clock ticks."""

    day: date
    opens: time = OPENS
    closes: time = CLOSES

    @property
    def start(self) -> datetime:
        """When the register and the gateways' births are sent, UTC."""
        return self.at(self.opens)

    @property
    def end(self) -> datetime:
        """The last tick, UTC."""
        return self.at(self.closes)

    @property
    def deadline(self) -> datetime:
        """By when the day's announcement is due in the simulated county, UTC."""
        return self.at(DEADLINE)

    @property
    def as_of(self) -> datetime:
        """The instant the truth speaks of, UTC."""
        return self.at(AS_OF)

    def at(self, clock: time, days: int = 0) -> datetime:
        """The UTC instant of a local time of day, `days` after the business day."""
        return calendar.at(self.day + timedelta(days=days), clock)

    def leaves(self, instant: datetime) -> datetime:
        """When something said at an instant goes out: not before the window, on the grid, around the
        deadline on the very second.
        """
        instant = max(instant, self.start)
        if instant >= self.at(EXACT_FROM):
            return instant
        return instant + timedelta(seconds=-int(instant.timestamp()) % GRID_SECONDS)


def wire_text(instant: datetime) -> str:
    """An instant as it travels: RFC 3339, UTC."""
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z")


def file_text(instant: datetime | None) -> str:
    """An instant as platforms export it: `2026-09-15 09:20:00`, local; empty where there is none."""
    return instant.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M:%S") if instant else ""


def compact_text(instant: datetime | None) -> str:
    """An instant as park platforms export it: `20260915092000`, local; empty where there is none."""
    return instant.astimezone(SHANGHAI).strftime("%Y%m%d%H%M%S") if instant else ""
