"""Telling people something once: recorded before it is sent, marked after, and never lost in between.

A notice is recorded whole, for every channel at once, in one transaction; then each channel is tried. Killed
at any moment, what was recorded and not sent is sent by whoever delivers next (`deliver_pending`, which the
schedule does every few minutes). Only between a send and its mark nobody can know: such a notice is sent
again with a word that it may be the second, and mail keeps its Message-ID, so mailboxes show it once.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Final

from sqlalchemy import RowMapping

from rdchem import notify
from rdchem.errors import NotReadyError
from rdchem.home import Home
from rdchem.store import notifications
from rdchem.store.alone import alone
from rdchem.store.verdicts import digest

FILE: Final = "file"
_AGAIN: Final = "(上次发送中断、未能确认是否送达,本条可能重复)"


@dataclass(frozen=True, slots=True)
class Notice:
    """Something to tell about a day. `content` tells one from another: equal content is told once.

    `file` is where it is written, `attachments` go with it; both are paths below the folder of reports.
    """

    day: date
    title: str
    body: str
    content: str
    file: str
    attachments: tuple[str, ...] = ()


def deliver(home: Home, notice: Notice) -> list[dict[str, str | None]]:
    """Tell it on every channel that was not told yet. Raises NotReadyError if one could not be."""
    keys = {_key(channel, notice): channel for channel in (FILE, *home.settings.notify_urls)}
    now = datetime.now(UTC)
    with alone(home.engine, home.settings.locks_path, "deliver"):
        with home.engine.begin() as connection:
            for key, channel in keys.items():
                notifications.record(
                    connection,
                    key,
                    day=notice.day,
                    channel=channel if channel == FILE else notify.redacted(channel),
                    channel_id=_channel_id(channel),
                    title=notice.title,
                    body=notice.body,
                    attachments=[notice.file] if channel == FILE else notice.attachments,
                    now=now,
                )
            rows = [row for key in keys if (row := notifications.by_key(connection, key)) is not None]
        return _answer([_told(home, row, keys[row["key"]]) for row in rows])


def deliver_pending(home: Home) -> list[dict[str, str | None]]:
    """Send what was recorded and never sent. Raises NotReadyError if something still could not be."""
    channels = {_channel_id(channel): channel for channel in (FILE, *home.settings.notify_urls)}
    with alone(home.engine, home.settings.locks_path, "deliver"):
        with home.engine.connect() as connection:
            rows = notifications.unsent(connection)
        return _answer([_told(home, row, channels.get(row["channel_id"])) for row in rows])


def _told(home: Home, row: RowMapping, channel: str | None) -> dict[str, str | None]:
    """Send one record, unless it was sent; what became of it."""
    said: dict[str, str | None] = {"channel": row["channel"], "title": row["title"]}
    if row["sent_at"] is not None:
        return said | {"state": "already_sent"}
    if channel is None:
        return said | {"state": "no_such_channel"}
    with home.engine.begin() as connection:
        notifications.note_attempt(connection, row["key"], now=datetime.now(UTC))
    body = row["body"] if row["tried_at"] is None else f"{_AGAIN}\n{row['body']}"
    error = _send(home, row, channel, body)
    with home.engine.begin() as connection:
        notifications.close(connection, row["key"], now=datetime.now(UTC), error=error)
    return said | {"state": "failed" if error else "sent", "error": error}


def _send(home: Home, row: RowMapping, channel: str, body: str) -> str | None:
    paths = [home.settings.out_path / name for name in (row["attachments"] or "").splitlines()]
    if channel == FILE:
        notify.write_file(paths[0], row["title"], row["body"])
        return None
    [result] = notify.send([channel], row["title"], body, paths, key=row["key"])
    return result.error


def _answer(results: Sequence[dict[str, str | None]]) -> list[dict[str, str | None]]:
    failed = sorted({str(one["channel"]) for one in results if one["state"] == "failed"})
    if failed:
        raise NotReadyError(f"未能送达:{'、'.join(failed)}。请检查 RDCHEM_NOTIFY_URLS 和网络后重跑 deliver。")
    return list(results)


def _key(channel: str, notice: Notice) -> str:
    return digest(f"{channel}|{notice.day}|{notice.content}")


def _channel_id(channel: str) -> str:
    return digest(channel)


def summary(results: Sequence[dict[str, str | None]]) -> dict[str, Any]:
    """What a job returns of its deliveries."""
    return {"channels": list(results)}
