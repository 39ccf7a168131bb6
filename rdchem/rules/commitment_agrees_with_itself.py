"""安全承诺公告自身内容一致。

Inside one announcement: units = running + stopped + overhaul; each yes/no flag agrees with its count; and
nobody promises that all is safe while answering that the hazards are not, or that a major hidden danger
exists. What was not filled in cannot contradict: it is reported as not evaluated, never read as 0.

Basis: 应急〔2018〕74号 安全承诺公告内容;如东县应急管理局2022年工作方案 数据质量要求。
"""

from rdchem.declared import NO_ANNOUNCEMENT, announcement
from rdchem.model.commitment import SafetyCommitment
from rdchem.model.day import EnterpriseDay
from rdchem.model.outcome import Fail, NotEvaluated, Outcome, Pass, Reason, Severity, Subject, Verdict


def check(day: EnterpriseDay) -> Outcome:
    """Pass, or unit_sum · flag_count (one a flag) · contradictory_promise."""
    current = announcement(day)
    if current is None:
        return NotEvaluated(NO_ANNOUNCEMENT)
    found: list[Verdict] = []
    missing: list[str] = []
    subject = Subject("commitment", day.day.isoformat())
    journal = [current.journal_id]
    _check_units(current.message, subject, journal, found, missing)
    _check_flags(current.message, journal, found, missing)
    _check_promise(current.message, subject, journal, found)
    unfilled = Reason("data_insufficient", f"未填写,无法核对:{'、'.join(missing)}")
    if found:
        return Fail(tuple(found), (unfilled,) if missing else ())
    return NotEvaluated(unfilled) if missing else Pass()


def _check_units(
    said: SafetyCommitment, subject: Subject, journal: list[str], found: list[Verdict], missing: list[str]
) -> None:
    units = said.units
    if units.total is None or units.running is None or units.stopped is None or units.overhaul is None:
        missing.append("装置套数")
        return
    parts = units.running + units.stopped + units.overhaul
    if parts != units.total:
        text = (
            f"装置套数不符:共 {units.total} 套,而运行 {units.running} + 停产 {units.stopped} + "
            f"检修 {units.overhaul} = {parts} 套"
        )
        evidence = {
            "expected": units.total,
            "actual": parts,
            "difference": parts - units.total,
            "journal": journal,
        }
        found.append(Verdict("unit_sum", subject, Severity.LOW, text, evidence))


def _check_flags(
    said: SafetyCommitment, journal: list[str], found: list[Verdict], missing: list[str]
) -> None:
    units, flags = said.units, said.flags
    moving = None if None in (units.starting, units.stopping) else _sum(units.starting, units.stopping)
    for name, title, flag, count in (
        ("starting_or_stopping", "是否处于开停车状态", flags.starting_or_stopping, moving),
        ("trial_production", "是否处于试生产", flags.trial_production, units.trial),
        ("has_contractor", "是否有承包商作业", flags.has_contractor, said.other_work.contractors),
    ):
        if flag is None or count is None:
            missing.append(title)
        elif flag != (count > 0):
            answer = "是" if flag else "否"
            text = f"“{title}”填“{answer}”,而对应数量为 {count}"
            evidence = {
                "expected": f"{title}:{answer}",
                "actual": count,
                "difference": "是/否与数量矛盾",
                "journal": journal,
            }
            found.append(Verdict("flag_count", Subject("flag", name), Severity.LOW, text, evidence))


def _check_promise(
    said: SafetyCommitment, subject: Subject, journal: list[str], found: list[Verdict]
) -> None:
    against = []
    if said.flags.hazards_are_safe is False:
        against.append("重大危险源是否处于安全状态:否")
    if said.flags.major_hidden_danger:
        against.append("存在重大隐患:是")
    if said.promise and against:
        text = f"承诺处于安全状态,同时填报“{';'.join(against)}”,相互矛盾"
        evidence = {
            "expected": "承诺处于安全状态",
            "actual": against,
            "difference": "承诺与填报矛盾",
            "journal": journal,
        }
        found.append(Verdict("contradictory_promise", subject, Severity.CONSIDERABLE, text, evidence))


def _sum(*counts: int | None) -> int:
    return sum(count or 0 for count in counts)
