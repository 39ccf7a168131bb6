"""Order, copies and re-sends of papers never change what is found, nor how the rows stand."""

from dataclasses import replace
from datetime import timedelta
from random import Random

import msgspec
import pytest

from rdchem.known import Known
from rdchem.messages import KINDS, encode
from rdchem.model.commitment import Operation
from rdchem.model.day import EnterpriseDay
from rdchem.model.message import Message
from rdchem.side_by_side import side_by_side
from sensors_sim.truth_set import truth_set
from tests.truth_set import enterprise_days_of, judged

PAPERS = ("commitment", "hot_work_permit", "special_work_permit")
GROUPS = list(truth_set(11, 140))


def stand(days: tuple[EnterpriseDay, ...]) -> list[tuple[str, ...]]:
    return [
        (
            day.company_code,
            operation.value,
            row.item[0].item_id if row.item else "",
            row.permit.message.ticket_no if row.permit else "",
            *row.standings,
        )
        for day in days
        for operation in Operation
        for row in side_by_side(day, operation) or ()
    ]


def shuffled(known: list[Known]) -> list[Known]:
    return Random(3).sample(known, len(known))


def said_twice(known: list[Known]) -> list[Known]:
    """The same bytes come again, later: a copy under the same journal id."""
    return known + [replace(one, received_at=one.received_at + timedelta(seconds=20)) for one in known]


def sent_again(known: list[Known]) -> list[Known]:
    """Platforms send the newest version of everything again, under a higher number and a later time."""
    newest: dict[tuple[str, str], tuple[Known, Message]] = {}
    for one in known:
        message: Message = msgspec.json.decode(one.body, type=KINDS[one.kind])
        last = newest.get((one.kind, message.id))
        if one.kind in PAPERS and (last is None or last[1].seq <= message.seq):
            newest[one.kind, message.id] = (one, message)
    again = []
    for one, message in newest.values():
        later = max(message.occurred_at, one.received_at) + timedelta(milliseconds=1)
        same = msgspec.structs.replace(message, seq=message.seq + 1, occurred_at=later)
        again.append(
            replace(one, journal_id=f"{one.journal_id}-2", body=encode(same).decode(), received_at=later)
        )
    return known + again


@pytest.mark.parametrize("turn", [shuffled, said_twice, sent_again])
def test_order_copies_and_re_sends_change_nothing(turn: object) -> None:
    for day, bent in GROUPS:
        assert judged(day, bent, turn) == judged(day, bent)  # type: ignore[arg-type]
        before, after = (stand(enterprise_days_of(day, bent, one)) for one in (list, turn))  # type: ignore[arg-type]
        assert after == before
