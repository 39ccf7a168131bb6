"""What platforms export — xlsx or csv, under their own column names — as messages of the contract.

A county bureau hands in tables: announcements, line items, permits, declarations, the register, newest
readings. `read_file` tells a table by its columns (`columns.yaml`), reads its code lists (`profile.yaml`) and
says of each row either what it states or why it cannot be read. A bad row never stops the good ones; an
empty cell is unknown, never 0; nothing is guessed.
"""

from datetime import datetime
from typing import Final

from rdchem.errors import InputError
from rdchem.platform.csv_grid import read_csv
from rdchem.platform.grid import MOST_BYTES, Grid
from rdchem.platform.profile import Profile, shipped
from rdchem.platform.reading import Reader, unknown_sheet
from rdchem.platform.rows import BadRow, LoadedMessage
from rdchem.platform.tables import Sheet, known_tables, recognise
from rdchem.platform.xlsx_grid import read_xlsx

__all__ = ["BadRow", "LoadedMessage", "read_file"]

_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED: Final = "EncryptedPackage".encode("utf-16-le")


def read_file(
    name: str,
    content: bytes,
    *,
    received_at: datetime,
    area_code: str,
    profile: Profile | None = None,
) -> list[LoadedMessage | BadRow]:
    """Everything a file says, row by row, in its order. Equal arguments give equal messages.

    `profile`: the code lists to read by, the shipped ones if not given. `area_code` counts where a row names
    none; `received_at` where a table does not tell when it was said.
    Raises InputError, with a sentence saying what to do, if the file cannot be used at all.
    """
    grids = _grids(name, content)
    results: list[LoadedMessage | BadRow] = []
    sheets: list[Sheet] = []
    unknown: list[tuple[Grid, str]] = []
    for grid in grids:
        found = recognise(grid)
        if isinstance(found, Sheet):
            sheets.append(found)
        else:
            unknown.append((grid, found))
    if not sheets:
        _refuse(name, unknown)
    _refuse_orphans(name, sheets)
    results.extend(unknown_sheet(grid, lacking) for grid, lacking in unknown)
    results.extend(Reader(received_at, area_code, profile or shipped()).read(sheets))
    return results


def _grids(name: str, content: bytes) -> list[Grid]:
    if len(content) > MOST_BYTES:
        raise InputError(
            f"{name} 有 {len(content) // 2**20} MB,超过 {MOST_BYTES // 2**20} MB。请拆分后导入。"
        )
    if content.startswith(_OLE):
        if _ENCRYPTED in content:
            raise InputError(f"{name} 是加密的工作簿。请取消打开密码后另存为 xlsx 再导入。")
        raise InputError(f"{name} 是旧版 .xls 文件。请用 Excel 或 WPS 另存为 xlsx(或 CSV UTF-8)后导入。")
    if content.startswith(b"PK"):
        grids = read_xlsx(name, content)
    elif content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        raise InputError(f"{name} 是网页或 XML,不是表格文件。请用 Excel 打开后另存为 xlsx 再导入。")
    else:
        grids = [read_csv(name, content)] if content.strip() else []
    if not any(grid.rows for grid in grids):
        raise InputError(f"{name} 是空文件,没有任何行。请从平台重新导出。")
    return grids


def _refuse(name: str, unknown: list[tuple[Grid, str]]) -> None:
    where = ";".join(
        f"{f'工作表 {grid.sheet} ' if grid.sheet is not None else ''}{why}" for grid, why in unknown
    )
    known = "、".join(table.title for table in known_tables())
    raise InputError(f"{name} 不是认得的表:{where}。请按平台列名补齐表头后重新导入;认得的表:{known}。")


def _refuse_orphans(name: str, sheets: list[Sheet]) -> None:
    titles = {sheet.match.table.name: sheet.match.table.title for sheet in sheets}
    for sheet in sheets:
        parent = sheet.match.table.part_of
        if parent and not titles.keys() & {parent, "special_permits"}:
            raise InputError(
                f"{name} 只有“{sheet.match.table.title}”,没有作业票。请与作业票放在同一工作簿后导入。"
            )
