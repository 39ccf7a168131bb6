"""The safety-commitment announcement of one enterprise, true to its day."""

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from random import Random
from typing import Final

import msgspec

from rdchem.model.commitment import (
    CommitmentFlags,
    HotWorkCounts,
    HotWorkGrade,
    Operation,
    OtherWorkCounts,
    SafetyCommitment,
    Units,
    WorkItem,
)
from sensors_sim import names
from sensors_sim.county import Site
from sensors_sim.streams import stream
from sensors_sim.window import Window

PROMISE: Final = (
    "今天我公司已进行安全风险研判,各项安全风险防控措施已落实到位,我承诺所有生产装置处于安全运行状态,"
    "罐区、仓库等重大危险源安全风险得到有效管控。"
)
_FIRST_ANNOUNCEMENT: Final = time(8, 50, 20)
_ANNOUNCING_SECONDS: Final = 28 * 60 + 30
_OTHER_WORK: Final = {
    Operation.CONFINED_SPACE: "confined_space",
    Operation.BLIND_PLATE: "blind_plate",
    Operation.HEIGHT: "height",
    Operation.LIFTING: "lifting",
    Operation.TEMPORARY_POWER: "temporary_power",
}


def draw_announcement(
    seed: int, site: Site, window: Window, hot_work: Sequence[WorkItem]
) -> SafetyCommitment:
    """The honest announcement: published in time, every number agreeing with the others."""
    random = stream(seed, site.company_code, window.day, "announcement")
    units = _units(random, trial=site.enterprise.state == "trial")
    other = _other_items(random, site, window)
    items = [*hot_work, *other]
    contractors = len({item.unit for item in items if item.by_contractor})
    return SafetyCommitment(
        id=f"{site.company_code}-{window.day:%Y%m%d}",
        seq=1,
        occurred_at=_published_at(random, window),
        company_code=site.company_code,
        simulated=True,
        day=window.day,
        promised_by=names.person(random),
        subject=PROMISE,
        units=units,
        hot_work=count_hot_work(items),
        other_work=_other_counts(random, other, contractors),
        flags=CommitmentFlags(
            has_contractor=contractors > 0,
            trial_production=(units.trial or 0) > 0,
            starting_or_stopping=(units.starting or 0) + (units.stopping or 0) > 0,
            test=False,
            major_hidden_danger=False,
            hazards_are_safe=True,
        ),
        risk_grade=random.choices((1, 2, 3, 4), weights=(1, 4, 30, 65))[0],
        items=items,
    )


def count_hot_work(items: Sequence[WorkItem]) -> HotWorkCounts:
    """The places of hot work on the board, counted from the line items."""
    grades = [item.grade for item in items if item.operation is Operation.HOT_WORK]
    return HotWorkCounts(**{grade.value: grades.count(grade) for grade in HotWorkGrade})


def declare(announcement: SafetyCommitment, item: WorkItem) -> SafetyCommitment:
    """The announcement with one more line item of hot work, counted."""
    items = [*(announcement.items or ()), item]
    return msgspec.structs.replace(announcement, items=items, hot_work=count_hot_work(items))


def declare_other(announcement: SafetyCommitment, item: WorkItem) -> SafetyCommitment:
    """The announcement with one more line item of another operation, counted."""
    name = item.operation.name.lower()
    count = (announcement.other_work.of(item.operation) or 0) + 1
    items = [*(announcement.items or ()), item]
    other = msgspec.structs.replace(announcement.other_work, **{name: count})
    return msgspec.structs.replace(announcement, items=items, other_work=other)


def _published_at(random: Random, window: Window) -> datetime:
    """In time, and rather late than early, as people are."""
    share = max(random.random(), random.random())
    return window.at(_FIRST_ANNOUNCEMENT) + timedelta(seconds=int(share * _ANNOUNCING_SECONDS))


def _units(random: Random, *, trial: bool) -> Units:
    total = random.randint(1, 8)
    overhaul = int(random.random() < 0.15)
    stopped = random.randint(0, 1) if total - overhaul > 1 else 0
    return Units(
        total=total,
        running=total - overhaul - stopped,
        stopped=stopped,
        overhaul=overhaul,
        trial=1 if trial else 0,
        starting=int(random.random() < 0.05),
        stopping=int(random.random() < 0.05),
    )


def _other_counts(random: Random, items: Sequence[WorkItem], contractors: int) -> OtherWorkCounts:
    counts = {name: sum(item.operation is kind for item in items) for kind, name in _OTHER_WORK.items()}
    return OtherWorkCounts(
        **counts,
        excavation=0,
        road_closure=0,
        maintenance=random.randrange(0, 3),
        tank_transfer=0,
        tank_cleaning=0,
        draining=random.randrange(0, 2),
        contractors=contractors,
        changes=0,
    )


def _other_items(random: Random, site: Site, window: Window) -> list[WorkItem]:
    kinds = [kind for kind in _OTHER_WORK for _ in range(random.choices((0, 1, 2), weights=(70, 22, 8))[0])]
    items = []
    for number, kind in enumerate(kinds, start=51):
        begin = window.at(time(8)) + timedelta(minutes=30 * random.randrange(0, 15))
        by_contractor = random.random() < 0.3
        items.append(
            WorkItem(
                item_id=f"{site.company_code}-{window.day:%Y%m%d}-{number}",
                operation=kind,
                place=names.place(random, number),
                begin_at=begin,
                end_at=begin + timedelta(hours=random.randint(1, 6)),
                by_contractor=by_contractor,
                unit=f"示例检修{random.randint(1, 9)}队" if by_contractor else "设备部",
                person=names.person(random),
            )
        )
    return items
