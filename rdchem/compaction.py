"""A day's readings, of all files they came in, into one sorted file for each bucket of enterprises.

Taken are the files that hold anything of the day by the sender's clock, those of an earlier compaction of
that day among them: a late reading is folded into the day it speaks of. What such a file holds of other days
is kept aside in a file of its own, in the form it came in, until those days are compacted. No reading is
dropped or altered, so every view as of an instant stays what it was.

Two passes keep memory flat: the files are read a row group at a time and dealt out into buckets on disk; then
each bucket is sorted in memory and written. New files have new names, which tell what they hold; one
transaction lets them count and the old ones not. Killed at any moment, either the old or the new files count.
What is received meanwhile is projected into files of its own, nobody waits; where readings were removed
meanwhile, the work is thrown away. Files that no longer count are removed at the next compaction, an hour
later at the earliest: somebody may be reading them.
"""

import hashlib
import os
import shutil
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Engine

from rdchem import calendar
from rdchem.errors import NotReadyError
from rdchem.intake import projecting_alone, rearranging_alone
from rdchem.segment import instant, microseconds
from rdchem.settings import Settings
from rdchem.store import readings_files
from rdchem.store.buckets import bucket_count, write_compacted
from rdchem.store.compacted import batches_path
from rdchem.store.connection import open_database
from rdchem.store.dealing import Dealing, deal, gather, rest_path, span
from rdchem.store.readings import day_folder, is_compacted, occurred_within
from rdchem.workers import process_pool

_GRACE_S: Final = 3600.0
_WORTH_A_PROCESS: Final = 2_000_000
"""Readings below which starting further processes takes longer than the work."""
_WORK: Final = "compacting"
_REMOVED: Final = "整理读数期间有读数文件被删除(如按保存期限清理),本次整理作废。请再运行一次。"
_MISSING: Final = "读数文件 {} 缺失(不是按保存期限清理的),未整理。请运行 rdchem rebuild,由日志重新生成。"


@dataclass(frozen=True, slots=True)
class Compacted:
    """What a compaction did: readings of the day, files they were in, files they are in, their size."""

    readings: int
    taken: int
    written: int
    size: int


def compact(
    settings: Settings, day: date, engine: Engine | None = None, *, workers: int | None = None
) -> Compacted:
    """Bring a day's readings into sorted files. Where nothing came since the last time, nothing is done.

    Raises NotReadyError, and changes nothing, where files were removed (`rdchem retain`) while it worked, or
    one that counts is not there.
    """
    engine = engine or open_database(settings.url)
    try:
        with rearranging_alone(settings):
            return _compacted(settings, day, engine, workers)
    except FileNotFoundError as error:
        with engine.connect() as connection:
            counting = sorted(readings_files.counted(connection))
        missing = next((name for name in counting if not (settings.readings_path / name).exists()), None)
        raise NotReadyError(_MISSING.format(missing) if missing else _REMOVED) from error


def _compacted(settings: Settings, day: date, engine: Engine, workers: int | None) -> Compacted:
    folder = settings.readings_path
    start, end = (microseconds(moment) for moment in calendar.day_bounds(day))
    with projecting_alone(settings), engine.connect() as connection:
        counting = readings_files.counted(connection)
        _clear(folder, counting)
    target = day_folder(folder, day)
    counts = {
        path.relative_to(folder).as_posix(): occurred_within(path, start, end)
        for path in sorted(folder / name for name in counting)
        if path.parent in (folder, target)
    }
    taken = [name for name, count in counts.items() if count]
    total = sum(counts[name] for name in taken)
    if all(is_compacted(folder / name) for name in taken):
        return Compacted(total, 0, 0, 0)
    work = folder / _WORK
    work.mkdir()
    processes = 1 if total < _WORTH_A_PROCESS else workers or os.cpu_count() or 1
    with _mapping(processes) as run:
        paths = [folder / name for name in taken]
        buckets = bucket_count(total)
        dealings = [
            Dealing(str(at), tuple(paths[at::processes]), start, end, buckets, work)
            for at in range(processes)
        ]
        apart = dict(zip(dealings, run(deal, dealings), strict=True))
        target.mkdir(exist_ok=True)
        used = sorted({int(path.name.split("-")[0]) for path in work.glob("*.rows")})
        made = list(run(_write, [(work, at, buckets, target) for at in used]))
    made += [_keep_aside(rest_path(one), folder, count) for one, count in apart.items() if count]
    with projecting_alone(settings), engine.begin() as connection:
        if not readings_files.counted(connection).issuperset(taken):
            raise NotReadyError(_REMOVED)
        readings_files.replace(connection, taken, [_row(folder, one) for one in made])
    shutil.rmtree(work)
    for name in taken:
        os.utime(folder / name)
    size = sum(one.path.stat().st_size + one.companion_size for one in made)
    return Compacted(total, len(taken), len(made), size)


@dataclass(frozen=True, slots=True)
class _Made:
    """A file that shall count."""

    path: Path
    readings: int
    first_us: int
    last_us: int
    companion_size: int = 0


def _write(bucket: tuple[Path, int, int, Path]) -> _Made:
    """One bucket, sorted, under a name that tells what is in it."""
    work, at, buckets, target = bucket
    draft = work / f"bucket-{at}.parquet"
    gathered = gather(work, at)
    write_compacted(draft, gathered)
    batches = batches_path(draft)
    digest = hashlib.sha256(_digest(draft) + _digest(batches)).hexdigest()[:12]
    path = target / f"bucket-{at:03d}-of-{buckets:03d}-{digest}.parquet"
    size = batches.stat().st_size
    batches.rename(batches_path(path))
    draft.rename(path)
    return _Made(path, len(gathered.batch), *span([batches_path(path)]), size)


def _keep_aside(rest: Path, folder: Path, readings: int) -> _Made:
    path = folder / f"rest-{_digest(rest).hex()[:24]}.parquet"
    span_us = span([rest])
    rest.rename(path)
    return _Made(path, readings, *span_us)


def _digest(path: Path) -> bytes:
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").digest()


def _row(folder: Path, made: _Made) -> dict[str, Any]:
    return {
        "path": made.path.relative_to(folder).as_posix(),
        "rows": made.readings,
        "first_received_at": instant(made.first_us),
        "last_received_at": instant(made.last_us),
    }


def _clear(folder: Path, counting: set[str]) -> None:
    """Remove what an interrupted compaction left, and files that have not counted for a while."""
    shutil.rmtree(folder / _WORK, ignore_errors=True)
    kept = {folder / name for name in counting}
    kept |= {batches_path(path) for path in kept}
    for path in folder.rglob("*.parquet"):
        if path not in kept and time.time() - path.stat().st_mtime > _GRACE_S:
            path.unlink()


@contextmanager
def _mapping(processes: int) -> Iterator[Callable[[Callable[[Any], Any], Sequence[Any]], Iterable[Any]]]:
    """A `map` over so many processes; in this one if it is one."""
    if processes == 1:
        yield map
        return
    with process_pool(processes) as pool:
        yield pool.map
