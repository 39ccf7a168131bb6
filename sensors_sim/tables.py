"""The register and what streams, as tables a county platform exports, under the platforms' column names."""

from collections.abc import Callable, Iterable, Iterator
from typing import Final

from rdchem.model.source import Register, Source
from sensors_sim.instruments import INSTRUMENTS
from sensors_sim.snapshot import Snapshot
from sensors_sim.window import file_text

Cell = str | int | float | None
"""Codes are text and stay text; None is an empty cell."""
Row = dict[str, Cell]

_STATES: Final = {"operating": "运行", "trial": "试生产", "shut_down": "关停", "out_of_scope": "不在监管范围"}


def enterprises(tables: Snapshot) -> Iterator[Row]:
    """One row an enterprise."""
    for company, register in tables.registers.items():
        if enterprise := register.enterprise:
            yield {
                "COMPANY_CODE": company,
                "COMPANY_NAME": enterprise.name,
                "AREA_CODE": enterprise.area_code,
                "CREDIT_CODE": enterprise.credit_code,
                "STATE": _STATES[enterprise.state],
                "STATE_REASON": enterprise.state_reason,
                "UPDATE_TIME": file_text(register.occurred_at),
            }


def hazards(tables: Snapshot) -> Iterator[Row]:
    """One row a major hazard."""
    for company, register in tables.registers.items():
        for hazard in register.hazards:
            yield {
                "COMPANY_CODE": company,
                "HAZARD_CODE": hazard.hazard_code,
                "HAZARD_NAME": hazard.name,
                "HAZARD_LEVEL": hazard.level,
                "UPDATE_TIME": file_text(register.occurred_at),
            }


def gateways(tables: Snapshot) -> Iterator[Row]:
    """One row a gateway."""
    for company, register in tables.registers.items():
        for gateway in register.gateways:
            yield {
                "COMPANY_CODE": company,
                "GATEWAY_CODE": gateway.gateway_code,
                "GATEWAY_NAME": gateway.name,
                "UPDATE_TIME": file_text(register.occurred_at),
            }


def sensors(tables: Snapshot) -> Iterator[Row]:
    """One row a sensor (WC_ENT_CGQ), with its newest reading; no collect time: it never sent."""
    for company, register, sensor in _sources(tables, "sensor"):
        last = tables.readings.get((company, sensor.source_code))
        yield {
            "COMPANY_CODE": company,
            "HAZARD_CODE": sensor.hazard_code,
            "TARGET_CODE": sensor.source_code,
            "TARGET_NAME": sensor.name,
            "TARGET_TYPE": INSTRUMENTS[sensor.quantity].label if sensor.quantity else None,
            "EQUIP_CODE": None,
            "GATEWAY_CODE": sensor.gateway_code,
            "BIT_NO": sensor.tag_no,
            "UNIT": sensor.unit,
            "LOW_VALUE": sensor.range_low,
            "LOW_VALUE_01": sensor.low_low,
            "LOW_VALUE_02": sensor.low,
            "TOP_VALUE_01": sensor.high,
            "TOP_VALUE_02": sensor.high_high,
            "TOP_VALUE": sensor.range_high,
            "IS_USE": int(sensor.in_use),
            "IS_ACTIVE": 1,
            "LAST_VALUE": last[1].value if last else None,
            "LAST_COLLECT_TIME": file_text(last[0]) if last else None,
            "UPDATE_TIME": file_text(register.occurred_at),
        }


def strays(tables: Snapshot) -> Iterator[Row]:
    """One row a code that sends and is not registered, sensor or camera."""
    known = {
        (company, source.source_code)
        for company, register in tables.registers.items()
        for source in register.sources
    }
    for (company, code), (collected, reading, gateway) in tables.readings.items():
        if (company, code) not in known:
            yield _stray(company, gateway, code, reading.value, file_text(collected))
    for (company, code), (stated, state, gateway) in tables.cameras.items():
        if (company, code) not in known:
            yield _stray(company, gateway, code, int(state.online), file_text(stated))


def _stray(company: str, gateway: str, code: str, value: Cell, collected: str) -> Row:
    return {
        "COMPANY_CODE": company,
        "GATEWAY_CODE": gateway,
        "TARGET_CODE": code,
        "LAST_VALUE": value,
        "LAST_COLLECT_TIME": collected,
    }


def cameras(tables: Snapshot) -> Iterator[Row]:
    """One row a camera; `online` is empty for one that never reported."""
    for company, register, camera in _sources(tables, "camera"):
        last = tables.cameras.get((company, camera.source_code))
        state = last[1] if last else None
        yield {
            "companyCode": company,
            "hazardCode": camera.hazard_code,
            "gatewayCode": camera.gateway_code,
            "videoCode": camera.source_code,
            "gbCode": f"{company[:6]}00{camera.source_code[-12:]}",
            "videoName": camera.name,
            "online": int(state.online) if state else None,
            "onlineUpdateTime": file_text(last[0]) if last else None,
            "offlineTime": file_text(state.since) if state and not state.online else None,
            "offlineReason": state.offline_reason if state else None,
            "planOnlineTime": file_text(state.plan_online_at) if state else None,
            "updateTime": file_text(register.occurred_at),
        }


def _sources(tables: Snapshot, kind: str) -> Iterator[tuple[str, Register, Source]]:
    for company, register in tables.registers.items():
        for source in register.sources:
            if source.kind == kind:
                yield company, register, source


Table = Callable[[Snapshot], Iterable[Row]]
