"""Sheets -> messages and bad rows: each row is converted, joined, checked, told apart from its doubles."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

import msgspec

from rdchem.messages import InvalidMessage, decode, encode, topic_of
from rdchem.model.message import Message
from rdchem.model.permit import Permit
from rdchem.platform import paper_tables, register_tables
from rdchem.platform.cells import read_cell
from rdchem.platform.grid import Fault, Grid, Row, text_of
from rdchem.platform.profile import Profile
from rdchem.platform.rows import BadField, BadRow, Builder, Entry, LoadedMessage
from rdchem.platform.tables import Sheet

_BUILDERS: Final[Mapping[str, Builder]] = {
    "enterprises": register_tables.enterprise,
    "hazards": register_tables.hazard,
    "gateways": register_tables.gateway,
    "sensors": register_tables.sensor,
    "realtime": register_tables.realtime,
    "cameras": register_tables.camera,
    "camera_states": register_tables.camera_state,
    "commitments": paper_tables.commitment,
    "work_items": paper_tables.work_item,
    "permits": paper_tables.permit,
    "special_permits": paper_tables.special_permit,
    "offline_declarations": paper_tables.offline_declaration,
    "out_of_service": paper_tables.out_of_service,
}
_CHILDREN: Final = {
    "gas_analyses": paper_tables.gas_analysis,
    "approvals": paper_tables.approval,
    "breaks": paper_tables.work_break,
}
_LONGEST_CELL: Final = 500


@dataclass(slots=True)
class Child:
    """A row that belongs to a permit."""

    sheet: Sheet
    row: Row
    ticket: str
    part: Any
    joined: bool = False


@dataclass(slots=True)
class Reader:
    """Reads the sheets of one file. `said` remembers each version and its bytes, to tell doubles."""

    received_at: datetime
    area_code: str
    profile: Profile
    said: dict[tuple[str, str, str, int], bytes] = field(default_factory=dict)

    def read(self, sheets: Sequence[Sheet]) -> Iterator[LoadedMessage | BadRow]:
        """Everything the sheets say, in the order of their rows; children that found no permit at the end."""
        children: list[Child] = []
        for sheet in sheets:
            if sheet.match.table.part_of:
                for found in self._children(sheet):
                    if isinstance(found, BadRow):
                        yield found
                    else:
                        children.append(found)
        by_ticket: dict[str, list[Child]] = defaultdict(list)
        for child in children:
            by_ticket[child.ticket].append(child)
        known = frozenset(sheet.match.table.name for sheet in sheets)
        for sheet in sheets:
            if not sheet.match.table.part_of:
                yield from self._rows(sheet, by_ticket, known)
        for child in children:
            if not child.joined:
                reason = f"作业票 {child.ticket} 不在本文件中,或其所在行未能读入;请与作业票放在同一工作簿"
                yield bad_row(child.sheet, child.row, "_ticket", "no_permit", reason)

    def _rows(
        self, sheet: Sheet, children: Mapping[str, list[Child]], known: frozenset[str]
    ) -> Iterator[LoadedMessage | BadRow]:
        build = _BUILDERS[sheet.match.table.name]
        for row in sheet.rows:
            entry = self._entry(sheet, row)
            if isinstance(entry, BadRow):
                yield entry
                continue
            try:
                built = build(entry)
            except msgspec.ValidationError as error:
                built = BadField("", "schema", f"不符合数据约定:{error}")
            if isinstance(built, BadField):
                yield bad_row(sheet, row, built.field, built.code, built.reason)
            else:
                whole = [_joined(one, children, known) for one in built]
                yield from self._said(sheet, row, entry.area_code, whole)

    def _entry(self, sheet: Sheet, row: Row) -> Entry | BadRow:
        """The row with every cell understood, or the first thing wrong with it."""
        if row.fault is not None:
            return bad_row(sheet, row, "", row.fault.code, row.fault.reason)
        if sheet.grid.sheet is None and not _fits(row, sheet.header):
            reason = f"该行有 {len(row.cells)} 格,而表头有 {len(sheet.header.cells)} 格;请检查分隔符和引号"
            return bad_row(sheet, row, "", "cell_count", reason)
        values: dict[str, Any] = {}
        for column in sheet.match.table.columns:
            place = sheet.match.places.get(column.field)
            if place is None:
                continue
            value = read_cell(column.type, row.cells[place] if place < len(row.cells) else None, self.profile)
            if isinstance(value, Fault):
                return bad_row(sheet, row, column.field, value.code, value.reason)
            if value is None and column.required:
                return bad_row(sheet, row, column.field, "missing", "未填写,该列每行必填")
            values[column.field] = value
        area_code = values.get("area_code") or values.get("_area") or self.area_code
        return Entry(values, self.received_at, area_code, self.profile)

    def _said(
        self, sheet: Sheet, row: Row, area_code: str, messages: Sequence[Message]
    ) -> Iterator[LoadedMessage | BadRow]:
        """The row's messages, if the contract takes all of them and none contradicts an earlier row."""
        known: dict[tuple[str, str, str, int], bytes] = {}
        for message in messages:
            payload = encode(message)
            checked = decode(topic_of(area_code, message), payload)
            if isinstance(checked, InvalidMessage):
                yield bad_row(sheet, row, "", checked.code, checked.reason)
                return
            key = (type(message).__name__, message.company_code, message.id, message.seq)
            if self.said.get(key, payload) != payload:
                reason = f"与前面某行是同一条({message.id})、同一时间,内容却不同;请核对后只保留一行"
                yield bad_row(sheet, row, "", "duplicate_key", reason)
                return
            known[key] = payload
        self.said |= known
        origin = sheet.grid.origin(row.number)
        for message in messages:
            yield LoadedMessage(origin, area_code, message)

    def _children(self, sheet: Sheet) -> Iterator[Child | BadRow]:
        for row in sheet.rows:
            entry = self._entry(sheet, row)
            if isinstance(entry, BadRow):
                yield entry
                continue
            try:
                part = _CHILDREN[sheet.match.table.name](entry)
            except msgspec.ValidationError as error:
                yield bad_row(sheet, row, "", "schema", f"不符合数据约定:{error}")
                continue
            yield Child(sheet, row, entry.values["_ticket"], part)


def bad_row(sheet: Sheet, row: Row, field: str, code: str, reason: str) -> BadRow:
    """A bad row with its cells under the headers of its file."""
    return _bad_row(sheet.grid, row, sheet.header, sheet.title_of(field), code, reason)


def unknown_sheet(grid: Grid, lacking: str) -> BadRow:
    """A sheet beside known ones that is none itself, told by its first row."""
    return _bad_row(grid, grid.rows[0], None, "", "unknown_sheet", f"工作表未读入:{lacking}")


def _bad_row(grid: Grid, row: Row, header: Row | None, column: str, code: str, reason: str) -> BadRow:
    cells: dict[str, str] = {}
    for place, cell in enumerate(row.cells):
        named = header is not None and place < len(header.cells) and header.cells[place] is not None
        name = text_of(header.cells[place]) if header is not None and named else f"第 {place + 1} 列"
        if cell is not None:
            cells[name] = text_of(cell)[:_LONGEST_CELL]
    text = msgspec.json.encode(cells).decode()
    return BadRow(grid.origin(row.number), grid.file, row.number, column, code, reason, text)


def _fits(row: Row, header: Row) -> bool:
    """Whether a csv row has a cell for each header, and nothing beyond."""
    width = len(header.cells)
    return len(row.cells) >= width and all(cell is None for cell in row.cells[width:])


def _joined(message: Message, children: Mapping[str, list[Child]], known: frozenset[str]) -> Message:
    if not isinstance(message, Permit):
        return message
    mine = [*children.get(message.id, ())]
    if message.ticket_no != message.id:
        mine += children.get(message.ticket_no, ())
    for child in mine:
        child.joined = True
    return paper_tables.with_children(message, [child.part for child in mine], known)
