"""The register of an enterprise, folded from the messages about it. Pure."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

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


def credit_codes(registers: Mapping[str, RegisterEntry]) -> dict[str, str]:
    """Credit code -> company code, where a credit code names exactly one enterprise and nobody's own code."""
    owners: dict[str, list[str]] = defaultdict(list)
    for company_code, register in registers.items():
        if register.enterprise.credit_code:
            owners[register.enterprise.credit_code].append(company_code)
    return {
        credit_code: companies[0]
        for credit_code, companies in owners.items()
        if len(companies) == 1 and credit_code not in registers
    }
