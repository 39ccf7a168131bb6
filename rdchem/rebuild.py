"""Throwing the projections away and making them again from the journal, which is the only truth.

All of it is one transaction: whoever judges meanwhile reads the rows of before, which are equal, and never a
half of them. Readings files are written beside the old ones, or over one of the same segments; what no longer
counts is removed after the transaction. Killed at any moment, the old or the new projections are whole, and
the next `rebuild` clears what was left in the folder.

Rows are equal whatever the journal was projected by. How readings are cut into files follows from how often
it was; rebuilt, always from the journal alone, so a second rebuild writes the same bytes.
"""

from collections.abc import Callable

from sqlalchemy import Engine

from rdchem import removals
from rdchem.errors import JournalError
from rdchem.intake import batches, open_journal, project_batch, projecting_alone, rearranging_alone
from rdchem.second_reading import reread
from rdchem.settings import Settings
from rdchem.store import intake as store
from rdchem.store import manifest, readings_files
from rdchem.store.connection import open_database
from rdchem.store.quarantine import rows_to_read_again


def rebuild(
    settings: Settings, engine: Engine | None = None, *, on_batch: Callable[[int], None] = lambda _done: None
) -> int:
    """Make messages, quarantine, manifest and readings anew; returns the number of segments.

    Raises JournalError, and changes nothing, if the journal is damaged or ends before what the database
    remembers of it: thrown away, that memory could not be had again.
    """
    journal = open_journal(settings)
    engine = engine or open_database(settings.url)
    done = 0
    with rearranging_alone(settings), projecting_alone(settings):
        removals.carry_out(journal.path)
        with engine.begin() as connection:
            if damages := journal.inspect(manifest.listed(connection)).damages:
                raise JournalError(
                    f"日志有 {len(damages)} 处问题,未重建:{damages[0]}。请先从备份恢复(见 rdchem verify)。"
                )
            store.clear(connection)
            for segments in batches(journal.segments_after({})):
                project_batch(connection, settings, segments)
                done += len(segments)
                on_batch(done)
            reread(connection, settings, rows_to_read_again(connection, of_files=True))
            counting = readings_files.counted(connection)
        for path in settings.readings_path.rglob("*"):
            if path.is_file() and path.relative_to(settings.readings_path).as_posix() not in counting:
                path.unlink()
    return done
