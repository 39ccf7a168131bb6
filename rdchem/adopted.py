"""Which rulebook file verdicts were given by, kept in the journal like everything a verdict rests on.

Whenever a verdict is kept and the installation's rulebook file is not the one of the last record, its bytes
are recorded. So the journal alone is enough to judge a past morning again on another machine: write the file
of that time out (`rdchem rulebook --at … --out …`) and name it in RDCHEM_RULEBOOK_FILE. It is never used by
itself: whether a past day is judged by the rules of then or by corrected ones is for a person to say.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from sqlalchemy import Engine

from rdchem.calendar import local_text
from rdchem.errors import NotReadyError
from rdchem.intake import open_journal
from rdchem.projection import RULEBOOK_TOPIC
from rdchem.segment import OWN_ORIGIN, Record, microseconds
from rdchem.settings import Settings
from rdchem.store.alone import alone

_STREAM: Final = "rulebook"


@dataclass(frozen=True, slots=True)
class Adopted:
    """The content of the rulebook file, empty for none, and since when verdicts are given by it."""

    since: datetime
    content: bytes

    @property
    def digest(self) -> str:
        """What tells one content from another."""
        return hashlib.sha256(self.content).hexdigest()[:16]


def adopt(settings: Settings, engine: Engine) -> bool:
    """Record the rulebook file if it is another than the last one; whether it was."""
    content = b"".join(path.read_bytes() for path in settings.rulebook_files)
    with alone(engine, settings.locks_path, _STREAM):
        before = list(adopted(settings))
        if content == (before[-1].content if before else b""):
            return False
        now = microseconds(datetime.now(UTC))
        with open_journal(settings).writer(_STREAM) as writer:
            writer.append([Record(now, RULEBOOK_TOPIC, content, origin=OWN_ORIGIN)])
    return True


def adopted(settings: Settings) -> Iterator[Adopted]:
    """Every rulebook file verdicts were given by, in order."""
    journal = open_journal(settings)
    if _STREAM in journal.streams():
        for header in journal.headers(_STREAM):
            for record in journal.segment(_STREAM, header.seq).records:
                yield Adopted(record.received_at, record.payload)


def adopted_at(settings: Settings, at: datetime) -> Adopted:
    """The one verdicts were given by at an instant, to the millisecond, as it is shown.

    Raises NotReadyError if there was none yet.
    """
    earlier = [one for one in adopted(settings) if _as_shown(one.since) <= at]
    if not earlier:
        raise NotReadyError(f"截至 {local_text(at)} 日志中没有采用过的规则文件,当时按出厂规则判定。")
    return earlier[-1]


def _as_shown(since: datetime) -> datetime:
    return since.replace(microsecond=since.microsecond // 1000 * 1000)
