"""What the sources of an enterprise say against each other: siblings that disagree, levels against flows."""

from collections.abc import Mapping

from rdchem.model.source import Source
from rdchem.readings.against import Against
from rdchem.readings.beside import hazards
from rdchem.readings.contradicting import contradictions
from rdchem.readings.disagreeing import disagreements
from rdchem.readings.learned import Learned
from rdchem.readings.rows import Rows


def related(
    rows: Mapping[str, Rows], sources: Mapping[str, Source], learned: Mapping[str, Learned], *, least_s: float
) -> list[Against]:
    """All of it, of the sources of one enterprise that sent today and have a past of `least_s` seconds."""
    found: list[Against] = []
    for beside in hazards(rows, sources, learned):
        found += disagreements(beside, rows, least_s=least_s)
        found += contradictions(beside, rows)
    return found
