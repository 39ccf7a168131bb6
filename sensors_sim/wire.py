"""What goes over the wire, and when: a message of the contract on its topic, or bytes that are none."""

from dataclasses import dataclass
from datetime import datetime

from rdchem.messages import encode, kind_of, topic_of
from rdchem.model.message import Message

_ORDER = (
    "register",
    "gateway_presence",
    "out_of_service",
    "offline_declaration",
    "hot_work_permit",
    "special_work_permit",
    "commitment",
    "camera_status",
    "readings",
    "alarm",
)


@dataclass(frozen=True, slots=True)
class Sent:
    """One publication: the instant it leaves (UTC), its topic, the message, or bytes that are none."""

    at: datetime
    topic: str
    content: Message | bytes

    @property
    def payload(self) -> bytes:
        """The bytes published."""
        return self.content if isinstance(self.content, bytes) else encode(self.content)

    @property
    def retain(self) -> bool:
        """Whether the broker keeps it for later subscribers: only a gateway's presence is."""
        return not isinstance(self.content, bytes) and kind_of(self.content) == "gateway_presence"

    @property
    def order(self) -> tuple[datetime, int, str]:
        """Sorting key: by instant, then kind, then topic."""
        rank = len(_ORDER) if isinstance(self.content, bytes) else _ORDER.index(kind_of(self.content))
        return (self.at, rank, self.topic)


def sent(at: datetime, area_code: str, message: Message) -> Sent:
    """A message of the contract, sent on the topic it belongs on."""
    return Sent(at, topic_of(area_code, message), message)
