"""The scorecard counts what was found, missed and invented, and when; the READMEs show today's catalogue."""

import subprocess
import sys
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from rdchem.errors import InputError
from sensors_sim.proof import whole_catalogue, with_scorecard
from sensors_sim.score import ClassScore, Scorecard, score
from sensors_sim.truth import Quarantined, TrueFinding, Truth, Unjudged
from sensors_sim.window import Window
from tests.conftest import find_program
from tests.installation import ROOT

START = datetime(2026, 9, 15, 1, tzinfo=UTC)
LABEL = TrueFinding(
    rule="r",
    enterprise="1",
    subject="sensor:a",
    mismatch="m",
    scenario="s",
    since=START + timedelta(minutes=2),
)


def truth(*findings: TrueFinding, quarantine: list[Quarantined] | None = None) -> Truth:
    return Truth(
        seed=1,
        day=date(2026, 9, 15),
        enterprises=1,
        as_of=START + timedelta(minutes=10),
        findings=list(findings),
        innocents=[],
        quarantine=quarantine or [],
        unjudged=[Unjudged(anomaly="stuck", enterprise="1", subject="sensor:b", scenario="t")],
    )


def verdict(minute: int, *found: TrueFinding) -> dict[str, Any]:
    at = (START + timedelta(minutes=minute)).isoformat()
    return {"day": "2026-09-15", "as_of": at, "findings": [msgspec.to_builtins(one) for one in found]}


def only(card: Scorecard) -> ClassScore:
    (row,) = card.classes
    return row


def test_delay_and_overlap_are_counted_from_when_it_began() -> None:
    verdicts = [verdict(minute, *[LABEL] if minute >= 6 else []) for minute in range(0, 11, 2)]
    row = only(score(truth(LABEL), verdicts, []))
    assert (row.seeded, row.detected, row.false_alarms) == (1, 1, 0)
    assert row.delay == timedelta(minutes=4)
    assert row.overlap == pytest.approx(3 / 5)


def test_what_was_found_too_early_lowers_the_overlap() -> None:
    early = [verdict(minute, LABEL) for minute in range(0, 11, 2)]
    assert only(score(truth(LABEL), early, [])).overlap == pytest.approx(5 / 6)


def test_a_verdict_from_before_it_began_is_no_early_find() -> None:
    verdicts = [verdict(0, LABEL), verdict(2), verdict(6, LABEL), verdict(10, LABEL)]
    assert only(score(truth(LABEL), verdicts, [])).delay == timedelta(minutes=4)


def test_what_began_before_the_first_verdict_is_late_from_there() -> None:
    label = msgspec.structs.replace(LABEL, since=START - timedelta(hours=3))
    assert only(score(truth(label), [verdict(4), verdict(10, label)], [])).delay == timedelta(minutes=6)


def test_one_verdict_tells_no_delay() -> None:
    row = only(score(truth(LABEL), [verdict(10, LABEL)], []))
    assert row.delay is None and row.overlap is None


def test_missed_and_invented_are_told_apart() -> None:
    invented = msgspec.structs.replace(LABEL, subject="sensor:z")
    card = score(truth(LABEL), [verdict(10, invented)], [])
    assert (only(card).seeded, only(card).detected, only(card).false_alarms) == (1, 0, 1)
    assert not card.compared.equal
    assert [one[3] for one in card.compared.missed] == ["sensor:a"]


def test_the_quarantine_counts_and_anomalies_without_a_rule_are_shown() -> None:
    kept = Quarantined(code="not_json", topic="t")
    card = score(truth(quarantine=[kept]), [verdict(10)], [msgspec.to_builtins(kept)])
    assert only(card).detected == 1
    assert ("尚无规则", "stuck", "1", "—", "—", "—", "—") in card.table


def test_a_verdict_of_another_day_or_instant_is_refused() -> None:
    with pytest.raises(InputError, match="真值的是"):
        score(truth(), [verdict(10) | {"day": "2026-09-16"}], [])
    with pytest.raises(InputError, match="--as-of"):
        score(truth(), [verdict(9)], [])


@pytest.mark.parametrize("readme", ["README.md", "README.zh-CN.md"])
def test_the_scorecard_of_the_readme_is_of_this_catalogue(readme: str) -> None:
    text = (ROOT / readme).read_text(encoding="utf-8")
    text = text.partition("<!-- scorecard")[2].partition("<!-- /scorecard")[0]
    rows = [
        line.replace("`", "").split(" | ") for line in text.splitlines() if line.startswith(("| `", "| 尚"))
    ]
    shown = {(row[0].strip("| "), row[1]): int(row[2]) for row in rows if len(row) == 7}
    made = whole_catalogue(1, Window(date(2026, 9, 15))).truth
    expected = Counter((one.rule, one.mismatch) for one in made.findings)
    expected.update(("quarantine", one.code) for one in made.quarantine)
    expected.update(("尚无规则", one.anomaly) for one in made.unjudged)
    assert shown == expected, "make truth 写新成绩单"


def test_a_document_without_marks_is_refused() -> None:
    with pytest.raises(InputError, match="标记"):
        with_scorecard("nothing", score(truth(), [verdict(10)], []))


def test_every_scenario_is_found_through_a_real_broker(tmp_path: Path) -> None:
    find_program("mosquitto")
    document = tmp_path / "README.md"
    document.write_text("前\n<!-- scorecard: make truth -->\n旧\n<!-- /scorecard -->\n后\n", encoding="utf-8")
    command = ["--every", "0", "--out", str(tmp_path / "truth"), "--write", str(document)]
    done = subprocess.run(
        [sys.executable, "-m", "sensors_sim.proof", *command],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    text = document.read_text(encoding="utf-8")
    assert text.startswith("前\n<!--") and text.endswith("-->\n后\n") and "旧" not in text
    assert "| `commitment_is_announced_by_deadline` | `late` |" in text
