"""Mornings on which somebody else than an enterprise is down: our own listener, or the platform for all.

What may still be held against anyone is data (`catalogue/away.yaml`, `catalogue/platform.yaml`).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from importlib.resources import files
from typing import Literal

import msgspec
import yaml

from sensors_sim.morning import Morning, morning
from sensors_sim.scenarios import Catalogue, Scenario
from sensors_sim.window import Window
from sensors_sim.wire import Sent


class Away(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who is down from when to when, local times of day.

    `us`: nobody listens, and the broker keeps nothing for us meanwhile. `platform`: what enterprises send
    gets no further than to the platform.
    """

    who: Literal["us", "platform"]
    since: time
    until: time


class _OutageFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    opens: time
    closes: time
    away: Away
    scenarios: tuple[Scenario, ...]


@dataclass(frozen=True)
class CutOff(Morning):
    """A morning of which the platform passed nothing on between two instants (UTC)."""

    since: datetime
    until: datetime

    def timeline(self) -> Iterator[Sent]:
        """Everything that got through."""
        return (sent for sent in super().timeline() if not self.since <= sent.at < self.until)


def outage_morning(name: str, seed: int, day: date) -> tuple[Morning, Away]:
    """The morning of a file of the catalogue, each of its scenarios once, and who was down when."""
    text = (files(__package__) / "catalogue" / f"{name}.yaml").read_text(encoding="utf-8")
    content = msgspec.convert(yaml.safe_load(text), _OutageFile)
    catalogue = Catalogue(content.scenarios)
    window = Window(day, content.opens, content.closes)
    chosen = list(catalogue)
    made = morning(seed, 2 * len(chosen), window, catalogue=catalogue, chosen=chosen)
    away = content.away
    if away.who == "platform":
        since, until = window.at(away.since), window.at(away.until)
        return CutOff(made.window, made.plans, made.truth, since, until), away
    return made, away
