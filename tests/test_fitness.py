"""Rubbish is not judged upon: which data are unfit, which rules abstain, and which speak all the same."""

from dataclasses import replace
from datetime import date, timedelta

import msgspec
import pytest

from rdchem import judge as judging
from rdchem.calendar import like_days_before
from rdchem.fitness import contradicting, has_stopped, unfit, volumes
from rdchem.model.day import EnterpriseDay, Volume
from rdchem.reads import READS
from tests.days import AS_OF, EIGHT, LIMITS, RULEBOOK, commitment, good, permit, received

COMPANY = "320600001"


def outcomes(day: EnterpriseDay) -> dict[str, tuple[str, str | None]]:
    ledger = judging.judge([day], as_of=AS_OF, rulebook=RULEBOOK).judgement.ledger
    return {one.rule: (one.outcome, one.reason.code if one.reason else None) for one in ledger}


def two_permits(**other: object) -> EnterpriseDay:
    one, two = permit(COMPANY, "T-1"), msgspec.structs.replace(permit(COMPANY, "T-1"), **other)
    return good(permits=(received(one, 2), received(two, 3)))


def test_two_contents_of_one_version_make_every_rule_that_reads_them_abstain() -> None:
    torn, whole = outcomes(two_permits(place="别处")), outcomes(good())
    for rule, (outcome, reason) in torn.items():
        assert rule in READS
        if "hot_work_permit" in READS[rule] and whole[rule][0] in ("pass", "fail"):
            assert (outcome, reason) == ("not_evaluated", "data_insufficient"), rule
        elif "hot_work_permit" not in READS[rule]:
            assert (outcome, reason) == whole[rule], rule


@pytest.mark.parametrize(
    "other",
    [
        {"place": "别处", "seq": 2},
        {"place": "别处", "occurred_at": EIGHT + timedelta(microseconds=1)},
        {"place": "别处", "id": "another"},
    ],
)
def test_what_has_an_order_or_another_name_does_not_contradict(other: dict[str, object]) -> None:
    assert unfit(two_permits(**other)) == {}


def test_an_announcement_that_contradicts_itself_was_made_in_time_all_the_same() -> None:
    one, other = commitment(COMPANY), commitment(COMPANY, risk_grade=2)
    told = outcomes(good(commitments=(received(one, 1), received(other, 2))))
    assert told["commitment_is_announced_by_deadline"] == ("pass", None)
    assert told["commitment_agrees_with_itself"] == ("not_evaluated", "data_insufficient")


def test_an_older_contradiction_is_over_once_a_newer_version_says_what_holds() -> None:
    first, second = commitment(COMPANY), commitment(COMPANY, risk_grade=3)
    third = commitment(COMPANY, risk_grade=2, seq=2)
    versions = (received(first, 1), received(second, 2))
    assert contradicting(versions) == {"j1", "j2"}
    assert contradicting((*versions, received(third, 3))) == frozenset()


def test_nobody_is_accused_where_a_feed_has_stopped_for_everybody() -> None:
    missing = good(commitments=())
    stopped = replace(missing, volumes=(Volume("commitment", 0, 100),))
    rule = "commitment_is_announced_by_deadline"
    assert outcomes(missing)[rule] == ("fail", None)
    assert outcomes(stopped)[rule] == ("not_evaluated", "data_insufficient")
    assert judging.judge([stopped], as_of=AS_OF, rulebook=RULEBOOK).judgement.announcements[0].state == (
        "unknown_transport"
    )
    assert "往常此时约 100 条" in unfit(stopped)["commitment"].text


@pytest.mark.parametrize(
    ("received_count", "usual", "stopped"),
    [(9, 100, True), (10, 100, False), (0, 10, True), (0, 9, False), (0, None, False), (0, 0, False)],
)
def test_when_a_feed_has_stopped(received_count: int, usual: int | None, stopped: bool) -> None:
    assert has_stopped(Volume("commitment", received_count, usual), LIMITS) is stopped


def test_the_usual_volume_is_the_median_of_days_on_which_anything_came() -> None:
    before = [{"commitment": count} for count in (90, 110, 100, 0, 0)]
    assert volumes({"commitment": 3}, before) == (Volume("commitment", 3, 100),)
    assert volumes({"commitment": 3}, before[1:]) == (Volume("commitment", 3, None),)


def test_like_days_are_of_one_kind_and_swapped_working_days_are_working_days() -> None:
    monday = date(2026, 9, 14)
    assert like_days_before(monday, 3) == [date(2026, 9, 11), date(2026, 9, 10), date(2026, 9, 9)]
    tuesday = date(2026, 9, 15)
    assert like_days_before(tuesday, 99)[-1] == tuesday - timedelta(weeks=8), "and no further back"
    holiday = date(2026, 10, 3)
    assert like_days_before(holiday, 3) == [date(2026, 10, 2), date(2026, 10, 1), date(2026, 9, 27)]
    swapped = date(2026, 9, 20)  # a Sunday that is worked
    assert like_days_before(date(2026, 9, 21), 2) == [swapped, date(2026, 9, 18)]
    assert like_days_before(date(1990, 1, 1), 3) == []
