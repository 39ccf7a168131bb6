"""A csv file as a grid: UTF-8, GB18030 or UTF-16; commas, semicolons or tabs; cells stay text."""

import csv
import io
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Final

from rdchem.errors import InputError
from rdchem.platform.grid import MOST_COLUMNS, MOST_ROWS, Fault, Grid, Row, text_cell
from rdchem.platform.tables import closest

_DELIMITERS: Final = (",", ";", "\t")
_LOOKED_AT: Final = 30
_MOST_BROKEN: Final = 100
_MOST_NULS: Final = 0.1
"""Text in some unmarked two-byte encoding is half NULs; a few are bad cells."""


def read_csv(name: str, content: bytes) -> Grid:
    """The one grid of a csv file. Raises InputError if it is no text or not like a table at all."""
    lines = io.StringIO(decode(name, content), newline="").readlines()
    nuls = sum(line.count("\0") for line in lines)
    if nuls > sum(map(len, lines)) * _MOST_NULS:
        raise InputError(f"{name} 含 NUL 字节,不是文本文件。请从平台重新导出为 CSV(UTF-8)或 xlsx。")
    delimiter = _delimiter(name, lines)
    return Grid(name, None, _checked(name, _rows(name, lines, delimiter)))


def decode(name: str, content: bytes) -> str:
    """The text of the bytes; what no encoding explains becomes U+FFFD, and bad rows later."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        try:
            return content.decode("utf-16")
        except UnicodeDecodeError as error:
            raise InputError(f"{name} 的 UTF-16 编码不完整。请重新导出为 CSV(UTF-8)。") from error
    text = content.decode("utf-8-sig", errors="replace")
    broken = text.count("\ufffd")
    foreign = len(text) - len(text.encode("ascii", errors="ignore")) - broken
    # GB18030 makes some sense of nearly any bytes: UTF-8 with a broken spot must not be taken for it.
    return text if broken == 0 or broken < foreign else content.decode("gb18030", errors="replace")


def _delimiter(name: str, lines: Sequence[str]) -> str:
    """The delimiter under which the first rows look most like a known table."""

    def closeness(delimiter: str) -> tuple[int, bool, float]:
        rows = list(islice(_rows(name, lines[:_LOOKED_AT], delimiter), _LOOKED_AT))
        return closest(Grid(name, None, rows))[0].closeness if rows else (0, False, 0.0)

    return max(_DELIMITERS, key=closeness)


def _rows(name: str, lines: Sequence[str], delimiter: str) -> Iterator[Row]:
    """Rows with anything in them. Broken quotes make a faulty row; reading goes on one line below."""
    number = start = 0
    for _ in range(_MOST_BROKEN):
        reader = csv.reader(islice(lines, start, None), delimiter=delimiter, strict=True)
        read = 0
        try:
            for texts in reader:
                number += 1
                read = reader.line_num
                if any(text.strip() for text in texts):
                    yield Row(number, [text_cell(text) for text in texts])
        except csv.Error as error:
            number += 1
            line = lines[start + read].strip()
            reason = f"引号不成对或单元格过长({error}),该行未读入;请在平台重新导出或修正引号"
            yield Row(number, [line[:1000]], Fault("csv_syntax", reason, line[:1000]))
            start += read + 1
        else:
            return
    raise InputError(f"{name} 有 {_MOST_BROKEN} 行以上引号不成对,不像 CSV 文件。请从平台重新导出。")


def _checked(name: str, rows: Iterator[Row]) -> list[Row]:
    checked: list[Row] = []
    for row in rows:
        if len(row.cells) > MOST_COLUMNS or len(checked) >= MOST_ROWS:
            raise InputError(f"{name} 超过 {MOST_ROWS} 行或 {MOST_COLUMNS} 列。请拆分后分别导入。")
        checked.append(row)
    return checked
