"""What the sources of an enterprise say against each other: siblings that disagree, levels against flows."""

from collections.abc import Mapping

from rdchem.model.source import Source
from rdchem.readings.against import Against, drawn
from rdchem.readings.beside import Sensor, hazards, sensors
from rdchem.readings.contradicting import contradictions
from rdchem.readings.disagreeing import disagreements
from rdchem.readings.learned import Learned
from rdchem.readings.rows import Rows
from rdchem.readings.series import Series


def related(
    rows: Mapping[str, Rows], sources: Mapping[str, Source], learned: Mapping[str, Learned], *, least_s: float
) -> list[Against]:
    """All of it with pictures, of the sources of one enterprise as they are registered."""
    signals = {code: own.series for code, own in rows.items()}
    return [drawn(one, rows) for one in said(signals, sensors(sources), learned, least_s=least_s)]


def said(
    signals: Mapping[str, Series],
    known: Mapping[str, Sensor],
    learned: Mapping[str, Learned],
    *,
    least_s: float,
) -> list[Against]:
    """All of it, of the sources that sent today and have a past; one shorter than `least_s` seconds makes no
    siblings.
    """
    found: list[Against] = []
    for beside in hazards(signals, known, learned):
        found += disagreements(beside, least_s=least_s)
        found += contradictions(beside)
    return found
