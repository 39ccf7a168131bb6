"""How an interval of a signal is told of."""

from datetime import UTC, datetime

from rdchem.model.signal import Resemblance, SignalInterval, SignalState


def instant(second: float) -> datetime:
    """The UTC instant of a second since 1970-01-01."""
    return datetime.fromtimestamp(second, UTC)


def interval(
    start: float,
    end: float,
    state: SignalState,
    why: str,
    resembles: Resemblance | None = None,
    **measure: float,
) -> SignalInterval:
    """An interval between two seconds."""
    return SignalInterval(instant(start), instant(end), state, why, resembles, measure)
