"""A camera's spells out of its status messages: seen, frozen, offline, silent."""

from datetime import UTC, datetime, timedelta

import pytest

from rdchem.cameras import camera_spells
from rdchem.model.course import Seen, Spell
from rdchem.model.day import Received
from rdchem.model.source import CameraState, CameraStatus

START = datetime(2026, 9, 15, 0, 0, tzinfo=UTC)
LIMIT = timedelta(minutes=10)
Told = list[tuple[Seen, int, int]]


def minute(number: float) -> datetime:
    return START + timedelta(minutes=number)


def status(at: int, state: CameraState, heard: int | None = None) -> Received[CameraStatus]:
    message = CameraStatus(
        company_code="370100001",
        id=f"m{at}",
        seq=1,
        occurred_at=minute(at),
        gateway_code="G1",
        cameras=[state],
    )
    return Received(f"j{at}", minute(at if heard is None else heard), message)


def online(at: int, **picture: object) -> Received[CameraStatus]:
    return status(at, CameraState(camera_code="V1", online=True, **picture))  # type: ignore[arg-type]


def offline(at: int, since: int | None = None) -> Received[CameraStatus]:
    began = None if since is None else minute(since)
    return status(at, CameraState(camera_code="V1", online=False, since=began))


def spells(*statuses: Received[CameraStatus], until: int = 30) -> tuple[Spell, ...]:
    return camera_spells(statuses, as_of=minute(until), limit=LIMIT).get("V1", ())


def told(*statuses: Received[CameraStatus], until: int = 30) -> Told:
    return [
        (one.state, *(int((at - START) / timedelta(minutes=1)) for at in (one.start, one.end)))
        for one in spells(*statuses, until=until)
    ]


def test_a_message_speaks_until_the_next_but_not_beyond_the_limit() -> None:
    assert told(online(0), online(5), online(20)) == [
        (Seen.MOVING, 0, 15),
        (Seen.SILENT, 15, 20),
        (Seen.MOVING, 20, 30),
    ]


def test_offline_begins_when_it_says_but_not_before_the_message_before() -> None:
    assert told(online(0), offline(8, since=5), online(12), until=20) == [
        (Seen.MOVING, 0, 5),
        (Seen.OFFLINE, 5, 12),
        (Seen.MOVING, 12, 20),
    ]
    assert told(online(4), offline(8, since=1), until=10) == [(Seen.OFFLINE, 4, 10)]
    assert told(offline(8, since=1), until=10) == [(Seen.OFFLINE, 1, 10)]


@pytest.mark.parametrize(
    ("before", "after", "state"),
    [
        ({"frame_no": 7}, {"frame_no": 7}, Seen.FROZEN),
        ({"frame_no": 7}, {"frame_no": 8}, Seen.MOVING),
        ({"picture_hash": "a"}, {"picture_hash": "a"}, Seen.FROZEN),
        ({"frame_no": 7, "picture_hash": "a"}, {"frame_no": 7, "picture_hash": "b"}, Seen.MOVING),
        ({"frame_no": 7, "picture_hash": "a"}, {"frame_no": 8, "picture_hash": "a"}, Seen.FROZEN),
        ({}, {}, Seen.MOVING),
    ],
)
def test_a_picture_that_stands_still(
    before: dict[str, object], after: dict[str, object], state: Seen
) -> None:
    assert told(online(0, **before), online(5, **after), until=10) == [(state, 0, 10)]


def test_a_freeze_begins_with_the_first_of_equal_pictures_and_ends_with_another() -> None:
    pictures = (1, 2, 2, 2, 3)
    found = spells(*(online(5 * at, frame_no=frame) for at, frame in enumerate(pictures)), until=25)
    assert [(one.state, one.start, one.end) for one in found] == [
        (Seen.MOVING, minute(0), minute(5)),
        (Seen.FROZEN, minute(5), minute(20)),
        (Seen.MOVING, minute(20), minute(25)),
    ]
    assert found[1].journal == ("j5", "j15")


def test_an_offline_camera_has_no_frozen_picture() -> None:
    state = CameraState(camera_code="V1", online=False, frame_no=7)
    assert told(online(0, frame_no=7), status(5, state), until=10) == [
        (Seen.MOVING, 0, 5),
        (Seen.OFFLINE, 5, 10),
    ]


def test_order_of_arrival_says_nothing_and_the_future_is_dated_by_its_receipt() -> None:
    late = (online(0), offline(5), online(9))
    assert told(*late) == told(*reversed(late))
    ahead = status(20, CameraState(camera_code="V1", online=True), heard=2)
    assert told(ahead, until=10) == [(Seen.MOVING, 2, 10)]


def test_cameras_apart() -> None:
    cameras = [CameraState(camera_code=code, online=code == "V2") for code in ("V2", "V1")]
    one = status(0, cameras[0])
    both = CameraStatus(
        company_code="370100001", id="m", seq=1, occurred_at=minute(0), gateway_code="G1", cameras=cameras
    )
    found = camera_spells([Received("j", one.received_at, both)], as_of=minute(5), limit=LIMIT)
    assert {code: own[0].state for code, own in found.items()} == {"V1": Seen.OFFLINE, "V2": Seen.MOVING}
