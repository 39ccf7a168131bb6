"""One county morning: every enterprise's plan, the timeline of all they send, and the truth about it."""

import heapq
from collections.abc import Iterator
from dataclasses import dataclass

from sensors_sim.county import county
from sensors_sim.plan import Plan, honest_plan
from sensors_sim.telemetry import telemetry
from sensors_sim.troubles import assign, read_troubles
from sensors_sim.truth import Innocent, Quarantined, TrueFinding, Truth
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


def morning(seed: int, enterprises: int, window: Window) -> Morning:
    """The morning of a seed. Equal arguments give equal bytes, on any machine."""
    plans = tuple(honest_plan(seed, site, window) for site in county(seed, enterprises))
    findings: list[TrueFinding] = []
    innocents: list[Innocent] = []
    quarantine: list[Quarantined] = []
    for plan, trouble in assign(plans, read_troubles()):
        for subject in trouble.effect.apply(plan):
            enterprise, name = plan.company_code, trouble.name
            if expected := trouble.provokes:
                findings.append(
                    TrueFinding(
                        rule=expected.rule,
                        enterprise=enterprise,
                        subject=subject,
                        mismatch=expected.mismatch,
                        trouble=name,
                    )
                )
            elif trouble.quarantined:
                topic = subject.partition(":")[2]
                quarantine.append(Quarantined(code=trouble.quarantined, topic=topic))
            else:
                why = trouble.innocent or ""
                innocents.append(Innocent(trouble=name, enterprise=enterprise, subject=subject, why=why))
    truth = Truth(
        seed=seed,
        day=window.day,
        enterprises=enterprises,
        as_of=window.as_of,
        findings=sorted(findings),
        innocents=sorted(innocents),
        quarantine=sorted(quarantine),
    )
    return Morning(window, plans, truth)


def _timeline(plan: Plan) -> Iterator[Sent]:
    statements = sorted(plan.statements(), key=lambda sent: sent.order)
    return heapq.merge(statements, telemetry(plan), key=lambda sent: sent.order)
