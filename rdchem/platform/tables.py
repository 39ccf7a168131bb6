"""Which of the known tables a sheet is, told by its headers alone, never by a file name."""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final

import yaml

from rdchem.errors import InputError
from rdchem.platform.grid import Cell, Grid, Row, text_of

_HEADER_WITHIN: Final = 10
"""Titles and notes may stand above the header; it is looked for among this many rows."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column rdchem reads: its type, whether every row must fill it, and its headers, normalised."""

    field: str
    type: str
    required: bool
    headers: tuple[str, ...]
    title: str


@dataclass(frozen=True, slots=True)
class Table:
    """One table of `columns.yaml`."""

    name: str
    title: str
    part_of: str | None
    columns: tuple[Column, ...]


@dataclass(frozen=True, slots=True)
class Match:
    """A header row read as a table: field -> place in the row, and the required columns it lacks."""

    table: Table
    places: Mapping[str, int]
    lacking: tuple[str, ...]

    @property
    def closeness(self) -> tuple[int, bool, float]:
        """For comparison: columns found, whether none is lacking, share of the table's columns."""
        return len(self.places), not self.lacking, len(self.places) / len(self.table.columns)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet understood: its table, its header row, and the rows below."""

    grid: Grid
    match: Match
    header: Row
    rows: Sequence[Row]

    def title_of(self, field: str) -> str:
        """The header of a field as this file writes it; its usual name where the file lacks it."""
        place = self.match.places.get(field)
        if place is not None:
            return text_of(self.header.cells[place])
        return next((column.title for column in self.match.table.columns if column.field == field), "")


@cache
def known_tables() -> tuple[Table, ...]:
    """The tables of `columns.yaml`, in its order."""
    document = yaml.safe_load(files(__package__).joinpath("columns.yaml").read_text(encoding="utf-8"))
    return tuple(
        Table(
            name,
            table["title"],
            table.get("part_of"),
            tuple(
                Column(
                    field,
                    kind.rstrip("!"),
                    kind.endswith("!"),
                    tuple(dict.fromkeys(map(plain, headers))),
                    headers[0],
                )
                for field, (kind, *headers) in table["columns"].items()
            ),
        )
        for name, table in document.items()
    )


def plain(header: str) -> str:
    """A header without case, width, blanks, underscores, marks, and notes in brackets."""
    text, depth = [], 0
    for character in unicodedata.normalize("NFKC", header).casefold():
        if character in "([{【〔":
            depth += 1
        elif character in ")]}】〕":
            depth = max(0, depth - 1)
        elif depth == 0 and character.isalnum():
            text.append(character)
    return "".join(text)


def read_header(cells: Sequence[Cell]) -> Match:
    """A row read as the header of the table it is closest to."""
    headers: dict[str, int] = {}
    for place, cell in enumerate(cells):
        headers.setdefault(plain(text_of(cell)), place)
    matches = []
    for table in known_tables():
        places: dict[str, int] = {}
        for column in table.columns:
            for header in column.headers:
                if header in headers:
                    places.setdefault(column.field, headers[header])
        lacking = tuple(
            column.title for column in table.columns if column.required and column.field not in places
        )
        matches.append(Match(table, places, lacking))
    return max(matches, key=lambda match: match.closeness)


def closest(grid: Grid) -> tuple[Match, int]:
    """The best header among a grid's first rows, and its index."""
    candidates = [(read_header(row.cells), index) for index, row in enumerate(grid.rows[:_HEADER_WITHIN])]
    return max(candidates, key=lambda candidate: (candidate[0].closeness, -candidate[1]))


def recognise(grid: Grid) -> Sheet | str:
    """The sheet a grid is, or a Chinese phrase saying what it lacks.

    Raises InputError where a header is there twice, or spans several columns.
    """
    match, index = closest(grid)
    if len(match.places) < 2:
        return "前 10 行中没有认得的表头"
    if match.lacking:
        return f"最接近“{match.table.title}”,但缺少列:{'、'.join(match.lacking)}"
    header = grid.rows[index]
    _refuse_doubled(grid, match, header)
    below = index + 1
    while below < len(grid.rows) and _repeats(grid.rows[below], match):
        below += 1
    rows = grid.rows[below:]
    _refuse_merged(grid, header, rows)
    return Sheet(grid, match, header, rows)


def _repeats(row: Row, match: Match) -> bool:
    """Whether a row is the header once more, in other names: COMPANY_CODE over 企业编码."""
    again = read_header(row.cells)
    same = again.places.items() & match.places.items()
    return again.table is match.table and len(same) >= max(2, len(match.places) // 2)


def _refuse_doubled(grid: Grid, match: Match, header: Row) -> None:
    names = [plain(text_of(cell)) for cell in header.cells]
    wanted = {names[place] for place in match.places.values()}
    doubled = [text_of(header.cells[names.index(name)]) for name in wanted if names.count(name) > 1]
    if doubled:
        raise InputError(
            f"{grid.origin(header.number)} 表头重复:{'、'.join(sorted(doubled))}。请只保留一列后重新导入。"
        )


def _refuse_merged(grid: Grid, header: Row, rows: Sequence[Row]) -> None:
    """A column of data without a header, right of one that has it: does the header span both?"""
    blank = [
        place
        for place in range(1, len(header.cells) + 1)
        if (place == len(header.cells) or header.cells[place] is None) and header.cells[place - 1] is not None
    ]
    for place in blank:
        filled = sum(place < len(row.cells) and row.cells[place] is not None for row in rows)
        if filled * 2 > len(rows):
            name = text_of(header.cells[place - 1])
            raise InputError(
                f"{grid.origin(header.number)} 表头“{name}”右侧一列有数据而没有表头(可能是合并单元格)。"
                "请取消合并,每列各写一个表头后重新导入。"
            )
