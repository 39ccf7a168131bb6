"""The data-quality score as officers read it: the share of what was asked that held."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter

from rdchem.model.quality import Dimension, QualityFailure, QualityScore


@dataclass(frozen=True, slots=True)
class ScoreLine:
    """One enterprise's share of rows that held, 0–1, all in all and by dimension; None: nothing was asked."""

    enterprise: str
    asked: int
    failed: int
    by_dimension: tuple[float | None, ...]

    @property
    def rate(self) -> float:
        """All in all."""
        return 1 - self.failed / self.asked


@dataclass(frozen=True, slots=True)
class SourceLine:
    """One sensor or camera that failed: of how many statements about it how many did not hold."""

    enterprise: str
    source_code: str
    failed: int
    said: str


def score_lines(scores: Iterable[QualityScore]) -> list[ScoreLine]:
    """A line for each enterprise, the lowest first."""
    by_enterprise = groupby(scores, key=attrgetter("enterprise"))
    lines = [_line(enterprise, some) for enterprise, some in by_enterprise if enterprise]
    return sorted(lines, key=lambda line: (line.rate, line.enterprise))


def _line(enterprise: str, scores: Iterable[QualityScore]) -> ScoreLine:
    asked, failed = _sums(scores)
    rates = tuple(1 - failed[one] / asked[one] if asked[one] else None for one in Dimension)
    return ScoreLine(enterprise, asked.total(), failed.total(), rates)


def dimension_rates(scores: Iterable[QualityScore]) -> list[tuple[str, int, int, float]]:
    """(dimension, asked, failed, share that held) over all enterprises, of the dimensions asked about."""
    asked, failed = _sums(scores)
    return [
        (one.label, asked[one], failed[one], 1 - failed[one] / asked[one]) for one in Dimension if asked[one]
    ]


def _sums(scores: Iterable[QualityScore]) -> tuple[Counter[Dimension], Counter[Dimension]]:
    """How often it was asked, and how often it failed, by dimension."""
    asked: Counter[Dimension] = Counter()
    failed: Counter[Dimension] = Counter()
    for one in scores:
        asked[one.dimension] += one.asked
        failed[one.dimension] += one.failed
    return asked, failed


def source_lines(failures: Iterable[QualityFailure]) -> list[SourceLine]:
    """A line for each source that failed anything, the most failures first; all others hold in full."""
    of_sources = [one for one in failures if one.table in ("sources", "last_readings", "streams")]
    counts = Counter((one.enterprise, one.key) for one in of_sources)
    said: dict[tuple[str, str], str] = {}
    for one in of_sources:
        said.setdefault((one.enterprise, one.key), one.message)
    lines = [SourceLine(*key, count, said[key]) for key, count in counts.items()]
    return sorted(lines, key=lambda line: (-line.failed, line.enterprise, line.source_code))
