"""The judge of a file's signal: by an earlier stretch of it, or by its own other parts."""

from rdchem.model.signal import SignalInterval
from rdchem.readings.by_rows import played_by_rows
from rdchem.readings.learned import Learned
from rdchem.readings.own_past import screen_by_own_past
from rdchem.readings.screen import TEXTURE, beside, combined, in_order, screen
from rdchem.readings.series import Series


def screen_after(
    series: Series,
    past: Series,
    usual: Learned | None,
    *,
    span: tuple[float, float] | None = None,
    until: float | None = None,
) -> list[SignalInterval]:
    """The intervals of a series by an earlier stretch and what is `usual` in that, in order of time."""
    found = screen(series, usual, span=span, until=until)
    return _with_played(found, played_by_rows(series, past))


def screen_alone(
    series: Series, *, span: tuple[float, float] | None = None, until: float | None = None
) -> list[SignalInterval]:
    """The same of a series without an earlier stretch."""
    found = screen_by_own_past(series, span=span, until=until)
    return _with_played(found, played_by_rows(series))


def _with_played(found: list[SignalInterval], played: list[SignalInterval]) -> list[SignalInterval]:
    """What is found and what was played by rows, before noise and digits say something of the same."""
    rough = [one for one in found if one.state in TEXTURE]
    told = combined([one for one in found if one.state not in TEXTURE], played)
    return in_order(beside(told, rough))
