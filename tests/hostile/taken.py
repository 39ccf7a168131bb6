"""One payload taken the way the projection takes it: a message, or a quarantine row with its reason."""

from rdchem.messages import decode, encode
from rdchem.projection import Place, project_record
from rdchem.segment import Record

_PLACE = Place("hostile", 1, 0)
_AT_US = 1_789_430_400_000_000


def taken(topic: str, payload: bytes) -> str:
    """`accepted`, the code of the reason, or `clock`. Raises what a bug raises.

    What is accepted says the same again when it is written down by us; what is not has a reason in words.
    """
    record = Record(_AT_US, topic, payload)
    projected = project_record(record, _PLACE)
    if projected.quarantine:
        [row] = projected.quarantine
        assert row.reason and not projected.messages and len(projected.readings) == 0
        assert "\0" not in row.reason + row.topic
        return row.code
    if not projected.messages:
        return "clock"
    [message] = projected.messages
    assert message.journal_id == record.journal_id
    said = decode(topic, payload)
    assert decode(topic, encode(said)) == said
    return "accepted"
