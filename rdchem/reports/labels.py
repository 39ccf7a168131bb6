"""How officers call things: outcomes, reasons, tables, the spot-check's seven types, each class of mismatch.

The seven types are those of the national system's patrol record; a mismatch that fits none of the first six
is 其他异常情况, with its own label beside it. Whatever has no name here yet is shown under its identifier.
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
UNITS: Final = {
    "minutes": "分钟",
    "hours": "小时",
    "days": "天",
    "percent": "%",
    "time": "",
    "time_or_usual": "",
    "rate": "",
    "count": "",
    "text": "",
}
AREAS: Final = {"320623": "如东县"}
EVIDENCE: Final = {
    "expected": "应为",
    "actual": "实为",
    "difference": "差异",
    "intervals": "时段",
    "resembles": "与之雷同",
    "reason_given": "企业说明",
    "received": "到达时间",
    "ticket_no": "作业票编号",
    "place": "地点",
    "permits": "作业票",
    "items": "作业明细",
    "names": "点位",
    "sources": "点位编码",
}
"""Evidence shown, in this order; what is not named here stays in verdict.json."""

REASONS: Final = {
    "no_announcement": "当日无有效承诺公告",
    "before_deadline": "尚未到截止时间",
    "claims_in_time_received_late": "公告自称按时但到达偏晚",
    "we_were_blind": "本系统采集中断",
    "platform_outage": "平台或传输中断",
    "not_exported": "平台表格未导入或不够新",
    "we_were_blind_or_clock": "本系统采集中断或时间陈旧",
    "clock_or_backlog": "采集时间陈旧(时钟或补传)",
    "no_history": "历史数据不足",
    "not_looked_at": "未取读数",
    "partly_nothing_sent": "部分点位没有读数",
    "alarms_not_passed_on": "平台未传来报警",
    "pictures_not_told": "视频状态无画面信息",
    "newly_registered": "登记不久,尚无从判定",
    "calculation_error": "本系统计算出错",
    "calendar_unknown": "缺少当年放假安排",
    "data_insufficient": "应填内容未填写",
    "grade_not_given": "未注明动火级别",
    "begin_not_given": "未注明开始时间",
    "not_begun": "申报的作业尚未开始",
    "no_line_items": "公告未附作业明细",
    "no_sensors": "没有在用的传感器",
    "no_cameras": "没有在用的摄像头",
    "no_permits": "当日没有生效的作业票",
    "no_work_started": "作业均尚未开工",
    "no_special_hot_work": "没有特级动火作业",
    "no_work_ended": "作业均尚未结束",
    "no_second_grade_started": "没有已开工的二级动火",
    "exempt": "按决定豁免",
    "no_camera_named": "作业票没有登记视频设备",
    "no_witness": "附近没有可对应的探测器",
    "no_permit_feed": "该项作业票未接入",
    "no_work_of_several_days": "没有跨日的动火作业",
    "no_other_work": "没有其他特殊作业",
    "no_contractor_named": "作业票没有承包商",
    "enriched_air_unknown": "是否富氧环境不详",
    "explosive_limit_unknown": "爆炸下限未知",
    "unit_not_understood": "分析结果单位不明",
    "approver_not_recognised": "审批节点名称无法识别",
    "nothing_sent": "没有任何点位上传数据",
    "shut_down": "企业登记为关停",
    "registered_after_deadline": "当日截止之后才登记",
    "out_of_scope": "企业不在监管范围",
    "shut_down_or_out_of_scope": "企业关停或不在监管范围",
    "partly_not_evaluated": "有异常,另有部分内容未能评估",
}
"""Reason code -> what it comes to, in a few words; each square keeps its own sentence beside it."""

TABLES: Final = {
    "volumes": "数据量",
    "streams": "读数量",
    "alarms": "报警",
    "versions": "报文版本",
    "enterprises": "企业登记",
    "commitments": "承诺公告",
    "work_items": "申报作业",
    "permits": "动火作业票",
    "declarations": "离线申报与停用",
    "sources": "点位登记",
    "last_readings": "最新数据",
}


KINDS: Final = {
    "register": "登记",
    "commitment": "承诺公告",
    "declared_work": "作业明细",
    "hot_work_permit": "作业票",
    "readings": "传感器数据",
    "camera_status": "视频状态",
    "gateway_presence": "网关上下线",
    "alarm": "报警",
    "offline_declaration": "离线申报",
    "out_of_service": "停用记录",
    "listener_event": "采集记录",
}
"""Kinds of message, as officers call them."""


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
    "hot_work_matches_permits/place_differs": Class(_OTHER, "申报地点与作业票不符"),
    "hot_work_matches_permits/time_outside_permit": Class(_OTHER, "申报时间在作业票之外"),
    "hot_work_matches_permits/grade_lower_than_permit": Class(_OTHER, "申报级别低于作业票"),
    "hot_work_matches_permits/grade_higher_than_permit": Class(_OTHER, "申报级别高于作业票"),
    "hot_work_matches_permits/declared_late": Class(_OTHER, "截止后补充申报"),
    "hot_work_matches_permits/worked_though_taken_back": Class(_OTHER, "申报取消后仍作业"),
    "hot_work_matches_permits/declared_none_but_analysed": Class(_OTHER, "申报为零而已取样分析"),
    "other_work_matches_permits/count_differs": Class(_OTHER, "特殊作业数量与作业票不符"),
    "other_work_matches_permits/declared_without_permit": Class(_OTHER, "特殊作业有报备无作业票"),
    "other_work_matches_permits/undeclared_permit": Class(_OTHER, "特殊作业有作业票无报备"),
    "other_work_matches_permits/place_differs": Class(_OTHER, "特殊作业地点与作业票不符"),
    "other_work_matches_permits/time_outside_permit": Class(_OTHER, "特殊作业时间在作业票之外"),
    "other_work_matches_permits/declared_late": Class(_OTHER, "特殊作业截止后补充申报"),
    "other_work_matches_permits/worked_though_taken_back": Class(_OTHER, "特殊作业申报取消后仍作业"),
    "other_work_counts_match_line_items/count_differs": Class(_OTHER, "特殊作业数量与明细不符"),
    "contractors_are_declared/contractor_not_declared": Class(_OTHER, "承包商作业未申报"),
    "contractors_are_declared/contractor_count_differs": Class(_OTHER, "承包商数量少报"),
    "each_operation_has_its_own_permit/ticket_for_several_operations": Class(_OTHER, "一票用于多种作业"),
    "each_operation_has_its_own_permit/ticket_for_several_works": Class(_OTHER, "一票用于多处作业"),
    "crossing_jobs_are_coordinated/not_coordinated": Class(_OTHER, "交叉作业未关联"),
    "permit_validity_is_within_limit/validity_over_limit": Class(_OTHER, "作业票有效期超限"),
    "gas_is_analysed_before_hot_work/no_analysis": Class(_OTHER, "动火前无气体分析"),
    "gas_is_analysed_before_hot_work/analysis_too_old": Class(_OTHER, "气体分析距动火过久"),
    "gas_is_analysed_again_after_break/no_reanalysis": Class(_OTHER, "中断后未重新分析"),
    "gas_is_analysed_every_day/no_analysis_that_day": Class(_OTHER, "当日动火前无气体分析"),
    "confined_space_oxygen_is_within_limit/oxygen_out_of_range": Class(_OTHER, "受限空间氧含量不合格"),
    "special_hot_work_is_monitored/not_monitored": Class(_OTHER, "特级动火未连续监测"),
    "hot_work_cameras_are_online/camera_offline_during_work": Class(_OTHER, "动火期间视频离线"),
    "gas_stays_below_alarm_during_hot_work/gas_alarm_during_work": Class(_OTHER, "动火期间可燃气体超高报"),
    "gas_is_within_limit/gas_over_limit": Class(_OTHER, "气体分析超过合格上限"),
    "hot_work_has_a_guardian/guardian_not_named": Class(_OTHER, "作业票未填监护人"),
    "hot_work_has_a_guardian/guardian_is_worker": Class(_OTHER, "监护人兼作业人"),
    "permit_is_approved_before_work/approval_missing": Class(_OTHER, "开工时审批未完成"),
    "permit_is_approved_before_work/approvals_out_of_order": Class(_OTHER, "审批时间先后颠倒"),
    "permit_is_approved_before_work/approved_after_start": Class(_OTHER, "先开工后审批"),
    "permit_is_approved_before_work/approver_too_low": Class(_OTHER, "最终审批级别偏低"),
    "hot_work_is_upgraded_when_required/upgrade_not_done": Class(_OTHER, "应升级管理而未升级"),
    "hot_work_stays_within_permit/begun_before_permit": Class(_OTHER, "早于作业票时间开工"),
    "hot_work_stays_within_permit/ran_over": Class(_OTHER, "超过作业票时间完工"),
    "hot_work_stays_within_permit/still_working_after_expiry": Class(_OTHER, "作业票到期仍在作业"),
    "hot_work_completion_is_checked/checked_before_end": Class(_OTHER, "验收早于作业结束"),
    "hot_work_completion_is_checked/not_checked": Class(_OTHER, "完工后未验收"),
    "special_hot_work_is_on_video/no_camera_named": Class(_OTHER, "特级动火未登记视频"),
    "special_hot_work_is_on_video/camera_offline_during_work": Class(_OTHER, "特级动火期间视频离线"),
    "special_hot_work_is_on_video/video_interrupted": Class(_OTHER, "特级动火期间视频中断"),
    "ticket_numbers_are_unique/duplicate_record": Class(_OTHER, "作业票重复录入"),
    "ticket_numbers_are_unique/duplicate_ticket": Class(_OTHER, "作业票编号重复"),
    "ticket_numbers_are_unique/ticket_used_elsewhere": Class(_OTHER, "作业票编号他企业已用"),
    "major_hazard_sensors_are_online/enterprise_offline": Class("企业离线", "全部传感器离线"),
    "major_hazard_sensors_are_online/gateway_offline": Class(_OTHER, "网关离线"),
    "major_hazard_sensors_are_online/sensor_offline": Class(_OTHER, "传感器离线"),
    "major_hazard_sensors_are_online/declared_offline_overdue": Class(_OTHER, "传感器申报离线超期"),
    "major_hazard_video_is_online/enterprise_video_offline": Class("视频离线", "全部视频离线"),
    "major_hazard_video_is_online/camera_offline": Class("视频离线", "视频离线"),
    "major_hazard_video_is_online/camera_silent": Class("视频离线", "视频状态未更新"),
    "major_hazard_video_is_online/declared_offline_overdue": Class("视频离线", "视频申报离线超期"),
    "sensor_data_arrive_steadily/flapping": Class(_OTHER, "反复上下线"),
    "sensor_data_arrive_steadily/slow": Class(_OTHER, "数据上传过慢"),
    "sensor_signals_are_true/stuck": Class(_OTHER, "读数卡死"),
    "sensor_signals_are_true/stuck_with_jitter": Class(_OTHER, "读数抖动式卡死"),
    "sensor_signals_are_true/replayed": Class(_OTHER, "读数疑似重放"),
    "sensor_signals_are_true/copied": Class(_OTHER, "读数与另一测点雷同"),
    "sensor_signals_are_true/offset": Class(_OTHER, "读数偏移"),
    "sensor_signals_are_true/drift": Class(_OTHER, "读数漂移"),
    "sensor_signals_are_true/disagrees": Class(_OTHER, "与同类测点不一致"),
    "sensor_signals_are_true/contradicted": Class(_OTHER, "读数与工艺不符"),
    "sensor_signals_are_true/digits": Class(_OTHER, "读数末位异常"),
    "sensor_signals_are_true/noisy": Class(_OTHER, "读数噪声异常"),
    "sensor_signals_are_true/spikes": Class(_OTHER, "读数尖峰"),
    "sensor_signals_are_true/out_of_range": Class(_OTHER, "读数超量程"),
    "sensor_signals_are_true/unit_error": Class(_OTHER, "疑似单位错误"),
    "sensor_signals_are_true/stale": Class(_OTHER, "数据陈旧"),
    "alarms_are_reported/alarm_missing": Class(_OTHER, "漏报报警"),
    "alarms_are_reported/threshold_loosened": Class(_OTHER, "报警阈值放宽"),
    "alarms_are_cleared/alarm_standing": Class("报警多(未销警)", "报警长期未解除"),
    "camera_pictures_move/camera_frozen": Class("视频离线", "在线但画面冻结"),
    "sources_are_registered/unregistered_source": Class(_OTHER, "未登记点位"),
}


def class_of(rule: str, mismatch: str) -> Class:
    """The class of a finding; one nobody named yet is shown under its identifier, never left out."""
    return _CLASSES.get(f"{rule}/{mismatch}", Class(_OTHER, mismatch))


def named_classes() -> frozenset[str]:
    """`rule/mismatch` of every class with a name."""
    return frozenset(_CLASSES)


def watched_types() -> dict[str, set[str]]:
    """Spot-check types some rule can speak of -> the names of these rules."""
    watched: dict[str, set[str]] = {}
    for name, one in _CLASSES.items():
        watched.setdefault(one.type, set()).add(name.partition("/")[0])
    return watched
