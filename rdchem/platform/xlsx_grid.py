"""An xlsx workbook as grids, one a sheet, hidden ones too. What could hurt us is refused unopened."""

import io
import re
import warnings
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time
from typing import Any, Final
from xml.etree.ElementTree import ParseError

import openpyxl

from rdchem.errors import InputError
from rdchem.platform.grid import MOST_COLUMNS, MOST_ROWS, Cell, Fault, Grid, Row, text_cell

_MOST_UNPACKED: Final = 400 * 1024 * 1024
_SUSPICIOUS: Final = 50 * 1024 * 1024
_MOST_RATIO: Final = 100
_UNREADABLE: Final = (
    zipfile.BadZipFile, zlib.error, ParseError, KeyError, IndexError, ValueError, TypeError, AttributeError,
    EOFError, OSError, NotImplementedError,
)  # fmt: skip
_FORMULA: Final = re.compile(rb"<(?:\w+:)?f[ />]")
_WIDE: Final = re.compile(rb"""\br=["'](?:[A-Z]{3}|[L-Z][A-Z]|K[O-Z])[0-9]""")
"""A cell right of column KN, the 300th."""
_DEEP: Final = re.compile(rb"""\br=["'][A-Z]*[0-9]{8}""")
_ZEROS: Final = re.compile(r"0{2,40}")


def read_xlsx(name: str, content: bytes) -> list[Grid]:
    """The grids of a workbook. Raises InputError if it is damaged, encrypted, no workbook, or a bomb."""
    try:
        has_formulas = _inspect(name, content)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # openpyxl on styles and extensions it drops
            return list(_grids(name, content, has_formulas))
    except _UNREADABLE as error:
        raise InputError(
            f"{name} 不是完整的 xlsx 文件({type(error).__name__})。请用 Excel 打开检查并另存为 xlsx 后重试。"
        ) from error


def _inspect(name: str, content: bytes) -> bool:
    """Whether any sheet holds formulas. Raises InputError for what should not be opened."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = archive.infolist()
        names = {part.filename for part in parts}
        if "[Content_Types].xml" not in names or not any(one.startswith("xl/") for one in names):
            raise InputError(f"{name} 不是 xlsx 工作簿(可能是压缩包或其他格式)。请解压或另存为 xlsx 后导入。")
        if any(part.flag_bits & 1 for part in parts):
            raise InputError(f"{name} 已加密。请取消密码后另存为 xlsx 再导入。")
        unpacked = sum(part.file_size for part in parts)
        packed = sum(part.compress_size for part in parts) or 1
        if unpacked > _MOST_UNPACKED or (unpacked > _SUSPICIOUS and unpacked / packed > _MOST_RATIO):
            raise InputError(
                f"{name} 解压后有 {unpacked // 2**20} MB(压缩比 {unpacked // packed}),疑似压缩炸弹,已拒绝。"
                "请从平台重新导出,或拆分后导入。"
            )
        return _look_inside(name, archive, parts)


def _look_inside(name: str, archive: zipfile.ZipFile, parts: Sequence[zipfile.ZipInfo]) -> bool:
    has_formulas = False
    for part in parts:
        if not part.filename.endswith((".xml", ".rels")):
            continue
        with archive.open(part) as stream:
            if b"<!DOCTYPE" in stream.read(4096):
                raise InputError(f"{name} 含有 DTD 声明,不是正常的 xlsx 文件,已拒绝。请从平台重新导出。")
            if part.filename.startswith("xl/worksheets/"):
                stream.seek(0)
                for block in _blocks(stream):
                    has_formulas = has_formulas or _FORMULA.search(block) is not None
                    if _WIDE.search(block) or _DEEP.search(block):
                        raise _too_large(name, part.filename)
    return has_formulas


def _blocks(stream: Any) -> Iterator[bytes]:
    """The stream in overlapping blocks, so that a tag cut in two is still found."""
    tail = b""
    while block := stream.read(1 << 20):
        yield tail + block
        tail = block[-32:]


def _grids(name: str, content: bytes, has_formulas: bool) -> Iterator[Grid]:
    book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
    plain = openpyxl.load_workbook(io.BytesIO(content), read_only=True) if has_formulas else None
    for sheet in book.worksheets:
        sheet.reset_dimensions()
        formulas: Iterator[Sequence[Any]] | None = None
        if plain is not None:
            twin = plain[sheet.title]
            twin.reset_dimensions()
            formulas = twin.iter_rows()
        rows = list(_rows(name, sheet, formulas))
        if rows:
            yield Grid(name, sheet.title, rows)


def _rows(name: str, sheet: Any, formulas: Iterator[Sequence[Any]] | None) -> Iterator[Row]:
    """The rows with anything in them, without the empty cells at their ends."""
    filled = 0
    for number, raw in enumerate(sheet.iter_rows(), start=1):
        twins = next(formulas) if formulas is not None else None
        cells = [_cell(cell, twins[place] if twins else None) for place, cell in enumerate(raw)]
        while cells and cells[-1] is None:
            cells.pop()
        if cells:
            filled += 1
            if filled > MOST_ROWS or len(cells) > MOST_COLUMNS:
                raise _too_large(name, f"工作表 {sheet.title}")
            yield Row(number, cells)


def _too_large(name: str, where: str) -> InputError:
    most = f"{MOST_ROWS} 行或 {MOST_COLUMNS} 列"
    return InputError(f"{name} 的{where}超过 {most}。请删去右侧和下方的空白格式,或拆分后导入。")


def _cell(cell: Any, twin: Any) -> Cell:
    value = cell.value
    if value is None:
        computed_as_empty = cell.data_type == "str"
        if twin is not None and twin.value is not None and not computed_as_empty:
            return Fault(
                "formula_without_value",
                "公式没有保存计算结果,请在 Excel 中打开并保存后再导入",
                str(twin.value),
            )
        return None
    if cell.data_type == "e":
        return Fault("error_cell", f"单元格是错误值 {value},请修正公式或数据", str(value))
    if isinstance(value, str):
        return text_cell(value)
    if isinstance(value, datetime):
        hours = "h" in re.sub(r'\[[^\]]*\]|"[^"]*"', "", cell.number_format or "").lower()
        return value if hours or value.time() != time(0) else value.date()
    if isinstance(value, bool | int | float | date):
        return _as_shown(value, cell.number_format or "")
    return Fault("bad_time", f"单元格是时长或时刻 {value},没有日期", str(value))


def _as_shown(value: float | date, number_format: str) -> Cell:
    """A number formatted with leading zeros is the text a person sees."""
    whole = not isinstance(value, bool | date) and float(value).is_integer()
    if whole and _ZEROS.fullmatch(number_format) and isinstance(value, int | float):
        return str(int(value)).zfill(len(number_format))
    return value
