"""The simulated county is reproducible, speaks the contract, and arrives as it was sent."""

import hashlib
import json
import os
import subprocess
import sys
from collections import Counter
from datetime import date, time
from itertools import pairwise
from pathlib import Path

import pytest

from rdchem.errors import ConfigurationError, InputError
from rdchem.messages import InvalidMessage, decode
from rdchem.model.commitment import HotWorkGrade, SafetyCommitment
from rdchem.model.source import Readings
from sensors_sim.county import county
from sensors_sim.envelopes import envelopes
from sensors_sim.morning import Morning, morning
from sensors_sim.names import MOST_ENTERPRISES, enterprise_name
from sensors_sim.scenarios import Catalogue, read_scenarios, shipped_catalogue
from sensors_sim.window import Window
from sensors_sim.wire import Sent

DAY = date(2026, 9, 15)
WINDOW = Window(DAY)


@pytest.fixture(scope="module")
def hundred() -> Morning:
    return morning(1, 100, WINDOW)


@pytest.fixture(scope="module")
def timeline(hundred: Morning) -> list[Sent]:
    return list(hundred.timeline())


def lines(made: Morning) -> bytes:
    return b"".join(envelopes(made.timeline()))


def test_a_seed_gives_the_same_bytes_on_every_machine() -> None:
    """The digest was made on another machine; whoever means to change what a seed gives, changes it too."""
    digest = hashlib.sha256(lines(morning(20260915, 4, Window(DAY)))).hexdigest()
    assert digest == "1e325ddb55008c7e4aa984a773a8347a8c7da0f34a0c66ebea2571288f91497c"


def test_a_seed_gives_the_same_bytes_whatever_the_hash_seed(tmp_path: Path) -> None:
    out = tmp_path / "morning.jsonl"
    command = [sys.executable, "-m", "sensors_sim", "envelopes", "--seed", "7", "--enterprises", "8"]
    subprocess.run([*command, "--out", str(out)], check=True, env=os.environ | {"PYTHONHASHSEED": "4711"})
    header, _, messages = out.read_bytes().partition(b"\n")
    assert messages == lines(morning(7, 8, WINDOW))
    said = json.loads(header)
    assert (said["rdchem_recording"], said["seed"]) == (1, 7)
    assert said["catalogue_sha256"] == shipped_catalogue().sha256


def test_another_seed_gives_another_county() -> None:
    codes = [{site.company_code for site in county(seed, 50)} for seed in (1, 2)]
    assert not codes[0] & codes[1]


def test_one_more_enterprise_changes_no_other() -> None:
    smaller, larger = morning(3, 21, WINDOW), morning(3, 22, WINDOW)
    added = larger.plans[-1].company_code
    assert [
        (sent.at, sent.topic, sent.payload) for sent in larger.timeline() if f"/{added}/" not in sent.topic
    ] == [(sent.at, sent.topic, sent.payload) for sent in smaller.timeline()]
    assert [one for one in larger.truth.findings if one.enterprise != added] == smaller.truth.findings


def test_every_message_decodes_to_itself_and_says_it_is_simulated(
    hundred: Morning, timeline: list[Sent]
) -> None:
    kept_aside = []
    for sent in timeline:
        message = decode(sent.topic, sent.payload)
        if isinstance(message, InvalidMessage):
            kept_aside.append((message.code, sent.topic))
        else:
            assert message == sent.content
            assert message.simulated is True
    assert sorted(kept_aside) == [(one.code, one.topic) for one in hundred.truth.quarantine]


def test_the_timeline_is_ordered_begins_with_the_register_and_has_few_instants(timeline: list[Sent]) -> None:
    assert all(earlier.at <= later.at for earlier, later in pairwise(timeline))
    assert all(sent.topic.endswith("/register") for sent in timeline[:100])
    assert timeline[0].at == WINDOW.start
    assert timeline[-1].at < WINDOW.end
    assert len({sent.at for sent in timeline}) <= 400
    assert 6_000 < len(timeline) < 10_000


def test_nothing_is_received_before_it_is_said(timeline: list[Sent]) -> None:
    for sent in timeline:
        if not isinstance(sent.content, bytes):
            assert sent.content.occurred_at <= sent.at


def test_late_announcements_leave_on_their_very_second(timeline: list[Sent]) -> None:
    left = {sent.at for sent in timeline if isinstance(sent.content, SafetyCommitment)}
    for second in (time(9, 20), time(9, 20, 1), time(9, 20, 20), time(9, 21, 30)):
        assert WINDOW.at(second) in left


def test_the_truth_names_only_known_enterprises_and_all_of_the_morning_happens(
    hundred: Morning,
) -> None:
    truth = hundred.truth
    known = {plan.company_code for plan in hundred.plans}
    assert {one.enterprise for one in truth.findings} <= known
    assert {one.enterprise for one in truth.innocents} <= known
    assert all(one.topic.split("/")[3] in known for one in truth.quarantine)
    happened = {one.scenario for one in truth.findings} | {one.scenario for one in truth.innocents}
    expected = {one.name for one in shipped_catalogue() if one.per_hundred and one.quarantined is None}
    assert happened == expected
    assert len(truth.quarantine) == 4


@pytest.mark.parametrize("enterprises", [1, 2, 5, 20, 101, 200])
def test_a_county_of_any_size_has_its_truth(enterprises: int) -> None:
    made = morning(11, enterprises, WINDOW)
    hit = Counter(one.enterprise for one in made.truth.findings)
    hit += Counter(one.enterprise for one in made.truth.innocents)
    assert len({plan.company_code for plan in made.plans}) == enterprises
    assert set(hit.values()) <= {1}
    assert len(hit) >= min(enterprises - enterprises // 4, 50)
    assert len({one.mismatch for one in made.truth.findings}) >= 10 or enterprises < 20


def test_honest_announcements_add_up(hundred: Morning) -> None:
    blamed = {one.enterprise for one in hundred.truth.findings}
    for plan in hundred.plans:
        if plan.company_code in blamed:
            continue
        for said in plan.announcements:
            units, flags = said.units, said.flags
            assert units.total == (units.running or 0) + (units.stopped or 0) + (units.overhaul or 0)
            assert flags.starting_or_stopping == bool((units.starting or 0) + (units.stopping or 0))
            assert flags.has_contractor == bool(said.other_work.contractors)
            grades = Counter(item.grade for item in said.items or ())
            assert all(said.hot_work.of(grade) == grades[grade] for grade in HotWorkGrade)


def test_sensors_are_registered_in_order_and_read_within_their_thresholds(
    hundred: Morning, timeline: list[Sent]
) -> None:
    sensors = {sensor.source_code: sensor for plan in hundred.plans for sensor in plan.site.sensors}
    for sensor in sensors.values():
        marks = [
            sensor.range_low,
            sensor.low_low,
            sensor.low,
            sensor.high,
            sensor.high_high,
            sensor.range_high,
        ]
        given = [mark for mark in marks if mark is not None]
        assert len(given) == 6
        assert given == sorted(given)
        assert given[2] < given[3]
    bent = {code for plan in hundred.plans for code in plan.signals}
    for sent in timeline:
        if isinstance(sent.content, Readings):
            for reading in sent.content.readings:
                registered = sensors.get(reading.source_code)
                if registered is not None and reading.source_code not in bent:
                    assert reading.value is not None
                    assert (registered.low or 0) <= reading.value < (registered.high or 0)


def test_names_and_codes_are_unique() -> None:
    assert len({enterprise_name(number) for number in range(MOST_ENTERPRISES)}) == MOST_ENTERPRISES
    sites = list(county(1, 1000))
    assert len({site.enterprise.name for site in sites}) == 1000
    assert all(len(site.company_code) == 9 for site in sites)
    sources = [one.source_code for site in sites[:100] for one in (*site.sensors, *site.cameras)]
    assert len(set(sources)) == len(sources)
    assert 58 <= len(sources) / 100 <= 68


HONEST = "{do: announce, at: '09:00:00'}, innocent: 按时"


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("- {name: x, effect: {do: announce, att: null}, innocent: 无}", "att"),
        ("- {name: x, effect: {do: announce, at: null}}", "exactly one"),
        (f"- {{name: x, effect: {HONEST}, unjudged: late}}", "exactly one"),
        ("- {name: x}", "either an effect or parts"),
        (f"- {{name: x, effect: {HONEST}, parts: [y]}}", "either an effect or parts"),
        ("- {name: x, parts: [y]}", "'y'"),
        (f"- {{name: x, effect: {HONEST}}}\n- {{name: x, effect: {HONEST}}}", "重名"),
        (f"- {{name: x, per_hundred: 76, effect: {HONEST}}}", "75"),
        ("- {name: 迟, effect: {do: announce, at: null}, innocent: 无}", "regex"),
        ("- [", "不可用"),
    ],
)
def test_a_broken_catalogue_is_refused(text: str, complaint: str) -> None:
    with pytest.raises(ConfigurationError, match=complaint):
        Catalogue(read_scenarios(text))


def test_parts_hit_one_enterprise_and_bring_their_labels() -> None:
    text = """
- {name: late, effect: {do: announce, at: "09:30:00"},
   provokes: {rule: commitment_is_announced_by_deadline, mismatch: missing}}
- {name: fell_silent, effect: {do: silence, scope: sensor, since: "09:00:00"},
   provokes: {rule: major_hazard_sensors_are_online, mismatch: sensor_offline}}
- {name: both, parts: [late, fell_silent]}
"""
    catalogue = Catalogue(read_scenarios(text))
    truth = morning(1, 2, WINDOW, catalogue=catalogue, chosen=catalogue.named(["both", "late"])).truth
    hit = Counter((one.enterprise, one.scenario) for one in truth.findings)
    assert len({enterprise for enterprise, _ in hit}) == 2
    assert Counter(scenario for _, scenario in hit) == {"late": 2, "fell_silent": 1}


def test_too_small_a_county_and_unknown_names_are_refused() -> None:
    catalogue = shipped_catalogue()
    with pytest.raises(InputError, match="nobody_knows"):
        catalogue.named(["announced_late", "nobody_knows"])
    with pytest.raises(InputError, match="企业太少"):
        morning(1, 1, WINDOW, chosen=catalogue.named(["announced_late", "never_announced"]))
