"""Whatever happens to the listener or the broker, nothing acknowledged is lost and no gap goes unsaid."""

import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from rdchem.blindness import blind_intervals
from rdchem.journal import Journal
from rdchem.segment import Record
from rdchem.settings import Settings
from tests.conftest import Broker
from tests.listening import ListenerProcess, events_of, messages_of, publish, settings_for, settle

PAYLOADS = [b"%d" % number for number in range(40)]


@pytest.fixture
def settings(own_mosquitto: Broker, tmp_path: Path) -> Settings:
    return settings_for(own_mosquitto, "listener-1", tmp_path)


def told(kept: list[Record]) -> list[tuple[str, bool | None]]:
    return [(event.event, event.session_present) for event in events_of(kept) if event.event != "alive"]


def payloads(kept: list[Record]) -> list[bytes]:
    return [record.payload for record in messages_of(kept)]


def send(broker: Broker, sent: list[bytes]) -> None:
    publish(broker, [("listener-1/x", payload) for payload in sent])


DIES = """
import os, signal
from rdchem.intake import open_journal
from rdchem.mqtt import Listener
from rdchem.rolling import RollingWriter
from rdchem.settings import Settings

settings = Settings()
writer = RollingWriter(open_journal(settings).writer(settings.listener))

def append(records):
    strangers = any(record.origin == "mqtt" for record in records)
    {before}
    writer.append(records)
    {after}

Listener(settings, append, replay=False, on_ready=lambda: print("ready", flush=True)).run()
"""
KILL = "if strangers: os.kill(os.getpid(), signal.SIGKILL)"
DISK_FULL = 'if strangers: raise OSError(28, "No space left on device")'


def test_killed_between_keeping_and_acknowledging_nothing_is_lost(
    own_mosquitto: Broker, settings: Settings
) -> None:
    with ListenerProcess(settings, DIES.format(before="", after=KILL)) as listener:
        listener.ready()
        send(own_mosquitto, PAYLOADS)
        assert listener.end()[0] == -9
        kept = payloads(listener.kept())
        assert kept and kept == PAYLOADS[: len(kept)]
    with ListenerProcess(settings) as listener:
        listener.wait(
            lambda records: set(payloads(records)) == set(PAYLOADS) and len(payloads(records)) > len(kept)
        )
        listener.stop()
        again = listener.kept()
    copies = Counter(record.journal_id for record in messages_of(again))
    assert len(copies) == len(PAYLOADS) and max(copies.values()) == 2
    assert set(payloads(again)[len(kept) :]) == set(PAYLOADS), "what was kept came again, as a copy"
    assert told(again) == [
        ("started", None), ("connected", False), ("started", None), ("connected", True), ("stopped", None),
    ]  # fmt: skip
    assert Journal(settings.journal_path).problems({}) == []


@pytest.mark.parametrize("failure", [DISK_FULL, KILL])
def test_what_could_not_be_kept_is_not_acknowledged(
    own_mosquitto: Broker, settings: Settings, failure: str
) -> None:
    with ListenerProcess(settings, DIES.format(before=failure, after="")) as listener:
        listener.ready()
        send(own_mosquitto, PAYLOADS)
        code, complaint = listener.end()
        assert code != 0
        assert (failure is KILL) or "No space left on device" in complaint
        assert payloads(listener.kept()) == []
    with ListenerProcess(settings) as listener:
        listener.wait(lambda kept: len(payloads(kept)) >= len(PAYLOADS))
        listener.stop()
        assert payloads(listener.kept()) == PAYLOADS


def test_told_to_end_it_keeps_what_it_has_and_says_so(own_mosquitto: Broker, settings: Settings) -> None:
    patient = settings.model_copy(update={"group_seconds": 3600.0})
    with ListenerProcess(patient) as listener:
        listener.ready()
        send(own_mosquitto, PAYLOADS)
        settle(own_mosquitto)
        listener.stop()
        assert payloads(listener.kept()) == PAYLOADS
        assert told(listener.kept()) == [("started", None), ("connected", False), ("stopped", None)]
    settle(own_mosquitto)
    with ListenerProcess(settings) as listener:
        listener.ready()
        send(own_mosquitto, [b"last"])
        listener.wait(lambda kept: payloads(kept)[-1:] == [b"last"])
        listener.stop()
        assert payloads(listener.kept()) == [*PAYLOADS, b"last"], "what was kept was acknowledged"


def test_a_broker_that_restarts_loses_nothing_here_and_yet_is_not_believed(
    own_mosquitto: Broker, settings: Settings
) -> None:
    """Killed, it would have brought back the session and lost what it had not saved: nobody can tell."""
    begun = datetime.now(UTC)
    with ListenerProcess(settings) as listener:
        listener.ready()
        send(own_mosquitto, PAYLOADS[:10])
        listener.wait(lambda kept: len(payloads(kept)) == 10)
        settle(own_mosquitto)
        time.sleep(4)  # it is known to have run for longer than it will say after its restart
        own_mosquitto.stop()
        listener.wait(lambda kept: told(kept)[-1][0] == "disconnected")
        own_mosquitto.start()
        send(own_mosquitto, PAYLOADS[10:20])
        listener.ready()
        send(own_mosquitto, PAYLOADS[20:])
        kept = listener.wait(lambda kept: len(payloads(kept)) >= len(PAYLOADS))
        listener.stop()
    assert payloads(kept) == PAYLOADS
    assert told(kept) == [
        ("started", None), ("connected", False), ("disconnected", None), ("connected", False),
    ]  # fmt: skip
    lost, back = events_of(kept)[-2:]
    gap = blind_intervals(events_of(kept), start=begun, as_of=back.occurred_at, factor=2.5)[-1]
    assert (gap.start, gap.end, gap.lossless) == (lost.occurred_at, back.occurred_at, False)


def test_what_is_in_hand_when_the_broker_goes_is_kept_without_waiting_for_it(
    own_mosquitto: Broker, settings: Settings
) -> None:
    patient = settings.model_copy(update={"group_seconds": 3600.0})
    with ListenerProcess(patient) as listener:
        listener.ready()
        send(own_mosquitto, PAYLOADS)
        settle(own_mosquitto)
        own_mosquitto.kill()
        kept = listener.wait(lambda kept: len(payloads(kept)) >= len(PAYLOADS))
        assert payloads(kept) == PAYLOADS
        listener.stop()
        assert [event for event, _ in told(listener.kept())][-2:] == ["disconnected", "stopped"]


def test_a_broker_that_forgot_us_leaves_a_gap_that_may_hide_anything(
    own_mosquitto: Broker, settings: Settings
) -> None:
    with ListenerProcess(settings) as listener:
        listener.ready()
        own_mosquitto.kill()
        listener.wait(lambda kept: told(kept)[-1][0] == "disconnected")
        for memory in own_mosquitto.folder.glob("mosquitto.db*"):
            memory.unlink()
        own_mosquitto.start()
        listener.ready()
        send(own_mosquitto, PAYLOADS)
        listener.wait(lambda kept: payloads(kept) == PAYLOADS)
        listener.stop()
        kept = listener.kept()
    assert told(kept)[2:4] == [("disconnected", None), ("connected", False)]
    end = events_of(kept)[-1].occurred_at
    gaps = blind_intervals(events_of(kept), start=end - timedelta(hours=1), as_of=end, factor=2.5)
    assert [gap.lossless for gap in gaps] == [False, False]


def test_a_second_listener_of_the_same_name_is_refused(own_mosquitto: Broker, settings: Settings) -> None:
    with ListenerProcess(settings) as listener:
        listener.ready()
        with ListenerProcess(settings) as second:
            code, complaint = second.end()
        assert code != 0 and "另一个进程正在写" in complaint
        listener.stop()
