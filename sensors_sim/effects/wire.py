"""Scenarios of the wire and of the register: payloads that are no messages, enterprises that owe nothing."""

from datetime import time
from typing import Any, Literal

import msgspec

from rdchem.messages import encode, topic_of
from sensors_sim.effects.effect import Effect, Hit
from sensors_sim.plan import Plan
from sensors_sim.wire import Sent


class Malform(Effect, frozen=True):
    """Beside its honest messages, send a broken copy of the announcement at a time of day.

    `cut`: the second half is missing. `gbk`: encoded in GBK, not UTF-8. `other_company`: it speaks for
    another enterprise. `unknown_field`: a field the contract does not know.
    """

    how: Literal["cut", "gbk", "other_company", "unknown_field"]
    at: time

    def apply(self, plan: Plan) -> list[Hit]:
        honest = plan.announcements[0]
        topic = topic_of(plan.enterprise.area_code, honest)
        plan.extra.append(Sent(plan.window.at(self.at), topic, self._broken(encode(honest))))
        return [Hit(f"topic:{topic}")]

    def _broken(self, payload: bytes) -> bytes:
        if self.how == "cut":
            return payload[: len(payload) // 2]
        if self.how == "gbk":
            return payload.decode("utf-8").encode("gbk")
        fields: dict[str, Any] = msgspec.json.decode(payload)
        if self.how == "other_company":
            fields["company_code"] = "320600000"
        else:
            fields["weather"] = "晴"
        return msgspec.json.encode(fields)


class ShutDown(Effect, frozen=True):
    """The enterprise is registered as shut down: it announces nothing and its sensors are silent."""

    def apply(self, plan: Plan) -> list[Hit]:
        plan.enterprise = msgspec.structs.replace(
            plan.enterprise, state="shut_down", state_reason="示例:2026年8月起长期停产关停"
        )
        plan.announcements.clear()
        plan.permits.clear()
        sources = (*plan.site.sensors, *plan.site.cameras)
        plan.silence([source.source_code for source in sources], plan.window.start)
        return [Hit(f"enterprise:{plan.company_code}")]
