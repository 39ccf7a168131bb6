"""The data-quality score as officers read it: the share of what was asked that held."""

from collections import Counter
from collections.abc import Iterable, Sequence
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
    lines = []
    for enterprise, some in groupby(scores, key=attrgetter("enterprise")):
        own = list(some)
        if enterprise:
            lines.append(
                ScoreLine(enterprise, *_sum(own), tuple(_rate(own, dimension) for dimension in Dimension))
            )
    return sorted(lines, key=lambda line: (line.rate, line.enterprise))


def dimension_rates(scores: Sequence[QualityScore]) -> list[tuple[str, int, int, float]]:
    """(dimension, asked, failed, share that held) over all enterprises, of the dimensions asked about."""
    sums = [(one, *_sum([score for score in scores if score.dimension is one])) for one in Dimension]
    return [(one.label, asked, failed, 1 - failed / asked) for one, asked, failed in sums if asked]


def source_lines(failures: Iterable[QualityFailure]) -> list[SourceLine]:
    """A line for each source that failed anything, the most failures first; all others hold in full."""
    of_sources = [one for one in failures if one.table in ("sources", "last_readings", "streams")]
    counts = Counter((one.enterprise, one.key) for one in of_sources)
    said: dict[tuple[str, str], str] = {}
    for one in of_sources:
        said.setdefault((one.enterprise, one.key), one.message)
    lines = [SourceLine(*key, count, said[key]) for key, count in counts.items()]
    return sorted(lines, key=lambda line: (-line.failed, line.enterprise, line.source_code))


def _sum(scores: Sequence[QualityScore]) -> tuple[int, int]:
    return sum(one.asked for one in scores), sum(one.failed for one in scores)


def _rate(scores: Sequence[QualityScore], dimension: Dimension) -> float | None:
    asked, failed = _sum([one for one in scores if one.dimension is dimension])
    return 1 - failed / asked if asked else None
