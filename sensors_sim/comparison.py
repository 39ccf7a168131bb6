"""What was seeded against what was found: by rule and class, missed and too much, to the last one."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from rdchem.errors import RdchemError
from sensors_sim.truth import Truth


class DifferenceError(RdchemError):
    """What was found is not what was seeded."""


Seeded = tuple[str, str, str, str]
"""What makes two findings the same one: rule, class of mismatch, enterprise, subject."""
_QUARANTINE = "quarantine"


@dataclass(frozen=True)
class Comparison:
    """`missed`: seeded and not found; `extra`: found and not seeded."""

    seeded: Counter[Seeded]
    found: Counter[Seeded]

    @property
    def missed(self) -> list[Seeded]:
        """Seeded and not found."""
        return sorted((self.seeded - self.found).elements())

    @property
    def extra(self) -> list[Seeded]:
        """Found and not seeded."""
        return sorted((self.found - self.seeded).elements())

    @property
    def equal(self) -> bool:
        """Whether every seeded thing was found and nothing else."""
        return self.seeded == self.found

    def classes(self) -> list[tuple[str, str, int, int]]:
        """(rule, class, seeded, found), ordered."""
        seeded, found = _by_class(self.seeded), _by_class(self.found)
        return [(*one, seeded[one], found[one]) for one in sorted(seeded | found)]


def compare(truth: Truth, verdict: Mapping[str, Any], quarantine: Iterable[Mapping[str, Any]]) -> Comparison:
    """The truth of a morning against its verdict document and the rows in quarantine."""
    seeded = Counter((one.rule, one.mismatch, one.enterprise, one.subject) for one in truth.findings)
    seeded.update((_QUARANTINE, one.code, "", one.topic) for one in truth.quarantine)
    found = Counter(
        (one["rule"], one["mismatch"], one["enterprise"], one["subject"]) for one in verdict["findings"]
    )
    found.update((_QUARANTINE, row["code"], "", row["topic"]) for row in quarantine)
    return Comparison(seeded, found)


def _by_class(things: Counter[Seeded]) -> Counter[tuple[str, str]]:
    classes: Counter[tuple[str, str]] = Counter()
    for (rule, mismatch, _, _), count in things.items():
        classes[rule, mismatch] += count
    return classes
