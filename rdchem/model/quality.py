"""A row that is not fit to be judged upon, and what was expected of it."""

from dataclasses import dataclass

from rdchem.model.outcome import Severity


@dataclass(frozen=True, slots=True)
class QualityFailure:
    """One offending row of one table under one expectation; `key` names the row inside the table."""

    table: str
    expectation: str
    column: str
    severity: Severity
    message: str
    enterprise: str
    key: str
    value: str
    journal_id: str
