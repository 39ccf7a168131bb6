"""The register as tables: enterprises, and their sensors and cameras in use."""

from collections.abc import Collection, Iterator

from rdchem.facts.row import Row, columns, given, head
from rdchem.model.day import EnterpriseDay
from rdchem.model.source import Source, SourceKind

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
                **_scale(source),
            }


def _scale(source: Source) -> Row:
    """Unit, range and thresholds of a sensor; range_low ≤ low_low ≤ low < high ≤ high_high ≤ range_high."""
    if source.kind is not SourceKind.SENSOR:
        return {
            "quantity_unit": None,
            "range": None,
            "thresholds": None,
            "thresholds_in_order": True,
            "has_placeholder": False,
        }
    lows = [mark for mark in (source.range_low, source.low_low, source.low) if mark is not None]
    highs = [mark for mark in (source.high, source.high_high, source.range_high) if mark is not None]
    apart = not (lows and highs) or lows[-1] < highs[0]
    unit = f"{source.quantity.value} {source.unit}" if source.quantity and given(source.unit) else None
    has_range = source.range_low is not None and source.range_high is not None
    return {
        "quantity_unit": unit,
        "range": f"{source.range_low}–{source.range_high}" if has_range else None,
        "thresholds": " < ".join(" ≤ ".join(map(str, marks)) for marks in (lows, highs)),
        "thresholds_in_order": apart and lows == sorted(lows) and highs == sorted(highs),
        "has_placeholder": not _PLACEHOLDERS.isdisjoint([*lows, *highs])
        or (has_range and source.range_low == source.range_high == 0),
    }
