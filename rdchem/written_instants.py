"""How people write instants: a column of them as seconds, and one that somebody typed.

ISO 8601 with or without a zone, year/month/day, day.month.year, month/day/year or day/month/year (one order
for a whole column), yyyyMMddHHmmss, Chinese, with the month's name, of twelve hours; or seconds,
milliseconds … since 1970. One without a zone is local time (Asia/Shanghai).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import Final

import numpy as np
import pandas as pd

from rdchem.calendar import SHANGHAI
from rdchem.errors import InputError
from rdchem.readings.series import DAY_S, Floats

_EPOCH_UNITS: Final = ((1e11, 1.0), (1e14, 1e3), (1e17, 1e6), (1e20, 1e9))
_COMPACT: Final = re.compile(
    r"(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?:[0-2]\d[0-5]\d(?:[0-5]\d)?)?"
)
_CHINESE: Final = str.maketrans(
    {"年": "-", "月": "-", "日": " ", "时": ":", "点": ":", "分": ":", "秒": "", "/": "-"}
)
_ZONE: Final = re.compile(r"(?:Z|[+-]\d{2}:?\d{2})\s*$")
_OTHER_FORMATS: Final = (
    "%Y%m%d%H%M%S", "%Y%m%d%H%M", "%Y%m%d", "%Y-%m-%d %H:%M:%S.%f", "%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M",
    "%Y-%m-%d", "%Y-%m-%d %I:%M:%S %p", "%Y-%m-%d %I:%M %p", "%Y.%m.%d %H:%M:%S", "%Y.%m.%d %H:%M",
    *(f"{day} {clock}".rstrip() for day in ("%d.%m.%Y", "%d.%m.%y", "%d-%b-%Y", "%d %b %Y", "%b %d %Y")
      for clock in ("%H:%M:%S", "%H:%M", "")),
)  # fmt: skip
_CLOCKS: Final = ("%H:%M:%S.%f", "%H:%M:%S", "%H:%M", "%I:%M:%S %p", "%I:%M %p", "")
_ORDERS: Final = tuple(
    tuple(f"{day} {clock}".rstrip() for clock in _CLOCKS) for day in ("%m-%d-%Y", "%d-%m-%Y")
)
"""Month first, day first: which of both, the whole file says, never a row."""
_FRACTION: Final = re.compile(r"(?<=:\d\d),(?=\d)")
_HALF_DAY: Final = re.compile(r"\s*(上|下)午\s*(\d[\d:]*)")
_MIDNIGHT: Final = re.compile(r"[ T]24:00")
_UTC: Final = re.compile(r"\s*(?:UTC|GMT)$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Zone:
    """How a file writes its instants: `offset` from UTC, and whether it says so; which of `_ORDERS` its days
    and months have, where that is the question.
    """

    offset: timedelta
    told: bool
    order: int | None = None

    def text(self, instant: datetime) -> str:
        """An instant as this file would write it, ISO 8601."""
        local = instant.astimezone(timezone(self.offset))
        local = local if self.told else local.replace(tzinfo=None)
        return local.isoformat(timespec="milliseconds" if local.microsecond else "seconds")


def read_instant(text: str, zone: Zone) -> float:
    """The second of an instant somebody typed; without a zone it is in that of the file."""
    seconds, told = seconds_of([text], zone.order)
    if not np.isfinite(seconds[0]):
        raise InputError(f"时刻 {text!r} 不对,应如 2026-09-15T09:20:00 或 2026-09-15T09:20:00+08:00。")
    shift = 0.0 if told.told else (told.offset - zone.offset).total_seconds()
    return float(seconds[0]) + shift


def seconds_of(cells: Sequence[str], order: int | None = None) -> tuple[Floats, Zone]:
    """The seconds of instants, NaN where a cell is none, and the zone of the first one; days and months in
    the order given, else in that which fits.
    """
    texts = pd.Series(list(cells), dtype="object").astype(str).str.strip().str.strip("'\"")
    if texts.str.endswith(("C", "T", "c", "t")).any():
        texts = texts.str.replace(_UTC, "Z", regex=True)
    seconds = np.full(len(texts), np.nan)
    compact = texts.str.fullmatch(_COMPACT).to_numpy(bool)
    numbers = pd.to_numeric(texts, errors="coerce").to_numpy(np.float64)
    epoch = np.isfinite(numbers) & ~compact & (np.abs(numbers) >= 1e8)
    for below, per_second in reversed(_EPOCH_UNITS):
        taken = epoch & (np.abs(numbers) < below)
        seconds[taken] = numbers[taken] / per_second
    written = ~epoch & ~(np.isfinite(numbers) & ~compact) & (texts.str.len().to_numpy() >= 6)
    places = np.flatnonzero(written)
    zone = Zone(timedelta(0), told=True)
    if not places.size:
        return seconds, zone
    kept = texts.iloc[places]
    zoned = kept.str.contains(_ZONE).to_numpy(bool) & kept.str.contains(":", regex=False).to_numpy(bool)
    local = SHANGHAI.utcoffset(datetime(2026, 1, 1)) or timedelta(0)  # noqa: DTZ001
    parsed, order = _parsed(kept, order)
    seconds[places] = parsed - np.where(zoned, 0.0, local.total_seconds())
    if epoch.any():
        return seconds, zone
    first = next((place for place in range(places.size) if np.isfinite(seconds[places[place]])), 0)
    if not zoned[first]:
        return seconds, Zone(local, told=False, order=order)
    stated = _ZONE.search(kept.iloc[first])
    return seconds, Zone(_offset(stated.group().strip() if stated else "Z"), told=True, order=order)


def _offset(text: str) -> timedelta:
    if text == "Z":
        return timedelta(0)
    digits = text[1:].replace(":", "")
    offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return -offset if text[0] == "-" else offset


def _parsed(texts: "pd.Series[str]", order: int | None) -> tuple[Floats, int | None]:
    """Seconds since 1970 of written instants, as if those without a zone were UTC, and in which order days
    and months are, if that was the question.
    """
    plain = texts.str.translate(_CHINESE).str.strip().str.rstrip(":")
    moments = _read(plain, ("ISO8601",))
    ends_day = np.zeros(len(texts), np.bool_)
    left = moments.isna()
    if left.any():
        other = plain[left].str.replace(_FRACTION, ".", regex=True).str.replace(", ", " ")
        other = other.str.replace(_HALF_DAY, _half_day, regex=True)
        ends_day[left] = other.str.contains(_MIDNIGHT)
        other = other.str.replace(_MIDNIGHT, " 00:00", regex=True)
        read = _read(other, ("ISO8601", *_OTHER_FORMATS))
        strange = read.isna()
        if strange.any():
            orders = _ORDERS if order is None else _ORDERS[order : order + 1]
            tried = [_read(other[strange], forms) for forms in orders]
            best = max(tried, key=_fits)
            read[strange] = best
            if order is None and best.notna().any():
                order = next(at for at, one in enumerate(tried) if one is best)
        moments[left] = read
    since = moments - pd.Timestamp(datetime(1970, 1, 1, tzinfo=UTC))
    return np.asarray(since.dt.total_seconds(), np.float64) + DAY_S * ends_day, order


def _read(texts: "pd.Series[str]", forms: Sequence[str]) -> "pd.Series[pd.Timestamp]":
    """Each instant by the first form it is written in; NaT where there is none."""
    moments = pd.to_datetime(texts, format=forms[0], errors="coerce", utc=True).astype("datetime64[us, UTC]")
    for form in forms[1:]:
        left = moments.isna()
        if not left.any():
            break
        moments[left] = pd.to_datetime(texts[left], format=form, errors="coerce", utc=True)
    return moments


def _fits(moments: "pd.Series[pd.Timestamp]") -> tuple[int, float]:
    """How well an order of day and month fits: how many rows it reads, and how near they are."""
    there = moments.dropna()
    return len(there), -(there.max() - there.min()).total_seconds() if len(there) else 0.0


def _half_day(said: "re.Match[str]") -> str:
    return f" {said[2]} {'AM' if said[1] == '上' else 'PM'}"
