"""What is expected of each table, as code: statements that should be true, their severity, their sentence."""

from datetime import date

from rdchem.quality.expectation import Expectation
from rdchem.quality.paper import of_commitments, of_declarations, of_permits, of_work_items
from rdchem.quality.register import of_enterprises, of_sources
from rdchem.quality.streams import of_alarms, of_last_readings, of_streams, of_versions, of_volumes


def expectations(day: date) -> tuple[Expectation, ...]:
    """Everything expected of the tables of a business day, in the order officers read it."""
    return (
        *of_volumes(),
        *of_versions(),
        *of_enterprises(),
        *of_commitments(),
        *of_work_items(day),
        *of_permits(day),
        *of_declarations(),
        *of_sources(),
        *of_last_readings(),
        *of_streams(),
        *of_alarms(),
    )
