"""The report as one page: opens without network, reads well on a telephone, prints on A4.

Everything it needs is inside it; its content policy allows nothing else, so that text written by others can
only be text. All text is escaped and has its control and direction characters spelled out.
"""

import base64
import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable
from importlib.resources import files
from typing import Any

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from rdchem.calendar import local_text
from rdchem.foreign_text import visible
from rdchem.model.quality import QualityFailure
from rdchem.reports.exceptions import DISCLAIMER, SIMULATED, TITLE, ExceptionReport
from rdchem.reports.labels import OUTCOMES, TABLES, UNITS
from rdchem.reports.scores import dimension_rates, score_lines
from rdchem.reports.tally import UNKNOWN
from rdchem.standing import Standing

_LOWEST = 5
"""How many enterprises with the lowest data-quality score the page names."""


def render(report: ExceptionReport) -> bytes:
    """The page, UTF-8."""
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, finalize=_shown, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["local"] = local_text
    style, script = _part("page.css"), _part("page.js")
    page = environment.from_string(_part("page.html")).render(
        report=report,
        title=TITLE,
        disclaimer=DISCLAIMER,
        simulated=SIMULATED,
        unknown=UNKNOWN,
        outcomes=list(OUTCOMES.values()),
        units=UNITS,
        tables=TABLES,
        quality=_by_expectation(report.quality or ()),
        dimensions=dimension_rates(report.scores),
        lowest=score_lines(report.scores)[:_LOWEST],
        standings=Counter(one.standing for one in report.hot_work).most_common(),
        differing=[one for one in report.hot_work if one.standing != Standing.AGREES.label],
        style=Markup(style),  # noqa: S704 - our own files
        script=Markup(script),  # noqa: S704
        style_hash=_hash(style),
        script_hash=_hash(script),
    )
    return page.encode()


def _shown(value: Any) -> Any:
    """What every expression of the page passes through before it is escaped."""
    return visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _by_expectation(failures: Iterable[QualityFailure]) -> list[list[QualityFailure]]:
    """Failures of one expectation of one table together, tables in the order of their facts."""
    groups: dict[tuple[str, str], list[QualityFailure]] = defaultdict(list)
    for failure in failures:
        groups[failure.table, failure.expectation].append(failure)
    order = list(TABLES)
    return [
        groups[key]
        for key in sorted(groups, key=lambda key: (order.index(key[0]) if key[0] in order else 99, key))
    ]


def _part(name: str) -> str:
    return files(__package__).joinpath(name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    """A content policy's name for an inline style or script."""
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
