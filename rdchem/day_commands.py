"""The verbs of a business day, as commands of `rdchem`."""

import sys
from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import typer

from rdchem import arguments
from rdchem.calendar import exact_text, local_text
from rdchem.errors import InputError
from rdchem.terminal import SCREEN, say

Day = Annotated[str, typer.Argument(metavar="DAY", help="业务日,如 2026-09-15")]
AsOf = Annotated[str, typer.Option(help="截至时刻,如 09:21 或 2026-09-15T09:21:00+08:00;默认当日截止时刻后")]
Format = Annotated[str, typer.Option("--format", help="table 或 json")]


def check(day: Day, as_of: AsOf = "") -> None:
    """检查当日数据质量,保存全部不合格行和得分。"""
    from rdchem import jobs, quality_jobs

    the_day, moment = arguments.moment(day, as_of)
    with SCREEN.status("检查数据质量…"):
        jobs.catch_up(the_day, moment)
        found = quality_jobs.check(the_day, moment)
    grave = f",其中 {found['critical']} 处严重,所涉规则不作判定" if found["critical"] else ""
    say(f"{day} 截至 {local_text(moment)}:{found['failures']} 处数据质量问题{grave}。")


def judge(day: Day, as_of: AsOf = "", form: Format = "table") -> None:
    """判定一个业务日:每家企业、每条规则恰有一个结果。"""
    from rdchem import console, jobs

    show = {"table": console.verdict_text, "json": console.verdict_json}[arguments.form(form)]
    the_day, moment = arguments.moment(day, as_of)
    with SCREEN.status("判定中…"):
        jobs.catch_up(the_day, moment)
        errors = judged(the_day, moment)
    document = jobs.verdict(the_day, moment)
    sys.stdout.write(show(document))
    if errors is not None:
        raise errors


def diff(
    day: Day,
    as_of: Annotated[list[str], typer.Option(help="截至时刻,给两次:先一个,再一个", default_factory=list)],
    form: Format = "table",
) -> None:
    """比较同一业务日在两个截至时刻的判定:哪些变了,其间收到了什么。"""
    from rdchem import console, jobs

    show = {"table": console.difference_text, "json": console.difference_json}[arguments.form(form)]
    sys.stdout.write(show(jobs.compare(*arguments.two_moments(day, as_of))))


def reconcile(
    day: Day,
    as_of: AsOf = "",
    enterprise: Annotated[str, typer.Option(help="只看这家企业(企业编码)")] = "",
    form: Format = "table",
) -> None:
    """核对动火:申报的作业与作业票逐项并列,一致的、不符的、说不清的。"""
    from rdchem import console, report_jobs

    show = {"table": console.hot_work_text, "json": console.hot_work_json}[arguments.form(form)]
    the_day, moment = arguments.moment(day, as_of)
    sys.stdout.write(show(report_jobs.reconcile(the_day, moment, enterprise)))


def whatif(
    rulebook: Annotated[
        Path, typer.Option(help="拟采用的规则文件(格式同 RDCHEM_RULEBOOK_FILE),加在现行的之上")
    ],
    first: Annotated[str, typer.Option("--from", help="第一个业务日")],
    last: Annotated[str, typer.Option("--to", help="最后一个业务日")],
    form: Format = "table",
) -> None:
    """试算:现行规则与拟采用的规则各判一遍已存的历史,列出结果不同的企业与日期;什么也不保存。"""
    from rdchem import console
    from rdchem.whatif import whatif as compared

    show = {"table": console.whatif_text, "json": console.whatif_json}[arguments.form(form)]
    days = arguments.day(first), arguments.day(last)
    if days[0] > days[1]:
        raise InputError(f"第一个业务日 {first} 应不晚于最后一个 {last}。")
    with SCREEN.status("试算中…") as status:
        found = compared(rulebook, *days, on_day=lambda day: status.update(f"试算中… {day}"))
    sys.stdout.write(show(found))


def rulebook(
    at: Annotated[str, typer.Option(help="写出此时刻判定所用的规则文件;默认列出历次")] = "",
    out: Annotated[Path | None, typer.Option(help="写到此文件;默认标准输出")] = None,
) -> None:
    """列出历次判定所用的规则文件(随判定记入日志),或写出某一时刻的那一份,供复判。"""
    from rdchem.adopted import adopted, adopted_at
    from rdchem.settings import Settings

    settings = Settings()
    if not at:
        for one in adopted(settings):
            what = f"{one.digest}({len(one.content)} 字节)" if one.content else "不用规则文件,按出厂规则"
            sys.stdout.write(f"{exact_text(one.since)} 起:{what}\n")
        return
    found = adopted_at(settings, arguments.instant(at, None))
    if out is None:
        sys.stdout.buffer.write(found.content)
        return
    out.write_bytes(found.content)
    say(f"{exact_text(found.since)} 起采用的规则文件已写到 {out}。复判时请用 RDCHEM_RULEBOOK_FILE 指明它。")


def report(day: Day, as_of: AsOf = "") -> None:
    """生成异常报告(exceptions.html、exceptions.xlsx、verdict.json)。"""
    from rdchem import report_jobs

    folder = report_jobs.report(*arguments.moment(day, as_of))["folder"]
    say(f"报告已写到 {folder}")


def deliver(day: Day, as_of: AsOf = "") -> None:
    """把报告送给通知渠道;已送达的不重发。"""
    from rdchem import report_jobs

    for result in report_jobs.deliver(*arguments.moment(day, as_of))["channels"]:
        say(f"{result['channel']}:{result['state']}")


def explain(finding: Annotated[str, typer.Argument(help="异常编号或其开头,如 F-0123")]) -> None:
    """从一项异常回到它所依据的原始报文。"""
    from rdchem import console
    from rdchem.explain import explain as explanations
    from rdchem.home import Home

    for explanation in explanations(Home.open(), finding):
        sys.stdout.write(console.explanation_text(explanation))


def judged(day: date, as_of: datetime) -> ExceptionGroup[Exception] | None:
    """Judge; our own failures come back, to be told after the verdict that stands without them."""
    from rdchem import jobs

    try:
        jobs.judge(day, as_of)
    except ExceptionGroup as errors:
        return errors
    return None
