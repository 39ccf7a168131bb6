"""The exception report as a value: all of the verdict and nothing else, and no number it does not know."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from typing import Any

import msgspec
import pytest

from rdchem import judge as judging
from rdchem.model.commitment import CommitmentFlags, HotWorkCounts, HotWorkGrade, OtherWorkCounts
from rdchem.model.course import Course
from rdchem.model.day import BlindInterval
from rdchem.model.outcome import Outcome, Severity
from rdchem.model.permit import TicketStatus
from rdchem.model.source import OfflineDeclaration
from rdchem.notify import summary_text
from rdchem.reports import exceptions
from rdchem.reports.labels import SPOT_CHECK_TYPES
from rdchem.reports.shown import shown
from rdchem.rules import RULES
from tests.days import AS_OF, EIGHT, RULEBOOK, camera, commitment, good, received, sensor, with_register
from tests.reporting import judged, sample

BLIND = BlindInterval(AS_OF - timedelta(hours=30), AS_OF, lossless=False, open=True)


def unknown_day(company: str = "320600001") -> Any:
    """A registered enterprise on a day on which we were blind all along."""
    return good(company, commitments=(), permits=(), readings={}, cameras={}, blind=(BLIND,))


def test_every_finding_is_there_once_with_both_values_and_the_worst_comes_first() -> None:
    found = sample()
    lines = [one for group in found.report.enterprises for one in group.exceptions]
    by_key = {finding.key: finding for finding in found.judgement.findings}
    assert Counter(one.key for one in lines) == Counter(list(by_key)) and len(lines) > 40
    for one in lines:
        finding = by_key[one.key]
        facts = {label: "、".join(values) for label, values in one.facts}
        for label, name in (("应为", "expected"), ("实为", "actual"), ("差异", "difference")):
            value = finding.evidence[name]
            text = "、".join(value) if isinstance(value, list) else str(value)
            assert facts.get(label) == (None if value is None else text)
        assert (one.message, one.basis) == (finding.message, finding.basis)
        assert list(one.journal) == finding.evidence["journal"]
    order = list(Severity)
    ranks = [(order.index(group.severity), group.company_code) for group in found.report.enterprises]
    assert ranks == sorted(ranks) and len({rank for rank, _ in ranks}) == 4


def test_within_an_enterprise_too_the_worst_comes_first() -> None:
    late = commitment("320600001", occurred_at=AS_OF - timedelta(seconds=30), items=[])
    [group] = judged(good(commitments=(received(late),))).enterprises
    assert [one.severity.value for one in group.exceptions] == ["major", "general", "general"]


def test_a_declared_silence_is_offline_but_counted_apart() -> None:
    head = {"id": "d1", "seq": 1, "occurred_at": EIGHT, "company_code": "320600001", "offline_at": EIGHT}
    why = {"offline_type": "检修", "offline_reason": "更换仪表", "plan_online_at": AS_OF + timedelta(hours=1)}
    declared = OfflineDeclaration(**head, **why, source_codes=["S2"])
    watched = with_register(
        good(declarations=(received(declared),)), [sensor("S1"), sensor("S2"), sensor("S3")]
    )
    said = judged(watched).heads.sources[0]
    assert (said.in_service, said.online, said.offline, said.declared) == (3, 1, 2, 1)
    assert said.rate.text == "33.3%"


def raw(kind: str) -> list[dict[str, Any]]:
    """What was sent of a kind by the cut-off and can be read, in the order of the senders' clocks."""
    found = sample()
    bad = {line.received_at.isoformat() + line.origin for line in found.report.quarantine}
    sent = [
        msgspec.json.decode(one.payload)
        for one in found.made.timeline()
        if one.topic.endswith(f"/{kind}")
        and one.at <= found.made.window.as_of
        and one.at.isoformat() + one.topic not in bad
    ]
    return sorted(sent, key=lambda one: (one["occurred_at"], one["seq"]))


def test_announcements_and_hot_work_are_those_counted_on_the_wire() -> None:
    heads, window = sample().report.heads, sample().made.window
    enterprises = {one["company_code"]: one["enterprise"] for one in raw("register") if one.get("enterprise")}
    due = {
        code for code, one in enterprises.items() if one.get("state", "operating") in ("operating", "trial")
    }
    newest = {one["company_code"]: one for one in raw("commitment")}
    standing = {code: one for code, one in newest.items() if one.get("state", "published") == "published"}
    overdue = {
        one.enterprise
        for one in sample().made.truth.findings
        if one.rule.startswith("commitment_is_announced")
    }
    said = heads.announcements
    assert (said.due, said.not_due) == (len(due), len(enterprises) - len(due))
    assert (said.announced.count, said.announced.silent) == (len(due & standing.keys()), 0)
    assert {one.company_code for one in said.overdue} == overdue
    assert (said.in_time, said.not_judged) == (len(due - overdue), 0)
    permits = {one["id"]: one for one in raw("hot_work_permit")}.values()
    day = window.day.isoformat()
    for head, grade in zip(heads.hot_work, HotWorkGrade, strict=True):
        assert head.places.count == sum(one["hot_work"][grade.value] for one in standing.values())
        assert head.places.silent == len(due - standing.keys())
        assert head.permits == sum(
            one["grade"] == grade.value
            and one["status"] != TicketStatus.DRAFT.value
            and not any(one.get(void) for void in ("cancelled", "deleted", "test"))
            and one["plan_start_at"] < f"{day}T16:00:00Z"
            and one["plan_end_at"] > f"{(window.day - timedelta(days=1)).isoformat()}T16:00:00Z"
            for one in permits
        )


def test_sources_add_up_and_agree_with_the_findings() -> None:
    found = sample()
    for head, rule in zip(
        found.report.heads.sources,
        ("major_hazard_sensors_are_online", "major_hazard_video_is_online"),
        strict=True,
    ):
        accused = {
            (finding.enterprise, code)
            for finding in found.judgement.findings
            if finding.rule == rule
            for code in finding.evidence["sources"]
        }
        kind = "sensor" if "sensors" in rule else "camera"
        registered = sum(
            source.kind == kind
            for day in found.days
            if day.register.enterprise.state in ("operating", "trial")
            for source in day.register.sources.values()
        )
        assert head.online + head.offline + head.not_judged == head.in_service
        assert head.in_service + head.out_of_service == registered
        assert head.offline - head.declared == len(accused) > 0
        assert head.not_judged == 0


def test_the_types_of_the_patrol_record_are_counted_and_an_unwatched_one_is_no_nought() -> None:
    types = dict(sample().report.types)
    assert list(types) == list(SPOT_CHECK_TYPES)
    assert types["预警等级高"] == types["近一周最高预警等级高"] == "本系统未监测"
    assert types["报警多(未销警)"] == 1
    assert types["未上报安全承诺"] == len(sample().report.heads.announcements.overdue) == 7
    assert sum(count for count in types.values() if isinstance(count, int)) == sample().report.exceptions


def test_squares_without_an_answer_are_grouped_and_none_is_lost() -> None:
    found = sample()
    for outcome, groups in (
        ("not_evaluated", found.report.not_evaluated),
        ("not_applicable", found.report.not_applicable),
    ):
        squares = [entry for entry in found.judgement.ledger if entry.outcome == outcome]
        named = Counter(
            (group.code, sentence.text, code, rule)
            for group in groups
            for sentence in group.sentences
            for code, _ in sentence.enterprises
            for rule in sentence.rules
        )
        titles = {rule.name: rule.title for rule in RULES}
        assert named == Counter(
            (entry.reason.code, entry.reason.text, entry.enterprise, titles[entry.rule])
            for entry in squares
            if entry.reason
        )
        assert sum(group.count for group in groups) == len(squares) > 0
        assert [group.count for group in groups] == sorted((group.count for group in groups), reverse=True)
    assert sum(sum(one.counts.values()) for one in found.report.coverage) == 100 * len(RULES)


def test_a_failed_square_that_left_something_open_says_so() -> None:
    said = commitment(
        "320600001", hot_work=HotWorkCounts(special=2, grade_1=1, grade_2=None), other_work=OtherWorkCounts()
    )
    report = judged(good(commitments=(received(said),)))
    [group] = report.partly
    assert group.count == 1 and "二级" in group.sentences[0].text
    assert report.heads.hot_work[2].places.text == "—"
    assert report.heads.with_work["受限空间"].text == "—"
    assert report.heads.with_work["动火"].text == "1"


@pytest.mark.parametrize(
    ("report", "headline"),
    [
        (judged(good()), "已评估项目未发现异常;5 项未评估"),
        (judged(unknown_day(), unknown_day("320600002")), "未能作出评估:28 项未评估"),
        (judged(), "没有任何企业登记,本日未作评估"),
    ],
    ids=["nothing wrong", "nothing known", "nobody registered"],
)
def test_the_verdict_line(report: exceptions.ExceptionReport, headline: str) -> None:
    assert report.headline == headline
    assert report.exceptions == 0 and not report.enterprises


def test_a_clean_day_is_called_clean_only_when_all_was_evaluated() -> None:
    said = commitment("320600001", other_work=OtherWorkCounts(contractors=0))
    units = msgspec.structs.replace(said.units, starting=0, stopping=0, trial=0)
    flags = CommitmentFlags(has_contractor=False, trial_production=False, starting_or_stopping=False)
    filled = msgspec.structs.replace(said, units=units, flags=flags)
    course = Course(500, EIGHT, AS_OF, ("j9",), timedelta(minutes=1), past=timedelta(days=4))
    whole = good(commitments=(received(filled),), courses={"S1": course}, pictured=frozenset({"C1"}))
    assert judged(whole).headline == "未发现异常;应评估项目均已评估"


def test_what_is_not_known_is_never_a_nought() -> None:
    report = judged(unknown_day(), unknown_day("320600002"))
    heads = report.heads
    assert {count for _, count in report.types} == {"—", "本系统未监测"}
    assert "应承诺 2 家:按时 —、未按时 —、未能判定 2" in summary_text(report)
    assert "传感器在线 —/2" in summary_text(report)
    said = heads.announcements
    assert (said.due, said.not_judged, said.rate.text, said.announced.text) == (2, 2, "—", "—")
    assert all(one.places.text == "—" and one.permits is None for one in heads.hot_work)
    for one in heads.sources:
        assert (one.not_judged, one.rate.text, one.shown(one.offline)) == (one.in_service, "—", "—")
    assert all(one.text == "—" for one in heads.with_work.values())


def test_before_the_deadline_the_rate_is_open() -> None:
    early = {"as_of": EIGHT + timedelta(minutes=30)}
    report = judged(good(**early), good("320600002", commitments=(), **early), as_of=early["as_of"])
    assert report.heads.announcements.rate.text == "50.0%~100.0%"
    assert report.heads.announcements.announced.note == "另 1 家未知"
    assert not report.heads.announcements.overdue


def test_a_rule_that_failed_leaves_its_sources_unjudged_and_the_report_whole() -> None:
    def broken(_: Any) -> Outcome:
        raise ZeroDivisionError

    watched = with_register(good(), [sensor("S1"), sensor("S2"), camera("C1")])
    rulebook = [replace(rule, check=broken) if "sensors" in rule.name else rule for rule in RULES]
    result = judging.judge([watched], as_of=AS_OF, rulebook=replace(RULEBOOK, rules=rulebook))
    report = exceptions.build(result.judgement, shown(result.judgement, [watched]), None, ())
    assert (report.heads.sources[0].not_judged, report.heads.sources[0].rate.text) == (2, "—")
    assert "本系统计算出错" in {group.label for group in report.not_evaluated}
    assert report.notes == ("数据质量检查未运行",)


def test_simulated_data_and_the_county_are_named() -> None:
    assert sample().report.simulated and sample().report.area == "如东县(320623)"
    assert not judged(good()).simulated
    assert judged(with_register(good(), [], area_code="320699")).area == "行政区划 320699"
