"""How an enterprise's messages travel: as they leave, doubled, overtaking one another, or held up."""

import heapq
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from rdchem.model.source import Readings
from sensors_sim.wire import Sent

Delivery = Callable[[Iterator[Sent]], Iterator[Sent]]
"""A stream in order of time, delivered as another one in order of time."""
_DETOUR: Final = timedelta(seconds=90)


def twice(stream: Iterator[Sent]) -> Iterator[Sent]:
    """Everything comes two times, as from a sender that never hears an acknowledgement."""
    for sent in stream:
        yield sent
        yield sent


def out_of_order(stream: Iterator[Sent]) -> Iterator[Sent]:
    """Every second batch of a gateway takes a detour and is overtaken by the next one."""
    on_detour: list[tuple[tuple[object, ...], int, Sent]] = []
    batches: Counter[str] = Counter()
    for number, sent in enumerate(stream):
        while on_detour and on_detour[0][0] <= sent.order:
            yield heapq.heappop(on_detour)[2]
        if isinstance(sent.content, Readings):
            batches[sent.topic] += 1
            if batches[sent.topic] % 2 == 0:
                late = replace(sent, at=sent.at + _DETOUR)
                heapq.heappush(on_detour, (late.order, number, late))
                continue
        yield sent
    while on_detour:
        yield heapq.heappop(on_detour)[2]


def held_up(gateway_code: str, since: datetime, until: datetime) -> Delivery:
    """What a gateway collects between two instants waits in its outbox and comes in one burst."""

    def deliver(stream: Iterator[Sent]) -> Iterator[Sent]:
        outbox: list[Sent] = []
        for sent in stream:
            if outbox and sent.order >= outbox[0].order:
                yield from outbox
                outbox.clear()
            collected = isinstance(sent.content, Readings) and sent.content.gateway_code == gateway_code
            if collected and since <= sent.at < until:
                outbox.append(replace(sent, at=until))
            else:
                yield sent
        yield from outbox

    return deliver
