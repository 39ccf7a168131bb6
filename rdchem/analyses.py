"""Gas analyses of a permit: which counted last, and in what unit. Pure."""

from datetime import datetime
from typing import Final

from rdchem.model.permit import GasAnalysis, Permit

_VOLUME_PER_CENT: Final = frozenset(
    {"%", "%vol", "vol%", "%(vol)", "%(v/v)", "%v/v", "v/v%", "%(体积分数)", "体积分数%"}
)
"""Spellings of per cent by volume, lower case, without blanks; %LEL and ppm are other quantities."""


def is_volume_per_cent(unit: str) -> bool:
    """Whether a unit is per cent by volume, in one of the ways it is written."""
    return "".join(unit.lower().split()).replace("(", "(").replace(")", ")") in _VOLUME_PER_CENT


def last_samples(permit: Permit, *, until: datetime, since: datetime | None = None) -> list[GasAnalysis]:
    """The last samples in [since, until] of each gas and place; several of one instant all count."""
    taken = [
        one
        for one in permit.gas_analyses
        if one.analysed_at <= until and (since is None or since <= one.analysed_at)
    ]
    newest: dict[tuple[str, str | None], datetime] = {}
    for one in taken:
        key = (one.gas, one.place)
        newest[key] = max(newest.get(key, one.analysed_at), one.analysed_at)
    return [one for one in taken if one.analysed_at == newest[one.gas, one.place]]
