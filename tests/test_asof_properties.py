"""Whatever arrives, a verdict as of T rests on what was received by T, in whatever order it was written."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rdchem import jobs
from rdchem import judge as judging
from rdchem.day_facts import facts
from rdchem.day_notes import notes
from rdchem.home import Home
from rdchem.intake import project_batch
from rdchem.memory import Memory
from rdchem.messages import encode
from rdchem.model.commitment import HotWorkCounts, HotWorkGrade
from rdchem.model.listener import ListenerEvent
from rdchem.model.source import (
    CameraState,
    CameraStatus,
    Enterprise,
    Hazard,
    OfflineDeclaration,
    OutOfService,
    Reading,
    Readings,
    Register,
)
from rdchem.rules import RULES
from rdchem.segment import REPLAY_ORIGIN, Header, Record, Segment, microseconds
from rdchem.settings import Settings
from rdchem.store import intake as store
from rdchem.store.connection import open_database
from rdchem.store.verdicts import encode as encoded
from tests.days import AS_OF, DAY, camera, commitment, item, permit, sensor, work
from tests.homes import AREA, recorded

COMPANIES = st.sampled_from(["C1", "C2"])
SKEWS = st.sampled_from([timedelta(0), *(timedelta(seconds=s) for s in (-86400, -600, -1, 60, 86400))])
EARLIER = st.integers(0, 40_000).map(lambda seconds: AS_OF - timedelta(seconds=seconds))
LATER = st.integers(1, 40_000).map(lambda seconds: AS_OF + timedelta(seconds=seconds))


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    folder = tmp_path_factory.mktemp("properties")
    chosen = Settings(home=folder, database_url=f"sqlite:///{folder}/test.db")
    engine = open_database(chosen.url)
    yield Home(chosen, engine)
    engine.dispose()


@st.composite
def records(draw: st.DrawFn, at: st.SearchStrategy[datetime]) -> Record:
    """One message about the day, or nearly, by a clock that may be wrong; or an event of the listener."""
    received_at, number, company = draw(at), draw(st.integers(1, 3)), draw(COMPANIES)
    said: dict[str, Any] = {
        "id": f"{draw(COMPANIES)}-{number}", "seq": draw(st.integers(1, 3)), "company_code": company,
        "occurred_at": received_at + draw(SKEWS),
    }  # fmt: skip
    if draw(st.integers(0, 9)) == 0:
        return _event(draw, received_at)
    return recorded(draw(_messages(company, said)), received_at, REPLAY_ORIGIN)


def _event(draw: st.DrawFn, at: datetime) -> Record:
    event = ListenerEvent(
        listener="listener-1",
        event=draw(st.sampled_from(["started", "connected", "disconnected", "alive", "stopped"])),
        occurred_at=at,
        session_present=draw(st.booleans()),
        period_s=7200.0,
    )
    topic = "rdchem/v1/self/listener-1/listener_event"
    return Record(microseconds(at), topic, encode(event), origin=REPLAY_ORIGIN)


def _messages(company: str, said: dict[str, Any]) -> st.SearchStrategy[Any]:
    at: datetime = said["occurred_at"]
    day = st.sampled_from([DAY, DAY, DAY - timedelta(days=1)])
    registers = st.builds(
        lambda known, state: Register(
            **said,
            enterprise=Enterprise(name="甲", area_code=AREA, state=state) if known else None,
            hazards=[Hazard(hazard_code="H1", name="罐区", level=2)],
            sources=[sensor("S1"), sensor("S2"), camera("V1")],
        ),
        st.booleans(),
        st.sampled_from(["operating", "operating", "shut_down"]),
    )
    announcements = st.builds(
        lambda on, state, count, items: commitment(
            company, **said, day=on, state=state, items=items,
            hot_work=HotWorkCounts(special=0, grade_1=count, grade_2=0),
        ),
        day, st.sampled_from(["published", "published", "withdrawn"]), st.integers(0, 1),
        st.sampled_from([None, [], [item("1")]]),
    )  # fmt: skip
    permits = st.builds(
        lambda start, grade, cancelled: permit(
            company, "T-1", **said, grade=grade, cancelled=cancelled,
            plan_start_at=start, plan_end_at=start + timedelta(hours=9),
        ),
        st.sampled_from([AS_OF, AS_OF - timedelta(days=3)]), st.sampled_from(list(HotWorkGrade)),
        st.booleans(),
    )  # fmt: skip
    items = day.map(lambda on: msgspec.structs.replace(work(company, "2"), **said, day=on))
    readings = st.sampled_from(["S1", "S2", "stray"]).map(
        lambda code: Readings(**said, gateway_code="G1", readings=[Reading(code, 1.0)])
    )
    cameras = st.booleans().map(
        lambda online: CameraStatus(
            **said, gateway_code="G1", cameras=[CameraState(camera_code="V1", online=online)]
        )
    )
    offline = OfflineDeclaration(
        **said, offline_type="检修", offline_reason="检修", offline_at=at, plan_online_at=AS_OF
    )
    stopped = OutOfService(**said, source_code="S1", stopped=True, stop_at=at)
    return st.one_of(
        registers, announcements, permits, items, readings, cameras, st.just(offline), st.just(stopped)
    )


def segment(stream: str, seq: int, entries: Sequence[Record]) -> Segment:
    header = Header(
        version=1, stream=stream, seq=seq, previous="", records=len(entries), first_received_us=0,
        last_received_us=0,
    )  # fmt: skip
    return Segment(header, entries, "", 0)


def verdict(home: Home, *groups: Sequence[Record]) -> dict[str, Any]:
    """The verdict as of 09:21 of a journal with these groups, each a stream of its own."""
    with home.engine.begin() as connection:
        store.clear(connection)
        for number, group in enumerate(group for group in groups if group):
            project_batch(connection, home.settings, [segment(f"s{number}", 1, group)])
    known = facts(home, DAY, AS_OF)
    judged = judging.judge(known.days, as_of=AS_OF, rulebook=jobs.rulebook_on(DAY), notes=notes(known))
    assert judged.errors == ()
    return judging.document(judged.judgement)


PROPERTY = settings(max_examples=60, deadline=None)


@PROPERTY
@given(st.lists(records(EARLIER), max_size=25), st.randoms(use_true_random=False), st.integers(0, 25))
def test_the_order_in_which_it_was_written_down_changes_nothing(
    home: Home, said: list[Record], chance: Any, cut: int
) -> None:
    other = [*said, *chance.sample(said, min(len(said), 3))]  # some of it twice
    chance.shuffle(other)
    assert verdict(home, other[:cut], other[cut:]) == verdict(home, said)


@PROPERTY
@given(st.lists(records(EARLIER), max_size=20), st.lists(records(LATER), max_size=15), st.booleans())
def test_what_is_received_later_changes_nothing(
    home: Home, said: list[Record], later: list[Record], first: bool
) -> None:
    again = [msgspec.structs.replace(one, received_us=microseconds(AS_OF) + 1) for one in said[:5]]
    groups = ([*later, *again], said) if first else (said, [*again, *later])
    assert verdict(home, *groups) == verdict(home, said)


@PROPERTY
@given(st.lists(records(EARLIER | LATER), max_size=25))
def test_the_ledger_always_sums(home: Home, said: list[Record]) -> None:
    ledger = verdict(home, said)["ledger"]
    enterprises = {entry["enterprise"] for entry in ledger}
    squares = [(entry["enterprise"], entry["rule"]) for entry in ledger]
    assert squares == [(company, rule.name) for company in sorted(enterprises) for rule in RULES]
    assert {entry["outcome"] for entry in ledger} <= {"pass", "fail", "not_evaluated", "not_applicable"}


OUTCOMES = {
    "on_time": {"pass"}, "superseded": {"pass"}, "sent_in_time_received_late": {"pass", "not_evaluated"},
    "late": {"fail"}, "missing": {"fail"}, "withdrawn": {"fail"}, "exempt": {"not_applicable"},
    "unknown_ours": {"not_evaluated"}, "unknown_transport": {"not_evaluated"},
    "not_due_yet": {"not_evaluated"},
}  # fmt: skip


@PROPERTY
@given(st.lists(records(EARLIER), max_size=25))
def test_the_state_of_an_announcement_is_never_at_odds_with_the_ledger(
    home: Home, said: list[Record]
) -> None:
    document = verdict(home, said)
    rule = "commitment_is_announced_by_deadline"
    squares = {entry["enterprise"]: entry for entry in document["ledger"] if entry["rule"] == rule}
    found = {one["enterprise"]: one["mismatch"] for one in document["findings"] if one["rule"] == rule}
    assert [line["enterprise"] for line in document["announcements"]] == sorted(squares)
    for line in document["announcements"]:
        company = line["enterprise"]
        assert squares[company]["outcome"] in OUTCOMES[line["state"]]
        assert (line["state"] in ("late", "missing", "withdrawn")) == (line["blame"] == "enterprise")
        assert found.get(company) == (line["state"] if line["blame"] == "enterprise" else None)
        assert (line["late_s"] is not None) == (line["state"] == "late")


@PROPERTY
@given(st.lists(records(EARLIER), max_size=20))
def test_judging_twice_is_judging_once(home: Home, said: list[Record]) -> None:
    assert verdict(home, said) == verdict(home, said)


@PROPERTY
@given(st.lists(records(EARLIER), max_size=20), st.lists(records(LATER), max_size=10), st.integers(0, 50_000))
def test_judging_again_evaluates_only_what_late_data_touched_and_says_the_same(
    home: Home, said: list[Record], later: list[Record], seconds: int
) -> None:
    verdict(home, said, later)
    memory, rulebook = Memory(), jobs.rulebook_on(DAY)
    once = [facts(home, DAY, at).days for at in (AS_OF, AS_OF + timedelta(seconds=seconds))]
    judging.judge(once[0], as_of=AS_OF, rulebook=rulebook, memory=memory)
    before = memory.evaluated
    judging.judge(once[0], as_of=AS_OF, rulebook=rulebook, memory=memory)
    assert memory.evaluated == before, "nothing had changed"
    again = judging.judge(once[1], as_of=AS_OF, rulebook=rulebook, memory=memory).judgement
    full = judging.judge(once[1], as_of=AS_OF, rulebook=rulebook).judgement
    assert encoded(judging.document(again)) == encoded(judging.document(full))
    assert memory.kept + memory.evaluated == 2 * before + len(full.ledger)


def listening(*away: int) -> list[Record]:
    """A listener there since yesterday; or away in between, from and until so many seconds before 09:21."""
    events = [("started", 90_000), ("connected", 90_000)]
    if away:
        events += [("disconnected", max(away)), ("connected", min(away))]
    told = []
    for event, ago in events:
        at = AS_OF - timedelta(seconds=ago)
        said = ListenerEvent(
            listener="listener-1", event=event, occurred_at=at, session_present=False, period_s=90_000.0,  # type: ignore[arg-type]
        )  # fmt: skip
        topic = "rdchem/v1/self/listener-1/listener_event"
        told.append(Record(microseconds(at), topic, encode(said), origin=REPLAY_ORIGIN))
    return told


@PROPERTY
@given(
    st.lists(records(EARLIER).filter(lambda one: "/self/" not in one.topic), max_size=20),
    st.integers(1, 40_000),
    st.integers(0, 40_000),
)
def test_our_own_outage_only_ever_takes_accusations_away(
    home: Home, said: list[Record], since: int, until: int
) -> None:
    ledgers = [verdict(home, said, ours)["ledger"] for ours in (listening(since, until), listening())]
    accused = [
        {(entry["enterprise"], entry["rule"]) for entry in ledger if entry["outcome"] == "fail"}
        for ledger in ledgers
    ]
    assert accused[0] <= accused[1]
