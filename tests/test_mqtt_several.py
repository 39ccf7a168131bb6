"""Several listeners at one broker: each keeps its part, together all of it; of two with one name one ends."""

import time
from pathlib import Path

import pytest

from rdchem.errors import NotReadyError
from rdchem.journal import Journal
from rdchem.mqtt_session import Rivalry
from rdchem.rolling import seal_all
from rdchem.segment import Record
from rdchem.settings import Settings
from tests.conftest import Broker
from tests.listening import LONG_S, ListenerProcess, events_of, messages_of, publish, settings_for


def both(broker: Broker, folder: Path, topic: str) -> tuple[Settings, Settings]:
    """Two listeners that keep one journal."""
    one, two = (settings_for(broker, name, folder, mqtt_topic=topic) for name in ("one", "two"))
    return one, two


def kept(settings: Settings) -> dict[str, list[Record]]:
    journal = Journal(settings.journal_path)
    assert seal_all(journal) == []
    found: dict[str, list[Record]] = {"one": [], "two": []}
    for segment in journal.segments_after({}):
        found[segment.header.stream] += segment.records
    return found


def wait_for(settings: Settings, sent: set[bytes]) -> dict[str, list[Record]]:
    end = time.monotonic() + LONG_S
    while {one.payload for records in kept(settings).values() for one in messages_of(records)} != sent:
        assert time.monotonic() < end
        time.sleep(0.05)
    return kept(settings)


def test_a_shared_subscription_is_kept_in_parts_that_make_the_whole(
    own_mosquitto: Broker, tmp_path: Path
) -> None:
    one, two = both(own_mosquitto, tmp_path, "$share/county/x/#")
    first, second = [{b"%d" % number for number in numbers} for numbers in (range(100), range(100, 200))]
    with ListenerProcess(one) as listener:
        listener.ready()
        with ListenerProcess(two) as other:
            other.ready()
            publish(own_mosquitto, [("x/y", payload) for payload in sorted(first)])
            parts = wait_for(one, first)
            heard = [[record.payload for record in messages_of(records)] for records in parts.values()]
            assert all(heard) and len(heard[0]) + len(heard[1]) == 100, "each has a part, none has it twice"
            other.process.kill()
            other.process.wait()
        publish(own_mosquitto, [("x/y", payload) for payload in sorted(second)])
        with ListenerProcess(two) as other:
            other.ready()
            parts = wait_for(one, first | second)
            other.stop()
        listener.stop()
    assert {tuple(event.topics) for records in parts.values() for event in events_of(records)} == {
        ("$share/county/x/#",)
    }
    assert Journal(one.journal_path).problems({}) == []


def test_two_machines_with_one_name_do_not_fight_for_ever(own_mosquitto: Broker, tmp_path: Path) -> None:
    homes = [settings_for(own_mosquitto, "same", tmp_path / name) for name in ("here", "there")]
    with ListenerProcess(homes[0]) as here:
        here.ready()
        with ListenerProcess(homes[1]) as there:
            end = time.monotonic() + LONG_S
            while here.process.poll() is None and there.process.poll() is None:
                assert time.monotonic() < end, "both go on"
                time.sleep(0.05)
            loser, winner = (here, there) if here.process.poll() is not None else (there, here)
            code, complaint = loser.end()
            assert code != 0 and "客户端编号 same" in complaint and "RDCHEM_LISTENER" in complaint
            publish(own_mosquitto, [("same/x", b"after")])
            winner.wait(lambda records: [one.payload for one in messages_of(records)] == [b"after"])
            winner.stop()


class Clock:
    """Stands still but when told."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def lives(rivalry: Rivalry, clock: Clock, seconds: float, times: int) -> None:
    for _ in range(times):
        rivalry.connected()
        clock.now += seconds
        rivalry.lost()


def test_five_short_connections_in_a_row_are_a_quarrel() -> None:
    rivalry = Rivalry("x", clock := Clock())
    lives(rivalry, clock, 1, 4)
    with pytest.raises(NotReadyError, match="客户端编号 x"):
        lives(rivalry, clock, 1, 1)


def test_a_broker_that_is_away_in_between_or_long_connections_are_none() -> None:
    rivalry = Rivalry("x", clock := Clock())
    for _ in range(10):
        lives(rivalry, clock, 1, 4)
        rivalry.broker_is_away()
    lives(rivalry, clock, 11, 50)


def test_who_was_there_before_bears_it_longer() -> None:
    rivalry = Rivalry("x", clock := Clock())
    lives(rivalry, clock, 11, 1)
    lives(rivalry, clock, 1, 13)
    with pytest.raises(NotReadyError):
        lives(rivalry, clock, 1, 1)
