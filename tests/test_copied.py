"""Announcements that repeat others are hinted at; rest and lasting work are nobody's copy."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import msgspec

from rdchem.copied import Copied, copied
from rdchem.model.commitment import SafetyCommitment
from rdchem.model.day import Received
from tests.days import DAY, EIGHT, commitment, good, item, received

COMPANY, OTHER = "320600001", "320600002"


def before(days: int, **said: Any) -> Received[SafetyCommitment]:
    """The same announcement as of today, some days ago, its work at the same times of day."""
    back = timedelta(days=days)
    moved = item("9", begin_at=EIGHT - back, end_at=EIGHT + timedelta(hours=4) - back, ticket_no="其他票号")
    plain: dict[str, Any] = {"id": f"{COMPANY}-{days}", "day": DAY - back, "occurred_at": EIGHT - back}
    return received(commitment(COMPANY, **({"items": [moved]} | plain | said)), 100 + days)


def found(history: Sequence[Received[SafetyCommitment]], **said: Any) -> Copied:
    today = good(commitments=(received(commitment(COMPANY, **said)),))
    return copied([today], {COMPANY: history})[COMPANY]


def test_the_same_words_and_work_are_seen_whatever_their_ids_and_dates() -> None:
    assert found([before(1), before(2), before(4)]) == Copied(2, (DAY - timedelta(days=1)).isoformat(), None)


def test_other_work_at_another_place_or_time_is_no_copy() -> None:
    for change in ({"place": "四车间"}, {"begin_at": EIGHT - timedelta(days=1, minutes=1)}, {"person": "甲"}):
        [was] = before(1).message.items or ()
        other = before(1, items=[msgspec.structs.replace(was, **change)])
        assert found([other]) == Copied(0, None, None)


def test_of_a_day_before_that_nobody_knows_nothing_is_said() -> None:
    assert found([]) == Copied(None, None, None)
    withdrawn = before(1, state="withdrawn")
    assert found([withdrawn]) == Copied(None, None, None)


def test_a_plant_at_rest_says_the_same_and_copies_no_work() -> None:
    assert found([before(1, items=[]), before(2, items=[])], items=[]) == Copied(2, None, None)


def test_work_that_lasts_over_days_is_rightly_declared_again() -> None:
    lasting = [item("1", end_at=EIGHT + timedelta(hours=72))]
    assert found([before(1, items=lasting)], items=lasting).work_of is None


def test_the_same_work_of_two_enterprises_is_seen_at_both() -> None:
    days = [good(COMPANY), good(OTHER), good("320600003", commitments=())]
    told = copied(days, {})
    assert {code: one.elsewhere for code, one in told.items()} == {COMPANY: OTHER, OTHER: COMPANY}
    apart = good(OTHER, commitments=(received(commitment(OTHER, items=[item("1", place="南区")])),))
    assert {one.elsewhere for one in copied([good(COMPANY), apart], {}).values()} == {None}
