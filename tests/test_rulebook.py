"""The rulebook of a day: dated rules, other values for an area or an enterprise, decisions of the office."""

from dataclasses import replace
from datetime import date, time, timedelta
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import yaml
from msgspec.structs import replace as replace_entry

from rdchem import calendar, rules
from rdchem import judge as judging
from rdchem.errors import ConfigurationError
from rdchem.model.outcome import Pass
from rdchem.rulebook import Rulebook, rulebook_on
from rdchem.rules import RULES, rules_on
from tests.days import AS_OF, DAY, RULEBOOK, good, with_register

COMPANY, AREA = "320600001", "320623"
NEXT = DAY + timedelta(days=1)
SIGNED = {"reason": "县局文件", "author": "张三", "document": "通知第3号"}
VIDEO, PROMISE = "major_hazard_video_is_online", "commitment_is_announced_by_deadline"


def written(folder: Path, **sections: Any) -> Path:
    path = folder / "rulebook.yaml"
    path.write_text(yaml.safe_dump(sections, allow_unicode=True), encoding="utf-8")
    return path


def override(number: int, **said: Any) -> dict[str, Any]:
    plain = {"id": f"O{number}", "limit": "commitment_deadline", "value": "10:00", "since": DAY, **SIGNED}
    return plain | said


UNSIGNED = {key: said for key, said in override(1, area=AREA).items() if key != "document"}


def exemption(**said: Any) -> dict[str, Any]:
    plain = {
        "id": "E1",
        "enterprise": COMPANY,
        "rules": [PROMISE],
        "code": "shut_down",
        "since": DAY,
        **SIGNED,
    }
    return plain | said


def suppression(**said: Any) -> dict[str, Any]:
    plain = {"id": "S1", "enterprise": COMPANY, "rule": VIDEO, "since": DAY, "until": NEXT, **SIGNED}
    return plain | said


def deadline(book: Rulebook, company: str = COMPANY, area: str = AREA) -> time:
    return book.limits.of(company, area).time("commitment_deadline")


def test_rules_begin_on_their_day() -> None:
    assert {rule.name for rule in rules_on(DAY)} == {rule.name for rule in RULES}
    before = {rule.name for rule in rules_on(date(2022, 9, 30))}
    assert "hot_work_has_a_guardian" not in before and PROMISE in before
    assert "hot_work_has_a_guardian" in {rule.name for rule in rules_on(date(2022, 10, 1))}


def test_a_day_before_the_first_rule_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="2015-05-31 没有任何生效的规则"):
        rulebook_on(date(2015, 5, 31))


def test_a_rule_may_end_or_begin_later_in_the_county(tmp_path: Path) -> None:
    entry = {"since": date(2022, 1, 1), "until": DAY, "source": "县局通知", "may_be_suppressed": True}
    path = written(tmp_path, rules={VIDEO: entry})
    names = [{rule.name for rule in rulebook_on(day, [path]).rules} for day in (DAY, NEXT)]
    assert names[0] - names[1] == {VIDEO}


def test_the_ten_o_clock_county_is_one_override(tmp_path: Path) -> None:
    book = rulebook_on(DAY, [written(tmp_path, overrides=[override(1, area=AREA)])])
    assert deadline(book) == time(10) and deadline(book, area="320682") == time(9, 20)
    limit = book.limits.of(COMPANY, AREA)["commitment_deadline"]
    assert "张三" in limit.source and limit.confirmed


def test_the_ten_o_clock_county_rests_on_no_other_hour(tmp_path: Path) -> None:
    saturday = date(2026, 9, 19)
    book = rulebook_on(saturday, [written(tmp_path, overrides=[override(1, area=AREA)])])
    assert calendar.deadline(saturday, book.limits.of(COMPANY, AREA)) == calendar.at(saturday, time(10))


def test_an_enterprise_goes_before_its_area(tmp_path: Path) -> None:
    entries = [override(1, enterprise=COMPANY, value="10:30"), override(2, area=AREA)]
    for order in (entries, entries[::-1]):
        book = rulebook_on(DAY, [written(tmp_path, overrides=order)])
        assert (deadline(book), deadline(book, "320600002")) == (time(10, 30), time(10))


@pytest.mark.parametrize(
    ("since", "until", "expected"),
    [
        (DAY, DAY, time(10)),
        (DAY - timedelta(days=9), DAY - timedelta(days=1), time(9, 20)),
        (NEXT, None, time(9, 20)),
        (DAY - timedelta(days=9), None, time(10)),
    ],
)
def test_an_override_holds_from_its_first_day_to_its_last(
    tmp_path: Path, since: date, until: date | None, expected: time
) -> None:
    path = written(tmp_path, overrides=[override(1, area=AREA, since=since, until=until)])
    assert deadline(rulebook_on(DAY, [path])) == expected


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (DAY, time(9, 20)),
        (date(2026, 9, 19), time(11)),
        (date(2026, 9, 20), time(9, 20)),
        (date(2026, 10, 1), time(11)),
    ],
    ids=["Tuesday", "Saturday", "a Sunday worked by swap", "National Day"],
)
def test_rest_days_may_have_a_deadline_of_their_own(tmp_path: Path, day: date, expected: time) -> None:
    later = override(
        1, limit="commitment_deadline_on_rest_days", value="11:00", area=AREA, since=date(2026, 1, 1)
    )
    book = rulebook_on(day, [written(tmp_path, overrides=[later])])
    assert calendar.deadline(day, book.limits.of(COMPANY, AREA)) == calendar.at(day, expected)
    assert calendar.deadline(day, rulebook_on(day).limits) == calendar.at(day, time(9, 20))


def test_an_unknown_year_is_refused_only_where_rest_days_differ(tmp_path: Path) -> None:
    day = date(2049, 6, 1)
    later = override(1, limit="commitment_deadline_on_rest_days", value="11:00", area=AREA)
    book = rulebook_on(day, [written(tmp_path, overrides=[later])])
    with pytest.raises(calendar.UnknownYearError):
        calendar.deadline(day, book.limits.of(COMPANY, AREA))
    assert calendar.deadline(day, book.limits) == calendar.at(day, time(9, 20))


def test_a_county_may_ask_shut_down_enterprises_too(tmp_path: Path) -> None:
    asked = override(1, limit="commitment_when_shut_down", value="要求", area=AREA)
    shut = with_register(replace(good(COMPANY), commitments=()), [], state="shut_down")
    for sections, told in (({}, "not_applicable"), ({"overrides": [asked]}, "fail")):
        book = rulebook_on(DAY, [written(tmp_path, **sections)])
        own = replace(shut, limits=book.limits.of(COMPANY, AREA))
        assert outcome(judging.judge([own], as_of=AS_OF, rulebook=book), PROMISE)[0] == told


def test_a_limit_that_changed_last_night_is_judged_by_the_value_of_its_day(tmp_path: Path) -> None:
    values = [
        {"value": "09:20", "since": date(2022, 1, 1), "until": DAY, "source": "旧", "confirmed": True},
        {"value": "09:30", "since": NEXT, "source": "新", "confirmed": True},
    ]
    path = written(
        tmp_path, limits={"commitment_deadline": {"title": "截止", "unit": "time", "values": values}}
    )
    assert [deadline(rulebook_on(day, [path])) for day in (DAY, NEXT)] == [time(9, 20), time(9, 30)]
    assert rulebook_on(DAY, [path]).limits.names("approver_special")


@pytest.mark.parametrize(
    ("sections", "says"),
    [
        ({"overrides": [override(1)]}, "恰有一个"),
        ({"overrides": [override(1, area=AREA, enterprise=COMPANY)]}, "恰有一个"),
        ({"overrides": [override(1, area=AREA, limit="no_such")]}, "no_such 不存在"),
        ({"overrides": [override(1, area=AREA, value="ten")]}, "不是“安全承诺公告截止时间”的单位"),
        ({"overrides": [override(1, area=AREA, until=date(2026, 1, 1))]}, "until 早于 since"),
        ({"overrides": [override(1, area=AREA), override(2, area=AREA)]}, "时间重叠"),
        ({"overrides": [override(1, area=AREA), override(2, area=AREA, since=NEXT)]}, "时间重叠"),
        ({"overrides": [override(1, area=AREA, reason="因" * 501)]}, "reason"),
        ({"overrides": [override(1, area=AREA), override(1, enterprise=COMPANY)]}, "O1 重复"),
        ({"overrides": [override(1, area=AREA, author="")]}, "author"),
        ({"overrides": [UNSIGNED]}, "document"),
        ({"exemptions": [exemption(rules=["no_such"])]}, "no_such 不存在"),
        ({"exemptions": [exemption(rules=[])]}, "rules"),
        ({"exemptions": [exemption(code="because")]}, "because"),
        ({"suppressions": [suppression(until=None)]}, "until"),
        ({"suppressions": [suppression(rule=PROMISE)]}, "不得暂不处置"),
        ({"suppressions": [suppression(rule="gas_is_within_limit")]}, "不得暂不处置"),
        ({"suppressions": [suppression(rule="no_such")]}, "no_such 不存在"),
        ({"suppressions": [suppression(typo=1)]}, "typo"),
        ({"rules": {"no_such": {"since": DAY, "source": "x", "may_be_suppressed": True}}}, "no_such"),
        ({"rules": {VIDEO: {"since": DAY}}}, "source"),
        ({"limits": {"commitment_deadline": {"title": "截止", "unit": "time"}}}, "values"),
        ({"limits": {"commitment_deadline": []}}, "规定值的条目不可用"),
        ({"limits": {"comitment_deadline": {}}}, "comitment_deadline 不存在。是否应为 commitment_deadline"),
        ({"limits": {"no_such_thing_here": {}}}, "no_such_thing_here 不存在。名称见"),
        ({"verdicts": []}, "只能有这些部分"),
    ],
)  # fmt: skip
def test_what_cannot_be_meant_is_refused_by_name(tmp_path: Path, sections: dict[str, Any], says: str) -> None:
    with pytest.raises(ConfigurationError, match=says):
        rulebook_on(DAY, [written(tmp_path, **sections)])


def test_one_file_may_hold_everything(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        limits={},
        rules={},
        overrides=[override(1, area=AREA, author="张")],
        exemptions=[exemption()],
        suppressions=[suppression()],
    )
    assert [one.id for one in rulebook_on(DAY, [path]).decisions] == ["O1", "E1", "S1"]


def test_a_file_that_is_no_rulebook_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_bytes(b"\xff\xfe")
    for path in (tmp_path / "x.yaml", tmp_path / "absent.yaml", tmp_path):
        with pytest.raises(ConfigurationError, match="读不了规则文件"):
            rulebook_on(DAY, [path])
    (tmp_path / "empty.yaml").write_text("", encoding="utf-8")
    assert rulebook_on(DAY, [tmp_path / "empty.yaml"]).document == RULEBOOK.document


def judged(tmp_path: Path, day: date = DAY, **sections: Any) -> judging.Judged:
    silent = replace(good(COMPANY), day=day, commitments=(), cameras={})
    return judging.judge([silent], as_of=AS_OF, rulebook=rulebook_on(day, [written(tmp_path, **sections)]))


def outcome(judged: judging.Judged, rule: str) -> tuple[str, str]:
    [entry] = [one for one in judged.judgement.ledger if one.rule == rule]
    return entry.outcome, entry.reason.text if entry.reason else ""


def test_an_exemption_takes_its_rules_off_and_says_by_which_paper(tmp_path: Path) -> None:
    assert outcome(judged(tmp_path), PROMISE)[0] == "fail"
    found = judged(tmp_path, exemptions=[exemption()])
    said, text = outcome(found, PROMISE)
    assert said == "not_applicable" and "停产" in text and "通知第3号" in text and "E1" in text
    assert outcome(found, VIDEO)[0] == "fail"
    assert len(found.judgement.ledger) == len(RULES)


@pytest.mark.parametrize(("enterprise", "until"), [("320600002", None), (COMPANY, DAY - timedelta(days=1))])
def test_an_exemption_of_somebody_else_or_until_yesterday_is_none(
    tmp_path: Path, enterprise: str, until: date | None
) -> None:
    given = exemption(enterprise=enterprise, since=date(2026, 1, 1), until=until)
    assert outcome(judged(tmp_path, exemptions=[given]), PROMISE)[0] == "fail"


def test_a_suppressed_finding_stays_with_its_severity_and_names_its_decision(tmp_path: Path) -> None:
    plain = [one for one in judged(tmp_path).judgement.findings if one.rule == VIDEO]
    found = judged(tmp_path, suppressions=[suppression()])
    resting = [one for one in found.judgement.findings if one.rule == VIDEO]
    assert [replace(one, suppressed=None) for one in resting] == plain != []
    assert all(one.suppressed and one.suppressed["id"] == "S1" for one in resting)
    assert outcome(found, VIDEO)[0] == "fail"
    assert judging.judgement_of(judging.document(found.judgement)).findings == found.judgement.findings


@pytest.mark.parametrize(
    "said",
    [
        {"until": DAY - timedelta(days=1), "since": date(2026, 1, 1)},
        {"enterprise": "320600002"},
        {"mismatch": "another_class"},
        {"subject": "camera:another"},
        {"rule": "sources_are_registered"},
    ],
    ids=["lapsed at midnight", "another enterprise", "another class", "another subject", "another rule"],
)
def test_a_finding_outside_the_scope_of_a_suppression_does_not_rest(
    tmp_path: Path, said: dict[str, Any]
) -> None:
    found = judged(tmp_path, suppressions=[suppression(**said)])
    assert all(one.suppressed is None for one in found.judgement.findings if one.rule == VIDEO)


def test_a_decision_is_announced_a_week_before_it_lapses(tmp_path: Path) -> None:
    for days, told in ((7, 1), (8, 0), (0, 1)):
        path = written(tmp_path, suppressions=[suppression(until=DAY + timedelta(days=days))])
        notices = rulebook_on(DAY, [path]).notices
        assert len(notices) == told and all("张三" in one for one in notices)


def test_the_id_changes_with_anything_that_is_in_force(tmp_path: Path) -> None:
    limit = RULEBOOK.limits["commitment_deadline"]
    others = [replace(limit, source="别处"), replace(limit, confirmed=False), replace(limit, until=NEXT)]
    changed = [
        replace(RULEBOOK.limits, in_force={**RULEBOOK.limits.in_force, limit.name: one}) for one in others
    ]
    books = [
        RULEBOOK,
        *(replace(RULEBOOK, limits=limits) for limits in changed),
        replace(RULEBOOK, rules=RULES[1:]),
        replace(RULEBOOK, rules=(replace(RULES[0], until=NEXT), *RULES[1:])),
        *(
            rulebook_on(DAY, [written(tmp_path, **sections)])
            for sections in (
                {"overrides": [override(1, area=AREA)]},
                {"exemptions": [exemption()]},
                {"suppressions": [suppression()]},
                {"suppressions": [suppression(author="李四")]},
            )
        ),
    ]
    assert len({book.document["id"] for book in books}) == len(books)
    ended = [written(tmp_path, exemptions=[exemption(since=date(2026, 1, 1), until=DAY - timedelta(days=1))])]
    assert rulebook_on(DAY, ended).document == RULEBOOK.document


def test_every_rule_is_listed_as_its_own_file_and_the_shipped_entry_say() -> None:
    entries = rules._shipped()
    assert [rules._rule(import_module(f"rdchem.rules.{rule.name}"), entries) for rule in RULES] == [*RULES]
    [first, *_] = RULES
    assert (first.name, first.title) == (
        "commitment_is_announced_by_deadline", "企业在规定时间前完成安全承诺公告",
    )  # fmt: skip
    assert first.basis.startswith("如东县") and "\n" not in first.basis


def test_a_title_ends_before_its_full_stop_and_the_basis_begins_at_the_first_word_of_it() -> None:
    module = ModuleType("rdchem.rules.new", "编号不为 X。\n\nText.\n\nBasis: 甲(Basis: 见\n乙)。\n")
    module.check = lambda _: Pass()  # type: ignore[attr-defined]
    entries = {"new": replace_entry(rules._shipped()[PROMISE], source="新方案")}
    rule = rules._rule(module, entries)
    assert (rule.name, rule.title, rule.basis) == ("new", "编号不为 X", "甲(Basis: 见 乙)。")
    assert (rule.since, rule.source) == (entries["new"].since, "新方案")


def test_entries_of_no_rule_are_named() -> None:
    entry = {"since": DAY, "source": "方案", "may_be_suppressed": False}
    with pytest.raises(ConfigurationError, match="没有名为 a、b 的规则"):
        rules_on(DAY, {"b": entry, "a": entry})
