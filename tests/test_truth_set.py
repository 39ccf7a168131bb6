"""A fixed sample of the truth set: each class seeded is found, and nothing else; the measure measures."""

from pathlib import Path

from sensors_sim.truth_set import truth_set
from tests.truth_set import BEGIN, END, RULES, Score, judged, measure, scores, table, written


def test_what_was_seeded_is_found_and_nothing_else() -> None:
    seeded, found = measure(20260915, 420)
    assert found == seeded
    by_class = scores(seeded, found)
    assert len(by_class) >= 45 and {rule for rule, _ in by_class} == set(RULES)


def test_the_truth_set_is_the_same_each_time() -> None:
    once, again = (
        [(day, [one.findings for one in bent]) for day, bent in truth_set(7, 21)] for _ in range(2)
    )
    assert once == again


def test_what_is_missed_and_what_is_invented_lower_the_scores() -> None:
    [(day, bent), *_] = truth_set(3, 70)
    found = judged(day, bent)
    [missed, *_] = sorted(found)
    invented = ("2026-01-01", *missed[1:])
    score = scores(found, (found - {missed}) | {invented})[missed[1], missed[2]]
    assert score.recall < 1 and score.precision < 1
    assert (Score(4, 3, 1).recall, Score(4, 3, 1).precision) == (0.75, 0.75)


def test_the_table_goes_between_its_marks() -> None:
    told = table({("hot_work_matches_permits", "undeclared_permit"): Score(2, 2, 0)}, 10)
    assert "| 1.0000 | 1.0000 |" in told and "合计 10 个企业日" in told
    assert written(f"a\n{BEGIN}\nold\n{END}\nb", told) == f"a\n{BEGIN}\n{told}{END}\nb"
    for name in ("README.md", "README.zh-CN.md"):
        assert BEGIN in (Path(__file__).parents[1] / name).read_text(encoding="utf-8")
