"""The daily seal: a small file that, kept outside, proves what the journal held of a day and before.

It states of every stream the newest segment that holds something received by the end of the day. Segments are
chained, so its sha256 stands for all before it. With an Ed25519 key it is signed over its canonical JSON:
then the seal, too, cannot be made anew to fit another past. Sealing a past day again gives the same bytes.
"""

from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Final

import msgspec
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key

from rdchem import calendar
from rdchem.errors import InputError, JournalError
from rdchem.journal import Journal
from rdchem.segment import instant, microseconds

VERSION: Final = 1
_KEYS: Final = (
    "生成密钥:openssl genpkey -algorithm ed25519 -out seal.key;"
    "公钥:openssl pkey -in seal.key -pubout -out seal.pub"
)


class StreamSeal(msgspec.Struct, frozen=True, kw_only=True):
    """A stream up to its newest segment of the day: segments and records are counted from its beginning."""

    stream: str
    seq: int
    sha256: str
    segments: int
    records: int
    last_received_at: datetime


class Seal(msgspec.Struct, frozen=True, kw_only=True):
    """The journal as it stood at the end of a day. `signature` is of all the rest, in hexadecimal."""

    rdchem_seal: int
    day: date
    journal: str
    streams: list[StreamSeal]
    signature: str | None = None


def seal(journal: Journal, day: date) -> Seal:
    """The seal of a day. Raises JournalError if the journal is damaged: that is not to be vouched for."""
    if damages := journal.inspect({}).damages:
        raise JournalError(f"日志有 {len(damages)} 处损坏,不予封存:{damages[0]}。请先从备份恢复。")
    _, end = calendar.day_bounds(day)
    streams = [
        sealed for stream in journal.streams() if (sealed := _stream(journal, stream, microseconds(end)))
    ]
    return Seal(rdchem_seal=VERSION, day=day, journal=journal.kind, streams=streams)


def _stream(journal: Journal, stream: str, before_us: int) -> StreamSeal | None:
    headers = journal.headers(stream)
    last = max(
        (at for at, header in enumerate(headers) if header.first_received_us < before_us), default=None
    )
    if last is None:
        return None
    past = headers[: last + 1]
    return StreamSeal(
        stream=stream,
        seq=past[-1].seq,
        sha256=journal.sha256(stream, past[-1].seq),
        segments=len(past),
        records=sum(header.records for header in past),
        last_received_at=instant(max(header.last_received_us for header in past)),
    )


def encoded(sealed: Seal) -> bytes:
    """The file of a seal."""
    return msgspec.json.format(msgspec.json.encode(sealed), indent=2) + b"\n"


def signed(sealed: Seal, key_file: Path) -> Seal:
    """The same, signed. Raises InputError if the file holds no Ed25519 private key."""
    try:
        key = load_pem_private_key(_read(key_file), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise InputError(f"{key_file} 不是未加密的 PEM 私钥({error})。{_KEYS}") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise InputError(f"{key_file} 不是 Ed25519 私钥。{_KEYS}")
    return msgspec.structs.replace(sealed, signature=key.sign(_statement(sealed)).hex())


def read(path: Path) -> Seal:
    """A seal from its file. Raises InputError if it is none."""
    try:
        sealed = msgspec.json.decode(_read(path), type=Seal)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise InputError(f"{path} 不是封存文件({error})。封存文件由 rdchem seal 写出。") from error
    if sealed.rdchem_seal != VERSION:
        raise InputError(f"{path} 的版本为 {sealed.rdchem_seal},本程序只认识 {VERSION}。请升级 rdchem。")
    return sealed


def path_of(home: Path, day: date) -> Path:
    """Where an installation keeps the seal of a day."""
    return home / "seals" / f"{day}.json"


def newest(home: Path) -> Seal | None:
    """The newest seal an installation keeps, None if there is none. Raises InputError if it is none."""
    kept = sorted((home / "seals").glob("[0-9]*.json"))
    return read(kept[-1]) if kept else None


def problems(journal: Journal, sealed: Seal, public_key_file: Path | None = None) -> Sequence[str]:
    """Why the journal does not contain the past a seal states, or the seal is not its maker's; in words.

    The chain itself is `Journal.inspect`'s matter. Raises InputError if the key file holds no public key.
    """
    found = [] if public_key_file is None else _signature_problems(sealed, public_key_file)
    for stated in sealed.streams:
        place = f"{sealed.day} 的封存:{stated.stream} 第 {stated.seq} 段"
        headers = {header.seq: header for header in journal.headers(stated.stream)}
        past = [header for seq, header in headers.items() if seq <= stated.seq]
        if stated.seq not in headers:
            found.append(f"{place}不在日志中,其后的内容被截去")
        elif journal.sha256(stated.stream, stated.seq) != stated.sha256:
            found.append(f"{place}与当时不同:该段或它之前的内容被改写")
        elif (len(past), sum(header.records for header in past)) != (stated.segments, stated.records):
            found.append(f"{place}之前应有 {stated.segments} 段 {stated.records} 条记录,现为 {len(past)} 段")
    return found


def _signature_problems(sealed: Seal, public_key_file: Path) -> list[str]:
    try:
        key = load_pem_public_key(_read(public_key_file))
    except (ValueError, UnsupportedAlgorithm) as error:
        raise InputError(f"{public_key_file} 不是 PEM 公钥({error})。{_KEYS}") from error
    if not isinstance(key, Ed25519PublicKey):
        raise InputError(f"{public_key_file} 不是 Ed25519 公钥。{_KEYS}")
    if sealed.signature is None:
        return [f"{sealed.day} 的封存没有签名"]
    try:
        key.verify(bytes.fromhex(sealed.signature), _statement(sealed))
    except (InvalidSignature, ValueError):
        return [f"{sealed.day} 的封存签名不符:封存文件被改动,或不是该密钥所签"]
    return []


def _statement(sealed: Seal) -> bytes:
    return msgspec.json.encode(msgspec.structs.replace(sealed, signature=None), order="deterministic")


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputError(f"无法读取文件 {path}:{error.strerror}。请检查路径和权限。") from error
