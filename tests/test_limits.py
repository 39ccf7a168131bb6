"""Regulatory numbers: dated, sourced, never defaulted; and the calendar they are read with."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
import yaml

from rdchem import calendar
from rdchem.calendar import UnknownYearError
from rdchem.decisions import Override
from rdchem.errors import ConfigurationError
from rdchem.limits import limits_on, read_limits
from rdchem.limits.gases import Gas, gas

TUESDAY = date(2026, 9, 15)
TWO = """
deadline:
  title: 截止
  unit: time
  values:
    - {value: "09:20", since: 2022-01-01, until: 2026-06-30, source: 方案, confirmed: true}
    - {value: "10:00", since: 2026-07-01, source: 新方案, confirmed: false}
"""


def test_a_limit_changes_on_its_day_and_past_days_keep_theirs() -> None:
    document = yaml.safe_load(TWO)
    assert limits_on(date(2026, 6, 30), document).time("deadline") == time(9, 20)
    assert limits_on(date(2026, 7, 1), document).time("deadline") == time(10)


def test_a_day_before_the_first_value_is_refused() -> None:
    with pytest.raises(ConfigurationError, match=r"2021-12-31.*deadline"):
        limits_on(date(2021, 12, 31), yaml.safe_load(TWO)).time("deadline")


@pytest.mark.parametrize("until", ["2026-07-01", "2030-01-01"])
def test_overlapping_entries_are_refused(until: str) -> None:
    with pytest.raises(ConfigurationError, match="重叠"):
        read_limits(yaml.safe_load(TWO.replace("2026-06-30", until)))


def test_an_entry_without_its_source_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="source"):
        read_limits(yaml.safe_load(TWO.replace(", source: 方案", "")))


def test_every_shipped_limit_has_a_title_a_source_and_a_readable_value() -> None:
    limits = limits_on(TUESDAY)
    for limit in limits.in_force.values():
        assert limit.title and limit.source
        match limit.unit:
            case "time":
                limits.time(limit.name)
            case "minutes" | "hours":
                assert limits.duration(limit.name) >= timedelta(0)
            case "rate":
                assert 0 < limits.rate(limit.name) <= 1


def test_the_numbers_of_the_law_are_those_of_the_law() -> None:
    now, before = limits_on(TUESDAY), limits_on(date(2022, 9, 30))
    assert now.time("commitment_deadline") == time(9, 20)
    for limits in (now, before):
        validity = [
            limits.duration(f"permit_validity_{grade}") for grade in ("special", "grade_1", "grade_2")
        ]
        assert validity == [timedelta(hours=8), timedelta(hours=8), timedelta(hours=72)]
    assert "2014" in before["permit_validity_special"].source
    assert "2022" in now["permit_validity_special"].source


def test_the_business_day_is_the_local_one() -> None:
    assert calendar.business_day(datetime(2026, 9, 14, 15, 59, 59, tzinfo=UTC)) == date(2026, 9, 14)
    assert calendar.business_day(datetime(2026, 9, 14, 16, tzinfo=UTC)) == TUESDAY
    start, end = calendar.day_bounds(TUESDAY)
    assert (start, end) == (datetime(2026, 9, 14, 16, tzinfo=UTC), datetime(2026, 9, 15, 16, tzinfo=UTC))
    assert calendar.deadline(TUESDAY, limits_on(TUESDAY)) == datetime(2026, 9, 15, 1, 20, tzinfo=UTC)


@pytest.mark.parametrize(
    ("day", "rest"),
    [
        (TUESDAY, False),
        (date(2026, 9, 19), True),  # Saturday
        (date(2026, 9, 20), False),  # Sunday, worked for the National Day holiday
        (date(2026, 10, 1), True),  # Thursday, holiday
        (date(2026, 10, 10), False),  # Saturday, worked
    ],
)
def test_rest_days_follow_the_holiday_notice_with_its_swaps(day: date, rest: bool) -> None:
    assert calendar.is_rest_day(day) is rest


def test_an_unknown_year_is_refused() -> None:
    with pytest.raises(UnknownYearError, match="2049"):
        calendar.is_rest_day(date(2049, 1, 4))


@pytest.mark.parametrize(
    ("start", "end", "night"),
    [
        ("08:00", "22:00", False),
        ("08:00", "22:01", True),
        ("06:00", "08:00", False),
        ("05:59", "08:00", True),
        ("23:00", "23:30", True),
    ],
)
def test_night_is_touched_from_ten_to_six(start: str, end: str, night: bool) -> None:
    moments = [calendar.at(TUESDAY, time.fromisoformat(clock)) for clock in (start, end)]
    assert calendar.touches_night(moments[0], moments[1], limits_on(TUESDAY)) is night


def test_durations_are_read_aloud() -> None:
    said = [
        calendar.duration_text(timedelta(seconds=n)) for n in (0, 0.001, 40, 3900, 3600 * 51, 86400 * 2 + 61)
    ]
    assert said == ["0 秒", "不足 1 秒", "40 秒", "1 小时 5 分", "2 天 3 小时", "2 天 1 分"]


def test_instants_are_told_in_utc_and_to_the_millisecond_where_it_decides() -> None:
    assert calendar.at(TUESDAY, time(9, 20)).tzinfo is UTC
    at = datetime(2026, 9, 15, 1, 20, tzinfo=UTC)
    told = {us: calendar.exact_text(at.replace(microsecond=us)) for us in (0, 999, 1_000, 1_999, 999_999)}
    assert told == {
        0: "2026-09-15 09:20:00", 999: "2026-09-15 09:20:00", 1_000: "2026-09-15 09:20:00.001",
        1_999: "2026-09-15 09:20:00.001", 999_999: "2026-09-15 09:20:00.999",
    }  # fmt: skip


def test_an_interval_names_its_second_day_only_if_it_is_another() -> None:
    start, later = calendar.at(date(2026, 9, 15), time(22)), calendar.at(date(2026, 9, 15), time(23, 5))
    assert calendar.span_text(start, later) == "2026-09-15 22:00:00 至 23:05:00"
    over = calendar.at(date(2026, 9, 16), time(1))
    assert calendar.span_text(start, over) == "2026-09-15 22:00:00 至 2026-09-16 01:00:00"


def test_an_overridden_limit_is_the_decision_s_own_with_its_days_and_paper() -> None:
    day, since, until = date(2026, 9, 15), date(2026, 9, 1), date(2026, 9, 30)
    name = "commitment_grace"
    decision = Override(
        id="O1", since=since, until=until, reason="县局文件", author="张三", document="通知第3号",
        limit=name, value=30, area="320623",
    )  # fmt: skip
    usual = limits_on(day, overrides=(decision,))
    assert not usual[name].confirmed
    own = usual.of("320600001", "320623")
    limit = own[name]
    assert own.day == day and limit.value == 30
    assert (limit.since, limit.until, limit.confirmed) == (since, until, True)
    assert limit.source == decision.told and limit.title == usual[name].title


@pytest.mark.parametrize(
    ("limit", "good", "bad"),
    [
        ("online_rate_target", 0.9, "九成"),
        ("commitment_deadline", "10:00", "十点"),
        ("commitment_deadline_on_rest_days", "同平日", "照旧"),
        ("commitment_grace", 5, "五分钟"),
    ],
)
def test_an_override_has_a_value_of_its_limits_unit(limit: str, good: str | float, bad: str) -> None:
    said = {"id": "O1", "since": TUESDAY, "reason": "县局文件", "author": "张三", "document": "通知第3号"}
    for value in (good, bad):
        decision = Override(**said, limit=limit, value=value, area="320623")  # type: ignore[arg-type]
        if value == good:
            own = limits_on(TUESDAY, overrides=(decision,)).of("320600001", "320623")
            assert own[limit].value == good
        else:
            with pytest.raises(ConfigurationError, match=f"决定 O1 的值 '{bad}' 不是"):
                limits_on(TUESDAY, overrides=(decision,))


def test_a_gas_is_known_by_any_of_its_names_from_the_tables_first_day_on() -> None:
    first = date(2015, 6, 1)
    assert gas("甲烷", first) == gas("CH4", first) == gas(" 甲 烷 ", first) == Gas("甲烷", 5.0)
    assert gas("甲烷", date(2015, 5, 31)) is None
    assert gas("不知名的气体", first) is None
