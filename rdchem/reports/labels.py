"""How officers call things: outcomes, the spot-check's seven exception types, each class of mismatch.

The seven types are those of the national system's patrol record; a mismatch that fits none of the first six
is 其他异常情况, with its own label beside it.
"""

from dataclasses import dataclass
from typing import Final

SPOT_CHECK_TYPES: Final = (
    "企业离线",
    "视频离线",
    "预警等级高",
    "未上报安全承诺",
    "报警多(未销警)",
    "近一周最高预警等级高",
    "其他异常情况",
)
OUTCOMES: Final = {"pass": "符合", "fail": "异常", "not_evaluated": "未评估", "not_applicable": "不适用"}
UNITS: Final = {"minutes": "分钟", "hours": "小时", "time": "", "rate": "", "count": "", "text": ""}
EVIDENCE: Final = {
    "expected": "应为",
    "actual": "实为",
    "difference": "差异",
    "reason_given": "企业说明",
    "received": "到达时间",
    "ticket_no": "作业票编号",
    "place": "地点",
    "permits": "作业票",
    "names": "点位",
    "sources": "点位编码",
}
"""Evidence shown, in this order; what is not named here stays in verdict.json."""


@dataclass(frozen=True, slots=True)
class Class:
    """A class of mismatch: the spot-check type it is entered under, and its own name."""

    type: str
    label: str


_OTHER: Final = SPOT_CHECK_TYPES[6]
_CLASSES: Final = {
    "commitment_is_announced_by_deadline/missing": Class("未上报安全承诺", "未公告"),
    "commitment_is_announced_by_deadline/late": Class("未上报安全承诺", "迟报"),
    "commitment_is_announced_by_deadline/withdrawn": Class("未上报安全承诺", "撤回后未重新公告"),
    "commitment_agrees_with_itself/unit_sum": Class(_OTHER, "装置套数不符"),
    "commitment_agrees_with_itself/flag_count": Class(_OTHER, "是否项与数量矛盾"),
    "commitment_agrees_with_itself/contradictory_promise": Class(_OTHER, "承诺自相矛盾"),
    "hot_work_counts_match_line_items/count_differs": Class(_OTHER, "公告数量与作业明细不符"),
    "hot_work_matches_permits/count_differs": Class(_OTHER, "公告数量与作业票不符"),
    "hot_work_matches_permits/declared_without_permit": Class(_OTHER, "有报备无作业票"),
    "hot_work_matches_permits/undeclared_permit": Class(_OTHER, "有作业票无报备"),
    "hot_work_matches_permits/grade_lower_than_permit": Class(_OTHER, "申报级别低于作业票"),
    "hot_work_matches_permits/grade_higher_than_permit": Class(_OTHER, "申报级别高于作业票"),
    "permit_validity_is_within_limit/validity_over_limit": Class(_OTHER, "作业票有效期超限"),
    "major_hazard_sensors_are_online/enterprise_offline": Class("企业离线", "全部传感器离线"),
    "major_hazard_sensors_are_online/gateway_offline": Class(_OTHER, "网关离线"),
    "major_hazard_sensors_are_online/sensor_offline": Class(_OTHER, "传感器离线"),
    "major_hazard_sensors_are_online/declared_offline_overdue": Class(_OTHER, "传感器申报离线超期"),
    "major_hazard_video_is_online/enterprise_video_offline": Class("视频离线", "全部视频离线"),
    "major_hazard_video_is_online/camera_offline": Class("视频离线", "视频离线"),
    "major_hazard_video_is_online/camera_silent": Class("视频离线", "视频状态未更新"),
    "major_hazard_video_is_online/declared_offline_overdue": Class("视频离线", "视频申报离线超期"),
    "sources_are_registered/unregistered_source": Class(_OTHER, "未登记点位"),
}


def class_of(rule: str, mismatch: str) -> Class:
    """The class of a finding; one nobody named yet is shown under its identifier, never left out."""
    return _CLASSES.get(f"{rule}/{mismatch}", Class(_OTHER, mismatch))


def named_classes() -> frozenset[str]:
    """`rule/mismatch` of every class with a name."""
    return frozenset(_CLASSES)


def watched_types() -> frozenset[str]:
    """Spot-check types some rule can speak of."""
    return frozenset(one.type for one in _CLASSES.values())
