"""What streams in, as tables: the newest reading or status of each source, and the volume of each kind."""

from collections.abc import Iterable, Iterator, Sequence
from math import isclose

import numpy as np
import pandas as pd

from rdchem.facts.row import Line, Row, columns, seconds, stated
from rdchem.fitness import PAPER, has_stopped
from rdchem.limits import Limits
from rdchem.model.day import EnterpriseDay, Received, Volume
from rdchem.model.source import Alarm
from rdchem.register import credit_codes
from rdchem.segment import microseconds
from rdchem.versions import ChangedVersion

LAST_READINGS = columns(time="occurred_at received_at", number="ahead_s age_s", text="source_kind")
ALARMS = columns(
    time="occurred_at received_at",
    number="ahead_s lasted_s",
    text="level threshold_by thresholds values",
    flag="source_is_known threshold_agrees is_beyond",
)
STREAMS = columns(count="reading_count usual_count placeholder_count", number="share placeholder_share")
VERSIONS = columns(time="received_at", text="kind first", flag="is_unchanged")
VOLUMES = columns(count="received_count usual_count", text="kind", flag="flows")


def last_readings(day: EnterpriseDay) -> Iterator[Line]:
    """A line for each source heard of, in the order of LAST_READINGS."""
    for kind, newest in (("sensor", day.readings), ("camera", day.cameras)):
        for code, seen in newest.items():
            at, heard_at = seen.occurred_at, seen.received_at
            ahead_s = (at - heard_at).total_seconds()
            age_s = (day.as_of - min(at, heard_at)).total_seconds()
            yield day.company_code, code, seen.journal_id, at, heard_at, ahead_s, age_s, kind


def newest_readings(newest: pd.DataFrame, days: Sequence[EnterpriseDay]) -> pd.DataFrame:
    """The same of days read without their readings: `newest` as from `rdchem.store.last_seen.newest_rows`. A
    row for each registered source, under its enterprise's own code whichever of its codes it was sent under.
    """
    registers = {day.company_code: day.register for day in days}
    owner, sent_by = credit_codes(registers), newest["company_code"].tolist()
    who = [owner.get(code, code) for code in sent_by]
    sources = [registers[code].sources if code in registers else {} for code in who]
    known = [code in own for code, own in zip(newest["source_code"].tolist(), sources, strict=True)]
    told = newest.assign(owner=who, is_own=[code not in owner for code in sent_by])
    ordered = told.loc[np.array(known, np.bool_)].sort_values(["occurred_us", "heard_us", "is_own"])
    rows = ordered.drop_duplicates(["owner", "source_code"], keep="last")
    occurred, heard = rows["occurred_us"], rows["heard_us"]
    return pd.DataFrame(
        {
            "company_code": rows["owner"],
            "key": rows["source_code"],
            "journal_id": rows["journal_id"],
            "occurred_at": _instants(occurred),
            "received_at": _instants(heard),
            "ahead_s": (occurred - heard) / 1e6,
            "age_s": (microseconds(days[0].as_of) - np.minimum(occurred, heard)) / 1e6,
            "source_kind": "sensor",
        }
    )


def _instants(microseconds_since_1970: "pd.Series[int]") -> "pd.Series[pd.Timestamp]":
    return microseconds_since_1970.astype("datetime64[us]").dt.tz_localize("UTC")


def alarms(day: EnterpriseDay, told: Iterable[Received[Alarm]]) -> Iterator[Row]:
    """A row for each alarm of the day: beside what the register knows of its source."""
    for entry in told:
        said = entry.message
        source = day.register.sources.get(said.source_code)
        mark = None if source is None else getattr(source, said.level)
        value, threshold = said.value, said.threshold
        yield stated(day, f"{said.source_code}/{said.level}", entry) | {
            "level": said.level,
            "threshold_by": said.threshold_by,
            "thresholds": f"{said.threshold_by} {threshold} / register {mark}",
            "values": f"{value} / {threshold}",
            "lasted_s": seconds(said.raised_at, said.cleared_at),
            "source_is_known": source is not None,
            "threshold_agrees": None if mark is None or threshold is None else isclose(mark, threshold),
            "is_beyond": None
            if said.state == "cleared" or value is None or threshold is None
            else (value <= threshold if said.level in ("low_low", "low") else value >= threshold),
        }


def flows(now: pd.DataFrame, before: Sequence[pd.DataFrame], least: int) -> pd.DataFrame:
    """A row for each sensor that sends or usually does: its readings of the last hour, and usually in it: the
    median of the same hour of at least so many like days before, none where there are fewer.

    All are as from `rdchem.store.volumes.counted`.
    """
    index = now.index
    for counts in before:
        index = index.union(counts.index)
    index = index.sort_values()
    ids = [counts["journal_id"].reindex(index) for counts in (now, *before)]
    newest = ids[0]
    for earlier in ids[1:]:
        newest = newest.fillna(earlier)
    told = now[["readings", "placeholders"]].reindex(index, fill_value=0)
    usual = pd.Series(np.nan, index)
    if len(before) >= least:
        of_days = [one["readings"].reindex(index, fill_value=0).to_numpy() for one in before]
        usual = pd.Series(np.trunc(np.median(np.array(of_days), axis=0)), index)
    readings, placeholders = told["readings"], told["placeholders"]
    return pd.DataFrame(
        {
            "company_code": index.get_level_values(0),
            "key": index.get_level_values(1),
            "journal_id": newest.to_numpy(),
            "reading_count": readings.to_numpy(),
            "usual_count": usual.to_numpy(),
            "placeholder_count": placeholders.to_numpy(),
            "share": (readings / usual.where(usual > 0)).to_numpy(),
            "placeholder_share": (placeholders / readings.where(readings > 0)).to_numpy(),
        }
    )


def versions(changed: Iterable[ChangedVersion]) -> Iterator[Row]:
    """A row for each content that came under an identity used before; `first` is the other one's id."""
    for one in changed:
        yield {
            "company_code": one.changed.company_code,
            "key": f"{one.changed.id}#{one.changed.seq}",
            "journal_id": one.changed.journal_id,
            "received_at": one.changed.received_at,
            "kind": one.changed.kind,
            "first": one.first.journal_id,
            "is_unchanged": False,
        }


def volumes(all_kinds: Iterable[Volume], limits: Limits) -> Iterator[Row]:
    """A row for each kind of message: what came from everybody, and what usually comes by then."""
    for volume in all_kinds:
        yield {
            "company_code": "",
            "key": PAPER[volume.kind],
            "journal_id": "",
            "kind": volume.kind,
            "received_count": volume.received,
            "usual_count": volume.usual,
            "flows": not has_stopped(volume, limits),
        }
