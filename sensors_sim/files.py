"""The same morning as the files a county bureau exports from its platform at an instant.

Three families of column names, two kinds of file and three encodings, because that is what arrives.
"""

import csv
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Final

import xlsxwriter

from sensors_sim import paper_tables, tables
from sensors_sim.snapshot import Snapshot
from sensors_sim.tables import Cell, Row, Table

_TABLES: Final[dict[str, Table]] = {
    "enterprises.xlsx": tables.enterprises,
    "hazards.csv": tables.hazards,
    "gateways.csv": tables.gateways,
    "sensors.csv": tables.sensors,
    "cameras.xlsx": tables.cameras,
    "commitments.xlsx": paper_tables.commitments,
    "work_items.csv": paper_tables.work_items,
    "permits.xlsx": paper_tables.permits,
    "special_permits.xlsx": paper_tables.special_permits,
    "offline.csv": paper_tables.declarations,
    "out_of_service.csv": paper_tables.out_of_service,
    "realtime.csv": tables.strays,
}
_FURTHER_SHEETS: Final[dict[str, dict[str, Table]]] = {
    "permits.xlsx": {
        "气体分析": paper_tables.gas_analyses,
        "审批": paper_tables.approvals,
        "中断": paper_tables.breaks,
    },
    "special_permits.xlsx": {"气体分析": paper_tables.other_gas_analyses},
}
"""Tables whose rows belong to rows of the first sheet, each on a sheet of its own in the same workbook."""
_ENCODINGS: Final = {"sensors.csv": "gbk", "hazards.csv": "utf-8-sig"}
_CREATED: Final = datetime(2026, 1, 1)  # noqa: DTZ001 - a fixed stamp keeps equal workbooks equal bytes


def write_files(snapshot: Snapshot, folder: Path) -> list[Path]:
    """Write every table that has rows into a folder, replacing older ones; the paths written."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, table in _TABLES.items():
        path, rows = folder / name, list(table(snapshot))
        if not rows:
            path.unlink(missing_ok=True)
            continue
        if path.suffix == ".xlsx":
            further = {title: list(part(snapshot)) for title, part in _FURTHER_SHEETS.get(name, {}).items()}
            _write_workbook(path, {"Sheet1": rows, **further})
        else:
            _write_csv(path, rows, _ENCODINGS.get(name, "utf-8"))
        written.append(path)
    return written


def _write_csv(path: Path, rows: Sequence[Row], encoding: str) -> None:
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def _write_workbook(path: Path, sheets: Mapping[str, Sequence[Row]]) -> None:
    """A workbook with a sheet of each table that has rows."""
    with xlsxwriter.Workbook(path) as workbook:
        workbook.set_properties({"created": _CREATED})
        for title, rows in sheets.items():
            if not rows:
                continue
            sheet = workbook.add_worksheet(title)
            sheet.write_row(0, 0, list(rows[0]))
            for number, row in enumerate(rows, start=1):
                for column, value in enumerate(row.values()):
                    _write_cell(sheet, number, column, value)


def _write_cell(sheet: xlsxwriter.worksheet.Worksheet, row: int, column: int, value: Cell) -> None:
    """Text stays text even where it looks like a number: codes begin with zeros and are long."""
    if isinstance(value, str):
        sheet.write_string(row, column, value)
    elif value is not None:
        sheet.write_number(row, column, value)
