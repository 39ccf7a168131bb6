"""Lower explosive limits of common gases, a dated and sourced table (`gases.yaml`), and its one reader."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Final

import yaml

from rdchem.errors import ConfigurationError

OXYGEN: Final = "氧气"


@dataclass(frozen=True, slots=True)
class Gas:
    """A gas by its usual name; `lel` in per cent by volume, None for one that does not burn."""

    name: str
    lel: float | None


def gas(name: str, day: date) -> Gas | None:
    """The gas an analysis names; None for one not in the table, or before the table's first day."""
    since, table = _table()
    return table.get(_plain(name)) if day >= since else None


@cache
def _table() -> tuple[date, Mapping[str, Gas]]:
    document = yaml.safe_load(files(__package__).joinpath("gases.yaml").read_text(encoding="utf-8"))
    table: dict[str, Gas] = {}
    for entry in document["gases"]:
        for name in entry["names"]:
            if _plain(name) in table:
                raise ConfigurationError(f"gases.yaml 中“{name}”重复。")
            table[_plain(name)] = Gas(entry["names"][0], entry["lel"])
    return document["since"], table


def _plain(name: str) -> str:
    return "".join(unicodedata.normalize("NFKC", name).casefold().split())
