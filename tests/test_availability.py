"""Online rate by time and drops: what nobody could see, and what stood still properly, is not counted."""

from dataclasses import replace
from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from rdchem import calendar
from rdchem.availability import Availability, availability, totals
from rdchem.model.course import Course, Gap, Seen, Spell
from rdchem.model.day import BlindInterval, EnterpriseDay
from rdchem.model.source import OutOfService
from rdchem.reports.charts import chart
from tests.days import AS_OF, DAY, camera, good, received, sensor, with_register

START, _ = calendar.day_bounds(DAY)
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


def at(minute: float) -> datetime:
    return START + minute * MINUTE


def day(*gaps: tuple[float, float], last: float = 560, **more: object) -> EnterpriseDay:
    own = tuple(Gap(at(low), at(high), ("j9",)) for low, high in gaps)
    course = Course(rows=500, first_at=at(0), last_at=at(last), journal=("j9",), gaps=own, gap_count=len(own))
    plain = with_register(good(), [sensor("S1")])

    return replace(plain, courses={"S1": course}, **more)


def test_a_sensor_is_offline_from_the_limit_on_and_each_time_is_a_drop() -> None:
    one = availability(day((60, 100), (200, 211), (300, 310)))["S1"]
    assert (one.offline, one.drops) == (31 * MINUTE, 2)
    assert one.online + one.offline == AS_OF - START
    assert one.rate is not None and abs(one.rate - (1 - 31 / 561)) < 1e-9


def test_what_we_could_not_see_leaves_the_denominator() -> None:
    blind = (BlindInterval(at(70), at(95), lossless=False),)
    one = availability(day((60, 100), blind=blind))["S1"]
    assert (one.blind, one.offline, one.drops) == (25 * MINUTE, 5 * MINUTE, 1)
    whole = availability(day((60, 100), blind=(BlindInterval(at(60), at(110), lossless=False),)))["S1"]
    assert (whole.offline, whole.drops, whole.rate) == (0 * MINUTE, 0, 1.0)


def test_out_of_service_leaves_the_denominator_and_is_shown() -> None:
    record = OutOfService(
        id="o", seq=1, occurred_at=at(50), company_code="320600001", source_code="S1", stopped=True,
        stop_at=at(60), start_at=at(100),
    )  # fmt: skip
    one = availability(day((60, 100), out_of_service=(received(record),)))["S1"]
    assert (one.out_of_service, one.offline, one.drops) == (40 * MINUTE, 0 * MINUTE, 0)
    assert one.online == AS_OF - START - 40 * MINUTE


def test_a_sensor_that_never_sent_is_offline_since_the_register_told_of_it() -> None:
    silent = day(known_since=at(500))

    one = availability(replace(silent, courses={}))["S1"]
    assert (one.online, one.offline, one.drops) == (10 * MINUTE, 51 * MINUTE, 1)


def test_a_camera_is_offline_while_it_says_so_or_says_nothing() -> None:

    spells = (
        Spell(Seen.MOVING, at(0), at(60), 12, ("j9",)),
        Spell(Seen.OFFLINE, at(60), at(90), 6, ("j9",)),
        Spell(Seen.SILENT, at(90), at(100), 0, ("j9",)),
        Spell(Seen.FROZEN, at(100), at(561), 90, ("j9",)),
    )
    seen = replace(with_register(good(), [camera("C1")]), courses={}, camera_spells={"C1": spells})
    one = availability(seen)["C1"]
    assert (one.offline, one.drops) == (40 * MINUTE, 1)


def test_groups_add_up_to_the_county() -> None:

    days = [day((60, 100)), replace(day((10, 60), (200, 300)), company_code="320600002")]
    whole = [sum(totals(days, by).values(), Availability()) for by in ("source", "hazard", "gateway", "area")]
    assert len(set(whole)) == 1 and whole[0].drops == 3 and whole[0].sources == 2
    assert availability(replace(days[0], courses=None)) == {}


GAPS = st.lists(st.integers(0, 560), min_size=0, max_size=12, unique=True).map(sorted)


@given(GAPS, st.tuples(st.integers(0, 560), st.integers(0, 560)))
def test_all_time_is_online_offline_or_blind(edges: list[int], blind: tuple[int, int]) -> None:
    gaps = [(edges[n], edges[n + 1]) for n in range(0, len(edges) - 1, 2)]
    low, high = sorted(blind)
    seen = availability(day(*gaps, blind=(BlindInterval(at(low), at(high), lossless=False),)))["S1"]
    assert seen.online + seen.offline + seen.blind == AS_OF - START
    assert min(seen.online, seen.offline, seen.blind) >= timedelta(0)
    unseen = availability(day(*gaps))["S1"]
    assert seen.offline <= unseen.offline and seen.drops <= unseen.drops, "our blindness accuses nobody"


def test_a_picture_has_the_signal_the_stretch_and_what_it_repeats_and_nothing_foreign() -> None:
    drawn = [[60 * n, float(n % 7)] for n in range(50)]
    told = {
        "from": 600,
        "to": 1200,
        "unit": "<b>&",
        "drawn": drawn,
        "repeated": [[-80000, 1.0], [-79000, 2.0]],
    }
    picture = chart(told)
    assert picture is not None and picture == chart(told)
    assert picture.count("<polyline") >= 2 and 'class="stretch"' in picture and 'class="past"' in picture
    assert "<b>" not in picture and "style=" not in picture and "http" not in picture
    assert chart(None) is None and chart({**told, "drawn": drawn[:1]}) is None
    flat = chart({**told, "drawn": [[0, 1.0], [60, 1.0]], "repeated": []})
    assert flat is not None and "nan" not in flat
    assert "虚线:与之雷同的时段" in picture and "虚线" not in flat
    beside = chart({**told, "dashed": "按同类测点推算"})
    assert beside is not None and "虚线:按同类测点推算" in beside and "雷同" not in beside


def test_a_picture_of_pauses_breaks_the_line_at_each_and_says_whose_it_is() -> None:
    drawn = [[60 * n, 1.0] for n in range(50) if n not in (21, 22)]
    told = {"from": 1200, "to": 3600, "gaps": [[1200, 1380], [2940, 3600]], "of": "液位<1>", "drawn": drawn}
    picture = chart(told)
    assert picture is not None
    assert (picture.count('class="stretch"'), picture.count('class="signal"')) == (2, 2)
    assert "液位&lt;1&gt;" in picture
    whole = chart({name: one for name, one in told.items() if name not in ("gaps", "of")})
    assert whole is not None
    assert (whole.count('class="stretch"'), whole.count('class="signal"')) == (1, 1)
