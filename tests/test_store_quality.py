"""Quality rows and scores: a partition is replaced as a whole; nothing found is not nothing ran."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine

from rdchem.model.outcome import Severity
from rdchem.model.quality import Checked, Dimension, QualityFailure, QualityScore
from rdchem.store import quality
from rdchem.store.connection import open_database

DAY, NEXT_DAY = date(2026, 9, 15), date(2026, 9, 16)
MORNING = datetime(2026, 9, 15, 1, 21, tzinfo=UTC)
EVENING = MORNING + timedelta(hours=14)


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    engine = open_database(database_url)
    yield engine
    engine.dispose()


def failure(**said: Any) -> QualityFailure:
    own = ("severity", "dimension", "critical")
    plain: dict[str, Any] = {name: name for name in QualityFailure.__slots__ if name not in own}
    return QualityFailure(**({"severity": Severity.LOW, "dimension": Dimension.VALIDITY} | plain | said))


def score(enterprise: str = "C1", failed: int = 1) -> QualityScore:
    return QualityScore(enterprise, "permits", Dimension.VALIDITY, 10, failed)


def keep(engine: Engine, *failures: QualityFailure, as_of: datetime = MORNING, **more: Any) -> Checked | None:
    with engine.begin() as connection:
        quality.replace(connection, DAY, as_of, Checked(failures, more.get("scores", ())))
    with engine.connect() as connection:
        return quality.checked(connection, DAY, as_of)


def test_rows_are_replaced_and_that_nothing_was_found_is_not_that_nothing_ran(engine: Engine) -> None:
    with engine.connect() as connection:
        assert quality.checked(connection, DAY, MORNING) is None
    found = (failure(key="b"), failure(key="a", message="缺"), failure(key="b"))
    assert keep(engine, *found) == keep(engine, *found) == Checked(found, ())
    assert keep(engine, found[1], as_of=EVENING) == Checked((found[1],), ())
    assert keep(engine, found[0], scores=(score(),)) == Checked((found[0],), (score(),))
    assert keep(engine) == Checked((), ())
    with engine.connect() as connection:
        assert quality.checked(connection, DAY, EVENING) == Checked((found[1],), ())
        assert quality.checked(connection, NEXT_DAY, MORNING) is None


@pytest.mark.parametrize("severity", list(Severity))
@pytest.mark.parametrize("dimension", list(Dimension))
def test_every_severity_and_dimension_comes_back(
    engine: Engine, severity: Severity, dimension: Dimension
) -> None:
    one = failure(severity=severity, dimension=dimension, critical=severity is Severity.MAJOR)
    assert keep(engine, one) == Checked((one,), ())


def test_scores_of_a_day_are_those_of_its_newest_checks(engine: Engine) -> None:
    keep(engine, scores=(score(failed=5), score("C2")))
    keep(engine, as_of=EVENING, scores=(score(failed=2),))
    with engine.connect() as connection:
        assert quality.scores(connection, DAY, NEXT_DAY) == [(DAY, score(failed=2))]
        assert quality.scores(connection, NEXT_DAY, NEXT_DAY) == []


def test_a_row_is_found_by_its_identity_which_lasts(engine: Engine) -> None:
    early, late = failure(value="1", journal_id="j1"), failure(value="2", journal_id="j2")
    assert early.finding == late.finding != failure(key="another").finding
    keep(engine, early)
    keep(engine, late, as_of=EVENING)
    with engine.connect() as connection:
        assert quality.findings(connection, early.finding[:6]) == [(DAY, late)]
        assert quality.findings(connection, "Q-zz") == []
