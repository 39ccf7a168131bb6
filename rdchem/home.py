"""An installation: its settings with their open database."""

from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from sqlalchemy import Engine

from rdchem.settings import Settings
from rdchem.store.alone import alone
from rdchem.store.connection import open_database


@dataclass(frozen=True, slots=True)
class Home:
    """Settings with their open database."""

    settings: Settings
    engine: Engine

    @classmethod
    def open(cls) -> "Home":
        """The installation the environment names."""
        settings = Settings()
        settings.home.mkdir(parents=True, exist_ok=True)
        return cls(settings, open_database(settings.url))

    def out(self, day: date) -> Path:
        """Folder of a day's reports."""
        return self.settings.out_path / day.isoformat()

    def day_alone(self, day: date) -> AbstractContextManager[None]:
        """Of all runs about a business day, on any machine, the only one that writes; the others wait."""
        return alone(self.engine, self.settings.locks_path, f"day {day}")
