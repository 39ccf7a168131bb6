"""An enterprise's day with nothing wrong in it, and the pieces to make it wrong."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import msgspec

from rdchem.model.commitment import (
    DeclaredWork,
    HotWorkCounts,
    HotWorkGrade,
    Operation,
    SafetyCommitment,
    Units,
    WorkItem,
)
from rdchem.model.day import CameraSeen, EnterpriseDay, LastSeen, Received, RegisterEntry
from rdchem.model.permit import Approval, GasAnalysis, HotWorkPermit, TicketStatus
from rdchem.model.source import (
    CameraState,
    Enterprise,
    Gateway,
    Hazard,
    Quantity,
    Register,
    Source,
    SourceKind,
)
from rdchem.rulebook import rulebook_on

DAY = date(2026, 9, 15)
AS_OF = datetime(2026, 9, 15, 1, 21, tzinfo=UTC)
EIGHT = datetime(2026, 9, 15, 0, 0, tzinfo=UTC)  # 08:00 in Shanghai
RULEBOOK = rulebook_on(DAY)
LIMITS = RULEBOOK.limits


def received(message: Any, number: int = 1, ahead: timedelta = timedelta(0)) -> Received[Any]:
    return Received(f"j{number}", message.occurred_at - ahead, message)


def commitment(company: str, **said: Any) -> SafetyCommitment:
    plain: dict[str, Any] = {
        "id": f"{company}-{DAY}",
        "seq": 1,
        "occurred_at": EIGHT,
        "company_code": company,
        "day": DAY,
        "promised_by": "王建国",
        "units": Units(total=3, running=2, stopped=1, overhaul=0),
        "hot_work": HotWorkCounts(special=0, grade_1=1, grade_2=0),
        "risk_grade": 4,
        "items": [item("1")],
    }
    return SafetyCommitment(**(plain | said))


def item(item_id: str, **said: Any) -> WorkItem:
    plain: dict[str, Any] = {
        "item_id": item_id,
        "operation": Operation.HOT_WORK,
        "grade": HotWorkGrade.GRADE_1,
        "ticket_no": f"T-{item_id}",
        "place": "二车间泵区",
        "person": "赵敏",
        "begin_at": EIGHT,
        "end_at": EIGHT + timedelta(hours=4),
    }
    return WorkItem(**(plain | said))


def permit(company: str, ticket_no: str, **said: Any) -> HotWorkPermit:
    plain: dict[str, Any] = {
        "id": f"{company}-{ticket_no}",
        "seq": 1,
        "occurred_at": EIGHT,
        "company_code": company,
        "ticket_no": ticket_no,
        "status": TicketStatus.APPROVED,
        "grade": HotWorkGrade.GRADE_1,
        "place": "二车间泵区",
        "worker": "孙强",
        "guardian": "周丽",
        "issued_at": EIGHT,
        "plan_start_at": EIGHT,
        "plan_end_at": EIGHT + timedelta(hours=4),
        "gas_analyses": [
            GasAnalysis(gas="可燃气体", result=0.0, unit="%", analysed_at=EIGHT - timedelta(minutes=10))
        ],
        "approvals": [Approval(node="安全管理部门", person="李卫", approved_at=EIGHT - timedelta(minutes=5))],
    }
    return HotWorkPermit(**(plain | said))


def sensor(code: str, **said: Any) -> Source:
    plain: dict[str, Any] = {
        "source_code": code,
        "kind": SourceKind.SENSOR,
        "name": "1号储罐液位",
        "hazard_code": "H1",
        "gateway_code": "G1",
        "quantity": Quantity.LEVEL,
        "tag_no": f"LI-{code}",
        "unit": "m",
        "range_low": 0.0,
        "low_low": 0.0,
        "low": 1.0,
        "high": 8.0,
        "high_high": 9.0,
        "range_high": 9.0,
    }
    return Source(**(plain | said))


def camera(code: str, **said: Any) -> Source:
    return Source(
        source_code=code, kind=SourceKind.CAMERA, name="罐区球机", hazard_code="H1", gateway_code="G1", **said
    )


def register(company: str, *sources: Source, **said: Any) -> Register:
    plain: dict[str, Any] = {
        "id": f"register-{company}",
        "seq": 1,
        "occurred_at": EIGHT,
        "company_code": company,
        "enterprise": Enterprise(name="示例化工", area_code="320623"),
        "hazards": [Hazard(hazard_code="H1", name="罐区", level=3)],
        "sources": list(sources),
    }
    return Register(**(plain | said))


def seen(ahead: timedelta = timedelta(0)) -> LastSeen:
    return LastSeen(AS_OF + ahead, AS_OF, "j9")


def good(company: str = "320600001", **changes: Any) -> EnterpriseDay:
    """An enterprise's day with nothing wrong in it."""
    credit_code = f"9132062{company:0>9}XA"[:18]
    enterprise = Enterprise(name="江苏样例化工有限公司", area_code="320623", credit_code=credit_code)
    sources = {one.source_code: one for one in (sensor("S1"), camera("C1"))}
    register = RegisterEntry(
        enterprise,
        {"H1": Hazard(hazard_code="H1", name="罐区", level=2)},
        {"G1": Gateway(gateway_code="G1")},
        sources,
        ("j0",),
        source_ids=dict.fromkeys(sources, "j0"),
    )
    plain = EnterpriseDay(
        company_code=company,
        day=DAY,
        as_of=AS_OF,
        register=register,
        limits=LIMITS,
        commitments=(received(commitment(company)),),
        permits=(received(permit(company, "T-1"), 2),),
        readings={"S1": seen()},
        alarms_come=True,
        cameras={"C1": CameraSeen(CameraState(camera_code="C1", online=True), AS_OF, AS_OF, "j9")},
    )
    return replace(plain, **changes)


def with_register(day: EnterpriseDay, sources: list[Source], **enterprise: Any) -> EnterpriseDay:
    register = replace(
        day.register,
        enterprise=msgspec.structs.replace(day.register.enterprise, **enterprise),
        source_ids={source.source_code: "j0" for source in sources},
        sources={one.source_code: one for one in sources},
    )
    return replace(day, register=register)


def work(company: str, item_id: str) -> DeclaredWork:
    return DeclaredWork(
        id=item_id, seq=1, occurred_at=EIGHT, company_code=company, day=DAY, item=item(item_id)
    )


def replace_item(message: DeclaredWork, **changes: Any) -> DeclaredWork:
    return msgspec.structs.replace(message, item=msgspec.structs.replace(message.item, **changes))
