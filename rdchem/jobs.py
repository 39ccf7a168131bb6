"""The verbs of the day: catch_up, check, judge, compare, report, deliver. Each reads, decides, writes.

Every job is a function of (day, as_of) and of what the journal held by then, may be repeated at will, and
returns a small summary. Airflow decides when they run; nothing here knows of Airflow.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Engine

from rdchem import calendar, notify
from rdchem import judge as judging
from rdchem.calendar import local_text
from rdchem.difference import Difference, difference
from rdchem.enterprise_day import DayFacts, enterprise_days, notes
from rdchem.errors import NotReadyError
from rdchem.intake import project_all
from rdchem.limits import limits_on
from rdchem.reports import exceptions, html, workbook
from rdchem.settings import Settings
from rdchem.store import intake, verdicts
from rdchem.store.connection import open_database
from rdchem.store.readings import heard_by_minute, last_readings

_PATIENCE: Final = timedelta(seconds=20)
"""How long after the as-of instant we wait for the listener to say that it got there."""

_EVER: Final = datetime.fromtimestamp(0, UTC)
_UNTIL_NOW: Final = ("register", "gateway_presence", "offline_declaration", "out_of_service")
_OF_THE_DAY: Final = ("commitment", "declared_work", "hot_work_permit")


@dataclass(frozen=True, slots=True)
class Home:
    """Settings with their open database."""

    settings: Settings
    engine: Engine

    @classmethod
    def open(cls) -> "Home":
        """The installation the environment names."""
        settings = Settings()
        settings.home.mkdir(parents=True, exist_ok=True)
        return cls(settings, open_database(settings.url))

    def out(self, day: date) -> Path:
        """Folder of a day's reports."""
        return self.settings.out_path / day.isoformat()


def morning_as_of(day: date) -> datetime:
    """The instant the morning's verdict speaks of: the deadline and the time left for data under way."""
    limits = limits_on(day, Settings().limits_file)
    return calendar.deadline(day, limits) + limits.duration("judging_delay")


def catch_up(day: date, as_of: datetime) -> dict[str, Any]:
    """Wait until the as-of instant, then until everything received by then is projected.

    If the listener does not get there within a little patience we go on: what it missed is a blind interval
    and judged as such. Raises NotReadyError if nothing is known of any enterprise.
    """
    home = Home.open()
    while (left := (as_of - datetime.now(UTC)).total_seconds()) > 0:
        time.sleep(min(left, 1.0))
    while True:
        projected = project_all(home.settings, home.engine)
        with home.engine.connect() as connection:
            reached = intake.intake_reached(connection)
        if (reached and reached >= as_of) or datetime.now(UTC) >= as_of + _PATIENCE:
            break
        time.sleep(0.5)
    _refuse_an_empty_register(facts(home, day, as_of), as_of)
    return {"segments": projected, "reached": reached.isoformat() if reached else None}


def _refuse_an_empty_register(known: DayFacts, as_of: datetime) -> None:
    if not known.days:
        raise NotReadyError(
            f"截至 {local_text(as_of)} 没有任何企业登记。"
            "请先接入登记信息(rdchem ingest,或 rdchem load 企业登记表);"
            "此后才收到的,请用 --as-of 给出更晚的时刻。"
        )


def facts(home: Home, day: date, as_of: datetime) -> DayFacts:
    """All that was known of a day as of an instant."""
    limits = limits_on(day, home.settings.limits_file)
    start, end = calendar.day_bounds(day)
    since = min(start, as_of - limits.duration("reading_lookback"))
    with home.engine.connect() as connection:
        known = intake.messages(connection, _UNTIL_NOW, as_of=as_of)
        known += intake.messages(connection, ("camera_status", "listener_event"), as_of=as_of, since=since)
        known += intake.messages_applying(connection, _OF_THE_DAY, start=start, end=end, as_of=as_of)
        files = intake.readings_files(connection, since, as_of)
        loaded = intake.loaded(connection, as_of)
    paths = [home.settings.readings_path / name for name in files]
    readings = last_readings(paths, since=since, as_of=as_of)
    heard = heard_by_minute(paths, since=since, as_of=as_of)
    return enterprise_days(day, as_of, limits, known, readings, start=since, loaded=loaded, heard=heard)


def check(day: date, as_of: datetime) -> dict[str, Any]:
    """Data quality of the day's facts; offending rows are kept with the day."""
    from rdchem import quality  # imports Great Expectations, seconds
    from rdchem.facts import frames

    home = Home.open()
    failures = quality.check(frames(facts(home, day, as_of).days), day)
    with home.engine.begin() as connection:
        verdicts.replace_quality(connection, day, as_of, failures)
    return {"failures": len(failures)}


def judge(day: date, as_of: datetime) -> dict[str, Any]:
    """The verdict. It is kept whole before a rule's own failure is raised, so one bug hides nothing."""
    home = Home.open()
    known, judged = _judged(home, day, as_of)
    document = judging.document(judged.judgement)
    with home.engine.begin() as connection:
        added = verdicts.replace_judgement(connection, day, as_of, document)
    if judged.errors:
        raise ExceptionGroup(f"{len(judged.errors)} 处计算出错,判定已保存,相关项记为未评估", judged.errors)
    outcomes = [entry.outcome for entry in judged.judgement.ledger]
    return {
        "enterprises": len(known.days),
        "squares": len(outcomes),
        **{name: outcomes.count(name) for name in ("pass", "fail", "not_evaluated", "not_applicable")},
        "findings": len(judged.judgement.findings),
        "new_versions": added,
    }


def compare(day: date, earlier: datetime, later: datetime) -> Difference:
    """What the verdict of a day says as of `later` that it did not say as of `earlier`; nothing is stored."""
    home = Home.open()
    project_all(home.settings, home.engine)
    (_, before), (known, after) = _judged(home, day, earlier), _judged(home, day, later)
    if not known.days:
        raise NotReadyError(f"截至 {local_text(later)} 没有任何企业登记,无从比较。")
    if errors := before.errors + after.errors:
        raise ExceptionGroup(f"{len(errors)} 处计算出错,无法比较", errors)
    with home.engine.connect() as connection:
        arrivals = intake.arrivals(connection, calendar.day_bounds(day), after=earlier, until=later)
    return difference(before.judgement, after.judgement, arrivals)


def verdict(day: date, as_of: datetime) -> dict[str, Any]:
    """The stored verdict document. Raises NotReadyError if the day was not judged as of that instant."""
    with Home.open().engine.connect() as connection:
        document = verdicts.judgement(connection, day, as_of)
    if document is None:
        raise NotReadyError(f"{day} 截至 {local_text(as_of)} 尚未判定。请先运行 rdchem judge {day}。")
    return document


def quarantined(day: date | None) -> Sequence[Mapping[Any, Any]]:
    """What is kept aside, oldest first: all of it, or what was received on one day."""
    home = Home.open()
    project_all(home.settings, home.engine)
    start, end = calendar.day_bounds(day) if day else (_EVER, datetime.now(UTC))
    with home.engine.connect() as connection:
        return intake.quarantined(connection, since=start, as_of=end)


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


def _judged(home: Home, day: date, as_of: datetime) -> tuple[DayFacts, judging.Judged]:
    known = facts(home, day, as_of)
    _refuse_an_empty_register(known, as_of)
    limits = limits_on(day, home.settings.limits_file)
    return known, judging.judge(known.days, day=day, as_of=as_of, limits=limits, notes=notes(known))


def _send(home: Home, day: date, channel: str, title: str, body: str) -> str | None:
    if channel == "file":
        notify.write_file(home.out(day), title, body)
        return None
    [result] = notify.send([channel], title, body, [home.out(day) / "exceptions.xlsx"])
    return result.error


def _report(home: Home, day: date, as_of: datetime) -> tuple[exceptions.ExceptionReport, dict[str, Any]]:
    document = verdict(day, as_of)
    with home.engine.connect() as connection:
        failures = verdicts.quality(connection, day, as_of)
        start, _ = calendar.day_bounds(day)
        rows = intake.quarantined(connection, since=start, as_of=as_of)
    lines = [
        exceptions.QuarantineLine(
            row["received_at"], row["origin"], row["code"], row["reason"], row["journal_id"]
        )
        for row in rows
    ]
    known = facts(home, day, as_of)
    return exceptions.build(judging.judgement_of(document), known.days, failures, lines), document
