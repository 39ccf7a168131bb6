"""What a point shows over time, and the few shapes signals are made of.

A value is a pure function of the source and the instant, of sums and products only: no library of the machine
decides a last digit, and any window of any day can be asked for by itself.
"""

from typing import Final, Protocol

DAY_S: Final = 86_400
_SPACE: Final = 1 << 32


class Signal(Protocol):
    """A source's values; `second` counts from 1970-01-01 UTC."""

    def at(self, second: int) -> float:
        """The value at a second, in the unit of the source, before the instrument rounds it."""


def mixed(salt: int, number: int) -> int:
    """32 bits drawn for a number (Wellons' lowbias32)."""
    bits = (salt + number * 0x9E3779B9) & 0xFFFFFFFF
    bits = ((bits ^ (bits >> 16)) * 0x7FEB352D) & 0xFFFFFFFF
    bits = ((bits ^ (bits >> 15)) * 0x846CA68B) & 0xFFFFFFFF
    return bits ^ (bits >> 16)


def share(salt: int, number: int) -> float:
    """A share in [0, 1) drawn for a number."""
    return mixed(salt, number) / _SPACE


def noise(salt: int, number: int) -> float:
    """Noise in [-1, 1): each number's own, unlike its neighbours'.

    It is `2 * share(…) - 1`, written out because it is asked for at every value of a county.
    """
    bits = (salt + number * 0x9E3779B9) & 0xFFFFFFFF
    bits = ((bits ^ (bits >> 16)) * 0x7FEB352D) & 0xFFFFFFFF
    bits = ((bits ^ (bits >> 15)) * 0x846CA68B) & 0xFFFFFFFF
    return (bits ^ (bits >> 16)) / 0x80000000 - 1


def walk(salt: int, second: int, step_s: int) -> float:
    """Noise in [-1, 1) that wanders: drawn every `step_s` seconds, straight in between."""
    step, into = divmod(second, step_s)
    here = noise(salt, step)
    return here + (noise(salt, step + 1) - here) * (into / step_s)


def wave(turn: float) -> float:
    """A swing in [-1, 1] over a turn in [0, 1): a sine made of two parabolas, highest at a quarter."""
    return 16 * turn * (0.5 - turn) if turn < 0.5 else -16 * (turn - 0.5) * (1 - turn)


def event(salt: int, second: int, every_s: int, lasts_s: int) -> float:
    """A rare event, in [0, 1]: in one of eight blocks of `every_s` seconds a hump `lasts_s` seconds long."""
    block, into = divmod(second, every_s)
    drawn = mixed(salt, block)
    if drawn & 7:
        return 0.0
    done = (into - (drawn >> 3) % (every_s - lasts_s)) / lasts_s
    return 4 * done * (1 - done) * share(~salt, block) if 0 < done < 1 else 0.0
