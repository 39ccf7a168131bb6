"""A county's own rulebook file, through the command line: another deadline, an exemption, a suppression."""

import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from rdchem.errors import NotReadyError
from tests.installation import Installation

DAY = "2026-09-15"
SIGNED = {"since": "2026-09-01", "reason": "县局文件", "author": "张三", "document": "通知第3号"}
PROMISE, VIDEO = "commitment_is_announced_by_deadline", "major_hazard_video_is_online"
SCENARIOS = ("announced_late", "never_announced", "camera_down")


@dataclass(frozen=True)
class Played:
    """A home that received the morning, and who was hit by what."""

    home: Path
    hit: dict[str, str]

    def under(self, folder: Path, **sections: Any) -> Installation:
        """The same home under a rulebook file of its own."""
        path = folder / "rulebook.yaml"
        path.write_text(yaml.safe_dump(sections, allow_unicode=True), encoding="utf-8")
        return Installation(self.home, more={"RDCHEM_RULEBOOK_FILE": str(path)})


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Played:
    folder = tmp_path_factory.mktemp("county")
    home, wire, truth = Installation(folder / "home"), folder / "wire.jsonl", folder / "truth.json"
    chosen = [word for name in SCENARIOS for word in ("--scenario", name)]
    window = ("--from", "08:50", "--to", "10:05", "--enterprises", "8")
    home.simulate("envelopes", *window, "--out", wire, "--truth", truth, *chosen)
    home.run("receive", wire)
    labels = json.loads(truth.read_bytes())["findings"]
    return Played(folder / "home", {label["scenario"]: label["enterprise"] for label in labels})


def found(document: dict[str, Any]) -> dict[str, str]:
    return {one["enterprise"]: one["mismatch"] for one in document["findings"]}


def test_the_ten_o_clock_county_is_judged_a_minute_after_ten(played: Played, tmp_path: Path) -> None:
    ten = {"id": "O1", "limit": "commitment_deadline", "value": "10:00", "area": "320623", **SIGNED}
    county = played.under(tmp_path, overrides=[ten])
    document = county.judge(DAY)
    assert document["as_of"] == "2026-09-15T02:01:00+00:00"
    assert document["rulebook"]["overrides"][0]["id"] == "O1"
    mismatches = found(document)
    assert played.hit["announced_late"] not in mismatches
    assert mismatches[played.hit["never_announced"]] == "missing"
    early = county.judge(DAY, "--as-of", "09:21")
    assert found(early) == {played.hit["camera_down"]: "camera_offline"}
    codes = {one["reason"]["code"] for one in early["ledger"] if one["reason"]}
    assert "before_deadline" in codes


def test_an_override_for_one_enterprise_leaves_the_others_alone(played: Played, tmp_path: Path) -> None:
    late = played.hit["announced_late"]
    own = {"id": "O1", "limit": "commitment_deadline", "value": "10:00", "enterprise": late, **SIGNED}
    document = played.under(tmp_path, overrides=[own]).judge(DAY, "--as-of", "10:01")
    assert late not in found(document)
    assert found(document)[played.hit["never_announced"]] == "missing"


def test_decisions_are_shown_with_their_paper_and_counted_apart(played: Played, tmp_path: Path) -> None:
    exempt, camera = played.hit["never_announced"], played.hit["camera_down"]
    shut = {"id": "E1", "enterprise": exempt, "rules": [PROMISE], "code": "shut_down"} | SIGNED
    repair = {"id": "S1", "enterprise": camera, "rule": VIDEO, "until": "2026-09-18"} | SIGNED
    county = played.under(tmp_path, exemptions=[shut], suppressions=[repair])
    document = county.judge(DAY, "--as-of", "09:21")
    assert {one["enterprise"] for one in document["findings"] if not one["suppressed"]} == {
        played.hit["announced_late"]
    }
    [resting] = [one for one in document["findings"] if one["suppressed"]]
    assert (resting["enterprise"], resting["suppressed"]["id"]) == (camera, "S1")
    assert any("2026-09-18 到期" in note and "S1" in note for note in document["notes"])
    county.run("report", DAY, "--as-of", "09:21")
    page = (played.home / "reports" / DAY / "exceptions.html").read_text(encoding="utf-8")
    assert "1 家企业 1 项异常" in page and "另 1 项按决定暂不处置" in page
    assert "按决定暂不处置(1 项,不计入以上)" in page and page.count("通知第3号") >= 3


def test_after_its_last_day_a_decision_is_none(played: Played, tmp_path: Path) -> None:
    lapsed = SIGNED | {"until": "2026-09-14"}
    exempt = played.hit["never_announced"]
    given = {"id": "E1", "enterprise": exempt, "rules": [PROMISE], "code": "shut_down", **lapsed}
    resting = {"id": "S1", "enterprise": played.hit["camera_down"], "rule": VIDEO, **lapsed}
    document = played.under(tmp_path, exemptions=[given], suppressions=[resting]).judge(
        DAY, "--as-of", "09:21"
    )
    assert found(document)[exempt] == "missing"
    assert document["rulebook"]["exemptions"] == document["rulebook"]["suppressions"] == []
    assert all(one["suppressed"] is None for one in document["findings"])


def test_a_limit_that_changed_last_night_counts_from_today(played: Played, tmp_path: Path) -> None:
    values = [
        {"value": "09:20", "since": "2022-01-01", "until": "2026-09-14", "source": "旧", "confirmed": True},
        {"value": "10:00", "since": "2026-09-15", "source": "新", "confirmed": True},
    ]
    changed = {"commitment_deadline": {"title": "截止", "unit": "time", "values": values}}
    county = played.under(tmp_path, limits=changed)
    assert played.hit["announced_late"] not in found(county.judge(DAY, "--as-of", "10:01"))


def test_a_rulebook_that_cannot_be_used_is_said_in_a_sentence(played: Played, tmp_path: Path) -> None:
    county = played.under(tmp_path, suppressions=[{"id": "S1"}])
    done = county.run("judge", DAY, check=False)
    assert done.returncode == 3 and "决定的条目不可用" in done.stderr and "Traceback" not in done.stderr


def test_a_day_of_the_old_standard_is_judged_by_its_rules(tmp_path: Path) -> None:
    rules = {}
    for day in ("2022-09-30", "2022-10-01"):
        home, wire = Installation(tmp_path / day), tmp_path / f"{day}.jsonl"
        home.simulate("envelopes", "--day", day, "--enterprises", "2", "--out", wire)
        home.run("receive", wire)
        document = home.judge(day)
        rules[day] = {one["name"] for one in document["rulebook"]["rules"]}
        assert len(document["ledger"]) == 2 * len(rules[day])
        assert not [
            one for one in document["ledger"] if (one["reason"] or {}).get("code") == "calculation_error"
        ]
    assert {"hot_work_has_a_guardian", "special_hot_work_is_monitored"} < rules["2022-10-01"] - rules[
        "2022-09-30"
    ]
    refused = Installation(tmp_path / "2022-09-30").run("judge", "2015-05-31", check=False)
    assert refused.returncode == 3


def whatif(played: Played, folder: Path, *more: str, **sections: Any) -> Any:
    path = folder / "candidate.yaml"
    path.write_text(yaml.safe_dump(sections, allow_unicode=True), encoding="utf-8")
    home = Installation(played.home)
    asked = ("whatif", "--rulebook", path, "--from", "2026-09-14", "--to", "2026-09-15", *more)
    return json.loads(home.run(*asked, "--format", "json").stdout) if not more else home.run(*asked).stdout


def test_what_if_names_every_enterprise_day_that_would_differ(played: Played, tmp_path: Path) -> None:
    ten = {"id": "O1", "limit": "commitment_deadline", "value": "10:00", "area": "320623", **SIGNED}
    found = whatif(played, tmp_path, overrides=[ten])
    assert (found["days"], found["without_data"], found["enterprise_days"]) == ([DAY], ["2026-09-14"], 8)
    late = played.hit["announced_late"]
    [square] = [one for one in found["differing"] if (one["enterprise"], one["rule"]) == (late, PROMISE)]
    assert (square["before"]["outcome"], square["after"]["outcome"]) == ("fail", "pass")
    assert sum(count for *_, count in found["totals"]) == len(found["differing"])
    assert Installation(played.home).run("report", DAY, "--as-of", "10:01", check=False).returncode in (0, 6)


def test_what_if_nothing_changes_nothing_differs(played: Played, tmp_path: Path) -> None:
    assert whatif(played, tmp_path)["differing"] == []


def test_what_if_a_rule_began_later_or_a_limit_were_another(played: Played, tmp_path: Path) -> None:
    later = {VIDEO: {"since": "2027-01-01", "source": "试算", "may_be_suppressed": True}}
    found = whatif(played, tmp_path, rules=later)
    assert {(one["rule"], one["after"]["outcome"]) for one in found["differing"]} == {(VIDEO, "not_in_force")}
    assert len(found["differing"]) == 8
    patient = {"id": "O2", "limit": "camera_offline_after", "value": 600, "area": "320623", **SIGNED}
    table = whatif(played, tmp_path, "--format", "table", overrides=[patient])
    assert "判定 1 日" in table and "2026-09-14" not in table


def test_what_if_refuses_what_cannot_be_asked(played: Played, tmp_path: Path) -> None:
    home = Installation(played.home)
    for dates, code in ((("2026-09-16", DAY), 4), ((DAY, DAY), 3)):
        asked = ("--rulebook", tmp_path / "absent.yaml", "--from", dates[0], "--to", dates[1])
        done = home.run("whatif", *asked, check=False)
        assert done.returncode == code and "Traceback" not in done.stderr


def test_a_past_verdict_is_given_again_elsewhere_with_the_rulebook_file_the_journal_kept(
    played: Played, tmp_path: Path
) -> None:
    here, elsewhere = Installation(tmp_path / "here"), Installation(tmp_path / "elsewhere")
    shutil.copytree(played.home / "journal", here.home / "journal", ignore=shutil.ignore_patterns("rulebook"))
    ten = {"id": "O1", "limit": "commitment_deadline", "value": "10:00", "area": "320623", **SIGNED}
    file = tmp_path / "rulebook.yaml"
    file.write_text(yaml.safe_dump({"overrides": [ten]}, allow_unicode=True), encoding="utf-8")
    by_file = Installation(here.home, more={"RDCHEM_RULEBOOK_FILE": str(file)})
    published = by_file.judge(DAY)
    assert by_file.judge(DAY) == published
    [adopted] = here.run("rulebook").stdout.splitlines()  # once, however often it was judged
    file.write_text("{}", encoding="utf-8")
    assert by_file.judge(DAY, "--as-of", "10:01") != published
    assert len(here.run("rulebook").stdout.splitlines()) == 2
    here.run("verify")

    shutil.copytree(here.home / "journal", elsewhere.home / "journal")
    too_early = elsewhere.run("rulebook", "--at", "2026-09-15T00:00:00+08:00", check=False)
    assert too_early.returncode == NotReadyError.exit_code and "没有采用过的规则文件" in too_early.stderr
    kept = tmp_path / "kept.yaml"
    elsewhere.run("rulebook", "--at", adopted.partition(" 起")[0], "--out", kept)
    again = Installation(elsewhere.home, more={"RDCHEM_RULEBOOK_FILE": str(kept)})
    assert again.judge(DAY) == published
