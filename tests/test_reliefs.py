"""Reliefs: between two instants silence is nobody's fault; recorded with who and why, no wider than said."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from rdchem.announcement import Blame, State, announced
from rdchem.decisions import Relief, read_decisions
from rdchem.enterprise_day import DayFacts
from rdchem.errors import ConfigurationError
from rdchem.model.day import BlindInterval, EnterpriseDay
from rdchem.reliefs import relief_lines, relieved
from tests.days import AS_OF, DAY, good

SAID = {"id": "R-1", "since": DAY, "until": DAY, "reason": "光缆中断", "author": "李四", "document": "证明"}


def relief(**more: Any) -> Relief:
    return Relief(**{**SAID, "whose": "transport", **more})


def known(*days: EnterpriseDay, blind: tuple[BlindInterval, ...] = ()) -> DayFacts:
    return DayFacts(days, AS_OF - timedelta(days=1), blind, True, None, ())


def state(day: EnterpriseDay, *reliefs: Relief) -> tuple[State, Blame | None]:
    [one] = relieved(known(day), reliefs, AS_OF).days
    found = announced(one)
    return found.state, found.blame


SILENT = good("1", commitments=())
UNKNOWN = (State.UNKNOWN_TRANSPORT, Blame.TRANSPORT)
MISSING = (State.MISSING, Blame.ENTERPRISE)


def test_what_falls_in_it_is_not_held_against_the_enterprise() -> None:
    assert state(SILENT) == MISSING
    assert state(SILENT, relief()) == UNKNOWN
    assert state(SILENT, relief(whose="ours")) == (State.UNKNOWN_OURS, Blame.OURS)
    assert state(SILENT, relief(begins="09:19:59", ends="09:30")) == UNKNOWN
    assert state(SILENT, relief(since=DAY - timedelta(days=1), begins="20:00", ends="00:01")) == UNKNOWN


def test_it_reaches_no_further_than_it_says() -> None:
    assert state(SILENT, relief(begins="09:21", ends="09:30")) == MISSING
    assert state(SILENT, relief(since=DAY - timedelta(days=1), until=DAY - timedelta(days=1))) == MISSING
    area = SILENT.register.enterprise.area_code
    assert state(SILENT, relief(area=area)) == UNKNOWN == state(SILENT, relief(enterprise="1"))
    assert state(SILENT, relief(area="320612")) == MISSING == state(SILENT, relief(enterprise="2"))


def test_it_holds_for_exported_tables_as_well() -> None:
    exported = replace(SILENT, exports={"commitment": AS_OF})
    assert state(exported) == MISSING
    assert state(exported, relief()) == UNKNOWN


def test_every_relief_is_recorded_with_who_and_why() -> None:
    hour = timedelta(hours=1)
    blind = (
        BlindInterval(AS_OF - 5 * hour, AS_OF - 4 * hour, lossless=True),
        BlindInterval(AS_OF - hour, AS_OF, lossless=False, open=True, ours=False),
    )
    lines = relief_lines(known(SILENT, blind=blind), [relief(begins="07:00", enterprise="1")], AS_OF)
    assert [(one.whose, one.by, one.decision, one.open) for one in lines] == [
        ("ours", "采集端记录", None, False),
        ("transport", "李四", "R-1", True),
        ("transport", "全部企业的数据量", None, True),
    ]
    assert lines[1].enterprise == "1" and "光缆中断;依据 证明;批准 李四" in lines[1].reason
    assert relief_lines(known(SILENT), [relief(begins="09:21")], AS_OF) == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"begins": "09:30", "ends": "09:30"},
        {"until": date(2026, 9, 14)},
        {"enterprise": "1", "area": "320623"},
    ],
)
def test_one_that_cannot_be_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="R-1"):
        relief(**wrong)


@pytest.mark.parametrize(
    "wrong", [{"begins": 540}, {"begins": "9:00"}, {"ends": "24:01"}, {"whose": "enterprise"}]
)
def test_a_file_with_one_is_refused(wrong: dict[str, Any]) -> None:
    stated = {**SAID, "whose": "ours", **wrong}
    with pytest.raises(ConfigurationError):
        read_decisions([{"reliefs": [stated]}])
