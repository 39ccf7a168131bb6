"""Whether the broker we came back to is still the process we left, so that it lost nothing. Pure.

A broker that was killed comes back with our session, but as it had last saved it: what it acknowledged to a
publisher since, and had not yet delivered, is gone, and the session being there says nothing of it. Brokers
tell how long they run (`$SYS/broker/uptime`, "12 seconds"): one that runs for less time than we know it was
started again in between. One that says nothing is believed that it kept the session.
"""

import re
from typing import Final

UPTIME_TOPIC: Final = "$SYS/broker/uptime"
_TOLERANCE_S: Final = 2.0
"""How old what the broker says may be: `sys_interval` of deploy/mosquitto, and the way to us."""
_PATIENCE_S: Final = 1.0
"""How long we wait for its word."""
_UPTIME: Final = re.compile(rb"([0-9]{1,9}) seconds")


class Incarnation:
    """One process of the broker. Times are seconds of the caller's clock; `since_s` is when it was known to
    run, None if never.
    """

    def __init__(self, since_s: float | None) -> None:
        self._since_s = since_s
        self._asked_s: float | None = None

    def ask(self, now_s: float) -> None:
        """We are connected again, the session is there, and the broker will say since when it runs."""
        self._asked_s = now_s

    def met(self, now_s: float) -> None:
        """We are connected, and whatever was before is lost anyhow."""
        self._since_s, self._asked_s = now_s, None

    def answer(self, payload: bytes, now_s: float) -> bool | None:
        """Whether the session lost nothing, by the broker's word; None if that was not asked."""
        if self._asked_s is None:
            return None
        self._asked_s = None
        told = _UPTIME.fullmatch(payload)
        known_s = now_s - self._since_s if self._since_s is not None else 0.0
        restarted = told is not None and int(told[1]) + _TOLERANCE_S < known_s
        if restarted or self._since_s is None:
            self._since_s = now_s
        return not restarted

    def no_answer(self, now_s: float, *, at_once: bool = False) -> bool:
        """Whether the broker was asked and says nothing; it is not asked any more then."""
        if self._asked_s is None or (now_s - self._asked_s < _PATIENCE_S and not at_once):
            return False
        self.answer(b"", now_s)
        return True
