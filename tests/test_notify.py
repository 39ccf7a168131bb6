"""Notification: short, honest about failure, and silent about secrets."""

import base64
import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from rdchem import notify
from rdchem.reports.exceptions import ExceptionReport
from tests.conftest import free_port
from tests.reporting import HOSTILE, hostile, judged, sample

SECRET = "s3cr3t-t0ken"  # noqa: S105 - made up
CONTROLLED = replace(sample().report, notes=("左\u202e右\x1b[31m\u2028\x85零\x00",))
NOTED = replace(sample().report, notes=("本系统采集中断:06:10 至 06:12", "另一条"))


@pytest.mark.parametrize(
    "report",
    [sample().report, NOTED, CONTROLLED, hostile(), judged()],
    ids=["morning", "with notes", "control characters", "hostile", "nobody"],
)
def test_the_summary_is_ten_short_lines_of_plain_text(report: ExceptionReport) -> None:
    lines = notify.summary_text(report).splitlines()
    assert len(lines) <= 10 and max(map(len, lines)) <= 120
    assert report.headline in lines[0] and "09:21" in lines[0]
    assert "exceptions.html" in lines[-1] and "exceptions.xlsx" in lines[-1] and "不作认定" in lines[-1]
    assert all(line.isprintable() for line in lines)


def test_the_summary_has_what_a_duty_officer_must_know() -> None:
    heads = NOTED.heads
    text = notify.summary_text(NOTED)
    lines = text.splitlines()
    assert lines[0].startswith("【模拟数据】如东县")
    assert f"应承诺 {heads.announcements.due} 家:按时 {heads.announcements.in_time}、未按时 7" in lines[1]
    sensors = heads.sources[0]
    assert f"传感器在线 {sensors.online}/{sensors.in_service}" in lines[2] and "特级 " in lines[2]
    assert [line[:4] for line in lines[3:7]] == ["〔重大〕"] * 4
    missing = sum(group.count for group in NOTED.not_evaluated)
    assert lines[7].startswith(f"未评估 {missing} 项:{NOTED.not_evaluated[0].label}")
    assert lines[8] == f"注意(共 2 条须知):{NOTED.notes[0]}"
    assert lines[9].startswith(f"其余 {NOTED.exceptions - 4} 项及全文")


def test_an_enterprise_with_an_endless_name_does_not_hide_what_is_wrong_with_it() -> None:
    named = replace(hostile().enterprises[0], name="长" * 500)
    text = notify.summary_text(replace(hostile(), enterprises=(named,)))
    assert f"…:{HOSTILE[0]}" in text


def test_the_file_notifier_writes_beside_the_report_and_again_over_it(tmp_path: Path) -> None:
    for body in ("正文", "新正文"):
        notify.write_file(tmp_path / "notification.txt", "题目", body)
        assert [path.name for path in tmp_path.iterdir()] == ["notification.txt"]
        assert (tmp_path / "notification.txt").read_text(encoding="utf-8") == f"题目\n\n{body}\n"


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        (f"dingtalk://{SECRET}/13900000000", "dingtalk://…"),
        (f"wecombot://{SECRET}", "wecombot://…"),
        (f"feishu://{SECRET}", "feishu://…"),
        (f"lark://{SECRET}", "lark://…"),
        (f"slack://{SECRET}/{SECRET}/{SECRET}/#channel", "slack://…"),
        (f"discord://{SECRET}/{SECRET}", "discord://…"),
        (f"tgram://123.456:{SECRET}/chat", "tgram://…"),
        (f"mailto://user:{SECRET}@example.com?to=a@example.com", "mailto://example.com"),
        (f"mailtos://example.com?user=a&pass={SECRET}", "mailtos://example.com"),
        (f"mailto://us.er:p.w/{SECRET}@example.com", "mailto://…"),
        (f"mailto://a@b.example:{SECRET}@example.com", "mailto://example.com"),
        (f"json://user:{SECRET}@127.0.0.1:8080/{SECRET}?x={SECRET}", "json://127.0.0.1"),
        (f"json://example.com;token={SECRET}", "json://…"),
        (f"json://example.com\\{SECRET}", "json://example.com"),
        (f"json://example.com#{SECRET}", "json://example.com"),
        (f"jsons://localhost/{SECRET}", "jsons://localhost"),
        (f"json://{SECRET}", "json://…"),
        (f"json://[{SECRET}", "json://…"),
        (f"https://hooks.example.com/services/{SECRET}", "https://hooks.example.com"),
        (f"json://例.{SECRET}.中国/", "json://…"),
        (f"{SECRET}://example.com", "…"),
        (f"json:{SECRET}", "…"),
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
    report.write_bytes(b"PK\x00")
    body = "第一行 <b>&\n=1+1 {title}"
    urls = [
        f"json://127.0.0.1:{port}/refuse/{SECRET}",
        f"json://user:{SECRET}@127.0.0.1:{free_port()}/",
        f"no-such-channel://{SECRET}",
        f"json://127.0.0.1:{port}/good",
    ]
    results = notify.send(urls, "题目", body, [report])
    assert [result.error is None for result in results] == [False, False, False, True]
    assert [result.channel for result in results] == [*["json://127.0.0.1"] * 2, "…", "json://127.0.0.1"]
    assert len(heard) == 2, "what was refused does not stop the next, and nothing is sent twice"
    assert (heard[1]["title"], heard[1]["message"]) == ("题目", body)
    [attached] = heard[1]["attachments"]
    assert attached["filename"] == "exceptions.xlsx" and base64.b64decode(attached["base64"]) == b"PK\x00"
    assert SECRET not in repr(results) + caplog.text


def test_a_missing_attachment_is_named_and_holds_nothing_back(
    receiver: tuple[int, list[dict[str, Any]]], tmp_path: Path
) -> None:
    port, heard = receiver
    [result] = notify.send([f"json://127.0.0.1:{port}/"], "题目", "正文", [tmp_path / "exceptions.xlsx"])
    assert result.error is None and not heard[0].get("attachments")
    assert heard[0]["message"] == "正文\n(附件 exceptions.xlsx 不存在,未附)"


def test_markup_written_by_others_reaches_a_page_of_mail_as_text() -> None:
    """The body is declared plain text, so a channel that shows HTML escapes it."""
    notify.send([], "", "", [])  # loads Apprise without its own warnings
    import apprise

    shown: list[str] = []

    @apprise.decorators.notify(on="rdchemtest", name="a page")
    def page(body: str, *_: Any, **__: Any) -> bool:
        shown.append(body)
        return True

    [result] = notify.send(["rdchemtest://x?format=html"], "题目", "<script>alert(1)</script>", [])
    assert result.error is None
    assert "<script>" not in shown[0] and "&lt;script&gt;" in shown[0]


def test_a_channel_that_breaks_is_a_failed_delivery() -> None:
    notify.send([], "", "", [])  # loads Apprise without its own warnings
    import apprise

    @apprise.decorators.notify(on="rdchembroken", name="broken")
    def broken(*_: Any, **__: Any) -> bool:
        raise LookupError(SECRET)

    [result] = notify.send([f"rdchembroken://{SECRET}"], "题目", "正文", [])
    assert result.error and SECRET not in repr(result)
