"""What is needed to draw a sensor that stopped, or pauses: its signal, and the times without. Pure."""

from collections.abc import Mapping, Sequence

from rdchem.model.course import Gap
from rdchem.model.day import EnterpriseDay
from rdchem.model.source import Source


def silence_picture(
    day: EnterpriseDay, codes: Sequence[str], sensors: Mapping[str, Source], gaps: Sequence[Gap] = ()
) -> dict[str, object]:
    """What is needed to draw the signal of one of some sensors until it stopped: of the one heard last.
    `gaps`: its pauses instead. Nothing where that is not known.
    """
    courses = day.courses or {}
    drawn = [code for code in codes if code in courses and courses[code].last_hours]
    if not drawn:
        return {}
    code = max(drawn, key=lambda one: (courses[one].last_at, one))
    points = courses[code].last_hours
    spans = [(one.start, one.end) for one in gaps] or [(courses[code].last_at, day.as_of)]
    seconds = [[round(edge.timestamp()) for edge in span] for span in spans]
    shown = [span for span in seconds if span[0] >= points[0][0]]
    if not shown:
        return {}
    picture = {
        "from": shown[0][0],
        "to": shown[-1][1],
        "gaps": shown,
        "unit": sensors[code].unit or "",
        "of": f"{sensors[code].name}({code})",
        "drawn": [list(point) for point in points],
        "repeated": [],
    }
    return {"chart": picture}
