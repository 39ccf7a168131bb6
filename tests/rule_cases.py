"""The reader of tests/rules/*.yaml: cases an inspector could write, as enterprise days.

A case states only what differs from a good day: announced at 08:00, no special work, one sensor S1 and one
camera C1 heard just before 09:21. Times are local, `昨日 22:00` and `次日 06:00` allowed; see `_DAY`'s keys.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import yaml

from rdchem import calendar
from rdchem.enterprise_day import enterprise_days
from rdchem.gas_days import with_gas
from rdchem.known import Known
from rdchem.limits import limits_on
from rdchem.messages import encode, kind_of
from rdchem.model.commitment import (
    CommitmentFlags,
    DeclaredWork,
    HotWorkCounts,
    HotWorkGrade,
    Operation,
    OtherWorkCounts,
    SafetyCommitment,
    Units,
    WorkItem,
)
from rdchem.model.course import Beyond, Course, Gap, Shown
from rdchem.model.day import (
    BlindInterval,
    EnterpriseDay,
    Exceedance,
    GasWatch,
    LastSeen,
    TicketElsewhere,
)
from rdchem.model.message import Message
from rdchem.model.outcome import Fail, NotApplicable, NotEvaluated, Outcome, Pass
from rdchem.model.permit import (
    Approval,
    Break,
    GasAnalysis,
    HotWorkPermit,
    SpecialWorkPermit,
    TicketStatus,
)
from rdchem.model.signal import Resemblance, SignalInterval, SignalState
from rdchem.model.source import (
    Alarm,
    CameraState,
    CameraStatus,
    Enterprise,
    Gateway,
    Hazard,
    OfflineDeclaration,
    OutOfService,
    Quantity,
    Register,
    Source,
    SourceKind,
)

CASES = Path(__file__).parent / "rules"
COMPANY = "320600001"
_GRADES = {
    "特级": HotWorkGrade.SPECIAL,
    "一级": HotWorkGrade.GRADE_1,
    "二级": HotWorkGrade.GRADE_2,
    None: None,
}
_DAY: dict[str, Any] = {
    "day": "2026-09-15",
    "as_of": "09:21:00",
    "state": "operating",
    "hazards": True,
    "announcements": [{}],
    "declared_work": [],
    "permits": [],
    "others": [],
    "detectors": {},
    "sensors": {"S1": "09:20:50"},
    "gateways": {},
    "cameras": {"C1": {}},
    "declarations": [],
    "stopped": [],
    "strays": {},
    "blind": [],
    "tickets_elsewhere": {},
    "from_platform": False,
    "exports": None,
    "known_since": None,
    "courses": {},
    "thresholds": {},
    "alarms": [],
    "alarms_come": True,
}


@dataclass(frozen=True)
class Case:
    """A case of a rule: its sentence, the day, the outcome, and words its findings must hold (`says`)."""

    rule: str
    title: str
    stated: Mapping[str, Any]
    expected: tuple[str, frozenset[str]]
    says: tuple[str, ...]

    @property
    def day(self) -> EnterpriseDay:
        """The enterprise's day."""
        return _Reader({**_DAY, **self.stated}).enterprise_day()


def cases() -> list[Case]:
    """All cases of all rules."""
    return [case for path in sorted(CASES.glob("*.yaml")) for case in _read(path)]


def told(outcome: Outcome) -> tuple[str, frozenset[str]]:
    """An outcome in the words of a case's `expect`."""
    match outcome:
        case Pass():
            return "pass", frozenset()
        case Fail(verdicts, parts):
            reasons = {f"partly {part.code}" for part in parts}
            return "fail", frozenset({f"{one.mismatch} {one.subject}" for one in verdicts} | reasons)
        case NotEvaluated(reason):
            return "not_evaluated", frozenset({reason.code})
        case NotApplicable(reason):
            return "not_applicable", frozenset({reason.code})


def words(outcome: Outcome) -> str:
    """All that the findings of an outcome say: severity, sentence, both sides and their difference."""
    verdicts = outcome.verdicts if isinstance(outcome, Fail) else ()
    sides = ("expected", "actual", "difference")
    return "\n".join(
        f"{one.severity.label}|{one.message}|" + "|".join(str(one.evidence[side]) for side in sides)
        for one in verdicts
    )


def _read(path: Path) -> Iterator[Case]:
    for entry in yaml.safe_load(path.read_text(encoding="utf-8")):
        stated = {key: value for key, value in entry.items() if key not in ("case", "expect", "says")}
        unknown = stated.keys() - _DAY.keys()
        assert not unknown, f"{path.name}: {entry['case']}: {unknown}"
        expect = entry["expect"]
        [(outcome, said)] = expect.items() if isinstance(expect, dict) else [(expect, [])]
        expected = (outcome, frozenset([said] if isinstance(said, str) else said))
        yield Case(path.stem, entry["case"], stated, expected, tuple(entry.get("says", ())))


class _Reader:
    """Turns what a case states into messages, and these into the day as the product itself would."""

    def __init__(self, stated: Mapping[str, Any]) -> None:
        self._stated = stated
        self._date = date.fromisoformat(str(stated["day"]))
        self._as_of = self._at(stated["as_of"])
        self._known: list[Known] = []

    def enterprise_day(self) -> EnterpriseDay:
        stated = self._stated
        self._register()
        for said in stated["announcements"]:
            self._announcement(said)
        for said in stated["declared_work"]:
            at = self._at(said.get("at", "08:00"))
            item = self._item(said)
            self._add(DeclaredWork(**self._head(item.item_id, at, said), day=self._date, item=item), at)
        for said in stated["permits"]:
            self._permit(said)
        for said in stated["others"]:
            self._other_permit(said)
        for code, said in stated["cameras"].items():
            self._camera(code, said or None) if said is not None else None
        for said in stated["alarms"]:
            self._alarm(said)
        self._offline()
        readings = {**stated["sensors"], **stated["strays"]}
        seen = {code: self._seen(code, at) for code, at in readings.items() if at is not None}
        facts = enterprise_days(
            self._date,
            self._as_of,
            limits_on(self._date),
            self._known,
            {COMPANY: seen},
            start=self._as_of - timedelta(days=1),
        )
        watched = {code: self._watch(code, said) for code, said in stated["detectors"].items()}
        [day] = with_gas(facts, {COMPANY: watched}).days
        exports = stated["exports"]
        until = None if exports is None else {kind: self._at(at) for kind, at in exports.items()}
        elsewhere = {
            number: tuple(
                TicketElsewhere(one, "他家化工", f"permit-{number}-{one}") for one in companies.split()
            )
            for number, companies in stated["tickets_elsewhere"].items()
        }
        blind = tuple(self._blind(one) for one in stated["blind"])
        return replace(
            day,
            blind=blind,
            exports=until,
            tickets_elsewhere=elsewhere,
            known_since=self._maybe(stated["known_since"]),
            courses=self._courses(seen),
            alarms_come=self._stated["alarms_come"],
        )

    def _register(self) -> None:
        gateway_of = {code: gateway for gateway, codes in self._stated["gateways"].items() for code in codes}
        kinds = dict.fromkeys(self._stated["sensors"], SourceKind.SENSOR)
        kinds |= dict.fromkeys(self._stated["cameras"], SourceKind.CAMERA)
        at = self._at("昨日 08:00")
        register = Register(
            **self._head("register", at, {}),
            enterprise=Enterprise(name="示例化工", area_code="320623", state=self._stated["state"]),
            hazards=[Hazard(hazard_code="H1", name="罐区", level=2)] if self._stated["hazards"] else [],
            gateways=[Gateway(gateway_code=code) for code in self._stated["gateways"]],
            sources=[
                Source(
                    source_code=code,
                    kind=kind,
                    name=code,
                    hazard_code="H1",
                    gateway_code=gateway_of.get(code),
                    **self._stated["thresholds"].get(code, {}),
                )
                for code, kind in kinds.items()
            ]
            + [self._detector(code, said) for code, said in self._stated["detectors"].items()],
        )
        self._add(register, at)

    def _detector(self, code: str, said: Mapping[str, Any]) -> Source:
        return Source(
            source_code=code,
            kind=SourceKind.SENSOR,
            name=said.get("name", code),
            hazard_code="H1",
            quantity=Quantity.COMBUSTIBLE_GAS,
            tag_no=said.get("tag"),
            unit=said.get("unit", "%LEL"),
            high=said.get("high", 25.0),
        )

    def _announcement(self, said: Mapping[str, Any]) -> None:
        at = self._at(said.get("at", "08:00"))
        total, running, stopped, overhaul = said.get("units", (3, 2, 1, 0))
        special, grade_1, grade_2 = said.get("hot_work", (0, 0, 0))
        flags = {"has_contractor": False, "trial_production": False, "starting_or_stopping": False}
        items = said.get("items", [])
        commitment = SafetyCommitment(
            **self._head("commitment", at, said),
            day=self._date,
            state=said.get("state", "published"),
            promised_by="王建国",
            promise=said.get("promise", True),
            units=Units(
                total=total,
                running=running,
                stopped=stopped,
                overhaul=overhaul,
                trial=said.get("trial", 0),
                starting=said.get("starting", 0),
                stopping=said.get("stopping", 0),
            ),
            hot_work=HotWorkCounts(special=special, grade_1=grade_1, grade_2=grade_2),
            other_work=OtherWorkCounts(contractors=said.get("contractors", 0), **said.get("other_work", {})),
            flags=CommitmentFlags(**(flags | said.get("flags", {}))),
            items=None if items is None else [self._item(item) for item in items],
        )
        self._add(commitment, self._at(said["received"]) if "received" in said else at)

    def _item(self, said: Mapping[str, Any]) -> WorkItem:
        return WorkItem(
            item_id=str(said.get("id", "W1")),
            operation=Operation(said.get("operation", "01")),
            grade=_GRADES[said.get("grade", "一级")],
            ticket_no=said.get("ticket"),
            place=said.get("place", "泵区"),
            begin_at=self._maybe(said.get("begin", "08:30")),
            end_at=self._maybe(said.get("end", "12:00")),
            by_contractor=said.get("by_contractor"),
            unit=said.get("unit"),
            cancelled=said.get("cancelled", False),
            active=said.get("active", True),
        )

    def _permit(self, said: Mapping[str, Any]) -> None:
        at = self._at(said.get("at", "08:05"))
        permit = HotWorkPermit(
            **self._paper(said, at),
            grade=_GRADES[said.get("grade", "一级")] or HotWorkGrade.GRADE_1,
            continuous_monitoring=said.get("monitored"),
        )
        self._add(permit, at)

    def _other_permit(self, said: Mapping[str, Any]) -> None:
        at = self._at(said.get("at", "08:05"))
        paper = self._paper({"ticket": "S1", **said}, at)
        self._add(SpecialWorkPermit(**paper, operation_code=said.get("operation", "02")), at)

    def _paper(self, said: Mapping[str, Any], at: datetime) -> dict[str, Any]:
        """What permits of all operations say."""
        return dict(
            **self._head(str(said.get("id", said.get("ticket", "T1"))), at, said),
            ticket_no=said.get("ticket", "T1"),
            status=TicketStatus(said.get("status", "approved")),
            place=said.get("place", "泵区"),
            issued_at=self._maybe(said.get("issued", "08:05")),
            plan_start_at=self._maybe(said.get("start", "08:30")),
            plan_end_at=self._maybe(said.get("end", "12:00")),
            started_at=self._maybe(said.get("started")),
            ended_at=self._maybe(said.get("ended")),
            checked_at=self._maybe(said.get("checked")),
            camera_codes=said.get("cameras", []),
            not_recorded=said.get("not_recorded", []),
            associated_tickets=said.get("associated", []),
            breaks=self._breaks(said.get("breaks", [])),
            contractor=said.get("contractor"),
            worker=said.get("worker", "孙强"),
            guardian=said.get("guardian", "周丽"),
            gas_analyses=[self._analysis(one) for one in said.get("gas", [])],
            approvals=[self._approval(one) for one in said.get("approvals", [])],
            **{name: True for name in ("cancelled", "deleted", "test") if said.get(name)},
        )

    def _breaks(self, said: list[Mapping[str, Any]] | None) -> list[Break] | None:
        if said is None:
            return None
        return [Break(since=self._at(one["from"]), until=self._maybe(one.get("to"))) for one in said]

    def _watch(self, code: str, said: Mapping[str, Any]) -> GasWatch:
        """A detector: from when to when it read, its threshold, and above it `[from, to, highest]`."""
        above = tuple(
            Exceedance(self._at(start), self._at(end), peak, (f"gas-{code}",))
            for start, end, peak in said.get("above", [])
        )
        first, last = said.get("read", ["00:00:10", "09:20:50"])
        return GasWatch(self._at(first), self._at(last), said.get("high", 25.0), above)

    def _analysis(self, said: Mapping[str, Any]) -> GasAnalysis:
        return GasAnalysis(
            gas=said.get("gas", "可燃气体"),
            result=said.get("result", 0.0),
            unit=said.get("unit", "%"),
            analysed_at=self._at(said.get("at", "08:15")),
            place=said.get("place"),
        )

    def _approval(self, said: Mapping[str, Any]) -> Approval:
        at = self._maybe(said.get("at"))
        return Approval(node=said["node"], person=said.get("person", "李卫"), approved_at=at)

    def _camera(self, code: str, said: Mapping[str, Any] | None) -> None:
        said = said or {}
        for earlier in said.get("earlier", ()):
            self._camera(code, earlier)
        at = self._at(said.get("at", "09:20:30"))
        state = CameraState(
            camera_code=code,
            online=said.get("online", True),
            since=self._maybe(said.get("since")),
            offline_reason=said.get("reason"),
            picture_hash=said.get("picture"),
            frame_no=said.get("frame"),
            bitrate_kbps=said.get("bitrate"),
        )
        status = CameraStatus(**self._head(f"status-{code}", at, said), gateway_code="V1", cameras=[state])
        self._add(status, self._at(said["received"]) if "received" in said else at)

    def _offline(self) -> None:
        for said in self._stated["declarations"]:
            at = self._at(said.get("at", "昨日 17:00"))
            declaration = OfflineDeclaration(
                **self._head(str(said.get("id", "D1")), at, said),
                offline_type="检修",
                offline_reason="网关改造",
                offline_at=self._at(said.get("from", "昨日 18:00")),
                plan_online_at=self._maybe(said.get("until")),
                source_codes=said.get("sources", []),
                cancelled=said.get("cancelled", False),
            )
            self._add(declaration, at)
        for said in self._stated["stopped"]:
            at = self._at(said.get("at", "昨日 10:00"))
            record = OutOfService(
                **self._head(f"stop-{said['source']}", at, said),
                source_code=said["source"],
                stopped=True,
                stop_at=self._at(said.get("from", "昨日 10:00")),
                start_at=self._maybe(said.get("until")),
            )
            self._add(record, at)

    def _seen(self, code: str, said: Any) -> LastSeen:
        """A reading: its collect time, or `[collect time, time of receipt]`."""
        collected, received = said if isinstance(said, list) else (said, said)
        return LastSeen(self._at(collected), self._at(received), f"reading-{code}")

    def _blind(self, said: Mapping[str, Any]) -> BlindInterval:
        return BlindInterval(
            self._at(said["from"]), self._at(said["to"]), said.get("lossless", False), said.get("open", False)
        )

    def _courses(self, seen: Mapping[str, LastSeen]) -> dict[str, Course] | None:
        """A course for each sensor heard: a reading a minute since midnight, four days of past, nothing
        wrong; `courses` states what differs (null: nobody looked).
        """
        stated = self._stated["courses"]
        if stated is None:
            return None
        return {
            code: self._course(one, stated.get(code) or {})
            for code, one in seen.items()
            if code in self._stated["sensors"]
        }

    def _course(self, seen: LastSeen, said: Mapping[str, Any]) -> Course:
        gaps = tuple(
            Gap(self._at(start), self._at(end), (seen.journal_id,)) for start, end in said.get("gaps", ())
        )
        return Course(
            rows=said.get("rows", 540),
            first_at=self._at(said.get("first", "00:00")),
            last_at=seen.occurred_at,
            journal=(seen.journal_id,),
            step=None if said.get("step_s", 60) is None else timedelta(seconds=said.get("step_s", 60)),
            delay=timedelta(seconds=said.get("delay_s", 0)),
            gaps=gaps,
            gap_count=len(gaps),
            past=timedelta(hours=said.get("past_h", 96)),
            shown=tuple(self._shown(seen, one) for one in said.get("shown", ())),
            beyond=tuple(
                Beyond(*one[:2], self._at(one[2]), self._at(one[3]), one[4], (seen.journal_id,))
                for one in said.get("beyond", ())
            ),
            last_hours=tuple(
                (round(self._at(at).timestamp()), value) for at, value in said.get("last_hours", ())
            ),
        )

    def _shown(self, seen: LastSeen, said: Mapping[str, Any]) -> Shown:
        like = said.get("resembles")
        interval = SignalInterval(
            self._at(said["from"]),
            self._at(said["to"]),
            SignalState(said["state"]),
            said.get("why", "与过去不同"),
            Resemblance(self._at(like[0]), self._at(like[1]), *like[2:]) if like else None,
            said.get("measure", {}),
        )
        return Shown(interval, (seen.journal_id,), ((0, 1.0), (60, 1.0)), ((0, 1.1),) if like else ())

    def _alarm(self, said: Mapping[str, Any]) -> None:
        raised, at = self._at(said["raised"]), self._at(said.get("at", said["raised"]))
        alarm = Alarm(
            **self._head(f"alarm-{said['source']}-{said['raised']}", at, said),
            source_code=said["source"],
            level=said.get("level", "high"),
            state=said.get("state", "raised"),
            value=said.get("value"),
            threshold=said.get("threshold"),
            threshold_by=said.get("by", "edge"),
            raised_at=raised,
            cleared_at=self._maybe(said.get("cleared")),
        )
        self._add(alarm, at)

    def _head(self, name: str, at: datetime, said: Mapping[str, Any]) -> dict[str, Any]:
        return {"id": name, "seq": said.get("seq", 1), "occurred_at": at, "company_code": COMPANY}

    def _add(self, message: Message, received_at: datetime) -> None:
        origin = "file:x" if self._stated["from_platform"] else "mqtt"
        number = f"{kind_of(message)}-{len(self._known)}"
        self._known.append(
            Known(number, kind_of(message), COMPANY, received_at, encode(message).decode(), origin)
        )

    def _maybe(self, text: str | None) -> datetime | None:
        return None if text is None else self._at(text)

    def _at(self, text: str) -> datetime:
        day, _, clock = text.rpartition(" ")
        offset = {"": 0, "昨日": -1, "次日": 1}.get(day)
        on = date.fromisoformat(day) if offset is None else self._date + timedelta(days=offset)
        return calendar.at(on, time.fromisoformat(clock))
