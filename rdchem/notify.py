"""Telling people: a short summary of the report, by Apprise (钉钉, 企业微信, 飞书, e-mail …) or into a file.

A delivery that failed is a value with its error; addresses carry secrets and are shown without them.
"""

import logging
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from rdchem.model.outcome import Severity
from rdchem.reports.exceptions import DISCLAIMER, ExceptionReport

_MOST_EXCEPTIONS: Final = 4
_LONGEST_LINE: Final = 120


@dataclass(frozen=True, slots=True)
class DeliveryResult:
    """What became of one delivery; `error` is None if it was accepted."""

    channel: str
    error: str | None


def summary_text(report: ExceptionReport) -> str:
    """At most ten lines: what the day comes to, the head numbers, the worst first, what is still open."""
    said = report.heads.announcements
    online = ",".join(f"{one.name}在线 {one.online}/{one.in_service}" for one in report.heads.sources)
    banner = "【模拟数据】" if report.simulated else ""
    lines = [
        f"{banner}{report.day} 截至 {report.as_of[11:16]}:{report.headline}",
        f"应承诺 {said.due} 家,按时 {said.in_time} 家;{online}",
    ]
    order = list(Severity)
    ordered = sorted(
        ((group.name, one) for group in report.enterprises for one in group.exceptions),
        key=lambda named: order.index(named[1].severity),
    )
    for name, one in ordered[:_MOST_EXCEPTIONS]:
        lines.append(_short(f"〔{one.severity.label}〕{name}:{one.message}"))
    if len(ordered) > _MOST_EXCEPTIONS:
        lines.append(f"其余 {len(ordered) - _MOST_EXCEPTIONS} 项见 exceptions.html / exceptions.xlsx。")
    lines += [_short(f"注意:{note}") for note in report.notes[:1]]
    return "\n".join([*lines, DISCLAIMER])


def write_file(folder: Path, title: str, body: str) -> None:
    """The default notifier: `notification.txt` beside the report, whole or not at all."""
    draft = folder / ".notification.txt.part"
    draft.write_text(f"{title}\n\n{body}\n", encoding="utf-8")
    draft.rename(folder / "notification.txt")


def send(urls: Sequence[str], title: str, body: str, attach: Sequence[Path]) -> list[DeliveryResult]:
    """Deliver to each Apprise URL; one that fails does not stop the others."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # its own, while it loads
        import apprise  # a second to import: only where something is sent

        apprise.Apprise.instantiate("json://localhost")  # loads the plugins

    logging.getLogger("apprise").setLevel(logging.CRITICAL)  # its log lines show addresses with their secrets
    results = []
    for url in urls:
        target = apprise.Apprise()
        if not target.add(url):
            results.append(DeliveryResult(redacted(url), "地址无效,Apprise 不认识这种通知渠道"))
            continue
        files = [str(path) for path in attach if path.is_file()]
        accepted = target.notify(title=title, body=body, attach=files or None)
        error = None if accepted else "对方未接受或连不上,请检查地址、密钥和网络"
        results.append(DeliveryResult(redacted(url), error))
    return results


def redacted(url: str) -> str:
    """An address without its secrets: the scheme, and the host where the host is one. Tokens often stand
    where a host would, so only names with a dot, and localhost, are shown.
    """
    scheme, separator, rest = url.partition("://")
    if not separator or not scheme.isalnum():
        return "…"
    try:
        host = urlsplit(f"x://{rest}").hostname or ""
    except ValueError:
        host = ""
    known = host == "localhost" or ("." in host and scheme in _HOSTED)
    return f"{scheme}://{host if known else '…'}"


_HOSTED: Final = frozenset(
    {"json", "jsons", "xml", "xmls", "form", "forms", "mailto", "mailtos", "http", "https"}
)
"""Kinds of address whose host is a host; elsewhere the place of the host may hold a token."""


def _short(line: str) -> str:
    line = " ".join(line.split())
    return line if len(line) <= _LONGEST_LINE else line[: _LONGEST_LINE - 1] + "…"
