"""Online rates by time and drops of the day as the report shows them: the county, and each hazard."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from rdchem.availability import Availability, together, totals
from rdchem.model.day import EnterpriseDay
from rdchem.model.source import SourceKind
from rdchem.reports.tally import UNKNOWN

KINDS: Final = {SourceKind.SENSOR.value: "传感器", SourceKind.CAMERA.value: "视频"}


@dataclass(frozen=True, slots=True)
class OnlineLine:
    """One hazard's sources of one kind (`hazard` empty: those under none) within the day."""

    company_code: str
    name: str
    kind: str
    hazard: str
    times: Availability

    @property
    def cells(self) -> tuple[str | int | float, ...]:
        """As in a workbook: rate in percent, hours."""
        one = self.times
        rate = UNKNOWN if one.rate is None else round(100 * one.rate, 2)
        hours = (_hours(one.offline), one.drops, _hours(one.out_of_service), _hours(one.blind))
        return (self.company_code, self.name, self.kind, self.hazard, one.sources, rate, *hours)


def online_lines(days: Sequence[EnterpriseDay]) -> Iterator[OnlineLine]:
    """A line for each hazard and kind of source, in order."""
    names = {day.company_code: day.register.enterprise.name for day in days}
    for (company, kind, hazard), one in totals(days, "hazard").items():
        yield OnlineLine(company, names[company], KINDS[kind], hazard, one)


def online_heads(lines: Sequence[OnlineLine]) -> Mapping[str, str]:
    """Kind of source -> its rate by time with drops and hours offline, of all; a dash where none was
    judged.
    """
    told = {}
    for kind in KINDS.values():
        whole = together([line.times for line in lines if line.kind == kind])
        if whole.rate is None:
            told[kind] = UNKNOWN
        else:
            told[kind] = f"{whole.rate:.2%},掉线 {whole.drops} 次,合计 {_hours(whole.offline):g} 小时"
    return told


def _hours(duration: timedelta) -> float:
    return round(duration / timedelta(hours=1), 2)
