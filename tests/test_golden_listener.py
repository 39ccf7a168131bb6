"""Golden cases that need a real broker and a real listener: copies with DUP, retained copies, a broker down.

What happens happens now; the deadline is data, so it is put where the case wants it afterwards.
"""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from rdchem import jobs
from rdchem.calendar import SHANGHAI, business_day
from rdchem.home import Home
from rdchem.intake import open_journal, project_all
from rdchem.messages import encode, topic_of
from rdchem.model.listener import ListenerEvent
from rdchem.model.message import Message
from rdchem.model.source import Enterprise, Register
from rdchem.segment import OWN_ORIGIN, Record, microseconds
from rdchem.settings import Settings
from rdchem.store import intake as store
from tests.conftest import Broker
from tests.days import commitment
from tests.homes import AREA
from tests.listening import ListenerProcess, events_of, messages_of, open_session, publish, settings_for
from tests.test_mqtt_process import DIES, KILL

SECOND = timedelta(seconds=1)


@pytest.fixture
def settings(own_mosquitto: Broker, tmp_path: Path) -> Settings:
    """Of a listener that has been there since yesterday, with a session at the broker."""
    chosen = settings_for(own_mosquitto, "listener-1", tmp_path, mqtt_topic="rdchem/v1/#")
    open_session(chosen)
    now = datetime.now(UTC)
    with open_journal(chosen).writer("yesterday") as writer:
        writer.append([own("alive", now - timedelta(hours=23)), own("stopped", now)])
    return chosen


def own(event: Any, at: datetime) -> Record:
    told = ListenerEvent(listener="listener-1", event=event, occurred_at=at, period_s=90_000.0)
    topic = "rdchem/v1/self/listener-1/listener_event"
    return Record(microseconds(at), topic, encode(told), origin=OWN_ORIGIN)


def said(message: Message) -> tuple[str, bytes]:
    return topic_of(AREA, message), encode(message)


def register(company: str) -> Register:
    enterprise = Enterprise(name=company, area_code=AREA)
    return Register(
        id=company, seq=1, occurred_at=datetime.now(UTC), company_code=company, enterprise=enterprise
    )


def announced(company: str, at: datetime, **more: Any) -> tuple[str, bytes]:
    return said(commitment(company, occurred_at=at, day=business_day(at), items=[], **more))


def connected(kept: list[Record], since: datetime) -> list[datetime]:
    """When the listener was there again after an instant."""
    return [
        one.occurred_at for one in events_of(kept) if one.event == "connected" and one.occurred_at > since
    ]


class County:
    """What the listener kept, judged with the deadline at one instant, as of others."""

    def __init__(self, settings: Settings, deadline: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
        local = deadline.astimezone(SHANGHAI)
        limits = {
            "commitment_deadline": ("time", local.time().isoformat()),
            "commitment_transport_tolerance": ("minutes", 0.5),
        }
        rules = settings.home / "rulebook.yaml"
        dated = {"since": local.date().replace(year=2022), "source": "试验", "confirmed": False}
        stated = {
            name: {"title": name, "unit": unit, "values": [{"value": value, **dated}]}
            for name, (unit, value) in limits.items()
        }
        rules.write_text(yaml.safe_dump({"limits": stated}), encoding="utf-8")
        monkeypatch.setenv("RDCHEM_HOME", str(settings.home))
        monkeypatch.setenv("RDCHEM_RULEBOOK_FILE", str(rules))
        self._day = local.date()

    def states(self, as_of: datetime) -> dict[str, tuple[str, str | None]]:
        """Enterprise -> the state of its announcement, and whose affair it is."""
        home = Home.open()
        project_all(home.settings, home.engine)
        home.engine.dispose()
        jobs.judge(self._day, as_of)
        lines = jobs.verdict(self._day, as_of)["announcements"]
        return {line["enterprise"]: (line["state"], line["blame"]) for line in lines}

    def copies(self) -> int:
        """How often the one announcement came."""
        home = Home.open()
        with home.engine.connect() as connection:
            [known] = store.messages(connection, ("commitment",), as_of=datetime.now(UTC))
            row = store.find_message(connection, known.journal_id)
        home.engine.dispose()
        assert row is not None
        return int(row["copies"])


def test_the_same_announcement_with_dup_and_once_more_retained_is_one_announcement(
    own_mosquitto: Broker, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    with ListenerProcess(settings, DIES.format(before="", after=KILL)) as listener:
        listener.ready()
        publish(own_mosquitto, [announced("A", datetime.now(UTC))], retain=True)
        assert listener.end()[0] == -9, "kept, and killed before it could acknowledge"
    deadline = datetime.now(UTC)
    with ListenerProcess(settings) as listener:
        listener.ready()
        publish(own_mosquitto, [said(register("A"))])
        listener.wait(lambda kept: len(messages_of(kept)) >= 3)  # among them the copy with DUP
        listener.stop()
    other = settings.model_copy(update={"listener": "listener-2"})
    with ListenerProcess(other) as listener:  # a session of its own gets the retained copy
        listener.ready()
        listener.wait(lambda kept: len(messages_of(kept)) >= 4)
        listener.stop()
    county = County(settings, deadline, monkeypatch)
    assert county.states(datetime.now(UTC)) == {"A": ("on_time", None)}
    assert county.copies() >= 3


def test_a_broker_that_is_down_over_the_deadline_is_held_against_nobody(
    own_mosquitto: Broker, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    with ListenerProcess(settings) as listener:
        listener.ready()
        before = datetime.now(UTC)
        publish(own_mosquitto, [said(register(company)) for company in ("A", "B", "C")])
        publish(own_mosquitto, [announced("A", before)])
        listener.wait(lambda kept: len(messages_of(kept)) == 4)
        own_mosquitto.stop()
        listener.wait(lambda kept: any(one.event == "disconnected" for one in events_of(kept)))
        sent = datetime.now(UTC)
        deadline = datetime.now(UTC)
        own_mosquitto.start()
        listener.ready()
        publish(own_mosquitto, [announced("C", sent)])
        kept = listener.wait(lambda kept: len(messages_of(kept)) == 5 and bool(connected(kept, deadline)))
        [back, *_] = connected(kept, deadline)
        heard = messages_of(kept)[-1].received_at
        later = max(heard, back) + SECOND
        listener.wait(lambda _: datetime.now(UTC) > later)
        county = County(settings, deadline, monkeypatch)
        during, after = county.states(deadline + (back - deadline) / 2), county.states(later)
        listener.stop()
    assert during == {"A": ("on_time", None), "B": ("unknown_ours", "ours"), "C": ("unknown_ours", "ours")}
    assert after == {  # a broker that was started again cannot vouch for what it was sent
        "A": ("on_time", None),
        "B": ("unknown_ours", "ours"),
        "C": ("sent_in_time_received_late", "ours"),
    }


def test_a_listener_restarted_at_the_deadline_costs_nobody_anything(
    own_mosquitto: Broker, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    with ListenerProcess(settings) as listener:
        listener.ready()
        publish(own_mosquitto, [said(register(company)) for company in ("A", "B", "C")])
        listener.wait(lambda kept: len(messages_of(kept)) == 3)
        listener.stop()
    publish(own_mosquitto, [announced("A", datetime.now(UTC))])  # kept by the broker
    deadline = datetime.now(UTC)
    with ListenerProcess(settings) as listener:
        listener.ready()
        publish(own_mosquitto, [announced("C", datetime.now(UTC))])
        kept = listener.wait(lambda kept: len(messages_of(kept)) == 5 and bool(connected(kept, deadline)))
        stopped, back = (
            max(one.occurred_at for one in events_of(kept) if one.event == name)
            for name in ("stopped", "connected")
        )
        later = back + (back - stopped) + SECOND
        listener.wait(lambda _: datetime.now(UTC) > later)
        county = County(settings, deadline, monkeypatch)
        states = county.states(max(later, messages_of(kept)[-1].received_at))
        listener.stop()
    assert states["A"] == ("sent_in_time_received_late", "ours")
    # where the broker is too young to vouch for the gap nobody is accused at all
    accused = {"B": ("missing", "enterprise"), "C": ("late", "enterprise")}
    open_still = dict.fromkeys("BC", ("unknown_ours", "ours"))
    assert {company: states[company] for company in "BC"} in (accused, open_still)
