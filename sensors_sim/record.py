"""Any broker's messages into a recording, as they arrive: `rdchem`'s listener, with a file for a journal.

The recorder also writes down what it says of itself (connected, alive, …), as every listener does: whoever
receives the recording knows when somebody listened. Not if it hears only some topics, for then it cannot
vouch that what is missing was not said.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Final

from pydantic import SecretStr

from rdchem.errors import InputError, NotReadyError
from rdchem.messages import TOPIC_ROOT
from rdchem.mqtt import Listener
from rdchem.recording import Header
from rdchem.segment import OWN_ORIGIN, Record
from rdchem.settings import Settings
from sensors_sim.recording import RecordingFile, line_of
from sensors_sim.session import Address

EVERYTHING: Final = f"{TOPIC_ROOT}/#"
_COMPLETE: Final = frozenset({EVERYTHING, f"{TOPIC_ROOT.partition('/')[0]}/#", "#"})


def record(
    address: Address,
    out: Path,
    header: Header,
    *,
    topics: Sequence[str] = (EVERYTHING,),
    clock: bool = False,
    until_idle: float | None = None,
    until: datetime | None = None,
    on_ready: Callable[[], None] = lambda: None,
    on_written: Callable[[int], None] = lambda _: None,
) -> int:
    """Record until stopped by a signal, idle, or the clock reaches `until`; the number of messages received.

    `clock`: the last tick of the simulated county is the time of receipt. `on_written` is told the number of
    messages on disk. Raises InputError, NotReadyError.
    """
    if out.exists():
        raise InputError(f"{out} 已存在。请换一个文件名,或先移走它。")
    vouches = not _COMPLETE.isdisjoint(topics)
    written = 0
    with RecordingFile(out, header) as file:

        def append(records: Sequence[Record]) -> None:
            nonlocal written
            own = [one for one in records if one.origin == OWN_ORIGIN]
            file.append(line_of(one) for one in records if vouches or one.origin != OWN_ORIGIN)
            written += len(records) - len(own)
            on_written(written)

        listener = Listener(
            _settings(address), append, replay=clock, on_ready=on_ready, topics=topics, passing=True
        )
        try:
            received = listener.run(until_idle=until_idle, until=until)
        except NotReadyError:
            if not written:
                out.unlink()
            raise
    if received and not written:
        raise InputError(f"收到 {received} 条报文,却没有仿真县的报时,均未写下。请去掉 --clock 重新录制。")
    return received


def _settings(address: Address) -> Settings:
    """The recorder as a listener of its own name."""
    return Settings(
        listener="recorder",
        mqtt_host=address.host,
        mqtt_port=address.port,
        mqtt_username=address.username,
        mqtt_password=SecretStr(address.password),
        mqtt_ca_file=Path(address.ca_file) if address.ca_file else None,
    )
