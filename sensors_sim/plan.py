"""What one enterprise does this morning: honest as drawn, then bent by the scenarios that hit it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

import msgspec

from rdchem.model.commitment import Operation, SafetyCommitment, WorkItem
from rdchem.model.message import Message
from rdchem.model.permit import HotWorkPermit, SpecialWorkPermit
from rdchem.model.source import CameraState, Enterprise, Register, Source
from sensors_sim.announcement import declare, declare_other, draw_announcement
from sensors_sim.county import Site
from sensors_sim.delivery import Delivery
from sensors_sim.hot_work import Job, draw_jobs, line_item, other_permit, permit, ticket_no
from sensors_sim.presence import birth
from sensors_sim.processes import honest_signal
from sensors_sim.signals import Signal
from sensors_sim.streams import stream
from sensors_sim.window import Window
from sensors_sim.wire import Sent, sent

Silence = tuple[datetime, datetime | None]
"""From when to when a source sends nothing, UTC; without an end: for good."""


@dataclass
class Plan:
    """An enterprise's morning.

    `announcements` and `permits` hold every version sent; so does `other_permits`, of confined space alone
    until a scenario brings others. `added_jobs`: how many jobs scenarios added to the honest ones. `strays`
    are source codes on a gateway that nobody registered. `extra` holds messages and raw bytes with the
    instant they leave. `clock_fast`: how far the clock that stamps announcements is ahead. `delivery`: how
    all of it travels.

    By source code: `silences`; `signals` of sensors that show something else than their honest process;
    `finer_from` when a sensor shows more decimals than its instrument gives; `stale_from` when its collect
    time all but stands still; the state of `cameras_down`; `frozen_from` when a camera's picture stands
    still; `recorded`: sensors of which the days before the window are told as well; `unalarmed`: sensors that
    raise no alarm; `alarms_at`: the threshold by which a sensor raises its high alarm, where that is not the
    registered one. By gateway code: `periods`, where a gateway does not send once a minute.
    """

    seed: int
    site: Site
    window: Window
    enterprise: Enterprise
    jobs: list[Job]
    announcements: list[SafetyCommitment]
    permits: list[HotWorkPermit]
    other_permits: list[SpecialWorkPermit] = field(default_factory=list)
    added_jobs: int = 0
    silences: dict[str, list[Silence]] = field(default_factory=dict)
    signals: dict[str, Signal] = field(default_factory=dict)
    finer_from: dict[str, datetime] = field(default_factory=dict)
    stale_from: dict[str, datetime] = field(default_factory=dict)
    cameras_down: dict[str, CameraState] = field(default_factory=dict)
    frozen_from: dict[str, datetime] = field(default_factory=dict)
    recorded: set[str] = field(default_factory=set)
    unalarmed: set[str] = field(default_factory=set)
    alarms_at: dict[str, float] = field(default_factory=dict)
    periods: dict[str, timedelta] = field(default_factory=dict)
    strays: list[tuple[str, str]] = field(default_factory=list)
    extra: list[Sent] = field(default_factory=list)
    clock_fast: timedelta = timedelta(0)
    delivery: Delivery | None = None

    @property
    def company_code(self) -> str:
        """The enterprise's code."""
        return self.site.company_code

    @property
    def day_subject(self) -> str:
        """The day's announcement as the subject of a finding."""
        return f"commitment:{self.window.day.isoformat()}"

    def random(self, purpose: str) -> Random:
        """A random stream of this enterprise's day."""
        return stream(self.seed, self.company_code, self.window.day, purpose)

    def change_announcement(self, **changes: Any) -> None:
        """Change what the first announcement says."""
        self.announcements[0] = msgspec.structs.replace(self.announcements[0], **changes)

    def new_number(self) -> int:
        """The running number of one more job."""
        self.added_jobs += 1
        return len(self.jobs) + self.added_jobs

    def declare_other(
        self, operation: Operation, place: str, begin: datetime, hours: float, **said: Any
    ) -> WorkItem:
        """Add a piece of other special work to the announcement, counted."""
        number = 90 + self.new_number()
        item = WorkItem(
            item_id=f"{self.company_code}-{self.window.day:%Y%m%d}-{number}",
            operation=operation,
            place=place,
            begin_at=begin,
            end_at=begin + timedelta(hours=hours),
            by_contractor=False,
            unit="设备部",
            person="示例员工",
            **said,
        )
        self.announcements[0] = declare_other(self.announcements[0], item)
        return item

    def permit_other(self, item: WorkItem, **changes: Any) -> str:
        """Add the permit of a piece of other special work, changed as given; the ticket number."""
        held = msgspec.structs.replace(other_permit(self.site, item, self.window), **changes)
        self.other_permits.append(held)
        return held.ticket_no

    def declare(self, job: Job, *, ticket: bool = True) -> str:
        """Add a job to the announcement, naming its ticket or not; the item id."""
        number = ticket_no(self.site, job, self.window) if ticket else None
        item = line_item(self.site, job, self.window, ticket=number)
        self.announcements[0] = declare(self.announcements[0], item)
        return item.item_id

    def permit(self, job: Job, **changes: Any) -> str:
        """Add a job's permit, changed as given; the ticket number."""
        held = msgspec.structs.replace(permit(self.site, job, self.window), **changes)
        self.permits.append(held)
        return held.ticket_no

    def send(self, at: datetime, message: Message) -> None:
        """Send a message of its own at an instant."""
        self.extra.append(sent(at, self.enterprise.area_code, message))

    def statements(self) -> Iterator[Sent]:
        """Everything said but the streams of readings and camera states, unordered."""
        area, window = self.enterprise.area_code, self.window
        yield sent(window.start, area, self._register())
        gateways = (*self.site.gateways, self.site.video_gateway)
        for gateway in gateways if self.enterprise.state != "shut_down" else ():
            yield sent(window.start, area, birth(self.company_code, gateway.gateway_code, window.start))
        for held in (*self.permits, *self.other_permits):
            yield sent(window.leaves(held.occurred_at), area, held)
        for said in self.announcements:
            yield sent(window.leaves(said.occurred_at - self.clock_fast), area, said)
        yield from self.extra

    def silence(self, codes: Iterable[str], since: datetime, until: datetime | None = None) -> None:
        """Let sources send nothing from an instant to another, or for good."""
        for code in codes:
            self.silences.setdefault(code, []).append((since, until))

    def is_silent(self, code: str, at: datetime) -> bool:
        """Whether a source sends nothing at an instant."""
        return any(
            since <= at and (until is None or at < until) for since, until in self.silences.get(code, ())
        )

    def signal(self, sensor: Source) -> Signal:
        """What a sensor shows."""
        return self.signals.get(sensor.source_code) or honest_signal(self.seed, sensor)

    def _register(self) -> Register:
        return Register(
            id=f"register-{self.company_code}",
            seq=1,
            occurred_at=self.window.start - timedelta(hours=12),
            company_code=self.company_code,
            simulated=True,
            enterprise=self.enterprise,
            hazards=list(self.site.hazards),
            gateways=[*self.site.gateways, self.site.video_gateway],
            sources=[*self.site.sensors, *self.site.cameras],
        )


def honest_plan(seed: int, site: Site, window: Window) -> Plan:
    """A morning on which everything is as it should be."""
    jobs = draw_jobs(seed, site, window)
    items = [
        line_item(site, job, window, ticket=ticket_no(site, job, window) if job.names_its_ticket else None)
        for job in jobs
    ]
    announcement = draw_announcement(seed, site, window, items)
    confined = [one for one in announcement.items or () if one.operation is Operation.CONFINED_SPACE]
    return Plan(
        seed=seed,
        site=site,
        window=window,
        enterprise=site.enterprise,
        jobs=jobs,
        announcements=[announcement],
        permits=[permit(site, job, window) for job in jobs],
        other_permits=[other_permit(site, one, window) for one in confined],
    )
