"""What may be wrong with an enterprise's papers, drawn with parameters of its own each time, and its label.

Each draw gives an effect and what must follow of it (None: nothing), on both sides of the boundary concerned.
"""

from collections.abc import Sequence
from typing import Final

from sensors_sim.truth_set_draws import papers, permit
from sensors_sim.truth_set_draws.drawing import Draw

MIXED: Final[Sequence[Draw]] = [
    papers.undeclared,
    papers.void,
    papers.late_addition,
    papers.on_time,
    papers.without_permit,
    papers.grades,
    papers.papers,
    papers.agreeing,
    papers.cancelled,
    permit.validity,
    permit.gas_sampled,
    permit.guarded,
    permit.approved,
    permit.worked,
    permit.not_upgraded,
    permit.filmed,
    permit.dead_camera,
    papers.twice,
    papers.borrowed,
    permit.rested,
    permit.night,
    permit.unmonitored,
    permit.gas_alarm,
    papers.shared,
    papers.contractors,
    permit.crossing,
    papers.changed,
    papers.other,
    permit.confined,
    papers.miscounted_other,
]
LAST: Final[Sequence[Draw]] = [papers.declared_late, papers.taken_back, papers.miscounted]
"""What writes the announcement anew, or its board: one of these, after everything else."""
ALONE: Final[Draw] = papers.analysed_though_none
"""Only where nothing else is declared."""
OF_A_NEIGHBOUR: Final[Draw] = papers.borrowed
"""Not for the first of a day, whose neighbour is of another day."""
CLASH: Final = frozenset({papers.changed, papers.declared_late})
"""Not both: declared anew after the change, the papers do differ."""
