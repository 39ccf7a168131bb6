"""A morning on which our own listener is away: who may still be accused, as data (`catalogue/away.yaml`)."""

from datetime import date, time
from importlib.resources import files

import msgspec
import yaml

from sensors_sim.morning import Morning, morning
from sensors_sim.scenarios import Catalogue, Scenario
from sensors_sim.window import Window


class Away(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """From when to when nobody listens, local times of day; the broker keeps nothing for us meanwhile."""

    since: time
    until: time


class _AwayFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    opens: time
    closes: time
    away: Away
    scenarios: tuple[Scenario, ...]


def away_morning(seed: int, day: date) -> tuple[Morning, Away]:
    """The morning with each of its scenarios once, and when we are away."""
    text = (files(__package__) / "catalogue" / "away.yaml").read_text(encoding="utf-8")
    content = msgspec.convert(yaml.safe_load(text), _AwayFile)
    catalogue = Catalogue(content.scenarios)
    window = Window(day, content.opens, content.closes)
    chosen = list(catalogue)
    made = morning(seed, 2 * len(chosen), window, catalogue=catalogue, chosen=chosen)
    return made, content.away
