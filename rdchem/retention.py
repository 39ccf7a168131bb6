"""`rdchem retain`: what is older than it has to be kept goes, and it stays provable what, and by which rule.

Two rules, dated limits like all others: readings, camera and gateway status; and everything else said
(papers, alarms, files, our own diary, what was not understood). What stands until something else is said (the
register, declarations) stays for ever. Age is counted from receipt, to the beginning of a local day. Only
what is sealed may go (`rdchem.seals`): what a copy kept outside proves.

Order: write what is left (`rdchem.kept`), state it in the journal (`rdchem.removals`), put it into place,
delete the segments, do the same to the projections. All alone, the projections being up to date: a record
goes only if no row that stays was made from it. Killed anywhere, the next run finishes; `rebuild` comes to
the same rows.
"""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Final

from sqlalchemy import Engine

from rdchem import calendar, removals, seals
from rdchem.durable import write_durably
from rdchem.errors import ConfigurationError, JournalError, NotReadyError
from rdchem.inspection import Key, Listed
from rdchem.intake import (
    FILES_STREAM,
    open_journal,
    project_all,
    project_batch,
    projecting_alone,
    rearranging_alone,
)
from rdchem.journal import Journal
from rdchem.kept import (
    Kept,
    Removed,
    Rule,
    Stub,
    encoded,
    is_kept,
    links,
    range_of,
    read_kept,
    read_link,
    stub_of,
)
from rdchem.limits import Limits
from rdchem.messages import kind_on
from rdchem.projection import (
    BAD_ROW_TOPIC,
    FILE_TOPIC,
    RULEBOOK_TOPIC,
    STANDING_KINDS,
    STATUS_KINDS,
    Place,
    project_record,
)
from rdchem.removals import Replaced, Run
from rdchem.rulebook import rulebook_on
from rdchem.segment import Record, Segment, microseconds, read_header
from rdchem.settings import Settings
from rdchem.store import manifest, readings_files, retention
from rdchem.store.compacted import batches_path
from rdchem.store.connection import open_database
from rdchem.store.retention import PAPERS, READINGS, Staying

_SEGMENTS_A_FILE: Final = 2_000


@dataclass(frozen=True, slots=True)
class Retained:
    """What went, or would go: by rule, records of each kind; of how many segments; what to know of it."""

    removed: tuple[Removed, ...]
    segments: int
    doubts: tuple[str, ...]

    @property
    def records(self) -> int:
        """How many records in all."""
        return sum(count for one in self.removed for count in one.records.values())


def retain(
    settings: Settings, day: date, now: datetime, engine: Engine | None = None, *, dry_run: bool = False
) -> Retained:
    """Remove what as of a day is older than it has to be kept; stated in the journal as of `now`.

    Raises ConfigurationError if less than the legal minimum is to be kept, NotReadyError if something is not
    sealed, JournalError if the journal is not as it was sealed.
    """
    rules, doubts = rules_on(day, rulebook_on(day, settings.rulebook_files).limits)
    journal = open_journal(settings)
    engine = engine or open_database(settings.url)
    project_all(settings, engine)
    with rearranging_alone(settings), projecting_alone(settings):
        if not dry_run:
            removals.carry_out(journal.path)
            _project_removals(settings, journal, engine)
        with engine.connect() as connection:
            projected = manifest.projected(connection)
            thinning = _Thinning(rules, retention.staying(connection, rules), manifest.listed(connection))
        due = list(_due(journal, rules, projected))
        if unsealed := _unsealed(settings, journal, due):
            if not dry_run:
                raise NotReadyError(unsealed)
            doubts.append(unsealed)
        files, segments = [], 0
        for paths in due:
            kept, removed = thinning.thinned(paths)
            if removed:
                content, folder = encoded(kept), paths[0].parent
                if not dry_run:
                    write_durably(removals.draft_path(journal.path, folder.name, kept.name), content)
                digest = hashlib.sha256(content).hexdigest()
                files.append(
                    Replaced(stream=folder.name, name=kept.name, sha256=digest, removed=list(removed))
                )
                segments += len(kept.stubs)
        if files and not dry_run:
            with journal.writer(removals.STREAM) as writer:
                run = Run(day=day, rules=list(rules.values()), files=files)
                writer.append([removals.record_of(run, microseconds(now))])
            removals.carry_out(journal.path)
            _project_removals(settings, journal, engine)
    return Retained(total([one for file in files for one in file.removed]), segments, tuple(doubts))


def rules_on(day: date, limits: Limits) -> tuple[dict[str, Rule], list[str]]:
    """Both rules as of a day, and what of them nobody confirmed. Raises ConfigurationError if less is to be
    kept than the law says.
    """
    start, _ = calendar.day_bounds(day)
    rules, doubts = {}, []
    for name in (READINGS, PAPERS):
        limit, least = limits[name], limits[f"{name}_least"]
        days = int(limit.value)
        if days < least.value and least.confirmed:
            raise ConfigurationError(
                f"{limit.title}为 {days} 天,短于规定的 {least.value} 天({least.source})。请改正后重试。"
            )
        short = f",短于 {least.value} 天({least.source})" if days < least.value else ""
        if short or not limit.confirmed:
            doubts.append(f"{limit.title}:{days} 天{short}({limit.source},未经确认)")
        before = start - timedelta(days=days)
        rules[name] = Rule(
            name=name, title=limit.title, days=days, source=limit.source, day=day, before=before
        )
    if rules[PAPERS].before > rules[READINGS].before:
        raise ConfigurationError("承诺公告、作业票的保存期限短于读数的。请改正 retention_papers 后重试。")
    return rules, doubts


def total(removed: Sequence[Removed]) -> tuple[Removed, ...]:
    """By rule as applied on whatever day: the title and the days; the latest of them stands for all."""
    counts: dict[tuple[str, int], Counter[str]] = defaultdict(Counter)
    latest: dict[tuple[str, int], Rule] = {}
    for one in sorted(removed, key=lambda one: one.rule.before):
        key = (one.rule.name, one.rule.days)
        counts[key].update(one.records)
        latest[key] = one.rule
    return tuple(Removed(rule=latest[key], records=dict(counts[key])) for key in sorted(counts))


def _due(journal: Journal, rules: Mapping[str, Rule], projected: Mapping[str, int]) -> Iterator[list[Path]]:
    """Files of the chain that hold something old enough to go: one kept file, or whole segments in a row.

    Whether it may go is another question.
    """
    before_us = {name: microseconds(rule.before) for name, rule in rules.items()}
    for stream in journal.streams():
        if stream == removals.STREAM:
            continue
        newest = before_us[PAPERS if stream == FILES_STREAM else READINGS]
        row: list[Path] = []
        for path in links(journal.path / stream):
            known = range_of(path)[1] <= projected.get(stream, 0)
            if known and not is_kept(path) and read_header(path).first_received_us < newest:
                row.append(path)
                if len(row) < _SEGMENTS_A_FILE:
                    continue
            if row:
                yield row
                row = []
            if is_kept(path):
                oldest = read_kept(path).oldest_us
                if any(at < before_us[name] for name, at in oldest.items()):
                    yield [path]
        if row:
            yield row


def _unsealed(settings: Settings, journal: Journal, due: Sequence[Sequence[Path]]) -> str:
    """Why something due may not be touched: no seal that still fits the journal covers it. Nothing if all do.

    Raises JournalError if the newest seal does not fit the journal any more.
    """
    newest = seals.newest(settings.home)
    if newest is not None and (problems := seals.problems(journal, newest)):
        raise JournalError(f"{problems[0]}。不删除任何记录;请先从备份恢复(见 rdchem verify)。")
    covered = {one.stream: one.seq for one in newest.streams} if newest else {}
    for paths in due:
        stream, last = paths[0].parent.name, range_of(paths[-1])[1]
        if last > covered.get(stream, 0):
            return f"{stream} 第 {last} 段所在的日子尚未封存,不能删除。请先运行 rdchem seal。"
    return ""


@dataclass(frozen=True, slots=True)
class _Thinning:
    """What may go, and what is left then."""

    rules: Mapping[str, Rule]
    staying: Staying
    manifest: Mapping[Key, Listed]
    before_us: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.before_us.update({name: microseconds(rule.before) for name, rule in self.rules.items()})

    def thinned(self, paths: Sequence[Path]) -> tuple[Kept, list[Removed]]:
        """What of some segments is left, and what goes. Raises JournalError if one is not as projected."""
        stubs: list[Stub] = []
        gone: dict[str, Counter[str]] = defaultdict(Counter)
        oldest: dict[str, int] = {}
        for segment in (one for path in paths for one in read_link(path)):
            key = (segment.header.stream, segment.header.seq)
            if self.manifest[key].sha256 != segment.sha256:
                raise JournalError(f"{key[0]} 第 {key[1]} 段与数据库清单不符。请先运行 rdchem verify。")
            stubs.append(self._stub(segment, gone, oldest))
        removed = [Removed(rule=self.rules[name], records=dict(gone[name])) for name in sorted(gone)]
        before = read_kept(paths[0]).removed if is_kept(paths[0]) else []
        return Kept(stubs, [*before, *removed], oldest), removed

    def _stub(self, segment: Segment, gone: dict[str, Counter[str]], oldest: dict[str, int]) -> Stub:
        left: list[tuple[int, Record]] = []
        for position, record in segment.placed:
            place = Place(segment.header.stream, segment.header.seq, position)
            rule = self._rule(record, place)
            if rule and record.received_us < self.before_us[rule] and not self._stays(record, place):
                gone[rule][_kind(record)] += 1
                continue
            left.append((position, record))
            if rule:
                oldest[rule] = min(record.received_us, oldest.get(rule, record.received_us))
        return stub_of(segment, left)

    def _rule(self, record: Record, place: Place) -> str:
        """The rule a record is kept by; none for what stands until something else is said, and rulebooks."""
        kind = kind_on(record.topic)
        if record.topic == RULEBOOK_TOPIC or (
            kind in STANDING_KINDS and project_record(record, place).messages
        ):
            return ""
        return READINGS if kind in STATUS_KINDS else PAPERS

    def _stays(self, record: Record, place: Place) -> bool:
        if record.topic.startswith(FILE_TOPIC) and record.received_us in self.staying.files_us:
            return True
        return place in self.staying.places or record.journal_id in self.staying.journal_ids


def _kind(record: Record) -> str:
    if record.topic.startswith(FILE_TOPIC):
        return "file"
    if record.topic.startswith(BAD_ROW_TOPIC):
        return "bad_row"
    return kind_on(record.topic) or "other"


def _project_removals(settings: Settings, journal: Journal, engine: Engine) -> None:
    """Do to the projections what the journal states was removed; readings files that went are deleted."""
    with engine.connect() as connection:
        projected = manifest.projected(connection)
        before = readings_files.counted(connection)
    for segment in journal.segments_after(projected, [removals.STREAM]):
        with engine.begin() as connection:
            project_batch(connection, settings, [segment])
    with engine.connect() as connection:
        gone = before - readings_files.counted(connection)
    for path in (settings.readings_path / name for name in gone):
        path.unlink(missing_ok=True)
        batches_path(path).unlink(missing_ok=True)
