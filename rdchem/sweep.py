"""The verb `sweep`: what fell silent and what returned since the last one, without repeating itself.

Between two verdicts of the day somebody must watch. A sweep reads only what was received since the last one
(and an overlap, for what a listener was still writing down then), takes it into what it remembers of each
enterprise (`rdchem.watch`), and judges anew, by the same `liveness` as a verdict, only those whose state can
have changed. Changes are recorded in the transaction that moves the watermark on, then told:
recorded before they are sent, marked after; what could not be sent is tried again in the next sweep.
Sweeping twice as of one instant changes nothing. What a file import or a `receive` brings in with an instant
of receipt before the last sweep is not seen by sweeps; verdicts see it.
"""

import fcntl
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import msgspec
from sqlalchemy import Connection

from rdchem import calendar
from rdchem.day_facts import refuse_an_empty_register
from rdchem.enterprise_day import DayFacts, enterprise_days
from rdchem.home import Home
from rdchem.intake import project_all
from rdchem.known import STANDING
from rdchem.limits import Limits
from rdchem.model.day import EnterpriseDay
from rdchem.model.outage import Outage, StateChange
from rdchem.model.source import SourceKind
from rdchem.outage_text import sentence
from rdchem.outages import Flapping, changes, own_outages, silent_causes, source_states
from rdchem.rulebook import rulebook_on
from rdchem.store import intake, sweeps
from rdchem.sweep_heard import Heard, hear, minutes_text
from rdchem.sweep_told import tell
from rdchem.watch import Watch

_MINUTE: Final = timedelta(minutes=1)


@dataclass
class _Swept:
    """What a sweep came to, before it is kept."""

    watches: dict[str, tuple[str, datetime | None, str]] = field(default_factory=dict)
    changes: list[tuple[StateChange, str]] = field(default_factory=list)
    examined: int = 0


def sweep(as_of: datetime | None = None) -> dict[str, Any]:
    """Sweep as of an instant (default: now) and tell people what changed.

    Returns `{"as_of", "since", "files", "heard", "examined", "changes": [{"kind", "enterprise", "subject",
    "sources", "told", "text"}], "channels"}`. Raises NotReadyError if nothing is known of any enterprise.
    """
    home = Home.open()
    try:
        return sweep_home(home, as_of or datetime.now(UTC))
    finally:
        home.engine.dispose()


def sweep_home(home: Home, moment: datetime) -> dict[str, Any]:
    """The same of an installation whose database is open."""
    with _sweeping_alone(home):
        project_all(home.settings, home.engine)
        with home.engine.begin() as connection:
            last = sweeps.last_sweep(connection)
            if last is None or last["as_of"] < moment:
                counts = _sweep(connection, home, moment, last)
            else:
                counts = {"files": 0, "heard_enterprises": 0, "examined": 0, "changes": 0}
        with home.engine.connect() as connection:
            since = last["as_of"] if last else None
            rows = sweeps.changes_since(connection, since or moment - _MINUTE, moment)
        channels = tell(home, moment)
    told = [
        {
            "kind": row["kind"],
            "enterprise": row["company_code"],
            "subject": f"{row['cause']}:{row['code']}",
            "sources": row["sources"],
            "told": row["told"],
            "text": row["text"],
        }
        for row in rows
    ]
    return {
        "as_of": moment.isoformat(),
        "since": since.isoformat() if since else None,
        **counts,
        "changes": told,
        "channels": channels,
    }


@contextmanager
def _sweeping_alone(home: Home) -> Iterator[None]:
    with (home.settings.home / ".sweep.lock").open("ab") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _sweep(
    connection: Connection, home: Home, as_of: datetime, last: Mapping[Any, Any] | None
) -> dict[str, int]:
    day = calendar.business_day(as_of)
    limits = rulebook_on(day, home.settings.rulebook_files).limits
    heard = hear(connection, home, as_of, last, limits)
    known, swept = _examined(connection, as_of, limits, heard)
    sweeps.replace_watches(connection, swept.watches)
    sweeps.put_changes(connection, as_of, swept.changes)
    counts = {
        "files": heard.files,
        "heard_enterprises": len(heard.sensors.keys() | heard.cameras.keys()),
        "examined": swept.examined,
        "changes": len(swept.changes),
    }
    if last is None:
        refuse_an_empty_register(known, as_of)
    sweeps.add_sweep(connection, as_of, msgspec.json.encode(minutes_text(heard.minutes)).decode(), **counts)
    return counts


def _examined(
    connection: Connection, as_of: datetime, limits: Limits, heard: Heard
) -> tuple[DayFacts, _Swept]:
    """Take in what was heard; judge those anew whose state can have changed."""
    flapping, swept = Flapping.of(limits), _Swept()
    rows, strangers = _rows(connection, heard)
    watches = {code: msgspec.json.decode(body, type=Watch) for code, (_, body) in rows.items()}
    due = sweeps.due(connection, as_of) | sweeps.unsettled(connection, as_of - flapping.within) - {""}
    touched = due | heard.spoke
    for code, watch in watches.items():
        for own in {code, rows[code][0]}:
            if watch.hear(heard.sensors.get(own, {}), heard.cameras.get(own, {})):
                touched.add(code)
    for code, (credit_code, body) in sweeps.watches(connection, touched - watches.keys()).items():
        rows[code], watches[code] = (credit_code, body), msgspec.json.decode(body, type=Watch)
    known = _facts(connection, as_of, limits, heard, rows, watches, touched, strangers)
    before = sweeps.outages(
        connection,
        ended_after=as_of - flapping.within,
        companies=[*(day.company_code for day in known.days), ""],
    )
    ours = changes(before.get("", []), own_outages(known.blind, as_of), as_of=as_of, flapping=flapping)
    swept.changes += [(one, sentence(one, "")) for one in ours]
    for day in known.days:
        watch = watches.setdefault(day.company_code, Watch())
        rows[day.company_code] = (day.register.enterprise.credit_code or "", "")
        aliases = {code for code, owner in known.aliases.items() if owner == day.company_code}
        for code in strangers & (aliases | {day.company_code}):
            watch.hear(heard.sensors.get(code, {}), heard.cameras.get(code, {}))
        swept.changes += _judged(day, watch, before.get(day.company_code, []), flapping)
    swept.examined = len(known.days)
    swept.watches = {
        code: (rows[code][0], watch.examine_at(), msgspec.json.encode(watch).decode())
        for code, watch in watches.items()
    }
    return known, swept


def _rows(connection: Connection, heard: Heard) -> tuple[dict[str, tuple[str, str]], set[str]]:
    """What is remembered of those heard, and the codes under which nobody is known yet."""
    codes = heard.sensors.keys() | heard.cameras.keys()
    rows = sweeps.watches(connection, codes)
    unknown = codes - rows.keys()
    owners = sweeps.owners(connection, unknown)
    rows |= sweeps.watches(connection, owners.values())
    return rows, unknown - owners.keys()


def _facts(
    connection: Connection,
    as_of: datetime,
    limits: Limits,
    heard: Heard,
    rows: Mapping[str, tuple[str, str]],
    watches: Mapping[str, Watch],
    touched: set[str],
    strangers: set[str],
) -> DayFacts:
    """The days of those to be judged anew, as a verdict would know them."""
    start = as_of - limits.duration("reading_lookback")
    codes = touched | strangers | {rows[code][0] for code in touched if code in rows}
    stated = [
        one
        for some in (sorted(codes)[at : at + 500] for at in range(0, len(codes), 500))
        for one in intake.standing(connection, STANDING, as_of=as_of, companies=some)
    ]
    events = intake.messages(connection, ["listener_event"], as_of=as_of, since=start)
    readings = {
        code: {one: word.seen for one, word in watches[code].sensors.items()}
        for code in touched
        if code in watches
    }
    readings |= {
        code: dict(heard.sensors.get(code, {})) for code in (strangers | heard.spoke) - watches.keys()
    }
    return enterprise_days(
        calendar.business_day(as_of),
        as_of,
        limits,
        [*stated, *events],
        readings,
        start=start,
        loaded=intake.loaded(connection, as_of),
        heard=heard.minutes,
        known_since=intake.first_registered(connection, as_of=as_of, companies=sorted(touched)),
    )


def _judged(
    day: EnterpriseDay, watch: Watch, before: Sequence[Outage], flapping: Flapping
) -> list[tuple[StateChange, str]]:
    """One enterprise anew: what changed, in words; the watch remembers what it came to."""
    sources = day.register.sources
    cameras = {
        code: seen
        for code, seen in watch.cameras_seen().items()
        if code in sources and sources[code].kind is SourceKind.CAMERA
    }
    day = replace(day, cameras=cameras)
    live = source_states(day)
    standing = [one for one in before if one.until is None]
    found = changes(before, silent_causes(day, live, standing), as_of=day.as_of, flapping=flapping)
    watch.examined(day, live)
    return [(one, sentence(one, day.register.enterprise.name)) for one in found]
