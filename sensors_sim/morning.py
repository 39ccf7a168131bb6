"""One county morning: every enterprise's plan, the timeline of all they send, and the truth about it."""

import heapq
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sensors_sim.alarms import alarms
from sensors_sim.county import county
from sensors_sim.driven import DrivenPoint
from sensors_sim.plan import Plan, honest_plan
from sensors_sim.scenarios import Catalogue, Scenario, shipped_catalogue
from sensors_sim.telemetry import telemetry
from sensors_sim.truth import Innocent, Quarantined, TrueFinding, Truth, Unjudged
from sensors_sim.window import Window
from sensors_sim.wire import Sent


@dataclass(frozen=True)
class Morning:
    """A simulated morning, complete before its first message is sent."""

    window: Window
    plans: tuple[Plan, ...]
    truth: Truth

    def timeline(self) -> Iterator[Sent]:
        """Everything sent in the window, in order; readings are made as they are asked for."""
        streams = (_timeline(plan) for plan in self.plans)
        for sent in heapq.merge(*streams, key=lambda sent: sent.order):
            if sent.at >= self.window.end:
                return
            yield sent


def morning(
    seed: int,
    enterprises: int,
    window: Window,
    *,
    catalogue: Catalogue | None = None,
    chosen: Sequence[Scenario] = (),
    driven: Sequence[DrivenPoint] = (),
) -> Morning:
    """The morning of a seed. Equal arguments give equal bytes, on any machine.

    Scenarios of the catalogue happen as often as they say, or, if any are `chosen`, each of those once.
    `driven` points show series of their own, before any scenario bends them.
    """
    plans = tuple(honest_plan(seed, site, window) for site in county(seed, enterprises))
    for point in driven:
        point.drive(plans)
    catalogue = catalogue or shipped_catalogue()
    assigned = catalogue.assign_each(plans, chosen) if chosen else catalogue.assign(plans)
    labels = [label for plan, scenario in assigned for label in _labels(plan, scenario)]
    truth = Truth(
        seed=seed,
        day=window.day,
        enterprises=enterprises,
        as_of=window.as_of,
        findings=sorted(label for label in labels if isinstance(label, TrueFinding)),
        innocents=sorted(label for label in labels if isinstance(label, Innocent)),
        quarantine=sorted(label for label in labels if isinstance(label, Quarantined)),
        unjudged=sorted(label for label in labels if isinstance(label, Unjudged)),
    )
    return Morning(window, plans, truth)


def _labels(plan: Plan, scenario: Scenario) -> Iterator[TrueFinding | Innocent | Quarantined | Unjudged]:
    """Bend a plan, and say what must follow."""
    name = scenario.name
    for subject, since, until, elsewhere in scenario.effect.apply(plan) if scenario.effect else ():
        enterprise = elsewhere or plan.company_code
        if expected := scenario.provokes:
            yield TrueFinding(
                rule=expected.rule,
                enterprise=enterprise,
                subject=subject,
                mismatch=expected.mismatch,
                scenario=name,
                since=since,
                until=until,
            )
        elif scenario.quarantined:
            yield Quarantined(code=scenario.quarantined, topic=subject.partition(":")[2])
        elif scenario.unjudged:
            yield Unjudged(
                anomaly=scenario.unjudged,
                enterprise=enterprise,
                subject=subject,
                scenario=name,
                since=since,
                until=until,
            )
        else:
            yield Innocent(scenario=name, enterprise=enterprise, subject=subject, why=scenario.innocent or "")


def _timeline(plan: Plan) -> Iterator[Sent]:
    statements = sorted([*plan.statements(), *alarms(plan)], key=lambda sent: sent.order)
    stream = heapq.merge(statements, telemetry(plan), key=lambda sent: sent.order)
    return plan.delivery(stream) if plan.delivery else stream
