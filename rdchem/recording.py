"""A recording: messages with the instants they were received, to be received again elsewhere.

JSON lines, plain or zstd-compressed: a header (`Header`; older files have none), then an `Envelope` a line.
`python -m sensors_sim record` writes it, `rdchem receive` and `python -m sensors_sim replay` read it. Each
group of messages is a zstd frame of its own: what is written stays readable when the writer is killed.
"""

import base64
import binascii
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Final, Literal

import msgspec
import zstandard

from rdchem.errors import InputError
from rdchem.model.message import Instant
from rdchem.segment import REPLAY_ORIGIN, Record, microseconds

VERSION: Final = 1
STANDARD_INPUT: Final = Path("-")
_ZSTD_MAGIC: Final = b"\x28\xb5\x2f\xfd"
_CHUNK_BYTES: Final = 65_536


class Header(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What was recorded: the format's version, since when, from where; of a simulated county also the seed
    and the sha256 of the scenarios it was drawn from.
    """

    rdchem_recording: int
    started_at: Instant
    source: str
    seed: int | None = None
    catalogue_sha256: str | None = None


class Envelope(msgspec.Struct):
    """One recorded message: `payload` as text, or `payload_b64` where the bytes are not UTF-8."""

    received_at: datetime
    topic: Annotated[str, msgspec.Meta(pattern=r"^[^\x00]+(?![\s\S])", max_length=65_535)]
    payload: str | None = None
    payload_b64: str | None = None
    qos: Literal[0, 1, 2] = 1
    retain: bool = False


@dataclass(frozen=True, slots=True)
class Recording:
    """A recording as read. `cut`: its end is missing, the records are those before."""

    name: str
    header: Header | None
    records: tuple[Record, ...]
    cut: bool

    def refuse_cut(self) -> None:
        """Raise InputError if the end is missing."""
        if self.cut:
            raise InputError(
                f"{self.name} 不是完整的 zstd 文件:末尾缺失,其前 {len(self.records)} 条完好。请重新导出,"
                "或用 python -m sensors_sim replay … --out 取出完好的部分。"
            )


def read_recording(path: Path) -> Recording:
    """The recording in a file, or on standard input for `-`. Raises InputError if any line is unreadable."""
    name, content, compressed = _read(path)
    cut = False
    if compressed:
        content, cut = _decompressed(name, content)
    lines = [(number, line) for number, line in enumerate(content.splitlines(), start=1) if line.strip()]
    if not lines and not cut:
        raise InputError(f"{name} 是空文件,不是录制。请检查录制或导出是否成功。")
    header = _header(name, lines[0][1]) if lines else None
    messages = lines[1:] if header else lines
    return Recording(name, header, tuple(_record(name, *numbered) for numbered in messages), cut)


def _read(path: Path) -> tuple[str, bytes, bool]:
    """What to call a file, its bytes, and whether they are compressed, or should be."""
    try:
        name = "标准输入" if path == STANDARD_INPUT else path.name
        content = sys.stdin.buffer.read() if path == STANDARD_INPUT else path.read_bytes()
    except OSError as error:
        raise InputError(f"无法读取文件 {path}:{error.strerror}。请检查路径和权限。") from error
    return name, content, bool(content) and (path.suffix == ".zst" or content.startswith(_ZSTD_MAGIC))


def _decompressed(name: str, content: bytes) -> tuple[bytes, bool]:
    """The text of all zstd frames, and whether the last frame lacks its end; then only its whole lines."""
    pieces, frame, open_frame = [], zstandard.ZstdDecompressor().decompressobj(), False
    try:
        for start in range(0, len(content), _CHUNK_BYTES):
            chunk = content[start : start + _CHUNK_BYTES]
            while chunk:
                pieces.append(frame.decompress(chunk))
                chunk, open_frame = frame.unused_data, not frame.eof
                if frame.eof:
                    frame = zstandard.ZstdDecompressor().decompressobj()
    except zstandard.ZstdError as error:
        raise InputError(f"{name} 不是完整的 zstd 文件:{error}。请重新导出。") from error
    text = b"".join(pieces)
    return (text[: text.rfind(b"\n") + 1] if open_frame else text), open_frame


def _header(name: str, line: bytes) -> Header | None:
    """The header, if the first line is one."""
    try:
        said = msgspec.json.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None  # no envelope either, and refused as such
    if not isinstance(said, dict) or "rdchem_recording" not in said:
        return None
    if (version := said["rdchem_recording"]) != VERSION:
        raise InputError(f"{name} 的录制格式版本为 {version},本程序只认识 {VERSION}。请升级 rdchem。")
    try:
        return msgspec.convert(said, Header)
    except msgspec.ValidationError as error:
        raise InputError(f"{name} 的首行不是有效的录制头:{error}。请重新录制或导出。") from error


def _record(name: str, number: int, line: bytes) -> Record:
    try:
        envelope = msgspec.json.decode(line, type=Envelope)
        return Record(
            microseconds(envelope.received_at.astimezone(UTC)),
            envelope.topic,
            _payload(envelope),
            envelope.qos,
            envelope.retain,
            REPLAY_ORIGIN,
        )
    except (msgspec.DecodeError, binascii.Error, ValueError, OverflowError) as error:
        raise InputError(f"{name} 第 {number} 行不是有效的录制报文:{error}。请修正后重试。") from error


def _payload(envelope: Envelope) -> bytes:
    if envelope.received_at.tzinfo is None:
        raise ValueError("received_at 没有时区")
    if (envelope.payload is None) == (envelope.payload_b64 is None):
        raise ValueError("payload 与 payload_b64 应恰有一个")
    if envelope.payload is not None:
        return envelope.payload.encode()
    return base64.b64decode(envelope.payload_b64 or "", validate=True)
