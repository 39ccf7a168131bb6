"""Notification: short, honest about failure, and silent about secrets."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from rdchem import notify
from rdchem.reports.exceptions import ExceptionReport
from tests.conftest import free_port
from tests.test_reports import days, judgement, report

__all__ = ["days", "judgement", "report"]

SECRET = "s3cr3t-t0ken"  # noqa: S105 - made up


def test_the_summary_is_short_and_has_what_counts(report: ExceptionReport) -> None:
    text = notify.summary_text(report)
    lines = text.splitlines()
    assert len(lines) <= 10 and max(map(len, lines)) <= 120
    assert report.headline in lines[0] and "模拟数据" in lines[0]
    assert lines[2].startswith("〔重大〕")
    assert f"应承诺 {report.heads.announcements.due} 家" in text
    assert "不作认定" in lines[-1]


def test_the_file_notifier_writes_beside_the_report(tmp_path: Path) -> None:
    notify.write_file(tmp_path, "题目", "正文")
    assert [path.name for path in tmp_path.iterdir()] == ["notification.txt"]
    assert (tmp_path / "notification.txt").read_text(encoding="utf-8") == "题目\n\n正文\n"


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        (f"dingtalk://{SECRET}/13900000000", "dingtalk://…"),
        (f"wecombot://{SECRET}", "wecombot://…"),
        (f"feishu://{SECRET}", "feishu://…"),
        (f"lark://{SECRET}", "lark://…"),
        (f"mailto://user:{SECRET}@example.com?to=a@example.com", "mailto://example.com"),
        (f"json://user:{SECRET}@127.0.0.1:8080/{SECRET}?x={SECRET}", "json://127.0.0.1"),
        (f"jsons://localhost/{SECRET}", "jsons://localhost"),
        (f"tgram://123.456:{SECRET}/chat", "tgram://…"),
        (f"json://[{SECRET}", "json://…"),
        (SECRET, "…"),
        ("", "…"),
    ],
)
def test_an_address_is_shown_without_its_secret(url: str, shown: str) -> None:
    assert notify.redacted(url) == shown


@pytest.fixture
def receiver() -> Iterator[tuple[int, list[dict[str, Any]]]]:
    """A server on loopback that keeps what it is sent, and refuses what goes to /refuse."""
    heard: list[dict[str, Any]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            heard.append(json.loads(body))
            self.send_response(500 if self.path.startswith("/refuse") else 200)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server.server_port, heard
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_delivery_arrives_with_its_attachment_and_a_failing_one_is_a_value(
    receiver: tuple[int, list[dict[str, Any]]], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    port, heard = receiver
    report = tmp_path / "exceptions.xlsx"
    report.write_bytes(b"PK")
    urls = [
        f"json://127.0.0.1:{port}/good",
        f"json://127.0.0.1:{port}/refuse/{SECRET}",
        f"json://user:{SECRET}@127.0.0.1:{free_port()}/",
        f"no-such-channel://{SECRET}",
    ]
    results = notify.send(urls, "题目", "正文", [report])
    assert [result.error is None for result in results] == [True, False, False, False]
    assert (heard[0]["title"], heard[0]["message"]) == ("题目", "正文")
    assert heard[0]["attachments"][0]["filename"] == "exceptions.xlsx"
    assert SECRET not in repr(results) + caplog.text
