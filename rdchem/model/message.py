"""The header every message carries, and the field types the messages share.

A message is a full statement by its sender, never a patch: a later `seq` of the same `id` replaces the
earlier one. Codes are text and stay text; their lengths conflict between the real systems, so the wire
only bounds them and a profile checks them (domain facts, section 7).
"""

from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import Meta

# `(?![\s\S])` is "end of text" in Python and in JSON Schema alike; `$` would let a final newline pass.
Code = Annotated[str, Meta(pattern=r"^[0-9A-Za-z_.-]{1,40}(?![\s\S])", title="编码")]
AreaCode = Annotated[str, Meta(pattern=r"^[0-9]{6}(?![\s\S])", title="行政区划代码")]
Identifier = Annotated[str, Meta(min_length=1, max_length=120, title="标识")]
Name = Annotated[str, Meta(max_length=200)]
Text = Annotated[str, Meta(max_length=4000)]
Instant = Annotated[datetime, Meta(tz=True, description="RFC 3339 instant with its offset.")]
Count = Annotated[int, Meta(ge=0, le=100_000)]


class Message(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What every payload carries.

    `id` names the thing spoken of (an announcement, a permit, one batch), `seq` numbers the sender's
    versions of it, `occurred_at` is the sender's own clock. `simulated` marks everything a simulator made
    and follows it into the report.
    """

    id: Identifier
    seq: Annotated[int, Meta(ge=0, le=2**53 - 1)]
    occurred_at: Instant
    company_code: Code
    simulated: bool = False


class Part(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A piece of a message that never travels alone."""
