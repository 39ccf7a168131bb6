"""Told once, on every channel, whatever dies in between: real mail server, real web hook, real kill."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import select

from rdchem import delivery, mail
from rdchem.delivery import Notice
from rdchem.errors import NotReadyError
from rdchem.home import Home
from rdchem.settings import Settings
from rdchem.store import notifications, tables
from rdchem.store.alone import alone
from rdchem.store.connection import open_database
from tests.receivers import Received, mail_server, web_hook

DAY = date(2026, 9, 15)
NOTICE = Notice(DAY, "题目", "正文", "one", f"{DAY}/notification.txt", (f"{DAY}/list.csv",))


@pytest.fixture
def post() -> Iterator[Received]:
    with mail_server() as received:
        yield received


@pytest.fixture
def hook() -> Iterator[Received]:
    with web_hook() as received:
        yield received


@pytest.fixture
def home(tmp_path: Path, database_url: str, post: Received, hook: Received) -> Iterator[Home]:
    urls = [f"smtp://127.0.0.1:{post.port}/?from=a@b.example&to=c@d.example,e@f.example"]
    urls.append(f"json://127.0.0.1:{hook.port}/")
    settings = Settings(home=tmp_path, database_url=database_url, notify_urls=urls)
    folder = settings.out_path / str(DAY)
    folder.mkdir(parents=True)
    (folder / "list.csv").write_text("甲", encoding="utf-8")
    home = Home(settings, open_database(settings.url))
    yield home
    home.engine.dispose()


def states(results: list[dict[str, str | None]]) -> list[str | None]:
    return [one["state"] for one in results]


def test_every_channel_is_told_once(home: Home, post: Received, hook: Received) -> None:
    assert states(delivery.deliver(home, NOTICE)) == ["sent"] * 3
    assert states(delivery.deliver(home, NOTICE)) == ["already_sent"] * 3
    assert delivery.deliver_pending(home) == []
    [letter] = post.letters
    assert letter["Subject"] == "题目" and letter["To"] == "c@d.example, e@f.example"
    assert [part.get_filename() for part in letter.walk() if part.get_filename()] == ["list.csv"]
    assert [one["message"] for one in hook.posts] == ["正文"]
    text = (home.settings.out_path / NOTICE.file).read_text(encoding="utf-8")
    assert text == "题目\n\n正文\n"
    assert states(delivery.deliver(home, replace(NOTICE, content="another"))) == ["sent"] * 3


def test_what_failed_is_tried_again_and_what_arrived_is_not(
    home: Home, post: Received, hook: Received
) -> None:
    post.refuse = True
    with pytest.raises(NotReadyError, match="smtp://…"):
        delivery.deliver(home, NOTICE)
    with pytest.raises(NotReadyError):
        delivery.deliver_pending(home)
    post.refuse = False
    assert states(delivery.deliver_pending(home)) == ["sent"]
    assert len(post.letters) == len(hook.posts) == 1
    with home.engine.connect() as connection:
        rows = {row["channel"]: row for row in notifications.of_day(connection, DAY)}
    assert rows["smtp://…"]["attempts"] == 3 and rows["json://127.0.0.1"]["attempts"] == 1
    assert all(row["sent_at"] and row["error"] is None for row in rows.values())


def test_what_nobody_is_told_by_any_more_stays_on_record(home: Home, post: Received) -> None:
    post.refuse = True
    with pytest.raises(NotReadyError):
        delivery.deliver(home, NOTICE)
    without = Home(home.settings.model_copy(update={"notify_urls": []}), home.engine)
    assert states(delivery.deliver_pending(without)) == ["no_such_channel"]
    with home.engine.connect() as connection:
        kept = connection.execute(select(tables.notification.c.body, tables.notification.c.channel_id))
        assert all(row.body == "正文" and "example" not in row.channel_id for row in kept)


DELIVER = """
import os, sys
from datetime import date
from rdchem import delivery, notify
from rdchem.delivery import Notice
from rdchem.home import Home
where, day = sys.argv[1], date(2026, 9, 15)
real = notify.send
def stopped(*arguments, **more):
    if where == "before":
        os.kill(os.getpid(), 9)
    real(*arguments, **more)
    os.kill(os.getpid(), 9)
notify.send = stopped
delivery.deliver(Home.open(), Notice(day, "题目", "正文", "one", f"{day}/notification.txt"))
"""


@pytest.mark.parametrize(("where", "copies"), [("before", 1), ("after", 2)])
def test_killed_in_the_middle_nothing_is_lost_and_a_copy_says_so(
    home: Home, post: Received, hook: Received, where: str, copies: int
) -> None:
    variables = {
        "RDCHEM_HOME": str(home.settings.home),
        "RDCHEM_DATABASE_URL": home.settings.database_url,
        "RDCHEM_NOTIFY_URLS": " ".join(home.settings.notify_urls),
    }
    killed = subprocess.run(
        [sys.executable, "-c", DELIVER, where], env=os.environ | variables, check=False, timeout=60
    )
    assert killed.returncode == -signal.SIGKILL
    assert states(delivery.deliver_pending(home)) == ["sent", "sent"]
    assert len(post.letters) == copies and len(hook.posts) == 1
    assert len({letter["Message-ID"] for letter in post.letters}) == 1
    assert "可能重复" in post.letters[-1].get_content()
    assert "可能重复" not in hook.posts[0]["message"]


def test_two_at_once_tell_it_once(home: Home, post: Received, hook: Received) -> None:
    threads = [threading.Thread(target=delivery.deliver, args=(home, NOTICE)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(post.letters) == len(hook.posts) == 1


def test_a_mail_address_that_is_none_is_refused_without_being_shown() -> None:
    for url in ("smtp://", "smtp://h/?from=a@b", "smtp://h/?to=a@b", "smtp://h:s3cret/?from=a@b&to=c@d"):
        with pytest.raises(mail.MailAddressError) as refused:
            mail.send(url, "t", "b", [], key="k")
        assert "s3cret" not in str(refused.value)


def test_a_password_is_not_sent_in_the_clear(post: Received) -> None:
    url = f"smtp://user:s3cret@127.0.0.1:{post.port}/?from=a@b.example&to=c@d.example"
    with pytest.raises(mail.MailAddressError, match="明文"):
        mail.send(url, "t", "b", [], key="k")
    assert not post.letters


HOLD = """
import sys
from pathlib import Path
from rdchem.store.alone import alone
from rdchem.store.connection import open_database
engine = open_database(sys.argv[1])
with alone(engine, Path(sys.argv[2]), "day 2026-09-15"):
    print("held", flush=True)
    sys.stdin.readline()
"""


def test_one_day_has_one_writer_and_a_dead_one_holds_nobody_up(tmp_path: Path, database_url: str) -> None:
    engine = open_database(database_url)
    command = [sys.executable, "-c", HOLD, database_url, str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None and other.stdout.readline() == "held\n"
        with alone(engine, tmp_path, "day 2026-09-16"):
            pass  # another day is nobody's concern
        entered = threading.Event()

        def enter() -> None:
            with alone(engine, tmp_path, "day 2026-09-15"):
                entered.set()

        waiting = threading.Thread(target=enter)
        waiting.start()
        time.sleep(0.3)
        assert not entered.is_set()
        other.kill()
        waiting.join(timeout=30)
    assert entered.is_set()
    engine.dispose()
