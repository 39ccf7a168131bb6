"""Enterprise days as flat tables: one wide frame per table, for the data-quality checks and for analysts.

Columns have ASCII names. Every table begins with `company_code`, `key` (names the row inside its table) and
`journal_id`; times `…_at` are UTC instants, `…_s` seconds, `…_ordinal` local dates as day numbers, counts
nullable integers, `ahead_s` by how much the sender's clock was ahead of ours at receipt. Text that is blank
counts as not given.

`enterprises`    the register's enterprises
`commitments`    one row a version received
`work_items`     the declared items in force: of the newest announcement, and of messages of their own
`permits`        the newest version of each permit, drafts and cancelled ones included
`declarations`   offline declarations and out-of-service records
`sources`        the register's sensors and cameras
`last_readings`  the newest reading of each sensor, the newest status of each camera
`streams`        the readings of the last hour of each sensor, and what is usual for it
`alarms`         the alarms of the day, beside the thresholds the register knows
`versions`       messages whose content is not the one sent before under their identity
`volumes`        what came of each kind from all enterprises together, of nobody in particular
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import pandas as pd

from rdchem.copied import Copied
from rdchem.facts import paper, register, streams
from rdchem.facts.row import Line, Row
from rdchem.model.day import EnterpriseDay, Received
from rdchem.model.source import Alarm
from rdchem.versions import ChangedVersion

COLUMNS: dict[str, dict[str, str]] = {
    "enterprises": register.ENTERPRISES,
    "commitments": paper.COMMITMENTS,
    "work_items": paper.WORK_ITEMS,
    "permits": paper.PERMITS,
    "declarations": paper.DECLARATIONS,
    "sources": register.SOURCES,
    "last_readings": streams.LAST_READINGS,
    "streams": streams.STREAMS,
    "alarms": streams.ALARMS,
    "versions": streams.VERSIONS,
    "volumes": streams.VOLUMES,
}
"""Table -> column -> pandas type."""


def frames(
    days: Sequence[EnterpriseDay],
    *,
    copied: Mapping[str, Copied] = MappingProxyType({}),
    changed: Iterable[ChangedVersion] = (),
    flows: pd.DataFrame | None = None,
    newest: pd.DataFrame | None = None,
    alarms: Mapping[str, Sequence[Received[Alarm]]] = MappingProxyType({}),
) -> dict[str, pd.DataFrame]:
    """All tables of some enterprise days, each with all its columns even when it has no row.

    `copied`: enterprise -> what its announcement repeats. `changed`: versions received that day that
    contradict an earlier one. `alarms`: enterprise -> those of the day. `flows`: the
    table `streams`, as from `rdchem.facts.streams.flows`. `newest`: where the days were read without their
    readings, the newest of each sensor, as from `rdchem.store.last_seen.newest_rows`.
    """
    of_a_day: dict[str, Callable[[EnterpriseDay], Iterator[Row | Line]]] = {
        "enterprises": register.enterprises,
        "commitments": lambda day: paper.commitments(day, copied),
        "work_items": paper.work_items,
        "permits": paper.permits,
        "declarations": paper.declarations,
        "sources": register.sources,
        "last_readings": streams.last_readings,
        "alarms": lambda day: streams.alarms(day, alarms.get(day.company_code, ())),
    }
    rows: dict[str, list[Any]] = {
        table: [row for day in days for row in make(day)] for table, make in of_a_day.items()
    }
    rows["versions"] = list(streams.versions(changed))
    rows["volumes"] = list(streams.volumes(days[0].volumes, days[0].limits)) if days else []
    made = {table: pd.DataFrame.from_records(rows[table], columns=list(COLUMNS[table])) for table in rows}
    made["streams"] = pd.DataFrame(columns=list(streams.STREAMS)) if flows is None else flows
    found = {table: made[table].astype(typed) for table, typed in COLUMNS.items()}
    if newest is not None:
        sensors = streams.newest_readings(newest, days).astype(streams.LAST_READINGS)
        found["last_readings"] = pd.concat([sensors, found["last_readings"]], ignore_index=True)
    return found
