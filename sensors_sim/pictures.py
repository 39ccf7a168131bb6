"""The pictures of a camera, as far as its status tells of them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from rdchem.model.source import CameraState
from sensors_sim.signals import mixed, noise
from sensors_sim.streams import stream

_FRAMES_A_SECOND: Final = 25
_RESTARTS_S: Final = 30 * 86_400
_BITRATE_KBPS: Final = 2048.0


@dataclass(frozen=True, slots=True)
class Pictures:
    """A camera's stream, a pure function of the instant: restarted once a month, no two pictures alike."""

    phase_s: int
    salt: int

    def state(self, code: str, at: datetime) -> CameraState:
        """The camera online, with its newest picture of an instant."""
        second = int(at.timestamp())
        return CameraState(
            camera_code=code,
            online=True,
            frame_no=_FRAMES_A_SECOND * ((second + self.phase_s) % _RESTARTS_S),
            picture_hash=f"{mixed(self.salt, second):08x}{mixed(~self.salt, second):08x}",
            bitrate_kbps=round(_BITRATE_KBPS * (1 + 0.1 * noise(~self.salt, second)), 1),
        )


def pictures(seed: int, camera_code: str) -> Pictures:
    """The stream of a camera."""
    random = stream(seed, camera_code, "pictures")
    return Pictures(random.randrange(_RESTARTS_S), random.getrandbits(32))
