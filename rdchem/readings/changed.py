"""Whose past tells of more than one way to go together: for them what was before must be asked as well.

Of two sources that went together and then, to the end of the past, did not any more, either may have been at
fault: before the change, or after it. A longer past tells.
"""

from collections.abc import Mapping

import numpy as np

from rdchem.model.source import Quantity
from rdchem.readings.beside import COMPARED, Sensor, pasts_beside
from rdchem.readings.contradicting import changes
from rdchem.readings.grid import HOUR_S, Grid
from rdchem.readings.series import DAY_S, Floats
from rdchem.readings.siblings import parted


def changed(pasts: Mapping[str, Grid], known: Mapping[str, Sensor]) -> set[str]:
    """The sources of hazards in which two go together no more; from a day of the past on that can be seen."""
    found: set[str] = set()
    for codes, step_s, past in pasts_beside(pasts, known):
        if _changed(past, [known[code].quantity for code in codes], step_s):
            found |= set(codes)
    return found


def _changed(past: Floats, quantities: list[Quantity], step_s: float) -> bool:
    rows = {one: past[np.array([each is one for each in quantities])] for one in COMPARED}
    hour, day = round(HOUR_S / step_s), round(DAY_S / step_s)
    if hour < 2:
        return False
    if any(len(own) > 1 and parted(own, day, hour) for own in rows.values()):
        return True
    return bool(changes(rows[Quantity.LEVEL], rows[Quantity.FLOW], hour).any())
