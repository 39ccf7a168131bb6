"""What the data-quality checks say: offending rows, and a score of what was asked against what failed."""

import hashlib
from dataclasses import dataclass
from enum import StrEnum

from rdchem.model.outcome import Severity


class Dimension(StrEnum):
    """What a quality statement is about, in the words of the field."""

    COMPLETENESS = "completeness"
    VALIDITY = "validity"
    UNIQUENESS = "uniqueness"
    CONSISTENCY = "consistency"
    TIMELINESS = "timeliness"
    VOLUME = "volume"

    @property
    def label(self) -> str:
        """The dimension as officers say it."""
        return {
            "completeness": "完整性",
            "validity": "有效性",
            "uniqueness": "唯一性",
            "consistency": "一致性",
            "timeliness": "及时性",
            "volume": "数据量",
        }[self.value]


@dataclass(frozen=True, slots=True)
class QualityFailure:
    """One offending row of one table under one expectation; `key` names the row inside the table.

    Of a `critical` one the rules that read the table abstain (`rdchem.fitness`).
    """

    table: str
    expectation: str
    column: str
    severity: Severity
    message: str
    enterprise: str
    key: str
    value: str
    journal_id: str
    dimension: Dimension
    critical: bool = False

    @property
    def finding(self) -> str:
        """Its identity over re-runs and days: the same row, under the same expectation."""
        text = "|".join((self.table, self.expectation, self.enterprise, self.key))
        return "Q-" + hashlib.sha256(text.encode()).hexdigest()[:12]


@dataclass(frozen=True, slots=True)
class QualityScore:
    """Of one enterprise's rows in one table, under all expectations of one dimension: how many times a row
    was asked, and how many times it failed.
    """

    enterprise: str
    table: str
    dimension: Dimension
    asked: int
    failed: int

    @property
    def rate(self) -> float:
        """The share that held, 0–1."""
        return 1 - self.failed / self.asked


@dataclass(frozen=True, slots=True)
class Checked:
    """All that the checks of a day say: every offending row, and the scores."""

    failures: tuple[QualityFailure, ...]
    scores: tuple[QualityScore, ...]
