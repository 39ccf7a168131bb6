"""Telling people: a short summary of the report, through Apprise (钉钉, 企业微信, e-mail …) or into a file.

A delivery that failed is a value with its error; addresses carry secrets and are shown without them.
"""

import hashlib
import logging
import re
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from smtplib import SMTPException
from typing import Final
from urllib.parse import urlsplit

from rdchem import mail
from rdchem.foreign_text import visible
from rdchem.reports.exceptions import DISCLAIMER, ExceptionReport

_MOST_EXCEPTIONS: Final = 4
_MOST_REASONS: Final = 4
_MOST_CHANGES: Final = 12
_LONGEST_LINE: Final = 120
_LONGEST_NAME: Final = 30


@dataclass(frozen=True, slots=True)
class DeliveryResult:
    """What became of one delivery; `error` is None if it was accepted."""

    channel: str
    error: str | None


def summary_text(report: ExceptionReport) -> str:
    """At most ten lines: what the day comes to, the head numbers, the worst first, what is still open, where
    all of it stands.
    """
    banner = "【模拟数据】" if report.simulated else ""
    lines = [
        f"{banner}{report.area} {report.day} 截至 {report.as_of[11:16]}:{report.headline}",
        *_head_lines(report),
        *(
            f"〔{one.severity.label}〕{_short(group.name, _LONGEST_NAME)}:{one.message}"
            for group, one in report.worst_first[:_MOST_EXCEPTIONS]
        ),
    ]
    if report.not_evaluated:
        groups = report.not_evaluated[:_MOST_REASONS]
        reasons = "、".join(f"{group.label} {group.count}" for group in groups)
        more = "等" if len(report.not_evaluated) > len(groups) else ""
        lines.append(f"未评估 {sum(group.count for group in report.not_evaluated)} 项:{reasons}{more}")
    if report.notes:
        more = f"(共 {len(report.notes)} 条须知)" if len(report.notes) > 1 else ""
        lines.append(f"注意{more}:{report.notes[0]}")
    rest = report.exceptions - _MOST_EXCEPTIONS
    others = f"其余 {rest} 项及" if rest > 0 else ""
    lines.append(f"{others}全文:报告目录 {report.day}/exceptions.html、exceptions.xlsx。{DISCLAIMER}")
    return "\n".join(map(_short, lines))


def _head_lines(report: ExceptionReport) -> list[str]:
    said = report.heads.announcements
    unknown = f"、未能判定 {said.not_judged}" if said.not_judged else ""
    work = "、".join(
        f"{one.grade} {one.places.text}/{'—' if one.permits is None else one.permits}"
        for one in report.heads.hot_work
    )
    online = ",".join(
        f"{one.name}在线 {one.shown(one.online)}/{one.in_service}" if one.in_service else f"{one.name}在线 —"
        for one in report.heads.sources
    )
    return [
        f"应承诺 {said.due} 家:按时 {said.shown(said.in_time)}、"
        f"未按时 {said.shown(len(said.overdue))}{unknown};"
        f"承诺率 {said.rate.text}",
        f"动火(承诺处/作业票张):{work};{online}",
    ]


def changes_text(lines: Sequence[str]) -> str:
    """What a sweep has to tell, at most so many lines: the rest by its number."""
    rest = len(lines) - _MOST_CHANGES
    more = [f"其余 {rest} 项见 rdchem sweep 的记录。"] if rest > 0 else []
    return "\n".join([*(_short(line) for line in lines[:_MOST_CHANGES]), *more, DISCLAIMER])


def append_file(folder: Path, title: str, body: str) -> None:
    """The default notifier of sweeps: one more paragraph in the day's `changes.txt`."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "changes.txt").open("a", encoding="utf-8") as file:
        file.write(f"{title}\n{body}\n\n")


def write_file(path: Path, title: str, body: str) -> None:
    """The default notifier: a text beside the report, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.part")
    draft.write_text(f"{title}\n\n{body}\n", encoding="utf-8")
    draft.rename(path)


def send(
    urls: Sequence[str], title: str, body: str, attach: Sequence[Path], *, key: str = ""
) -> list[DeliveryResult]:
    """Deliver to each address, by Apprise or (`smtp://`) by mail; one that fails does not stop the others.

    A file that is not there is named in the text sent, it does not hold the text back. `key` is the notice's.
    """
    files = [path for path in attach if path.is_file()]
    missing = "、".join(path.name for path in attach if not path.is_file())
    text = f"{body}\n(附件 {missing} 不存在,未附)" if missing else body
    mails = [url for url in urls if url.partition("://")[0] in mail.SCHEMES]
    told = {url: _by_mail(url, title, text, files, key) for url in mails}
    others = [url for url in urls if url not in told]
    if others or not urls:  # asked for nothing, it is loaded all the same
        told |= dict(zip(others, _by_apprise(others, title, text, files), strict=True))
    return [DeliveryResult(redacted(url), told[url]) for url in urls]


def _by_mail(url: str, title: str, text: str, files: Sequence[Path], key: str) -> str | None:
    try:
        mail.send(url, title, text, files, key=key or hashlib.sha256(f"{title}|{text}".encode()).hexdigest())
    except (OSError, SMTPException) as failure:
        return f"邮件未发出({type(failure).__name__}),请检查邮件服务器和网络"
    except mail.MailAddressError as failure:
        return str(failure)
    return None


def _by_apprise(urls: Sequence[str], title: str, text: str, files: Sequence[Path]) -> list[str | None]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # its own, while it loads
        import apprise  # a second to import: only where something is sent

        apprise.Apprise.instantiate("json://localhost")  # loads the plugins

    logging.getLogger("apprise").setLevel(logging.CRITICAL)  # its log lines show addresses with their secrets
    attached = [str(path) for path in files] or None
    errors: list[str | None] = []
    for url in urls:
        target = apprise.Apprise()
        if not target.add(url):
            errors.append("地址无效,Apprise 不认识这种通知渠道")
            continue
        try:
            accepted = target.notify(
                title=title, body=text, attach=attached, body_format=apprise.NotifyFormat.TEXT
            )
            errors.append(None if accepted else "对方未接受或连不上,请检查地址、密钥和网络")
        except Exception as failure:  # noqa: BLE001 - a channel's own bug is a failed delivery, not ours
            errors.append(f"通知渠道出错({type(failure).__name__})")
    return errors


def redacted(url: str) -> str:
    """An address without its secrets: the scheme, and the host where it is surely one.

    Tokens often stand where a host would: only localhost and names with a dot are shown, and only of kinds
    of address that have a host.
    """
    scheme, separator, rest = url.partition("://")
    if not separator or not _SCHEME.fullmatch(scheme):
        return "…"
    authority = re.split(r"[/?#\\]", rest, maxsplit=1)[0]
    if "@" in rest and "@" not in authority:
        return f"{scheme}://…"  # a slash inside a password: what looks like the host is not
    try:
        host = urlsplit(f"x://{authority}").hostname or ""
    except ValueError:
        host = ""
    known = scheme in _HOSTED and (host == "localhost" or _HOST.fullmatch(host))
    return f"{scheme}://{host if known else '…'}"


_SCHEME: Final = re.compile("[a-z][a-z0-9]{0,14}")
_HOST: Final = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)+")
_HOSTED: Final = frozenset(
    {"json", "jsons", "xml", "xmls", "form", "forms", "mailto", "mailtos", "http", "https", *mail.SCHEMES}
)
"""Kinds of address whose host is a host; elsewhere the place of the host may hold a token."""


def _short(text: str, longest: int = _LONGEST_LINE) -> str:
    text = " ".join(visible(text).split())
    return text if len(text) <= longest else text[: longest - 1] + "…"
