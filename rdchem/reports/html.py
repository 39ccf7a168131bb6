"""The report as one page: opens without network, reads well on a telephone, prints on A4.

Everything it needs is inside it; its content policy allows nothing else, so that text written by others can
only be text.
"""

import base64
import hashlib
from collections import defaultdict
from importlib.resources import files

from jinja2 import Environment, StrictUndefined

from rdchem.calendar import local_text
from rdchem.foreign_text import visible
from rdchem.model.quality import QualityFailure
from rdchem.reports.exceptions import DISCLAIMER, ExceptionReport
from rdchem.reports.labels import OUTCOMES, UNITS


def render(report: ExceptionReport) -> bytes:
    """The page, UTF-8."""
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    environment.filters.update(visible=visible, local=local_text)
    style, script = _part("page.css"), _part("page.js")
    return (
        environment.from_string(_part("page.html"))
        .render(
            report=report,
            disclaimer=DISCLAIMER,
            outcomes=list(OUTCOMES.values()),
            units=UNITS,
            enterprise_count=len({square.company_code for square in report.ledger}),
            quality=_by_expectation(report.quality),
            style=style,
            script=script,
            style_hash=_hash(style),
            script_hash=_hash(script),
        )
        .encode()
    )


def _by_expectation(failures: tuple[QualityFailure, ...]) -> list[tuple[str, list[QualityFailure]]]:
    groups: dict[str, list[QualityFailure]] = defaultdict(list)
    for failure in failures:
        groups[f"{failure.table}.{failure.expectation}"].append(failure)
    return sorted(groups.items())


def _part(name: str) -> str:
    return files(__package__).joinpath(name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    """A content policy's name for an inline style or script."""
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
