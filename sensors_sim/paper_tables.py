"""Announcements, permits and declarations as the tables a county platform exports."""

from collections.abc import Iterable, Iterator
from typing import Final

from rdchem.model.commitment import HotWorkGrade, SafetyCommitment, WorkItem
from rdchem.model.permit import Permit, TicketStatus
from sensors_sim.county import AREA_CODE
from sensors_sim.snapshot import Snapshot
from sensors_sim.tables import Cell, Row
from sensors_sim.window import compact_text, file_text

_STATUSES: Final = {
    TicketStatus.DRAFT: "草稿",
    TicketStatus.APPROVED: "已审批",
    TicketStatus.WORKING: "作业中",
    TicketStatus.CLOSED: "已完工",
}


def commitments(tables: Snapshot) -> Iterator[Row]:
    """One row an announcement (WC_ENT_TASK): created when first published, updated when last changed."""
    for said in tables.commitments.values():
        yield {
            "ID": said.id,
            "COMPANY_CODE": said.company_code,
            "COMMITE_DATE": said.day.isoformat(),
            "COMMITMENT": said.promised_by,
            "SUBJECT": said.subject,
            "COMMITMENTSTATE": int(said.state == "published"),
            "AREA_CODE": AREA_CODE,
            **_counts(said),
            **_answers(said),
            "RISK_GRADE": said.risk_grade,
            "DANGER_GUARANTEE_RESPONSIBILITY": said.promised_by,
            "DUTY_LEAD": said.promised_by,
            "DUTY_LEAD_PHONE": "13000000000",
            "CREATE_TIME": file_text(tables.first_said[said.id]),
            "UPDATE_TIME": file_text(said.occurred_at),
        }


def _counts(said: SafetyCommitment) -> Row:
    units, other = said.units, said.other_work
    return {
        "UNITS_NUMBER": units.total,
        "RUN_NUMBER": units.running,
        "PARK_NUMBER": units.stopped,
        "OVERHAUL_WORK_NUMBER": units.overhaul,
        "TRYUNITS_NUMBER": units.trial,
        "WORK_NUMBER": units.starting,
        "NOT_WOKR_NUMBER": units.stopping,
        "FIRES_NUMBER": said.hot_work.special,
        "FIRE1_NUMBER": said.hot_work.grade_1,
        "FIRE2_NUMBER": said.hot_work.grade_2,
        "PT_FIRE_NUMBER": None,
        "SPACEWORK_NUMBER": other.confined_space,
        "BLINDPLATE_NUMBER": other.blind_plate,
        "HIGHWORK_NUMBER": other.height,
        "LIFTINGWORK_NUMBER": other.lifting,
        "ELECTRICITYWORK_NUMBER": other.temporary_power,
        "SOILWORK_NUMBER": other.excavation,
        "ROADWORK_NUMBER": other.road_closure,
        "INSPECTION_NUMBER": other.maintenance,
        "POUR_OUT_NUMBER": other.tank_transfer,
        "CLEAN_TANK_NUMBER": other.tank_cleaning,
        "DRAINING_NUMBER": other.draining,
        "CONTRACTOR_NUMBER": other.contractors,
        "CHANGED_TASK_NUMBER": other.changes,
    }


def _answers(said: SafetyCommitment) -> Row:
    flags = said.flags
    safe = {True: "是", False: "否", None: None}
    return {
        "CONTRACTOR": _flag(flags.has_contractor),
        "TRIAL_PRODUCTION": _flag(flags.trial_production),
        "OPEN_PARKING": _flag(flags.starting_or_stopping),
        "TEST": _flag(flags.test),
        "M_HAZARDS": _flag(flags.major_hidden_danger),
        "HAZARDS_SAFE": safe[flags.hazards_are_safe],
    }


def work_items(tables: Snapshot) -> Iterator[Row]:
    """One row a declared piece of work (WC_ENT_QYCN)."""
    for said in tables.commitments.values():
        for item in said.items or ():
            yield _work_item(said, item)


def _work_item(said: SafetyCommitment, item: WorkItem) -> Row:
    return {
        "ITEM_ID": item.item_id,
        "TASK_ID": item.ticket_no,
        "COMPANY_CODE": said.company_code,
        "COMMITE_DATE": said.day.isoformat(),
        "TASK_TYPE": item.operation.value,
        "TASK_GRADE": _grade(item.grade),
        "TASK_POSITION": item.place,
        "TASK_BEGIN_TIME": file_text(item.begin_at),
        "TASK_END_TIME": file_text(item.end_at),
        "IS_CONTRACTOR_TASK": _flag(item.by_contractor),
        "TASK_UNIT": item.unit,
        "MAJOR_PERSON": item.person,
        "TASK_CONTENT": item.content,
        "IS_CHANGED": int(item.changed_reason is not None),
        "CHANGED_REASON": item.changed_reason,
        "IS_CANCELLED": int(item.cancelled),
        "CANCELLED_REASON": item.cancelled_reason,
        "IS_ACTIVE": int(item.active),
    }


def permits(tables: Snapshot) -> Iterator[Row]:
    """One row a hot-work permit, in its newest version."""
    for held in tables.permits.values():
        yield {
            "id": held.id,
            "companyCode": held.company_code,
            "ticketNo": held.ticket_no,
            "ticketStatus": _STATUSES[held.status],
            "fireLevel": _grade(held.grade),
            "fireStyle": held.style,
            "fireLocation": held.place,
            "firePerson": held.responsible,
            "issueTime": compact_text(held.issued_at),
            "planStartTime": compact_text(held.plan_start_at),
            "planEndTime": compact_text(held.plan_end_at),
            "startTime": compact_text(held.started_at),
            "endTime": compact_text(held.ended_at),
            "checkedTime": compact_text(held.checked_at),
            "checkedPerson": held.checked_by,
            "supervisorName": held.guardian,
            "workerName": held.worker,
            "isContractorWork": int(held.contractor is not None),
            "contractorOrg": held.contractor,
            "isAssociation": int(bool(held.associated_tickets)),
            "associationTicket": ";".join(held.associated_tickets),
            "mobileDeviceCode": ";".join(held.camera_codes),
            "longitude": held.longitude,
            "latitude": held.latitude,
            "isChanged": int(held.changed_reason is not None),
            "changedCause": held.changed_reason,
            "isCancelled": int(held.cancelled),
            "cancelledCause": held.cancelled_reason,
            "deleted": int(held.deleted),
            "createDate": compact_text(tables.first_said[held.id]),
            "updateDate": compact_text(held.occurred_at),
            "filingType": held.filing,
            "isTest": int(held.test),
            "continuousMonitoring": _flag(held.continuous_monitoring),
        }


def special_permits(tables: Snapshot) -> Iterator[Row]:
    """One row a permit of another operation, in its newest version."""
    for held in tables.other_permits.values():
        yield {
            "id": held.id,
            "companyCode": held.company_code,
            "operationCode": held.operation_code,
            "ticketNo": held.ticket_no,
            "ticketStatus": _STATUSES[held.status],
            "workLocation": held.place,
            "issueTime": compact_text(held.issued_at),
            "planStartTime": compact_text(held.plan_start_at),
            "planEndTime": compact_text(held.plan_end_at),
            "startTime": compact_text(held.started_at),
            "endTime": compact_text(held.ended_at),
            "checkedTime": compact_text(held.checked_at),
            "workerName": held.worker,
            "supervisorName": held.guardian,
            "contractorOrg": held.contractor,
            "associationTicket": ";".join(held.associated_tickets),
            "mobileDeviceCode": ";".join(held.camera_codes),
            "isCancelled": int(held.cancelled),
            "deleted": int(held.deleted),
            "isTest": int(held.test),
            "createDate": compact_text(tables.first_said[held.id]),
            "updateDate": compact_text(held.occurred_at),
        }


def breaks(tables: Snapshot) -> Iterator[Row]:
    """One row a break in the work of a hot-work permit."""
    for held in tables.permits.values():
        for one in held.breaks or ():
            yield {
                "ticketID": held.ticket_no,
                "breakStartTime": compact_text(one.since),
                "breakEndTime": compact_text(one.until),
            }


def gas_analyses(tables: Snapshot) -> Iterator[Row]:
    """One row a gas analysis of a hot-work permit, in the order given."""
    yield from _gas_analyses(tables.permits.values())


def other_gas_analyses(tables: Snapshot) -> Iterator[Row]:
    """One row a gas analysis of another permit, in the order given."""
    yield from _gas_analyses(tables.other_permits.values())


def _gas_analyses(permits: Iterable[Permit]) -> Iterator[Row]:
    for held in permits:
        for one in held.gas_analyses:
            yield {
                "ticketID": held.ticket_no,
                "gasName": one.gas,
                "analysisResults": one.result,
                "resultsUnit": one.unit,
                "analyst": one.analyst,
                "analystTime": compact_text(one.analysed_at),
                "analystPart": one.place,
            }


def approvals(tables: Snapshot) -> Iterator[Row]:
    """One row a step of a permit's approval, in the order given; no time: not yet approved."""
    for held in tables.permits.values():
        for step in held.approvals:
            yield {
                "ticketID": held.ticket_no,
                "processNodes": step.node,
                "processPersonnel": step.person,
                "processOpinion": step.opinion,
                "processTime": compact_text(step.approved_at),
            }


def declarations(tables: Snapshot) -> Iterator[Row]:
    """One row an offline declaration; no source codes: the whole enterprise."""
    for said in tables.declarations.values():
        yield {
            "企业编码": said.company_code,
            "申报编号": said.id,
            "离线类型": said.offline_type,
            "离线原因": said.offline_reason,
            "离线时间": file_text(said.offline_at),
            "计划恢复时间": file_text(said.plan_online_at),
            "点位编码": ";".join(said.source_codes),
            "附件": said.attachment,
            "申报时间": file_text(said.occurred_at),
        }


def out_of_service(tables: Snapshot) -> Iterator[Row]:
    """One row a source taken out of service, and back."""
    for record in tables.stops.values():
        yield {
            "ID": record.id,
            "COMPANY_CODE": record.company_code,
            "EQUIP_CODE": record.source_code,
            "IS_STOP": int(record.stopped),
            "STOP_REMARK": record.stop_reason,
            "STOP_PSN": record.stop_by,
            "STOP_TIME": file_text(record.stop_at),
            "START_REMARK": record.start_reason,
            "START_PSN": record.start_by,
            "START_TIME": file_text(record.start_at),
            "UPDATE_TIME": file_text(record.occurred_at),
        }


def _flag(answer: bool | None) -> Cell:
    return None if answer is None else int(answer)


def _grade(grade: HotWorkGrade | None) -> str | None:
    return grade.label if grade else None
