"""What our own intake says of itself, written into the journal like everything else.

From these records alone the blind intervals follow: "we could not have known" must be provable too.
"""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from rdchem.model.message import Code, Instant


class ListenerEvent(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    forbid_unknown_fields=True,
    tag="listener_event",
    tag_field="kind",
):
    """采集端记录: a listener started, connected, lost the broker, is alive, or stopped.

    `session_present` tells, for `connected`, whether the broker kept our session: then nothing published in
    the gap was lost, it only reached us late.
    """

    listener: Code
    event: Literal["started", "connected", "disconnected", "alive", "stopped"]
    occurred_at: Instant
    session_present: bool | None = None
    period_s: Annotated[float, Meta(gt=0, description="longest time to the next record while alive")] = 15.0
    topics: Annotated[list[str], Meta(description="topic filters it hears; none named: everything")] = []
    simulated: bool = False
