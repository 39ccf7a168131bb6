"""The register as tables: enterprises, and their sensors and cameras in use."""

from collections.abc import Collection, Iterator
from functools import lru_cache
from typing import Final, NamedTuple

from rdchem.facts.row import Line, Row, columns, given, head
from rdchem.model.day import EnterpriseDay
from rdchem.model.source import Quantity, Source, SourceKind

ENTERPRISES = columns(text="name area_code credit_code state state_reason", count="source_count")
SOURCES = columns(
    text="source_kind name hazard_code tag_no quantity_unit range thresholds",
    flag="hazard_is_known gateway_is_known thresholds_in_order has_placeholder",
)
_PLACEHOLDERS = {-1.0, 999.0, 9999.0, 99999.0, -9999.0}
"""Numbers typed into a mark or range where nothing is known; a range from 0 to 0 is one too."""


def enterprises(day: EnterpriseDay) -> Iterator[Row]:
    """One row: the enterprise."""
    enterprise = day.register.enterprise
    newest = day.register.journal_ids[-1] if day.register.journal_ids else ""
    yield head(day, day.company_code, newest) | {
        "name": given(enterprise.name),
        "area_code": enterprise.area_code,
        "credit_code": given(enterprise.credit_code),
        "state": enterprise.state,
        "state_reason": given(enterprise.state_reason),
        "source_count": sum(source.in_use for source in day.register.sources.values()),
    }


def sources(day: EnterpriseDay) -> Iterator[Line]:
    """A line for each source in use, in the order of SOURCES."""
    hazards: Collection[str | None] = {None, *day.register.hazards}
    gateways: Collection[str | None] = {None, *day.register.gateways}
    for source in day.register.sources.values():
        if source.in_use:
            scaled = source.kind is SourceKind.SENSOR
            scale = _scale(source.unit, source.quantity, _marks(source)) if scaled else _NO_SCALE
            yield (
                day.company_code,
                source.source_code,
                day.register.source_ids[source.source_code],
                source.kind.value,
                given(source.name),
                source.hazard_code,
                given(source.tag_no),
                scale.quantity_unit,
                scale.range,
                scale.thresholds,
                source.hazard_code in hazards,
                source.gateway_code in gateways,
                scale.in_order,
                scale.has_placeholder,
            )


class _Scale(NamedTuple):
    """Unit, range and thresholds of a sensor."""

    quantity_unit: str | None = None
    range: str | None = None
    thresholds: str | None = None
    in_order: bool = True
    has_placeholder: bool = False


_NO_SCALE: Final = _Scale()
_Marks = tuple[float | None, ...]


def _marks(source: Source) -> _Marks:
    """Its marks in the order they must have: range_low ≤ low_low ≤ low < high ≤ high_high ≤ range_high."""
    lows = source.range_low, source.low_low, source.low
    return *lows, source.high, source.high_high, source.range_high


@lru_cache(maxsize=4096)  # sensors of one make are many
def _scale(unit: str | None, quantity: Quantity | None, marks: _Marks) -> _Scale:
    lows = [mark for mark in marks[:3] if mark is not None]
    highs = [mark for mark in marks[3:] if mark is not None]
    range_low, range_high = marks[0], marks[-1]
    apart = not (lows and highs) or lows[-1] < highs[0]
    has_range = range_low is not None and range_high is not None
    return _Scale(
        f"{quantity.value} {unit}" if quantity and given(unit) else None,
        f"{range_low}–{range_high}" if has_range else None,
        " < ".join(" ≤ ".join(map(str, some)) for some in (lows, highs)),
        apart and lows == sorted(lows) and highs == sorted(highs),
        not _PLACEHOLDERS.isdisjoint([*lows, *highs]) or (has_range and range_low == range_high == 0),
    )
