"""Small pictures of signals as inline SVG: what was shown, the interval in question, what it repeats. Pure.

No script, no library, no style attribute (the page's content policy forbids them): classes and presentation
attributes only. Coordinates are rounded, so that equal findings are equal bytes.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any, Final

from markupsafe import Markup, escape

from rdchem.calendar import local_text

_WIDTH: Final = 560
_HEIGHT: Final = 110
_LEFT: Final = 52
_BOTTOM: Final = 18
_TOP: Final = 6
_GAP_STEPS: Final = 6.0
_Points = Sequence[Sequence[float]]


def chart(told: Mapping[str, Any] | None) -> Markup | None:
    """The picture of a finding's `chart` evidence; None where it has none, or too little to draw.

    What the stretch repeats, or is held against (`dashed` says what that is), is drawn over it, moved in time
    by as much as lies between them. `gaps`: times without readings, in place of the one stretch. `of`: whose
    signal it is, where the finding may be of several.
    """
    if not told or len(told.get("drawn", ())) < 2:
        return None
    drawn, repeated = told["drawn"], told.get("repeated", [])
    begin, end = drawn[0][0], max(drawn[-1][0], told["to"])
    moved = _moved(repeated, told["from"])
    values = [value for _, value in (*drawn, *moved)]
    low, high = min(values), max(values)
    frame = _Frame(begin, end, low, high)
    gaps = told.get("gaps", [[told["from"], told["to"]]])
    parts = [
        *(
            f'<rect class="stretch" x="{frame.x(start)}" y="{_TOP}" '
            f'width="{frame.width(start, stop)}" height="{_HEIGHT - _TOP - _BOTTOM}"/>'
            for start, stop in gaps
        ),
        *(f'<polyline class="past" points="{frame.line(part)}"/>' for part in _unbroken(moved)),
        *(
            f'<polyline class="signal" points="{frame.line(part)}"/>'
            for part in _unbroken(drawn, told.get("gaps", ()))
        ),
        _text(_LEFT - 4, _TOP + 9, f"{high:.5g}", "end"),
        _text(_LEFT - 4, _HEIGHT - _BOTTOM, f"{low:.5g}", "end"),
        _text(_LEFT, _HEIGHT - 4, _clock(begin), "start"),
        _text(_WIDTH, _HEIGHT - 4, _clock(end), "end"),
        _text((_LEFT + _WIDTH) // 2, _HEIGHT - 4, _legend(told, repeated), "middle"),
    ]
    label = escape(f"信号曲线,阴影为 {_clock(told['from'])} 至 {_clock(told['to'])}")
    return Markup(  # noqa: S704 - numbers and escaped texts of our own
        f'<svg class="chart" role="img" aria-label="{label}" viewBox="0 0 {_WIDTH} {_HEIGHT}">'
        + "".join(parts)
        + "</svg>"
    )


class _Frame:
    """From seconds and values to places in the picture."""

    def __init__(self, begin: float, end: float, low: float, high: float) -> None:
        self._begin, self._low = begin, low
        self._across = (_WIDTH - _LEFT) / max(end - begin, 1.0)
        self._up = (_HEIGHT - _TOP - _BOTTOM) / (high - low) if high > low else 0.0
        self._middle = (_HEIGHT - _BOTTOM + _TOP) / 2

    def x(self, second: float) -> str:
        return f"{_LEFT + max(0.0, second - self._begin) * self._across:.1f}"

    def width(self, start: float, end: float) -> str:
        return f"{max(1.0, (end - max(start, self._begin)) * self._across):.1f}"

    def line(self, points: _Points) -> str:
        return " ".join(f"{self.x(second)},{self._y(value)}" for second, value in points)

    def _y(self, value: float) -> str:
        at = self._middle if not self._up else _HEIGHT - _BOTTOM - (value - self._low) * self._up
        return f"{at:.1f}"


def _moved(repeated: _Points, start: float) -> list[list[float]]:
    if not repeated:
        return []
    later = start - repeated[0][0]
    return [[second + later, value] for second, value in repeated]


def _unbroken(points: _Points, gaps: _Points = ()) -> list[_Points]:
    """The line in pieces: where nothing was sent for long, or that is known, there is a gap in it."""
    steps = sorted(after[0] - before[0] for before, after in pairwise(points))
    longest = _GAP_STEPS * max(steps[len(steps) // 2], 60.0) if steps else 0.0
    pieces: list[list[Sequence[float]]] = [[]]
    for point in points:
        before = pieces[-1][-1][0] if pieces[-1] else point[0]
        known = any(before <= start and stop <= point[0] for start, stop in gaps)
        if point[0] - before > longest or known:
            pieces.append([])
        pieces[-1].append(point)
    return [piece for piece in pieces if piece]


def _legend(told: Mapping[str, Any], repeated: _Points) -> str:
    unit = f"单位 {told['unit']}" if told.get("unit") else ""
    whose = str(told.get("of", ""))
    past = f"虚线:{told.get('dashed', '与之雷同的时段')}" if repeated else ""
    return " · ".join(part for part in (whose, unit, past) if part)


def _text(x: int, y: int, text: str, anchor: str) -> str:
    return f'<text x="{x}" y="{y}" text-anchor="{anchor}">{escape(text)}</text>'


def _clock(second: float) -> str:
    return local_text(datetime.fromtimestamp(second, UTC))[5:16]
