"""Each fault of a signal or of its transmission shows where and when its label says, and nowhere else."""

from datetime import date, datetime, time, timedelta
from itertools import pairwise
from statistics import mean

import pytest

from rdchem.model.message import Message
from rdchem.model.source import (
    CameraState,
    CameraStatus,
    GatewayPresence,
    Quantity,
    Reading,
    Readings,
    Register,
)
from sensors_sim.instruments import INSTRUMENTS
from sensors_sim.morning import Morning, morning
from sensors_sim.proof import whole_catalogue
from sensors_sim.scenarios import shipped_catalogue
from sensors_sim.telemetry import CAMERA_PERIOD
from sensors_sim.truth import TrueFinding, Unjudged
from sensors_sim.window import Window

DAY = date(2026, 9, 15)
SEED, ENTERPRISES = 2, 4
Heard = dict[tuple[str, datetime], Reading | CameraState]


def played(*names: str, day: date = DAY) -> Morning:
    catalogue = shipped_catalogue()
    return morning(SEED, ENTERPRISES, Window(day), catalogue=catalogue, chosen=catalogue.named(names))


def heard(made: Morning) -> Heard:
    """What came of each source in the window, by its code and the instant it came."""
    found: Heard = {}
    for sent in made.timeline():
        if isinstance(sent.content, Readings) and not sent.content.id.endswith("-recorded"):
            found |= {(one.source_code, sent.at): one for one in sent.content.readings}
        elif isinstance(sent.content, CameraStatus):
            found |= {(one.camera_code, sent.at): one for one in sent.content.cameras}
    return found


def recorded(made: Morning, code: str) -> dict[datetime, float]:
    """The values of one sensor in the days before the window, by the instant they were collected."""
    return {
        sent.content.occurred_at + timedelta(milliseconds=one.offset_ms): one.value
        for sent in made.timeline()
        if isinstance(sent.content, Readings) and sent.content.id.endswith("-recorded")
        for one in sent.content.readings
        if one.source_code == code and one.value is not None
    }


def labels(made: Morning) -> list[TrueFinding | Unjudged]:
    return [*made.truth.findings, *made.truth.unjudged]


def values(found: Heard, code: str) -> dict[datetime, float]:
    """The values of one sensor by instant."""
    return {
        at: one.value
        for (source, at), one in found.items()
        if source == code and isinstance(one, Reading) and one.value is not None
    }


@pytest.fixture(scope="module")
def honest() -> Heard:
    # A scenario of the paper alone: every source is honest.
    return heard(played("announcement_copied_from_yesterday"))


SIGNALS = [
    one.name
    for one in shipped_catalogue()
    if one.effect is not None
    and type(one.effect).__module__ in ("sensors_sim.effects.signals", "sensors_sim.effects.transmission")
]


@pytest.mark.parametrize("name", sorted({*SIGNALS} - {"big_gateway_lost", "sensor_copies_another"}))
def test_what_differs_from_an_honest_morning_is_what_the_label_says(name: str, honest: Heard) -> None:
    made = played(name)
    bent = heard(made)
    gateways = {
        one.source_code: one.gateway_code
        for plan in made.plans
        for one in (*plan.site.sensors, *plan.site.cameras)
    }
    differs = {key for key in honest.keys() | bent.keys() if honest.get(key) != bent.get(key)}
    hit = {label.subject.partition(":")[2]: label for label in labels(made)}
    for code, label in hit.items():
        mine = [at for source, at in differs if code in (source, gateways[source])]
        assert label.since is not None
        begins = max(label.since, made.window.start)
        assert begins <= min(mine) <= begins + 2 * CAMERA_PERIOD
        assert label.until is None or label.until - timedelta(minutes=5) <= max(mine) < label.until
        assert label.until is not None or max(mine) >= made.window.as_of - 2 * CAMERA_PERIOD
    assert all(source in hit or gateways[source] in hit for source, _ in differs)


def test_of_two_that_show_the_same_one_is_honest_and_the_other_shows_what_it_shows(honest: Heard) -> None:
    made = played("sensor_copies_another")
    bent = heard(made)
    codes = [label.subject.partition(":")[2] for label in labels(made)]
    differs = {
        source
        for (source, at) in honest.keys() | bent.keys()
        if honest.get((source, at)) != bent.get((source, at))
    }
    [copy] = differs
    [shown] = {*codes} - {copy}
    assert {*codes} == {copy, shown}
    for label in labels(made):
        assert label.since is not None
        for told in (recorded, lambda _, code: values(bent, code)):
            one, other = (
                [value for at, value in sorted(told(made, code).items()) if at >= label.since]
                for code in (copy, shown)
            )
            assert len(one) > 20 and one == other


RELATED = [
    one.name
    for one in shipped_catalogue()
    if one.effect is not None and type(one.effect).__module__ == "sensors_sim.effects.related"
]


def by_minute(made: Morning, code: str) -> dict[datetime, float]:
    """The values of one sensor by the minute of their batch: it is asked up to five seconds before."""
    shown = recorded(made, code) | values(heard(made), code)
    sent = {at + timedelta(seconds=5): value for at, value in shown.items()}
    return {at.replace(second=0, microsecond=0): value for at, value in sent.items()}


@pytest.mark.parametrize("name", RELATED)
def test_sensors_that_speak_against_each_other_are_two_of_one_hazard(name: str, honest: Heard) -> None:
    made = played(name)
    bent = heard(made)
    differs = {key[0] for key in honest.keys() | bent.keys() if honest.get(key) != bent.get(key)}
    [plan] = [one for one in made.plans if one.recorded]
    assert differs <= plan.recorded and len(plan.recorded) == 2
    hazards = {one.hazard_code for one in plan.site.sensors if one.source_code in plan.recorded}
    assert len(hazards) == 1
    told = {one.subject.partition(":")[2] for one in (*labels(made), *made.truth.innocents)}
    assert told <= plan.recorded and told


@pytest.mark.parametrize(
    ("name", "by"), [("sensor_disagrees_with_sibling", 0.07), ("siblings_move_together", 0)]
)
def test_siblings_show_the_same_line_until_one_is_off(name: str, by: float) -> None:
    made = played(name)
    [plan] = [one for one in made.plans if one.recorded]
    one, other = (each for each in plan.site.sensors if each.source_code in plan.recorded)
    since = made.window.at(time(4))
    first, second = by_minute(made, one.source_code), by_minute(made, other.source_code)
    apart = {at: second[at] / (other.range_high or 1) - first[at] / (one.range_high or 1) for at in second}
    assert len(apart) > 5_000 and first.keys() == second.keys()
    assert max(abs(value) for at, value in apart.items() if at < since) < 0.005
    assert all(abs(value - by) < 0.005 for at, value in apart.items() if at >= since)


@pytest.mark.parametrize(
    ("name", "way", "shut"),
    [
        ("level_rises_while_shut", 1, True),
        ("tank_filled_by_a_metered_flow", 1, False),
        ("level_falls_while_shut", -1, True),
        ("tank_emptied_by_a_metered_flow", -1, False),
    ],
)
def test_a_tank_turns_while_its_meter_runs_unless_that_is_shut(name: str, way: int, shut: bool) -> None:
    made = played(name)
    [plan] = [one for one in made.plans if one.recorded]
    level, flow = sorted(
        (one for one in plan.site.sensors if one.source_code in plan.recorded),
        key=lambda one: one.quantity is Quantity.FLOW,
    )
    shown, runs = by_minute(made, level.source_code), by_minute(made, flow.source_code)
    since, hour = made.window.at(time(1 if way > 0 else 5)), timedelta(hours=1)
    instants = [at for at in sorted(runs) if at + hour in shown and at in shown]
    width = (level.range_high or 0) - (level.range_low or 0)
    turns = {at for at in instants if way * (shown[at + hour] - shown[at]) > 0.1 * width}
    idle = [at for at in turns if max(runs[at], runs[at + hour]) < 0.2 * (flow.range_high or 0)]
    assert len(turns) > 500
    assert all(at >= since for at in idle)
    assert bool(idle) == shut


def faulty(name: str) -> tuple[dict[datetime, float], str, datetime]:
    """The values the faulty sensor of a scenario shows, its code, and since when they are faulty."""
    made = played(name)
    (label,) = labels(made)
    assert label.since is not None
    code = label.subject.partition(":")[2]
    return recorded(made, code) | values(heard(made), code), code, label.since


def test_a_stuck_sensor_shows_one_value_and_a_trembling_one_almost() -> None:
    shown, _, since = faulty("sensor_stuck")
    assert len({value for at, value in shown.items() if at >= since}) == 1
    assert len({value for at, value in shown.items() if at < since}) > 1
    trembling, _, since = faulty("sensor_stuck_and_trembling")
    after = [value for at, value in trembling.items() if at >= since]
    assert len(set(after)) > 1
    assert max(after) - min(after) < 0.01 * mean(after) + 0.02


def test_the_past_of_a_faulty_sensor_and_of_some_beside_it_is_told_before_the_window() -> None:
    made = played("sensor_stuck")
    (label,) = labels(made)
    code, start = label.subject.partition(":")[2], made.window.start
    sent = [one for one in made.timeline() if isinstance(one.content, Readings)]
    past = [one for one in sent if one.content.id.endswith("-recorded")]  # type: ignore[union-attr]
    assert all(one.at <= start for one in past) and {one.at for one in past} > {start}
    told = {one.source_code for batch in past for one in batch.content.readings}  # type: ignore[union-attr]
    assert code in told and 2 < len(told) <= 8
    collected = sorted(recorded(made, code))
    assert {later - earlier for earlier, later in pairwise(collected)} == {timedelta(minutes=1)}
    assert start - collected[0] > timedelta(days=4) and start - collected[-1] <= timedelta(minutes=1)


@pytest.mark.parametrize("name", [one for one in SIGNALS if one.startswith("yesterday")])
def test_a_replay_shows_what_came_at_this_time_of_yesterday(name: str) -> None:
    shown, code, since = faulty(name)
    day = timedelta(days=1)
    yesterday = values(heard(played("announcement_copied_from_yesterday", day=DAY - day)), code)
    settled = {
        at: value for at, value in shown.items() if at - day in yesterday and at >= since + timedelta(hours=1)
    }
    away = [abs(value - yesterday[at - day]) for at, value in settled.items()]
    assert len(away) > 10
    assert max(away) <= 1.0 if "noise" in name else max(away) == 0
    assert ("noise" in name) == any(away)


def test_a_wrong_unit_is_a_thousand_times_too_much(honest: Heard) -> None:
    shown, code, since = faulty("kilopascals_for_megapascals")
    true = values(honest, code)
    tolerance = 1000 * 0.5 * 10 ** -INSTRUMENTS[Quantity.PRESSURE].digits
    assert all(abs(shown[at] - 1000 * true[at]) <= tolerance for at in shown if at >= since)


def test_stale_readings_are_older_in_each_batch() -> None:
    made = played("sensor_stale")
    (label,) = labels(made)
    code, since = label.subject.partition(":")[2], label.since or made.window.start
    collected = {
        at: at + timedelta(milliseconds=one.offset_ms)
        for (source, at), one in heard(made).items()
        if source == code and isinstance(one, Reading)
    }
    stale = [when for at, when in sorted(collected.items()) if at >= since + timedelta(minutes=1)]
    assert len(stale) > 15
    assert all(timedelta(0) <= later - earlier <= timedelta(seconds=1) for earlier, later in pairwise(stale))


def test_honest_cameras_show_ever_new_pictures_and_a_frozen_one_the_same(honest: Heard) -> None:
    made = played("camera_online_with_a_frozen_picture")
    (label,) = labels(made)
    frozen, since = label.subject.partition(":")[2], label.since or made.window.start

    def states(found: Heard, code: str) -> list[CameraState]:
        of_it = sorted((at, one) for (source, at), one in found.items() if source == code and at >= since)
        return [one for _, one in of_it if isinstance(one, CameraState)]

    moving = states(honest, frozen)
    assert all((before.frame_no or 0) < (after.frame_no or 0) for before, after in pairwise(moving))
    assert len({one.picture_hash for one in moving}) == len(moving) > 3
    still = states(heard(made), frozen)
    assert len(still) == len(moving)
    assert len({(one.frame_no, one.picture_hash, one.bitrate_kbps) for one in still}) == 1
    assert all(one.online for one in still)


def test_a_big_gateway_is_registered_and_dies_with_all_its_children() -> None:
    made = played("big_gateway_lost")
    (label,) = made.truth.findings
    gateway, since = label.subject.partition(":")[2], label.since or made.window.start
    said = [(sent.at, sent.content) for sent in made.timeline() if isinstance(sent.content, Message)]
    registered = {
        one.source_code
        for _, message in said
        if isinstance(message, Register)
        for one in message.sources
        if one.gateway_code == gateway
    }
    batches = [(at, one) for at, one in said if isinstance(one, Readings) and one.gateway_code == gateway]
    assert len(registered) == 200
    assert {reading.source_code for reading in batches[-1][1].readings} == registered
    assert since - timedelta(minutes=1) <= batches[-1][0] < since
    presence = [one for _, one in said if isinstance(one, GatewayPresence) and one.gateway_code == gateway]
    assert [one.state for one in presence] == ["online", "offline"]


def test_a_flapping_gateway_begins_a_session_with_each_return() -> None:
    made = played("gateway_flaps")
    (label,) = labels(made)
    gateway = label.subject.partition(":")[2]
    said = [
        sent.content
        for sent in made.timeline()
        if isinstance(sent.content, GatewayPresence) and sent.content.gateway_code == gateway
    ]
    assert [one.state for one in said] == ["online", "offline"] * 3 + ["online"]
    births, wills = said[::2], said[1::2]
    assert [one.session for one in wills] == [one.session for one in births[:-1]]
    assert all(before.session < after.session for before, after in pairwise(births))


def test_everything_in_every_scenario_says_it_is_simulated() -> None:
    made = whole_catalogue(1, Window(DAY))
    messages = [sent.content for sent in made.timeline() if isinstance(sent.content, Message)]
    assert len(messages) > 5_000
    assert all(message.simulated for message in messages)


def test_two_faults_of_one_quantity_lie_over_each_other_on_one_sensor(honest: Heard) -> None:
    made = played("drifting_sensor_in_the_wrong_unit")
    drift, unit = made.truth.findings
    assert (drift.mismatch, unit.mismatch) == ("drift", "unit_error")
    assert drift.subject == unit.subject
    code, since = unit.subject.partition(":")[2], unit.since or made.window.start
    shown, true = values(heard(made), code), values(honest, code)
    assert all(shown[at] > 1000 * true[at] + 1 for at in shown if at >= since)
