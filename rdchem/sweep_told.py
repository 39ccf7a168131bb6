"""What sweeps found is told: recorded before it is sent, marked after, each thing once on each channel."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

from rdchem import calendar, notify
from rdchem.home import Home
from rdchem.store import sweeps, verdicts


def tell(home: Home, as_of: datetime) -> list[dict[str, str | None]]:
    """Tell what is to be told of the last day's sweeps, sweep by sweep, each once on each channel."""
    day = calendar.business_day(as_of)
    with home.engine.connect() as connection:
        rows = sweeps.changes_since(connection, as_of - timedelta(days=1), as_of)
    batches: dict[datetime, list[str]] = {}
    for row in rows:
        if row["told"]:
            batches.setdefault(row["as_of"], []).append(row["text"])
    results = []
    for at, lines in batches.items():
        title = f"在线情况变化(截至 {calendar.local_text(at)})"
        for channel in ["file", *home.settings.notify_urls]:
            results.append(_send(home, day, at, channel, title, lines))
    return [one for one in results if one["state"] != "already_sent"]


def _send(
    home: Home, day: date, at: datetime, channel: str, title: str, lines: Sequence[str]
) -> dict[str, str | None]:
    body = notify.changes_text(lines)
    key = verdicts.digest(f"{channel}|sweep|{at.isoformat()}|{body}")
    name = channel if channel == "file" else notify.redacted(channel)
    with home.engine.begin() as connection:
        due = verdicts.open_notification(
            connection, key, day=day, channel=name, title=title, now=datetime.now(UTC)
        )
    if not due:
        return {"channel": name, "state": "already_sent", "error": None}
    if channel == "file":
        notify.append_file(home.out(day), title, body)
        error = None
    else:
        [result] = notify.send([channel], title, body, [])
        error = result.error
    with home.engine.begin() as connection:
        verdicts.close_notification(connection, key, now=datetime.now(UTC), error=error)
    return {"channel": name, "state": "failed" if error else "sent", "error": error}
