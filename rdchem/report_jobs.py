"""The verbs after the verdict: reconcile, report, deliver; to be repeated at will like those of `jobs`."""

from datetime import UTC, date, datetime
from typing import Any

from rdchem import calendar, notify
from rdchem import judge as judging
from rdchem.errors import InputError, NotReadyError
from rdchem.intake import project_all
from rdchem.jobs import Home, facts, refuse_an_empty_register, verdict
from rdchem.reports import exceptions, html, workbook
from rdchem.reports.hot_work import HotWorkLine, hot_work_lines
from rdchem.store import quality, quarantine, verdicts


def reconcile(day: date, as_of: datetime, company_code: str = "") -> list[HotWorkLine]:
    """Declared hot work beside permits, of all enterprises or one; nothing is stored.

    Raises InputError if there is no such enterprise in the register.
    """
    home = Home.open()
    project_all(home.settings, home.engine)
    known = facts(home, day, as_of)
    refuse_an_empty_register(known, as_of)
    asked = [one for one in known.days if company_code in ("", one.company_code)]
    if not asked:
        raise InputError(f"登记中没有编码为 {company_code} 的企业。请核对编码,或先接入登记信息。")
    return hot_work_lines(asked)


def report(day: date, as_of: datetime) -> dict[str, Any]:
    """The exception report as page, workbook and JSON, from the stored verdict."""
    home = Home.open()
    built, document = _report(home, day, as_of)
    folder = home.out(day)
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in (
        ("exceptions.html", html.render(built)),
        ("exceptions.xlsx", workbook.write(built)),
        ("verdict.json", verdicts.encode(document).encode() + b"\n"),
    ):
        draft = folder / f".{name}.part"
        draft.write_bytes(content)
        draft.rename(folder / name)
    return {"folder": str(folder)}


def deliver(day: date, as_of: datetime) -> dict[str, Any]:
    """Hand the report to the notifiers, each once: recorded before it is sent, marked after."""
    home = Home.open()
    built, document = _report(home, day, as_of)
    body = notify.summary_text(built)
    title = f"{day} 异常报告"
    content = verdicts.digest(verdicts.encode(document))
    results: list[dict[str, str | None]] = []
    for channel in ["file", *home.settings.notify_urls]:
        key = verdicts.digest(f"{channel}|{day}|{content}")
        name = channel if channel == "file" else notify.redacted(channel)
        now = datetime.now(UTC)
        with home.engine.begin() as connection:
            due = verdicts.open_notification(connection, key, day=day, channel=name, title=title, now=now)
        if not due:
            results.append({"channel": name, "state": "already_sent"})
            continue
        error = _send(home, day, channel, title, body)
        with home.engine.begin() as connection:
            verdicts.close_notification(connection, key, now=datetime.now(UTC), error=error)
        results.append({"channel": name, "state": "failed" if error else "sent", "error": error})
    failed = [str(result["channel"]) for result in results if result["state"] == "failed"]
    if failed:
        raise NotReadyError(f"未能送达:{'、'.join(failed)}。请检查 RDCHEM_NOTIFY_URLS 和网络后重跑 deliver。")
    return {"channels": results}


def _send(home: Home, day: date, channel: str, title: str, body: str) -> str | None:
    if channel == "file":
        notify.write_file(home.out(day), title, body)
        return None
    [result] = notify.send([channel], title, body, [home.out(day) / "exceptions.xlsx"])
    return result.error


def _report(home: Home, day: date, as_of: datetime) -> tuple[exceptions.ExceptionReport, dict[str, Any]]:
    document = verdict(day, as_of)
    with home.engine.connect() as connection:
        checked = quality.checked(connection, day, as_of)
        start, _ = calendar.day_bounds(day)
        rows = quarantine.quarantined(connection, since=start, as_of=as_of)
    lines = [
        exceptions.QuarantineLine(
            row["received_at"], row["origin"], row["code"], row["reason"], row["journal_id"]
        )
        for row in rows
    ]
    known = facts(home, day, as_of)
    return exceptions.build(judging.judgement_of(document), known.days, checked, lines), document
