"""What combustible-gas detectors told, put with the days of their enterprises. Pure."""

from collections.abc import Collection, Mapping
from dataclasses import replace

from rdchem.enterprise_day import DayFacts
from rdchem.gas_watch import alarm_thresholds, merged
from rdchem.model.day import GasWatch


def detectors(known: DayFacts, without: Collection[str] = ()) -> dict[str, dict[str, float]]:
    """Company, by each code it sends under -> combustible-gas detector -> its registered alarm; of all days
    but those of some companies.
    """
    own = {
        one.company_code: alarm_thresholds(one.register)
        for one in known.days
        if one.company_code not in without
    }
    return own | {code: own[owner] for code, owner in known.aliases.items() if owner in own}


def with_gas(known: DayFacts, watched: Mapping[str, Mapping[str, GasWatch]]) -> DayFacts:
    """The same facts with what detectors told: `watched` is company, as it sends -> detector -> that."""
    codes: dict[str, list[str]] = {one.company_code: [one.company_code] for one in known.days}
    for code, owner in known.aliases.items():
        codes[owner].append(code)
    return replace(
        known,
        days=tuple(
            replace(one, gas=gas)
            if (gas := merged(watched.get(code, {}) for code in codes[one.company_code]))
            else one
            for one in known.days
        ),
    )
