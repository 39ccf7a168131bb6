"""The states of an announcement: whose affair each is, both clocks, and the version that decides it."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import msgspec
import pytest

from rdchem.announcement import LATE_WHEN_ANEW, Announced, Blame, State, announced
from rdchem.announcement_states import announcement_line
from rdchem.decisions import Exemption
from rdchem.model.day import BlindInterval, EnterpriseDay, Received
from rdchem.model.outcome import Reason
from tests.days import AS_OF, DAY, LIMITS, commitment, good

DUE = AS_OF - timedelta(minutes=1)
MINUTE, SECOND = timedelta(minutes=1), timedelta(seconds=1)
GRACE, ANEW = "commitment_grace", "commitment_reannounced_after_deadline"


def version(sent: timedelta, heard: timedelta | None = None, number: int = 1, **said: Any) -> Received[Any]:
    """Sent and heard so long after the deadline (before it, if negative)."""
    message = commitment("1", occurred_at=DUE + sent, seq=number, items=[], **said)
    return Received(f"j{number}", DUE + (sent if heard is None else heard), message)


def day(*versions: Received[Any], after: timedelta = MINUTE, **known: Any) -> EnterpriseDay:
    return replace(good("1"), commitments=versions, as_of=DUE + after, **known)


def limits(**values: Any) -> Any:
    changed = {name: replace(LIMITS[name], value=value) for name, value in values.items()}
    return replace(LIMITS, in_force={**LIMITS.in_force, **changed})


def told(one: EnterpriseDay) -> tuple[State, Blame | None, str | None]:
    found = announced(one)
    return found.state, found.blame, found.version.journal_id if found.version else None


EARLY, LATE = version(-30 * MINUTE), version(5 * SECOND, number=2)
WITHDRAWN = version(10 * MINUTE, number=3, state="withdrawn")
HOUR = BlindInterval(DUE - 60 * MINUTE, DUE + MINUTE, lossless=True)
OURS = BlindInterval(DUE - 20 * MINUTE, DUE + 5 * MINUTE, lossless=True)


@pytest.mark.parametrize(
    ("one", "expected"),
    [
        (day(EARLY), (State.ON_TIME, None, "j1")),
        (day(version(timedelta(0))), (State.ON_TIME, None, "j1")),
        (day(LATE), (State.LATE, Blame.ENTERPRISE, "j2")),
        (day(), (State.MISSING, Blame.ENTERPRISE, None)),
        (day(after=-SECOND), (State.NOT_DUE_YET, None, None)),
        (day(after=timedelta(0)), (State.MISSING, Blame.ENTERPRISE, None)),
        (day(EARLY, WITHDRAWN), (State.WITHDRAWN, Blame.ENTERPRISE, "j3")),
        (day(EARLY, version(MINUTE, number=4, promised_by="李建国")), (State.SUPERSEDED, None, "j1")),
        (day(EARLY, version(MINUTE, number=4)), (State.ON_TIME, None, "j1")),
        (day(EARLY, WITHDRAWN, version(11 * MINUTE, number=4)), (State.SUPERSEDED, None, "j1")),
        (day(version(-SECOND, 4 * MINUTE)), (State.SENT_IN_TIME_RECEIVED_LATE, Blame.TRANSPORT, "j1")),
        (day(version(-SECOND, 6 * MINUTE)), (State.SENT_IN_TIME_RECEIVED_LATE, None, "j1")),
        (
            day(version(-SECOND, 6 * MINUTE), after=9 * MINUTE, blind=(OURS,)),
            (State.SENT_IN_TIME_RECEIVED_LATE, Blame.OURS, "j1"),
        ),
        (day(version(-9 * MINUTE, 9 * MINUTE), version(-MINUTE, number=5)), (State.ON_TIME, None, "j5")),
        (day(replace(version(-SECOND, 9 * MINUTE), from_platform=True)), (State.ON_TIME, None, "j1")),
    ],
)
def test_each_state_has_its_blame_and_its_version(
    one: EnterpriseDay, expected: tuple[State, Blame | None, str | None]
) -> None:
    assert told(one) == expected
    assert announced(one).deadline == announced(one).due == DUE


def test_an_enterprise_registered_after_the_deadline_is_not_asked_that_day() -> None:
    def state(known_since: timedelta, *versions: Received[Any], **known: Any) -> State:
        since = DUE + known_since
        return announced(day(*versions, after=60 * MINUTE, known_since=since, **known)).state

    assert state(timedelta(0)) is State.MISSING
    assert state(SECOND) is State.EXEMPT
    assert state(SECOND, EARLY) is State.ON_TIME
    assert state(SECOND, version(30 * MINUTE)) is State.EXEMPT
    assert state(SECOND, exports={"commitment": DUE}) is State.MISSING  # loaded later, not registered later
    assert state(SECOND, blind=(BlindInterval(DUE - MINUTE, DUE, lossless=False),)) is State.UNKNOWN_OURS


def test_an_unbelieved_claim_is_told_as_one() -> None:
    assert announced(day(version(-SECOND, 6 * MINUTE))).believed is False
    assert announced(day(version(-SECOND, 4 * MINUTE))).believed is True
    assert announced(day()).believed is True


def test_late_counts_from_the_deadline_by_the_earlier_clock() -> None:
    def late(one: EnterpriseDay) -> timedelta | None:
        return announced(one).late

    assert late(day(LATE)) == 5 * SECOND
    assert late(day(version(9 * MINUTE, 30 * SECOND))) == 30 * SECOND
    assert late(day(EARLY)) is None is late(day())
    assert late(day(version(6 * MINUTE), limits=limits(**{GRACE: 5}), after=9 * MINUTE)) == 6 * MINUTE


def test_grace_moves_what_is_due_and_not_the_deadline() -> None:
    known = {"limits": limits(**{GRACE: 5})}
    found = announced(day(version(5 * MINUTE), after=9 * MINUTE, **known))
    assert (found.state, found.deadline, found.due) == (State.ON_TIME, DUE, DUE + 5 * MINUTE)
    assert announced(day(after=4 * MINUTE, **known)).state is State.NOT_DUE_YET
    assert announced(day(after=5 * MINUTE, **known)).state is State.MISSING


def test_announced_anew_after_the_deadline_may_be_called_late() -> None:
    anew = (EARLY, version(2 * MINUTE, number=2, promised_by="李建国"))
    strict = limits(**{ANEW: LATE_WHEN_ANEW})
    assert told(day(*anew)) == (State.SUPERSEDED, None, "j1")
    assert told(day(*anew, limits=strict)) == (State.LATE, Blame.ENTERPRISE, "j2")
    found = announced(day(*anew, limits=strict))
    assert (found.late, found.deadline, found.due) == (2 * MINUTE, DUE, DUE)
    before = (EARLY, version(timedelta(0), number=2, promised_by="李建国"))
    assert told(day(*before, limits=strict)) == (State.SUPERSEDED, None, "j1")


@pytest.mark.parametrize(
    ("gap", "after", "state"),
    [
        (BlindInterval(DUE - 10 * MINUTE, DUE - MINUTE, lossless=False), MINUTE, State.UNKNOWN_OURS),
        (BlindInterval(DUE, DUE + MINUTE, lossless=False, ours=False), MINUTE, State.UNKNOWN_TRANSPORT),
        (BlindInterval(DUE + 5 * MINUTE, DUE + 6 * MINUTE, lossless=False), 9 * MINUTE, State.MISSING),
        (HOUR, 6 * MINUTE, State.MISSING),
        (HOUR, 6 * MINUTE - SECOND, State.UNKNOWN_OURS),
        (BlindInterval(DUE - MINUTE, DUE, lossless=True), MINUTE, State.MISSING),
        (BlindInterval(DUE - MINUTE, DUE, lossless=True), MINUTE - SECOND, State.UNKNOWN_OURS),
        (BlindInterval(DUE - MINUTE, DUE, lossless=True, ours=False), SECOND, State.UNKNOWN_TRANSPORT),
        (BlindInterval(DUE + 5 * MINUTE, DUE + 7 * MINUTE, lossless=True), 8 * MINUTE, State.MISSING),
    ],
)  # fmt: skip
def test_nobody_is_missing_while_what_was_said_may_be_lost_or_on_its_way(
    gap: BlindInterval, after: timedelta, state: State
) -> None:
    found = announced(day(after=after, blind=(gap,)))
    assert found.state is state
    assert (found.reason is None) == (state is State.MISSING)
    blamed = {State.UNKNOWN_OURS: Blame.OURS, State.UNKNOWN_TRANSPORT: Blame.TRANSPORT}
    assert found.blame is blamed.get(state, Blame.ENTERPRISE)


def test_after_a_withdrawal_any_gap_may_hide_a_new_announcement() -> None:
    gone = (EARLY, version(-5 * MINUTE, number=2, state="withdrawn"))
    gap = BlindInterval(DUE + 30 * MINUTE, DUE + 31 * MINUTE, lossless=False)
    assert announced(day(*gone, after=60 * MINUTE)).state is State.WITHDRAWN
    assert announced(day(EARLY, WITHDRAWN, after=60 * MINUTE, blind=(gap,))).state is State.UNKNOWN_OURS
    assert announced(day(*gone, after=60 * MINUTE, blind=(gap,))).state is State.WITHDRAWN


def test_a_line_of_the_verdict_keeps_both_clocks_and_every_version() -> None:
    anew = version(2 * MINUTE, 3 * MINUTE, number=2, promised_by="李建国")
    line = announcement_line(day(EARLY, anew), None)
    assert (line.state, line.blame, line.late_s, line.exemption) == ("superseded", None, None, None)
    assert [(one.journal_id, one.seq, one.state) for one in line.versions] == [
        ("j1", 1, "published"), ("j2", 2, "published"),
    ]  # fmt: skip
    assert line.versions[1].occurred_at == (DUE + 2 * MINUTE).isoformat()
    assert line.versions[1].received_at == (DUE + 3 * MINUTE).isoformat()
    late = announcement_line(day(version(9 * MINUTE, 30 * SECOND)), None)
    assert (late.occurred_at, late.received_at) == (
        (DUE + 9 * MINUTE).isoformat(), (DUE + 30 * SECOND).isoformat(),
    )  # fmt: skip
    assert (late.late_s, late.deadline, late.reason) == (30.0, DUE.isoformat(), None)


def test_an_exemption_is_told_with_its_code_paper_and_days() -> None:
    said = {"id": "E-1", "since": DAY, "reason": "停产", "author": "张三", "document": "报告"}
    exempt = Exemption(**said, enterprise="1", rules=["x"], code="trial")  # type: ignore[arg-type]
    line = announcement_line(day(), exempt)
    assert (line.state, line.blame, line.exemption) == ("exempt", None, exempt)
    assert line.reason is not None and line.reason.text.startswith("试生产:停产;依据 报告;批准 张三")
    assert isinstance(announced(day()), Announced)


def test_a_line_says_which_version_decided_and_whose_affair_it_is() -> None:
    """All that programs get of a line, in the states that have something to say."""

    def said(one: EnterpriseDay, doubt: Reason | None = None) -> dict[str, Any]:
        line = msgspec.to_builtins(announcement_line(one, None, doubt))
        return {key: value for key, value in line.items() if value is not None and key != "versions"}

    head = {"enterprise": "1", "deadline": DUE.isoformat()}
    sent, heard = (DUE + 5 * SECOND).isoformat(), (DUE + 5 * SECOND).isoformat()
    late = {"state": "late", "blame": "enterprise", "occurred_at": sent, "received_at": heard, "late_s": 5.0}
    assert said(day(LATE)) == {**head, **late}
    assert said(day()) == {**head, "state": "missing", "blame": "enterprise"}
    early = said(day(after=-SECOND))
    assert (early["state"], early["reason"]["code"]) == ("not_due_yet", "before_deadline")
    assert early["reason"]["text"] == "尚未到截止时间 2026-09-15 09:20:00"
    gone = Reason("removed", "记录已按保存期限删除")
    told = {"code": "removed", "text": "记录已按保存期限删除"}
    assert said(day(), gone) == {"enterprise": "1", "state": "unknown_ours", "blame": "ours", "reason": told}
    stopped = Reason("data_insufficient", "数据来源疑似中断")
    told = {"code": "data_insufficient", "text": "数据来源疑似中断"}
    lacking = {"state": "unknown_transport", "blame": "transport", "reason": told}
    for one in (day(), day(LATE), day(EARLY, WITHDRAWN)):
        assert said(one, stopped) == {"enterprise": "1", **lacking}
    assert said(day(EARLY), stopped)["state"] == "on_time", "what is there in time is there"


def test_a_line_keeps_every_version_as_it_came() -> None:
    [one] = announcement_line(
        day(version(9 * MINUTE, 30 * SECOND, number=3, state="withdrawn")), None
    ).versions
    assert (one.journal_id, one.seq, one.state) == ("j3", 3, "withdrawn")
    assert one.id == commitment("1").id
    assert one.occurred_at == (DUE + 9 * MINUTE).isoformat()
    assert one.received_at == (DUE + 30 * SECOND).isoformat()


def test_where_a_setting_or_a_holiday_notice_is_missing_we_are_to_blame() -> None:
    without = replace(LIMITS, in_force={})
    line = announcement_line(day(EARLY, limits=without), None)
    assert (line.state, line.blame, line.deadline) == ("unknown_ours", "ours", None)
    assert line.reason is not None and line.reason.code == "calculation_error"
    assert "没有 2026-09-15 生效的规定值" in line.reason.text
    assert [one.journal_id for one in line.versions] == ["j1"]


def test_an_exempt_line_keeps_the_deadline_and_nothing_of_a_fault() -> None:
    said = {"id": "E-1", "since": DAY, "reason": "停产", "author": "张三", "document": "报告"}
    exempt = Exemption(**said, enterprise="1", rules=["x"], code="trial")  # type: ignore[arg-type]
    line = announcement_line(day(LATE), exempt)
    assert (line.enterprise, line.state, line.deadline) == ("1", "exempt", DUE.isoformat())
    assert (line.blame, line.late_s, line.occurred_at, line.received_at) == (None, None, None, None)
    assert line.reason is not None and line.reason.code == "exempt"
    assert [one.journal_id for one in line.versions] == ["j2"]
    unknown = announcement_line(day(LATE, limits=replace(LIMITS, in_force={})), exempt)
    assert (unknown.state, unknown.deadline, unknown.exemption) == ("exempt", None, exempt)
    doubtful = announcement_line(day(), exempt, Reason("removed", "已删除"))
    assert (doubtful.state, doubtful.exemption) == ("exempt", exempt)
