"""Who shows what another shows, among all the sources of a day.

Of enterprises that are not to be judged the readings are looked at as well, some at a time: it is them that
somebody may have copied from.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Final

from rdchem.model.course import Course
from rdchem.model.source import Source, SourceKind
from rdchem.readings.copies import (
    WIDTH,
    Fingerprints,
    Key,
    fingerprints,
    stretches,
    suspicions,
    together,
)
from rdchem.readings.drawn import with_copies
from rdchem.readings.rows import Rows
from rdchem.store.rows import by_company

_AT_ONCE: Final = 100


@dataclass(frozen=True, slots=True)
class Today:
    """What was received from `start` to `as_of`: files, registered sources by the company that sends, and as
    whom those are registered that send as another.
    """

    files: Sequence[Path]
    sources: Mapping[str, Mapping[str, Source]]
    owners: Mapping[str, str]
    start: datetime
    as_of: datetime

    def rows(self, companies: set[str] | None) -> Iterator[tuple[str, dict[str, Rows]]]:
        """Company -> source -> what was collected within the interval: of all companies, or of some."""
        span = (self.start, self.as_of)
        return by_company(self.files, since=self.start, until=self.as_of, received=span, companies=companies)

    def sensors(self, company: str) -> dict[str, Source]:
        """The registered sensors of a company."""
        sources = self.sources.get(company, {})
        return {code: source for code, source in sources.items() if source.kind is SourceKind.SENSOR}

    def prints(self, several: Iterable[tuple[str, Mapping[str, Rows]]]) -> Fingerprints:
        """The fingerprints of some companies' sensors."""
        return fingerprints(
            {
                (self._owner(company), code): own.series
                for company, rows in several
                for known in [self.sensors(company)]
                for code, own in rows.items()
                if code in known and own.seconds.size >= WIDTH
            }
        )

    def prints_but(self, companies: set[str]) -> Iterator[Fingerprints]:
        """Those of all companies but some."""
        others = self.rows(self.sources.keys() - companies)
        while some := [*islice(others, _AT_ONCE)]:
            yield self.prints(some)

    def with_copies(
        self, found: dict[str, dict[str, Course]], prints: Sequence[Fingerprints]
    ) -> dict[str, dict[str, Course]]:
        """The same courses, with what others show too. `prints` are those of all companies."""
        suspected = suspicions(together(prints))
        ours = {
            key: (company, code)
            for company, own in found.items()
            for code in own
            if (key := (self._owner(company), code)) in suspected
        }
        if not ours:
            return found
        rows = self._rows_of({one for key in ours for each in suspected[key] for one in (key, each.other)})
        for key, (company, code) in ours.items():
            if shown := stretches(suspected[key], rows):
                course = found[company][code]
                found[company] = found[company] | {code: with_copies(course, rows[key], shown)}
        return found

    def _rows_of(self, keys: set[Key]) -> dict[Key, Rows]:
        wanted = {owner for owner, _ in keys}
        companies = {company for company in self.sources if self._owner(company) in wanted}
        return {
            key: rows
            for company, own in self.rows(companies)
            for code, rows in own.items()
            if (key := (self._owner(company), code)) in keys
        }

    def _owner(self, company: str) -> str:
        return self.owners.get(company, company)
