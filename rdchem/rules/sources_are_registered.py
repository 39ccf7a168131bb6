"""上传数据的点位均已登记。

A sensor or camera that sends but is not in the register is watched by nobody: no hazard, no thresholds, no
place. Either the register lags or a code is wrong.

Basis: 如东县应急管理局2022年工作方案 数据质量要求;危险化学品安全法第36条(监测监控信息接入)。
"""

from rdchem.calendar import local_text
from rdchem.model.day import EnterpriseDay
from rdchem.model.outcome import Fail, NotApplicable, Outcome, Pass, Reason, Severity, Subject, Verdict


def check(day: EnterpriseDay) -> Outcome:
    """Pass, or unregistered_source for each code that sends without being registered."""
    if not day.readings and not day.cameras and not day.strays:
        return NotApplicable(Reason("nothing_sent", "回看期内没有任何点位上传数据"))
    verdicts = []
    for code, seen in sorted(day.strays.items()):
        text = f"点位 {code} 有数据上传(最近 {local_text(seen.occurred_at)}),但未在登记中"
        evidence = {
            "expected": "已登记",
            "actual": "未登记",
            "difference": "登记中无此编码",
            "journal": [seen.journal_id],
        }
        subject = Subject("source", code)
        verdicts.append(Verdict("unregistered_source", subject, Severity.LOW, text, evidence))
    return Fail(tuple(verdicts)) if verdicts else Pass()
