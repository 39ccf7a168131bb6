"""The judge finds in a simulated morning exactly what the truth says is there, and nothing else."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta

import numpy as np
import pytest

from rdchem import calendar
from rdchem.enterprise_day import enterprise_days
from rdchem.gas_days import detectors, with_gas
from rdchem.gas_watch import GasReading, watch
from rdchem.known import Known
from rdchem.limits import limits_on
from rdchem.messages import decode, kind_of
from rdchem.model.course import Course
from rdchem.model.day import EnterpriseDay, LastSeen
from rdchem.model.message import Message
from rdchem.model.outcome import Fail
from rdchem.model.signal import SignalInterval
from rdchem.model.source import Readings
from rdchem.readings.against import with_against
from rdchem.readings.copies import Key, fingerprints, stretches, suspicions
from rdchem.readings.courses import course
from rdchem.readings.drawn import with_copies
from rdchem.readings.learned import learn
from rdchem.readings.related import related
from rdchem.readings.rows import Rows
from rdchem.readings.series import Series
from rdchem.rules import RULES
from sensors_sim.morning import Morning, morning
from sensors_sim.scenarios import shipped_catalogue
from sensors_sim.window import Window

WINDOW = Window(date(2026, 9, 15))
Told = tuple[datetime, float | None, int, datetime]
OF_COURSES = ("sensor_signals_are_true", "sensor_data_arrive_steadily", "alarms_are_reported")
Named = set[tuple[str, str, str, str]]


def known_at_the_cut_off(made: Morning) -> tuple[EnterpriseDay, ...]:
    """What a lossless intake that received everything when it was sent knows as of the truth's instant."""
    known: list[Known] = []
    newest: dict[str, dict[str, LastSeen]] = defaultdict(dict)
    values: dict[str, dict[str, list[GasReading]]] = defaultdict(lambda: defaultdict(list))
    heard: dict[str, dict[str, list[Told]]] = defaultdict(lambda: defaultdict(list))
    for number, sent in enumerate(made.timeline()):
        if sent.at > made.window.as_of:
            break
        message = decode(sent.topic, sent.payload)
        if isinstance(message, Readings):
            for reading in message.readings:
                collected = message.occurred_at + timedelta(milliseconds=reading.offset_ms)
                seen, codes = LastSeen(collected, sent.at, str(number)), newest[message.company_code]
                heard[message.company_code][reading.source_code].append(
                    (collected, reading.value, number, sent.at)
                )
                if reading.value is not None:
                    gas = GasReading(collected, reading.value, str(number))
                    values[message.company_code][reading.source_code].append(gas)
                if (old := codes.get(reading.source_code)) is None or old.occurred_at <= collected:
                    codes[reading.source_code] = seen
        elif isinstance(message, Message):
            body = sent.payload.decode()
            known.append(Known(str(number), kind_of(message), message.company_code, sent.at, body))
    day, as_of = made.window.day, made.window.as_of
    start = as_of - timedelta(days=1)
    facts = enterprise_days(day, as_of, limits_on(day), known, newest, start=start)
    watches = {
        company: {
            code: watch(told, threshold)
            for code, threshold in thresholds.items()
            if (told := values[company][code])
        }
        for company, thresholds in detectors(facts).items()
    }
    facts = with_gas(facts, watches)
    if not any(one.rule in OF_COURSES for one in made.truth.findings) and not any(
        plan.recorded for plan in made.plans
    ):
        return facts.days
    begins = calendar.day_bounds(day)[0]
    rows = {
        (one.company_code, code): rows_of([each for each in told if each[0] >= begins])
        for one in facts.days
        for code, told in heard[one.company_code].items()
        if code in one.register.sources
    }
    suspected = suspicions(fingerprints({key: own.series for key, own in rows.items()}))
    copies = {key: stretches(several, rows) for key, several in suspected.items()}
    return tuple(
        replace(one, courses=courses_of(one, heard[one.company_code], rows, copies, begins))
        for one in facts.days
    )


def courses_of(
    day: EnterpriseDay,
    told: Mapping[str, list[Told]],
    known: Mapping[Key, Rows],
    copies: Mapping[Key, list[tuple[SignalInterval, Rows]]],
    start: datetime,
) -> dict[str, Course]:
    """The course of each sensor within the day, by what was received before it began."""
    gap, least_s = (
        day.limits.duration("flapping_gap"),
        day.limits.duration("signal_past_least").total_seconds(),
    )
    rows = {
        code: own
        for (company, code), own in known.items()
        if company == day.company_code and own.seconds.size
    }
    learned = {}
    for code in rows:
        past = rows_of([one for one in told[code] if one[0] < start and one[3] < start])
        if past.seconds.size and past.seconds[-1] - past.seconds[0] >= least_s:
            learned[code] = learn(Series(past.seconds, past.values))
    sources = day.register.sources
    found = {}
    for code, own in rows.items():
        found[code] = course(own, sources[code], learned.get(code), least_gap=gap)
        if several := copies.get((day.company_code, code)):
            found[code] = with_copies(found[code], own, several)
    usual = {code: one for code, one in learned.items() if one}
    return with_against(found, related(rows, sources, usual, least_s=least_s))


def rows_of(readings: list[Told]) -> Rows:
    """Readings in order of their collect times, each time once."""
    once = sorted({one[0]: one for one in reversed(readings)}.values(), key=lambda one: one[0])
    seconds = np.array([one[0].timestamp() for one in once])
    values = np.array([np.nan if one[1] is None else one[1] for one in once], float)
    delays = np.array([(one[3] - one[0]).total_seconds() for one in once])
    return Rows(seconds, values, np.arange(len(once)), [str(one[2]) for one in once], delays)


def judged(made: Morning) -> Named:
    return {
        (rule.name, day.company_code, str(verdict.subject), verdict.mismatch)
        for day in known_at_the_cut_off(made)
        for rule in RULES
        if isinstance(outcome := rule.check(day), Fail)
        for verdict in outcome.verdicts
    }


def labelled(made: Morning) -> Named:
    return {(one.rule, one.enterprise, one.subject, one.mismatch) for one in made.truth.findings}


@pytest.mark.parametrize(
    ("seed", "enterprises", "day"),
    [
        (1, 100, date(2026, 9, 15)),
        (3, 20, date(2026, 9, 15)),
        (4, 5, date(2026, 9, 14)),
        (5, 40, date(2026, 10, 1)),
    ],
)
def test_the_judge_finds_exactly_the_truth(seed: int, enterprises: int, day: date) -> None:
    made = morning(seed, enterprises, Window(day))
    assert judged(made) == labelled(made)


def test_the_catalogue_speaks_of_every_rule() -> None:
    provoked = {one.provokes.rule for one in shipped_catalogue() if one.provokes}
    assert provoked == {rule.name for rule in RULES}


@pytest.mark.parametrize("name", [one.name for one in shipped_catalogue() if not one.per_hundred])
def test_a_scenario_asked_for_provokes_exactly_its_labels(name: str) -> None:
    catalogue = shipped_catalogue()
    made = morning(2, 4, WINDOW, catalogue=catalogue, chosen=catalogue.named([name]))
    assert judged(made) == labelled(made)
    truth = made.truth
    assert truth.findings or truth.innocents or truth.quarantine or truth.unjudged
