"""From the deadline to the verdict: a nation's 7,000 announcements and their permits, judged as of 09:21.

What was received is projected already, as it is by then; what is timed is what stands between the instant
judged and the stored verdict: reading the day's facts, judging, the document, storing it. The enterprises
are simulated with their registers, permits and ten minutes of readings and camera states;
RDCHEM_BENCH_ENTERPRISES asks for fewer. First in one process, then in groups, one a core, as Airflow judges a
county; and of those the announcements and permits alone, by the rules that read nothing else.
"""

import os
import statistics
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from datetime import date, datetime
from datetime import time as clock
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.table import Table

from rdchem import intake
from rdchem import judge as judging
from rdchem.day_facts import facts
from rdchem.groups import group_of
from rdchem.home import Home
from rdchem.reads import READS
from rdchem.rulebook import rulebook_on
from rdchem.segment import Record, microseconds
from rdchem.settings import Settings
from rdchem.store import verdicts
from rdchem.store.connection import open_database
from rdchem.uncollected import uncollected
from sensors_sim.morning import morning
from sensors_sim.window import Window

DAY: Final = date(2026, 9, 15)
SEED: Final = 1
_RECORDS_A_SEGMENT: Final = 2_000
STEPS: Final = ("facts", "judge", "document", "store")
_STREAMS: Final = {"readings", "camera_status", "gateway_presence", "alarm"}


def run(runs: int) -> None:
    """Measure and print."""
    enterprises = int(os.environ.get("RDCHEM_BENCH_ENTERPRISES", "7000"))
    with tempfile.TemporaryDirectory(dir=os.environ.get("RDCHEM_BENCH_FOLDER")) as folder:
        home, as_of = prepared(enterprises, Path(folder))
        timings = [once(home, as_of) for _ in range(runs)]
        groups = {
            name: statistics.median(_in_groups(home, as_of, papers=papers) for _ in range(runs))
            for name, papers in (("in groups, one a core", False), ("… papers alone", True))
        }
    table = Table(title=f"{enterprises} enterprises, medians of {runs}")
    for name in ("step", "s"):
        table.add_column(name)
    for name in STEPS:
        table.add_row(name, f"{statistics.median(one[name] for one in timings):.2f}")
    table.add_row("deadline to verdict", f"{statistics.median(sum(one.values()) for one in timings):.2f}")
    for name, seconds in groups.items():
        table.add_row(name, f"{seconds:.2f}")
    Console().print(table)


def prepared(enterprises: int, folder: Path) -> tuple[Home, datetime]:
    """An installation that has received and projected a morning."""
    made = morning(SEED, enterprises, Window(DAY, opens=clock(9, 12)))
    settings = Settings(home=folder, database_url="", journal_kind="replay")
    with intake.open_journal(settings).writer("bench") as writer:
        group: list[Record] = []
        for sent in made.timeline():
            group.append(Record(microseconds(sent.at), sent.topic, sent.payload))
            if len(group) == _RECORDS_A_SEGMENT:
                writer.append(group)
                group = []
        writer.append(group)
    home = Home(settings, open_database(settings.url))
    intake.project_all(settings, home.engine)
    return home, made.window.as_of


@uncollected()
def once(home: Home, as_of: datetime) -> dict[str, float]:
    """Seconds of each step."""
    taken = {}
    begun = time.perf_counter()
    known = facts(home, DAY, as_of)
    taken["facts"] = time.perf_counter() - begun
    begun = time.perf_counter()
    judged = judging.judge(known.days, as_of=as_of, rulebook=rulebook_on(DAY))
    taken["judge"] = time.perf_counter() - begun
    begun = time.perf_counter()
    document = judging.document(judged.judgement)
    taken["document"] = time.perf_counter() - begun
    begun = time.perf_counter()
    with home.engine.begin() as connection:
        verdicts.replace_judgement(connection, DAY, as_of, document)
    taken["store"] = time.perf_counter() - begun
    return taken


def _in_groups(home: Home, as_of: datetime, *, papers: bool) -> float:
    """Seconds until all groups are judged, each in a process of its own that has imported what it needs."""
    of = os.cpu_count() or 1
    with ProcessPoolExecutor(of, get_context("spawn")) as pool:
        list(pool.map(_wait, [0.5] * of))  # all of them have imported this
        begun = time.perf_counter()
        list(pool.map(partial(_judged_group, home.settings, as_of, of, papers), range(of)))
        return time.perf_counter() - begun


def _wait(seconds: float) -> None:
    time.sleep(seconds)


@uncollected()
def _judged_group(settings: Settings, as_of: datetime, of: int, papers: bool, group: int) -> int:
    """Judge a group of enterprises; `papers`: only by what announcements and permits say."""
    home = Home(settings, open_database(settings.url))
    rulebook = rulebook_on(DAY)
    if papers:
        alone = tuple(rule for rule in rulebook.rules if not READS[rule.name] & _STREAMS)
        rulebook = replace(rulebook, rules=alone)
    known = facts(home, DAY, as_of, only=lambda code: group_of(code, of) == group, readings=not papers)
    own = [one for one in known.days if group_of(one.company_code, of) == group]
    judged = judging.judge(own, as_of=as_of, rulebook=rulebook)
    return len(judging.document(judged.judgement)["ledger"])
