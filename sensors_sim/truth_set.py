"""A seeded truth set of paperwork: thousands of enterprise-days, each with several things wrong or not.

Every enterprise-day is an honest plan bent by up to five effects of the simulator, their parameters drawn
anew each time (`truth_set_draws`): permits over midnight, 72-hour permits over a holiday, working days, rest
days and a rest day that is worked. What must follow is said by who bends, never by who judges. Whoever judges
gets what was sent by the truth's instant, the camera states and, for one detector of each enterprise, its
readings.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Final

from rdchem.model.source import CameraState, CameraStatus, Quantity
from sensors_sim.county import Site, site
from sensors_sim.plan import Plan, honest_plan
from sensors_sim.streams import stream
from sensors_sim.truth_set_draws import ALONE, CLASH, LAST, MIXED, OF_A_NEIGHBOUR
from sensors_sim.truth_set_draws.drawing import Draw
from sensors_sim.window import Window
from sensors_sim.wire import Sent, sent

DAYS: Final = tuple(
    date.fromisoformat(day)
    for day in (
        "2026-09-15",
        "2026-09-19",
        "2026-09-20",
        "2026-09-30",
        "2026-10-01",
        "2026-10-02",
        "2026-10-08",
    )
)
"""A working day, a Saturday, a Sunday that is worked, the eve and two days of a holiday, the day after it."""
_MOST: Final = 4


@dataclass(frozen=True)
class Bent:
    """One enterprise-day: its plan, and what must be found: rule, class, subject, and at which enterprise."""

    plan: Plan
    findings: frozenset[tuple[str, str, str, str]]

    def said(self) -> Iterator[Sent]:
        """Everything sent by the truth's instant, camera states included."""
        plan, at = self.plan, self.plan.window.as_of - timedelta(seconds=30)
        yield from (one for one in plan.statements() if one.at <= plan.window.as_of)
        states = [
            plan.cameras_down.get(one.source_code, CameraState(camera_code=one.source_code, online=True))
            for one in plan.site.cameras
        ]
        status = CameraStatus(
            id=f"video-{plan.company_code}",
            seq=1,
            occurred_at=at,
            company_code=plan.company_code,
            simulated=True,
            gateway_code=plan.site.video_gateway.gateway_code,
            cameras=states,
        )
        yield sent(at, plan.enterprise.area_code, status)

    def gas(self) -> dict[str, list[tuple[datetime, float]]]:
        """What the detector read, every half minute of the window."""
        start, end = (int(one.timestamp()) for one in (self.plan.window.start, self.plan.window.as_of))
        return {
            sensor.source_code: [
                (datetime.fromtimestamp(at, UTC), self.plan.signal(sensor).at(at))
                for at in range(start, end, 30)
            ]
            for sensor in self.plan.site.sensors
        }


def truth_set(seed: int, enterprise_days: int) -> Iterator[tuple[date, list[Bent]]]:
    """Day by day, the enterprise-days of a seed; the first days have one more where they do not divide."""
    share, rest = divmod(enterprise_days, len(DAYS))
    index = 0
    for number, day in enumerate(DAYS):
        count = share + (number < rest)
        yield (
            day,
            _with_findings_elsewhere(
                [_bent(seed, one, day, is_first=one == index) for one in range(index, index + count)]
            ),
        )
        index += count


def _with_findings_elsewhere(bent: list[tuple[Plan, set[tuple[str, str, str, str]]]]) -> list[Bent]:
    """What one enterprise's bending provokes at another belongs to the other's day."""
    known = {one for _, found in bent for one in found}
    return [Bent(plan, frozenset(one for one in known if one[3] == plan.company_code)) for plan, _ in bent]


def _bent(seed: int, index: int, day: date, *, is_first: bool) -> tuple[Plan, set[tuple[str, str, str, str]]]:
    plan = honest_plan(seed, _with_one_detector(site(seed, index)), Window(day))
    random = stream(seed, "truth set", index, day)
    if not plan.jobs and random.random() < 0.2:
        chosen: list[Draw] = [ALONE]
    elif random.random() < 0.1:  # some days stay honest
        chosen = []
    else:
        chosen = random.sample(MIXED, random.randint(1, _MOST))
        chosen += [random.choice(LAST)] if random.random() < 0.5 else []
    if is_first:
        chosen = [one for one in chosen if one is not OF_A_NEIGHBOUR]
    if set(chosen) >= CLASH:
        chosen.pop()
    found: set[tuple[str, str, str, str]] = set()
    for draw in chosen:
        effect, label = draw(random, plan)
        for hit in effect.apply(plan) if effect.fits(plan) else ():
            if label is not None:
                found.add((*label, hit.subject, hit.company_code or plan.company_code))
    return plan, found


def _with_one_detector(whole: Site) -> Site:
    gas = [one for one in whole.working_sensors if one.quantity is Quantity.COMBUSTIBLE_GAS]
    return replace(whole, sensors=tuple(gas[:1]))
