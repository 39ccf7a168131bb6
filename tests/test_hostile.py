"""A sample of `make hostile`: nothing anybody sends raises, kills the listener, or goes without a reason."""

from pathlib import Path

import pytest

from rdchem.messages import MAX_PAYLOAD_BYTES
from tests.hostile.payloads import WAYS, spoilt
from tests.hostile.taken import taken
from tests.hostile.wire import through_the_wire

NEVER_ACCEPTED = {"deep", "no_json", "cut", "unknown_field", "unknown_kind", "odd_topic"}
TOPIC = "rdchem/v1/320623/320623001/commitment"


@pytest.fixture(scope="module")
def outcomes() -> dict[str, set[str]]:
    found: dict[str, set[str]] = {way: set() for way in WAYS}
    for way, topic, payload in spoilt(0, 4000):
        found[way].add(taken(topic, payload))
    return found


def test_every_way_is_met_and_what_makes_no_sense_is_never_accepted(outcomes: dict[str, set[str]]) -> None:
    assert all(outcomes.values())
    assert "accepted" in outcomes["untouched"]
    assert {way for way in NEVER_ACCEPTED if "accepted" in outcomes[way]} == set()


def test_what_is_too_large_is_not_even_looked_into() -> None:
    assert taken(TOPIC, b"[" * (MAX_PAYLOAD_BYTES + 1)) == "too_large"
    assert taken(TOPIC, b"{" * MAX_PAYLOAD_BYTES) == "not_json"


def test_a_real_listener_outlives_them_and_keeps_them(tmp_path: Path) -> None:
    found = through_the_wire(tmp_path, 400, huge=False)
    assert found.alive
    assert found.kept == found.sent > 300
    assert found.outcomes["accepted"] and found.outcomes["schema"] and found.outcomes["not_json"]
