"""Judging by groups of enterprises, side by side, and gathering what they come to into the one verdict.

Which group an enterprise belongs to follows from its code alone. A group's part rests on a basis (what was
projected, which rulebook); gathering takes the parts of its own run that rest on the basis of now, judges
here what is missing or rests on another, and writes the verdict whole, alone, in one transaction: parallel
runs of one day never mix. The document is the same, byte for byte, as that of `rdchem.jobs.judge`.

One group's failure hides no other: its enterprises are not evaluated (a calculation error of ours), everybody
else's findings stand, and the run ends red.
"""

import zlib
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from math import ceil
from typing import Any, Final

import msgspec

from rdchem import judge as judging
from rdchem.errors import NotReadyError
from rdchem.home import Home
from rdchem.jobs import judged, keep_document
from rdchem.reports.shown import to_keep
from rdchem.rulebook import Rulebook, rulebook_on
from rdchem.store import parts as store
from rdchem.store.verdicts import digest, encode
from rdchem.uncollected import uncollected

_FEWEST: Final = 2
_MOST: Final = 40
_CODE: Final = "calculation_error"
_BY_ENTERPRISE: Final = ("ledger", "findings", "announcements")
"""What of a verdict document speaks of one enterprise a line; the rest concerns the county."""
_Part = tuple[dict[str, Any], Sequence[Any]]
"""The document of a group, and what is shown beside it."""


def groups(as_of: datetime) -> list[int]:
    """The numbers of the groups a county is judged in: tens, not thousands."""
    home = Home.open()
    with home.engine.connect() as connection:
        registered = len(store.registered(connection, as_of))
    return list(range(min(_MOST, max(_FEWEST, ceil(registered / home.settings.group_size)))))


def group_of(company_code: str, of: int) -> int:
    """Which of so many groups an enterprise belongs to."""
    return zlib.crc32(company_code.encode()) % of


@uncollected()
def judge_group(day: date, as_of: datetime, group: int, of: int, run: str) -> dict[str, Any]:
    """Judge one group and keep its part; a rule's own failure is raised after that."""
    home = Home.open()
    rulebook = rulebook_on(day, home.settings.rulebook_files)
    with home.engine.connect() as connection:
        basis = _basis(rulebook, store.known_by(connection, as_of), of)
    (document, beside), errors = _judged(home, day, as_of, group, of)
    with home.engine.begin() as connection:
        store.replace_part(
            connection, run, group, day=day, as_of=as_of, basis=basis, document=document, shown=beside
        )
    if errors:
        raise ExceptionGroup(f"第 {group} 组 {len(errors)} 处计算出错,其余已判定", errors)
    return {"enterprises": _enterprises(document), "findings": len(document["findings"])}


@uncollected()
def gather(day: date, as_of: datetime, of: int, run: str) -> dict[str, Any]:
    """The one verdict out of the groups' parts, stored whole. Raises what failed, once it is stored.

    Raises NotReadyError, storing nothing, if nothing could be judged at all.
    """
    home = Home.open()
    rulebook = rulebook_on(day, home.settings.rulebook_files)
    with home.day_alone(day):
        with home.engine.connect() as connection:
            basis = _basis(rulebook, store.known_by(connection, as_of), of)
            found = store.parts(connection, run, basis)
            registered = store.registered(connection, as_of)
        judged_here: list[int] = []
        errors: list[Exception] = []
        for group in range(of):
            if group not in found:
                try:
                    (document, beside), own = _judged(home, day, as_of, group, of)
                    found[group] = document, msgspec.to_builtins(beside)
                    judged_here.append(group)
                    errors += own
                except NotReadyError:
                    raise
                except Exception as error:  # noqa: BLE001 - this group's, kept and raised once all is stored
                    error.add_note(f"group {group} of {of}")
                    errors.append(error)
        if not found:
            raise ExceptionGroup("没有一组能够判定,未保存判定", errors)
        failed = [code for code in registered if group_of(code, of) not in found]
        merged = _merged([document for document, _ in found.values()], failed, rulebook)
        beside = [one for _, several in found.values() for one in several]
        in_order = sorted(beside, key=lambda one: str(one["company_code"]))
        said = keep_document(home, day, as_of, merged, in_order)
        with home.engine.begin() as connection:
            store.drop_parts(connection, run)
    if errors:
        raise ExceptionGroup(f"{len(errors)} 处计算出错,判定已保存,相关项记为未评估", errors)
    return said | {"groups": of, "judged_here": judged_here}


def _judged(home: Home, day: date, as_of: datetime, group: int, of: int) -> tuple[_Part, Any]:
    known, found = judged(home, day, as_of, only=lambda code: group_of(code, of) == group)
    own = [one for one in known.days if group_of(one.company_code, of) == group]
    return (judging.document(found.judgement), to_keep(found.judgement, own)), found.errors


def _basis(rulebook: Rulebook, known: list[tuple[str, int]], of: int) -> str:
    return digest(encode([rulebook.document, known, of]))


def _merged(parts: list[Mapping[str, Any]], failed: list[str], rulebook: Rulebook) -> dict[str, Any]:
    """One document: every part's lines in the order of enterprises, and that of a group that failed."""
    reason = {"code": _CODE, "text": "该组企业计算出错,请联系系统管理员"}
    lost = [
        {"enterprise": code, "rule": rule.name, "outcome": "not_evaluated", "reason": reason}
        for code in failed
        for rule in rulebook.rules
    ]
    merged = dict(parts[0])  # what concerns the county is the same in all of them
    for name in _BY_ENTERPRISE:
        lines = [line for part in parts for line in part[name]] + (lost if name == "ledger" else [])
        merged[name] = sorted(lines, key=lambda line: str(line["enterprise"]))
    return merged


def _enterprises(document: Mapping[str, Any]) -> int:
    return len({line["enterprise"] for line in document["ledger"]})
