"""Numbers with what they leave out: nothing that was not given, or could not be judged, reads as a nought."""

from dataclasses import dataclass
from typing import Final

UNKNOWN: Final = "—"
UNWATCHED: Final = "本系统未监测"


@dataclass(frozen=True, slots=True)
class Share:
    """`part` of `whole`, of which `open` could be either."""

    part: int
    open: int
    whole: int

    @property
    def text(self) -> str:
        """As officers read it: `91.9%`, a range where something is open, a dash where all is."""
        if self.open >= self.whole:
            return UNKNOWN
        low, high = self._percent(self.part), self._percent(self.part + self.open)
        return low if low == high else f"{low}~{high}"

    def _percent(self, part: int) -> str:
        """Rounded down, so that only the whole reads 100.0%."""
        tenths = 1000 * part // self.whole
        return f"{tenths // 10}.{tenths % 10}%"


@dataclass(frozen=True, slots=True)
class Tally:
    """A number summed over `asked` enterprises, of which `silent` gave none."""

    count: int
    silent: int
    asked: int

    @property
    def text(self) -> str:
        """The number, a dash if nobody gave one."""
        return UNKNOWN if self.silent == self.asked else str(self.count)

    @property
    def note(self) -> str:
        """What the number leaves out, empty if nothing."""
        return f"另 {self.silent} 家未知" if self.silent else ""
