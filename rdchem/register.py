"""The register of an enterprise, folded from the messages about it. Pure."""

from collections.abc import Sequence

from rdchem.model.day import Received, RegisterEntry
from rdchem.model.source import Enterprise, Gateway, Hazard, Register, Source


def fold_register(entries: Sequence[Received[Register]]) -> RegisterEntry | None:
    """The register's present word on one enterprise; None while no enterprise entry has come."""
    enterprise: Enterprise | None = None
    hazards: dict[str, Hazard] = {}
    gateways: dict[str, Gateway] = {}
    sources: dict[str, Source] = {}
    for entry in entries:
        enterprise = entry.message.enterprise or enterprise
        hazards |= {hazard.hazard_code: hazard for hazard in entry.message.hazards}
        gateways |= {gateway.gateway_code: gateway for gateway in entry.message.gateways}
        sources |= {source.source_code: source for source in entry.message.sources}
    if enterprise is None:
        return None
    ids = dict.fromkeys(entry.journal_id for entry in entries if entry.message.enterprise)
    source_ids = {
        source.source_code: entry.journal_id for entry in entries for source in entry.message.sources
    }
    return RegisterEntry(
        enterprise,
        dict(sorted(hazards.items())),
        dict(sorted(gateways.items())),
        dict(sorted(sources.items())),
        tuple(ids),
        any(entry.message.simulated for entry in entries),
        source_ids,
    )
