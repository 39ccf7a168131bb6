"""Which day is judged, of whom, and what is asked of every point: known to all who are measured, so it
imports next to nothing.
"""

from dataclasses import dataclass
from datetime import date
from typing import Final

DAY: Final = date(2026, 9, 15)
LEARNED: Final = "learned.parquet"
START_US: Final = 1_789_401_600_000_000
"""2026-09-15 00:00 in Shanghai."""
DAY_US: Final = 86_400_000_000
GATEWAYS: Final = 3
POINTS: Final = 21
LOW, HIGH, SPIKE, FLAT_US, SILENT_US = 0.0, 100.0, 8.0, 3_600_000_000, 600_000_000


@dataclass(frozen=True, slots=True)
class County:
    """How many enterprises there are, and how many seconds pass between two readings of a point."""

    enterprises: int
    every_s: float

    @property
    def readings(self) -> int:
        """About how many readings it sends a day."""
        return int(self.enterprises * GATEWAYS * POINTS * self.ticks)

    @property
    def ticks(self) -> int:
        """How often a gateway sends a day."""
        return int(86_400 / self.every_s)

    def companies(self) -> list[str]:
        """Company codes."""
        return [f"3206{number:05d}" for number in range(self.enterprises)]
