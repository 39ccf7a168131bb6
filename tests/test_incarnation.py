"""A broker that was started again is known by its own word; one that says nothing is believed."""

import pytest

from rdchem.incarnation import Incarnation


@pytest.mark.parametrize(
    ("uptime", "away_s", "kept"),
    [
        (b"3600 seconds", 10.0, True),
        (b"100 seconds", 100.0, True),
        (b"98 seconds", 100.0, True),
        (b"97 seconds", 100.0, False),
        (b"0 seconds", 100.0, False),
        (b"long", 100.0, True),
        (b"", 100.0, True),
    ],
)
def test_a_broker_known_for_longer_than_it_runs_was_started_again(
    uptime: bytes, away_s: float, kept: bool
) -> None:
    broker = Incarnation(1000.0)
    broker.ask(1000.0 + away_s)
    assert broker.answer(uptime, 1000.0 + away_s) is kept


def test_each_process_of_the_broker_is_known_anew() -> None:
    broker = Incarnation(None)
    broker.ask(0.0)
    assert broker.answer(b"500 seconds", 0.0) is True, "never met before"
    broker.ask(60.0)
    assert broker.answer(b"5 seconds", 60.0) is False
    broker.ask(70.0)
    assert broker.answer(b"15 seconds", 70.0) is True
    broker.met(80.0)
    assert broker.answer(b"1 seconds", 80.0) is None, "not asked: the session was lost anyhow"
    broker.ask(90.0)
    assert broker.answer(b"3 seconds", 90.0) is False
    assert broker.answer(b"3 seconds", 91.0) is None, "said once a connection"


def test_no_word_in_time_is_told_once() -> None:
    broker = Incarnation(0.0)
    assert not broker.no_answer(5.0)
    broker.ask(10.0)
    assert not broker.no_answer(10.9)
    assert broker.no_answer(11.0)
    assert not broker.no_answer(12.0)
    broker.ask(20.0)
    assert broker.no_answer(20.0, at_once=True)
