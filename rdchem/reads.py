"""Which message kinds each rule reads, declared once.

A difference between two verdicts is explained by what arrived of these kinds; a rule abstains where the data
of one of them are not fit to be judged upon (`rdchem.fitness`). A test watches what the rules really read.
"""

from collections.abc import Mapping
from typing import Final

READS: Final[Mapping[str, frozenset[str]]] = {
    "commitment_is_announced_by_deadline": frozenset({"register", "commitment", "listener_event"}),
    "hot_work_matches_permits": frozenset(
        {"commitment", "declared_work", "hot_work_permit", "special_work_permit", "listener_event"}
    ),
    "hot_work_counts_match_line_items": frozenset({"commitment", "declared_work"}),
    "other_work_matches_permits": frozenset(
        {"commitment", "declared_work", "hot_work_permit", "special_work_permit", "listener_event"}
    ),
    "other_work_counts_match_line_items": frozenset({"commitment", "declared_work"}),
    "contractors_are_declared": frozenset(
        {"commitment", "hot_work_permit", "special_work_permit", "listener_event"}
    ),
    "commitment_agrees_with_itself": frozenset({"commitment"}),
    "each_operation_has_its_own_permit": frozenset(
        {"commitment", "declared_work", "hot_work_permit", "special_work_permit", "listener_event"}
    ),
    "crossing_jobs_are_coordinated": frozenset({"hot_work_permit", "special_work_permit", "listener_event"}),
    "permit_validity_is_within_limit": frozenset({"hot_work_permit", "special_work_permit"}),
    "gas_is_analysed_before_hot_work": frozenset({"hot_work_permit", "listener_event"}),
    "gas_is_within_limit": frozenset({"hot_work_permit"}),
    "gas_is_analysed_again_after_break": frozenset(
        {"hot_work_permit", "special_work_permit", "listener_event"}
    ),
    "gas_is_analysed_every_day": frozenset({"hot_work_permit", "listener_event"}),
    "confined_space_oxygen_is_within_limit": frozenset({"special_work_permit"}),
    "hot_work_has_a_guardian": frozenset({"hot_work_permit", "listener_event"}),
    "permit_is_approved_before_work": frozenset({"hot_work_permit", "listener_event"}),
    "hot_work_is_upgraded_when_required": frozenset({"hot_work_permit"}),
    "hot_work_stays_within_permit": frozenset({"hot_work_permit", "listener_event"}),
    "hot_work_completion_is_checked": frozenset({"hot_work_permit", "listener_event"}),
    "special_hot_work_is_monitored": frozenset({"hot_work_permit", "listener_event"}),
    "hot_work_cameras_are_online": frozenset(
        {"register", "hot_work_permit", "camera_status", "out_of_service", "listener_event"}
    ),
    "gas_stays_below_alarm_during_hot_work": frozenset({"register", "hot_work_permit", "readings"}),
    "special_hot_work_is_on_video": frozenset(
        {"register", "hot_work_permit", "camera_status", "out_of_service", "listener_event"}
    ),
    "ticket_numbers_are_unique": frozenset({"hot_work_permit"}),
    "major_hazard_sensors_are_online": frozenset(
        {"register", "readings", "offline_declaration", "out_of_service", "listener_event"}
    ),
    "major_hazard_video_is_online": frozenset(
        {"register", "camera_status", "offline_declaration", "out_of_service", "listener_event"}
    ),
    "sensor_data_arrive_steadily": frozenset(
        {"register", "readings", "offline_declaration", "out_of_service", "listener_event"}
    ),
    "sensor_signals_are_true": frozenset({"register", "readings", "out_of_service", "listener_event"}),
    "alarms_are_reported": frozenset({"register", "readings", "alarm", "out_of_service", "listener_event"}),
    "alarms_are_cleared": frozenset({"register", "alarm", "out_of_service", "listener_event"}),
    "camera_pictures_move": frozenset({"register", "camera_status", "out_of_service"}),
    "sources_are_registered": frozenset({"register", "readings", "camera_status"}),
}
"""The message kinds a rule reads; a rule not named here may read all. A test watches the rules."""

TIMES_ONLY: Final = frozenset({"commitment_is_announced_by_deadline"})
"""Rules that ask when a message came, not what it says: it may contradict itself for all they care."""
