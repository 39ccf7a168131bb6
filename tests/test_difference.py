"""Two verdicts side by side: what changed, what came between, and that the rules read what is declared."""

import json
from dataclasses import fields
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

import pytest

from rdchem import judge as judging
from rdchem.console import difference_text
from rdchem.difference import Arrival, Difference, difference
from rdchem.model.day import EnterpriseDay
from rdchem.reads import READS
from rdchem.rules import RULES
from tests.days import AS_OF, RULEBOOK, commitment, good, received
from tests.golden_cases import county
from tests.installation import Installation
from tests.rule_cases import Case, cases
from tests.test_cli import refused

KINDS = {
    "register": {"register"},
    "commitments": {"commitment"},
    "declared_work": {"declared_work"},
    "permits": {"hot_work_permit"},
    "other_permits": {"special_work_permit"},
    "gas": {"readings"},
    "presence": {"gateway_presence"},
    "readings": {"readings"},
    "cameras": {"camera_status"},
    "declarations": {"offline_declaration"},
    "out_of_service": {"out_of_service"},
    "blind": {"listener_event"},
    "strays": {"readings", "camera_status"},
    "tickets_elsewhere": {"hot_work_permit"},
    "known_since": {"register"},
    "courses": {"readings"},
    "alarms": {"alarm"},
    "alarms_come": {"alarm"},
    "camera_spells": {"camera_status"},
    "pictured": {"camera_status"},
}
"""Field of an enterprise's day -> the message kinds it is made of; the other fields are no messages."""
IN_FORCE = [case for case in cases() if case.expected[0] != "not_in_force"]
DEADLINE = "commitment_is_announced_by_deadline"


class Watched:
    """An enterprise's day that remembers which of its fields were looked at."""

    def __init__(self, day: EnterpriseDay) -> None:
        self._known, self.seen = day, set[str]()
        self.remembered: dict[Any, Any] = {}

    def __getattr__(self, name: str) -> Any:
        self.seen.add(name)
        return getattr(self._known, name)


def test_every_field_of_a_day_is_a_kind_or_none() -> None:
    assert {field.name for field in fields(EnterpriseDay) if field.init} - KINDS.keys() == {
        "company_code", "day", "as_of", "limits", "exports", "volumes", "removed",
    }  # fmt: skip


@pytest.mark.parametrize("case", IN_FORCE, ids=lambda case: f"{case.rule}-{case.title}")
def test_a_rule_reads_only_what_is_declared(case: Case) -> None:
    [rule] = [rule for rule in RULES if rule.name == case.rule]
    watched = Watched(case.day)
    rule.check(cast(EnterpriseDay, watched))
    read = {kind for name in watched.seen for kind in KINDS.get(name, ())}
    evidence_only = {"register"}  # whose entry stands as evidence where nothing else was ever received
    assert read - evidence_only <= READS.get(case.rule, read)


def compared(before: list[EnterpriseDay], after: list[EnterpriseDay], *arrivals: Arrival) -> Difference:
    earlier = judging.judge(before, as_of=AS_OF, rulebook=RULEBOOK).judgement
    later = judging.judge(after, as_of=AS_OF + timedelta(hours=1), rulebook=RULEBOOK).judgement
    return difference(earlier, later, arrivals)


def arrival(number: int, kind: str, company: str = "1") -> Arrival:
    return Arrival(f"j{number}", kind, company, AS_OF + timedelta(minutes=number))


def test_verdicts_that_agree_differ_in_nothing() -> None:
    found = compared([good("1")], [good("1")], arrival(1, "commitment"))
    assert (found.squares, found.findings) == ((), ())


def test_time_alone_is_not_another_statement() -> None:
    missing = good("1", commitments=())
    found = compared([missing], [missing])
    assert (found.squares, found.findings) == ((), ())


def test_what_changed_stands_beside_what_its_rule_reads() -> None:
    came = (
        arrival(3, "commitment"),
        arrival(1, "listener_event", ""),
        arrival(2, "readings"),
        arrival(4, "commitment", "2"),
    )
    assert "安全承诺公告" not in difference_text(compared([good("2")], [good("2")], *came))
    found = compared([good("1", commitments=()), good("2")], [good("1"), good("2")], *came)
    told = difference_text(found)
    assert "企业在规定时间前完成安全承诺公告:异常 → 符合" in told and "不再成立" in told
    assert "j2" not in told  # readings cannot have changed an announcement
    squares = {square.rule: square for square in found.squares}
    assert {square.enterprise for square in found.squares} == {"1"}
    square = squares[DEADLINE]
    assert (square.change, [one.journal_id for one in square.messages]) == ("said_differently", ["j1", "j3"])
    assert [one.journal_id for one in squares["commitment_agrees_with_itself"].messages] == ["j3"]
    [gone] = found.findings
    assert (gone.change, gone.rule, gone.after) == ("gone", DEADLINE, None)
    assert gone.before is not None and gone.before.mismatch == "missing"


def test_a_new_enterprise_has_new_squares_because_of_its_register_entry() -> None:
    found = compared([], [good("1", commitments=())], arrival(1, "register"), arrival(2, "gateway_presence"))
    assert [square.change for square in found.squares] == ["appeared"] * len(RULES)
    assert {one.journal_id for square in found.squares for one in square.messages} == {"j1"}
    assert [one.change for one in found.findings] == ["appeared"]
    back = compared([good("1", commitments=())], [])
    assert {one.change for one in (*back.squares, *back.findings)} == {"gone"}


def test_a_finding_that_rests_on_something_else_is_said_differently() -> None:
    late = commitment("1", occurred_at=AS_OF)
    found = compared(
        [good("1", commitments=(received(late),))], [good("1", commitments=(received(late, 2),))]
    )
    assert [(one.rule, one.change) for one in found.findings if one.rule == DEADLINE] == [
        (DEADLINE, "said_differently")
    ]


@pytest.fixture
def home(tmp_path: Path) -> Installation:
    """A county that has received the golden cases of the deadline."""
    home = Installation(tmp_path / "home")
    _, envelopes, *_ = county("deadline")
    file = tmp_path / "wire.jsonl"
    file.write_text("".join(json.dumps(one) + "\n" for one in envelopes), "utf-8")
    home.run("receive", file)
    return home


def test_on_the_command_line_it_names_the_messages_in_between(home: Installation) -> None:
    told = json.loads(
        home.run("diff", "2026-09-15", "--as-of", "10:01", "--as-of", "09:21", "--format", "json").stdout
    )
    [company] = [one.company for one in county("deadline")[0] if one.title == "09:19 发出,09:23 到达"]
    squares = {(one["enterprise"], one["rule"]): one for one in told["squares"]}
    changed = squares[company, DEADLINE]
    assert (changed["before"]["outcome"], changed["after"]["outcome"]) == ("fail", "pass")
    [message] = changed["messages"]
    assert message["kind"] == "commitment"
    assert json.loads(home.run("raw", message["journal_id"]).stdout)["company_code"] == company
    assert (
        home.run("diff", "2026-09-15", "--as-of", "09:21", "--as-of", "10:01").stdout.count("不再成立") >= 1
    )
    with pytest.raises(AssertionError, match="尚未判定"):  # nothing was stored
        home.run("report", "2026-09-15", "--as-of", "10:01")


@pytest.mark.parametrize("as_of", [("09:21",), ("09:21", "09:21:00")])
def test_anything_but_two_instants_is_refused(tmp_path: Path, as_of: tuple[str, ...]) -> None:
    options = [part for one in as_of for part in ("--as-of", one)]
    assert "两个不同的截至时刻" in refused(Installation(tmp_path), 4, "diff", "2026-09-15", *options)
