"""What the schedule does around the morning, as commands of `rdchem`."""

from collections.abc import Callable
from typing import Annotated, Any, Final

import typer

from rdchem import arguments
from rdchem.calendar import local_text
from rdchem.day_commands import AsOf, Day, judged
from rdchem.terminal import say


def remind(day: Day, as_of: AsOf = "") -> None:
    """截止时间之前,列出尚未公告的企业并通知一次(默认时刻:规定的提醒时刻)。"""
    from rdchem import jobs, reminder

    the_day = arguments.day(day)
    moment = arguments.moment(day, as_of)[1] if as_of else reminder.reminder_as_of(the_day)
    jobs.catch_up(the_day, moment)
    said = reminder.remind(the_day, moment)
    say(f"{day} 截至 {local_text(moment)}:{said['not_announced']} 家企业尚未公告。")


def day_end(day: Day) -> None:
    """日终复核:以当日 24:00 为截至时刻再判一次,报告与 09:20 的判定相比有何变化,并通知一次。"""
    from rdchem import day_end as end
    from rdchem import jobs, report_jobs

    the_day = arguments.day(day)
    moment = end.day_end_as_of(the_day)
    arguments.refuse_the_future(moment)
    jobs.catch_up(the_day, moment)
    errors = judged(the_day, moment)
    report_jobs.report(the_day, moment)
    morning = jobs.morning_as_of(the_day)
    found = end.changes(the_day, morning, moment)
    end.tell_changes(the_day, morning, moment)
    say(f"{day}:台账变化 {found['squares']} 格,异常线索变化 {found['findings']} 项,见 {found['folder']}")
    if errors is not None:
        raise errors


def deliver_pending() -> None:
    """补发:已登记而未送达的通知(例如发送时被中断的)。"""
    from rdchem import report_jobs

    for result in report_jobs.deliver_pending()["channels"]:
        say(f"{result['title']} → {result['channel']}:{result['state']}")


def rollup(
    span: Annotated[str, typer.Argument(metavar="SPAN", help="一周(2026-W38)或一月(2026-09)")],
) -> None:
    """汇总一周或一月已保存的判定,写成通报草稿。"""
    from rdchem import rollup as summing

    done = summing.rollup(summing.span_of(span))
    missing = f",未判定 {len(done['missing'])} 天" if done["missing"] else ""
    say(f"{span}:判定 {done['days']} 天{missing},异常线索 {done['findings']} 项")
    say(f"通报草稿:rollup/{span}/bulletin.html")


COMMANDS: Final[tuple[Callable[..., Any], ...]] = (remind, day_end, deliver_pending, rollup)
