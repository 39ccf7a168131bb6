"""The register as tables: enterprises, and their sensors and cameras in use."""

from collections.abc import Collection, Iterator
from functools import lru_cache

from rdchem.facts.row import Row, columns, given, head
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


def sources(day: EnterpriseDay) -> Iterator[Row]:
    """A row for each source in use."""
    known_hazards: Collection[str | None] = {None, *day.register.hazards}
    known_gateways: Collection[str | None] = {None, *day.register.gateways}
    for source in day.register.sources.values():
        if source.in_use:
            yield head(day, source.source_code, day.register.source_ids[source.source_code]) | {
                "source_kind": source.kind.value,
                "name": given(source.name),
                "hazard_code": source.hazard_code,
                "hazard_is_known": source.hazard_code in known_hazards,
                "gateway_is_known": source.gateway_code in known_gateways,
                "tag_no": given(source.tag_no),
                **(_scale(source.unit, source.quantity, _marks(source)) if _measures(source) else _NO_SCALE),
            }


_NO_SCALE: Row = {
    "quantity_unit": None,
    "range": None,
    "thresholds": None,
    "thresholds_in_order": True,
    "has_placeholder": False,
}
_Marks = tuple[float | None, ...]


def _measures(source: Source) -> bool:
    return source.kind is SourceKind.SENSOR


def _marks(source: Source) -> _Marks:
    """Its marks in the order they must have: range_low ≤ low_low ≤ low < high ≤ high_high ≤ range_high."""
    lows = source.range_low, source.low_low, source.low
    return *lows, source.high, source.high_high, source.range_high


@lru_cache(maxsize=4096)  # sensors of one make are many
def _scale(unit: str | None, quantity: Quantity | None, marks: _Marks) -> Row:
    """Unit, range and thresholds of a sensor."""
    lows = [mark for mark in marks[:3] if mark is not None]
    highs = [mark for mark in marks[3:] if mark is not None]
    range_low, range_high = marks[0], marks[-1]
    apart = not (lows and highs) or lows[-1] < highs[0]
    has_range = range_low is not None and range_high is not None
    return {
        "quantity_unit": f"{quantity.value} {unit}" if quantity and given(unit) else None,
        "range": f"{range_low}–{range_high}" if has_range else None,
        "thresholds": " < ".join(" ≤ ".join(map(str, some)) for some in (lows, highs)),
        "thresholds_in_order": apart and lows == sorted(lows) and highs == sorted(highs),
        "has_placeholder": not _PLACEHOLDERS.isdisjoint([*lows, *highs])
        or (has_range and range_low == range_high == 0),
    }
