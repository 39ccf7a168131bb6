"""Rulebook files in the journal: each is found by the instant it is shown with, however soon another came."""

from pathlib import Path

import pytest

from rdchem.adopted import adopt, adopted, adopted_at
from rdchem.arguments import instant
from rdchem.calendar import SHANGHAI, exact_text
from rdchem.errors import NotReadyError
from rdchem.settings import Settings
from rdchem.store.connection import open_database


def test_two_files_of_one_second_are_told_apart(tmp_path: Path) -> None:
    file = tmp_path / "rulebook.yaml"
    settings = Settings(home=tmp_path, database_url="", rulebook_file=file)
    engine = open_database(settings.url)
    contents = [f"{{}} # {number}\n".encode() for number in range(4)]
    for content in contents:
        file.write_bytes(content)
        assert adopt(settings, engine) and not adopt(settings, engine)
    engine.dispose()
    kept = list(adopted(settings))
    assert [one.content for one in kept] == contents
    for one in kept:
        assert adopted_at(settings, instant(exact_text(one.since), None)).content == one.content
    with pytest.raises(NotReadyError):
        adopted_at(settings, kept[0].since.astimezone(SHANGHAI).replace(microsecond=0, year=2020))
