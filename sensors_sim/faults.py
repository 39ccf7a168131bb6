"""What goes wrong with a signal: each fault makes one signal of another, so they compose.

`since` and `until` are seconds from 1970-01-01 UTC, as in `Signal`; amounts are in the unit of the source.
"""

from dataclasses import dataclass

from sensors_sim.signals import Signal, noise


@dataclass(frozen=True, slots=True)
class During:
    """`faulty` from `since` to before `until` (None: for good), otherwise `honest`.

    With `seam_s`, the one goes over into the other within so many seconds from `since`.
    """

    honest: Signal
    faulty: Signal
    since: int
    until: int | None = None
    seam_s: int = 0

    def at(self, second: int) -> float:
        """The value at a second."""
        if second < self.since or (self.until is not None and second >= self.until):
            return self.honest.at(second)
        if second >= self.since + self.seam_s:
            return self.faulty.at(second)
        done = (second - self.since) / self.seam_s
        return (1 - done) * self.honest.at(second) + done * self.faulty.at(second)


@dataclass(frozen=True, slots=True)
class Level:
    """One value, whatever the process does."""

    value: float

    def at(self, second: int) -> float:  # noqa: ARG002
        """The value at a second."""
        return self.value


@dataclass(frozen=True, slots=True)
class Stuck:
    """For ever what was shown at a second."""

    signal: Signal
    since: int

    def at(self, second: int) -> float:  # noqa: ARG002
        """The value at a second."""
        return self.signal.at(self.since)


@dataclass(frozen=True, slots=True)
class Replayed:
    """What was shown so many seconds before."""

    signal: Signal
    before_s: int

    def at(self, second: int) -> float:
        """The value at a second."""
        return self.signal.at(second - self.before_s)


@dataclass(frozen=True, slots=True)
class Noisy:
    """Noise of up to an amount laid over."""

    signal: Signal
    amount: float
    salt: int

    def at(self, second: int) -> float:
        """The value at a second."""
        return self.signal.at(second) + self.amount * noise(self.salt, second)


@dataclass(frozen=True, slots=True)
class Typed:
    """As somebody reads it off and types it: to the nearest mark."""

    signal: Signal
    mark: float

    def at(self, second: int) -> float:
        """The value at a second."""
        return round(self.signal.at(second) / self.mark) * self.mark


@dataclass(frozen=True, slots=True)
class Smoothed:
    """The mean of what was shown every minute of so many before."""

    signal: Signal
    minutes: int

    def at(self, second: int) -> float:
        """The value at a second."""
        return sum(self.signal.at(second - 60 * back) for back in range(self.minutes)) / self.minutes


@dataclass(frozen=True, slots=True)
class Drifting:
    """Further and further away, by so much an hour."""

    signal: Signal
    since: int
    per_hour: float

    def at(self, second: int) -> float:
        """The value at a second."""
        return self.signal.at(second) + self.per_hour * (second - self.since) / 3600


@dataclass(frozen=True, slots=True)
class Offset:
    """Too much by an amount."""

    signal: Signal
    by: float

    def at(self, second: int) -> float:
        """The value at a second."""
        return self.signal.at(second) + self.by


@dataclass(frozen=True, slots=True)
class Spiking:
    """Every so many seconds, the first at `since`, a minute that is too high by an amount."""

    signal: Signal
    since: int
    every_s: int
    height: float

    def at(self, second: int) -> float:
        """The value at a second."""
        spikes = (second - self.since) % self.every_s < 60
        return self.signal.at(second) + (self.height if spikes else 0.0)


@dataclass(frozen=True, slots=True)
class Scaled:
    """In a unit so many times smaller than the registered one."""

    signal: Signal
    factor: float

    def at(self, second: int) -> float:
        """The value at a second."""
        return self.factor * self.signal.at(second)
