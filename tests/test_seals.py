"""A seal kept outside proves the past: whatever was taken away or rewritten since is told."""

import json
from datetime import date, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from rdchem import seals
from rdchem.errors import InputError, JournalError
from rdchem.journal import Journal
from rdchem.segment import Record, encoded, microseconds, read_segment, sealed
from tests.installation import Installation
from tests.journals import NOON, record, segment_file, three_segments, write

DAY = date(2026, 9, 15)
TOMORROW = NOON + timedelta(days=1)


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return three_segments(tmp_path / "journal")


@pytest.fixture
def keys(tmp_path: Path) -> tuple[Path, Path]:
    return make_keys(tmp_path, "seal")


def make_keys(folder: Path, name: str) -> tuple[Path, Path]:
    key = Ed25519PrivateKey.generate()
    private, public = folder / f"{name}.key", folder / f"{name}.pub"
    plain = serialization.NoEncryption()
    pem, pkcs8 = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    private.write_bytes(key.private_bytes(pem, pkcs8, plain))
    spki = serialization.PublicFormat.SubjectPublicKeyInfo
    public.write_bytes(key.public_key().public_bytes(pem, spki))
    return private, public


def later(journal: Journal) -> None:
    write(journal, "listener-1", [[Record(microseconds(TOMORROW), "t", b"later")]])


def test_a_seal_states_the_newest_segment_of_the_day_and_stays_the_same(journal: Journal) -> None:
    made = seals.seal(journal, DAY)
    assert [(one.stream, one.seq, one.segments, one.records) for one in made.streams] == [
        ("files", 1, 1, 1), ("listener-1", 3, 3, 6),
    ]  # fmt: skip
    assert made.streams[1].sha256 == read_segment(segment_file(journal, 3)).sha256
    later(journal)
    assert seals.encoded(seals.seal(journal, DAY)) == seals.encoded(made)
    assert seals.seal(journal, DAY + timedelta(days=1)).streams[1].seq == 4
    assert seals.seal(journal, DAY - timedelta(days=1)).streams == []
    assert seals.problems(journal, made) == []


def test_what_was_cut_off_since_is_told(journal: Journal) -> None:
    made = seals.seal(journal, DAY)
    segment_file(journal, 3).unlink()
    assert journal.problems({}) == [], "a chain cannot know its own end"
    [problem] = seals.problems(journal, made)
    assert "listener-1 第 3 段不在日志中" in problem


def test_a_past_written_anew_from_one_segment_on_is_told(journal: Journal) -> None:
    made = seals.seal(journal, DAY)
    previous = read_segment(segment_file(journal, 1)).sha256
    for seq in (2, 3):
        path = segment_file(journal, seq)
        path.write_bytes(sealed("listener-1", seq, previous, [encoded([record(90 + seq), record(80)])]))
        previous = read_segment(path).sha256
    assert journal.problems({}) == [], "all of it fits together again"
    [problem] = seals.problems(journal, made)
    assert "listener-1 第 3 段与当时不同" in problem


def test_a_damaged_journal_is_not_sealed(journal: Journal) -> None:
    segment_file(journal, 2).unlink()
    with pytest.raises(JournalError, match="不予封存"):
        seals.seal(journal, DAY)


def test_a_signature_holds_for_its_seal_and_its_key_alone(
    journal: Journal, keys: tuple[Path, Path], tmp_path: Path
) -> None:
    private, public = keys
    made = seals.signed(seals.seal(journal, DAY), private)
    path = tmp_path / "seal.json"
    path.write_bytes(seals.encoded(made))
    assert seals.problems(journal, seals.read(path), public) == []
    assert seals.signed(seals.seal(journal, DAY), private) == made, "Ed25519 gives one signature"
    _, other = make_keys(tmp_path, "other")
    assert ["签名不符" in one for one in seals.problems(journal, made, other)] == [True]
    later(journal)
    forged = json.loads(path.read_bytes())
    forged["day"] = "2026-09-16"
    path.write_text(json.dumps(forged))
    assert ["签名不符" in one for one in seals.problems(journal, seals.read(path), public)] == [True]
    assert "没有签名" in seals.problems(journal, seals.seal(journal, DAY), public)[0]


def test_files_that_are_no_keys_and_no_seals_are_refused(
    journal: Journal, keys: tuple[Path, Path], tmp_path: Path
) -> None:
    made, junk = seals.seal(journal, DAY), tmp_path / "junk"
    junk.write_bytes(b"\xff{}")
    with pytest.raises(InputError, match="不是封存文件"):
        seals.read(junk)
    with pytest.raises(InputError, match="openssl genpkey"):
        seals.signed(made, junk)
    with pytest.raises(InputError, match="openssl genpkey"):
        seals.problems(journal, made, junk)
    with pytest.raises(InputError, match="无法读取"):
        seals.signed(made, tmp_path / "none")


def test_from_the_command_line(tmp_path: Path, keys: tuple[Path, Path]) -> None:
    here = Installation(tmp_path / "home")
    journal = three_segments(here.home / "journal")
    private, public = keys
    out = tmp_path / "2026-09-15.json"
    assert (
        "已封存 2026-09-15:2 个流,7 条记录"
        in here.run("seal", "2026-09-15", "--key", private, "--out", out).stderr
    )
    proven = here.run("verify", "--seal", out, "--public-key", public)
    assert "仍包含当时的全部内容" in proven.stderr
    here.run("seal", "2026-09-15")
    assert seals.read(here.home / "seals" / "2026-09-15.json").signature is None
    segment_file(journal, 3).unlink()
    refused = here.run("verify", "--seal", out, check=False)
    assert refused.returncode == 5 and "第 3 段不在日志中" in refused.stderr
    assert here.run("verify", "--public-key", public, check=False).returncode == 4
