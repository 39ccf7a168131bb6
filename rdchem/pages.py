"""Where a sealed file was changed: behind its content stands a CRC-32 of every page of it.

A sha256 says *that* a file is not as it was written; the pages say where. The table is a zstd skippable
frame, so that a reader of the frame before it never meets it. It vouches for nothing: whoever changes a file
on purpose can make the table fit too, and then only the chain, the manifest or a seal kept elsewhere tells,
of the whole file.

Of a single changed byte the place and the former value follow from the CRC, and the sha256 confirms them. Of
more than one the page is named.
"""

import hashlib
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

PAGE_BYTES: Final = 1024
_SKIPPABLE: Final = 0x184D2A5C
_END: Final = b"rdpg"


@dataclass(frozen=True, slots=True)
class Change:
    """The first changed byte lies in [first, last]; `was` is its former value where that is known."""

    first: int
    last: int
    was: int | None = None


def with_table(content: bytes) -> bytes:
    """The content and behind it the table of its pages."""
    return content + _table(content)


def is_whole(content: bytes) -> bool:
    """Whether content with its table fits it."""
    size = _paged_size(len(content))
    return size is not None and content[size:] == _table(content[:size])


def first_change(seal: bytes, content: bytes) -> Change | None:
    """Where content with its table is not what `seal` (a sha256 in hexadecimal) was made of, counted from its
    first byte; None if content and table fit one another, or there is no table to tell by.
    """
    size = _paged_size(len(content))
    if size is None or not _has_table(content):
        return None
    paged, table = content[:size], content[size:]
    crcs = _crcs(table)
    for number, page in enumerate(_pages(paged)):
        if zlib.crc32(page) != crcs[number]:
            return _in_table(seal, paged, table) or _in_page(seal, content, number)
    return _in_table(seal, paged, table)


def _in_table(seal: bytes, paged: bytes, table: bytes) -> Change | None:
    """The change, if it is the table's and the pages are whole."""
    right = _table(paged)
    if table == right or not _fits(seal, paged + right):
        return None
    at = next(place for place, byte in enumerate(right) if table[place] != byte)
    return Change(len(paged) + at, len(paged) + at, right[at])


def _in_page(seal: bytes, content: bytes, number: int) -> Change:
    """The byte of a page that, put right, mends the file; or else the page."""
    size = _paged_size(len(content)) or 0
    start, end = number * PAGE_BYTES, min((number + 1) * PAGE_BYTES, size)
    page = content[start:end]
    for place, mask in _single_bytes(zlib.crc32(page) ^ _crcs(content[size:])[number], len(page)):
        at, was = start + place, page[place] ^ mask
        if _fits(seal, content[:at] + bytes([was]) + content[at + 1 :]):
            return Change(at, at, was)
    return Change(start, end - 1)


def _single_bytes(difference: int, size: int) -> Iterator[tuple[int, int]]:
    """Where one byte, and changed by which mask, makes such a difference of the CRCs of two pages.

    A CRC is linear: the difference is what the mask leaves in the register, moved on by the bytes behind it.
    So it is moved back, byte by byte, until it is what some mask leaves.
    """
    for place in reversed(range(size)):
        if difference in _MASKS:
            yield place, _MASKS[difference]
        index = _INDEX_OF_TOP[difference >> 24]
        difference = ((difference ^ _STEP[index]) << 8 & 0xFFFFFFFF) | index


_STEP: Final = [zlib.crc32(bytes([index ^ 0xFF])) ^ 0xFF000000 for index in range(256)]
"""The register after one byte, of the reflected CRC-32."""
_MASKS: Final = {left: mask for mask, left in enumerate(_STEP) if mask}
_INDEX_OF_TOP: Final = {left >> 24: index for index, left in enumerate(_STEP)}


def _fits(seal: bytes, content: bytes) -> bool:
    return hashlib.sha256(content).hexdigest().encode() == seal


def _pages(content: bytes) -> Iterator[bytes]:
    return (content[start : start + PAGE_BYTES] for start in range(0, len(content), PAGE_BYTES))


def _table(content: bytes) -> bytes:
    crcs = b"".join(zlib.crc32(page).to_bytes(4, "little") for page in _pages(content)) + _END
    return struct.pack("<II", _SKIPPABLE, len(crcs)) + crcs


def _crcs(table: bytes) -> list[int]:
    numbers = table[8 : -len(_END)]
    return [int.from_bytes(numbers[at : at + 4], "little") for at in range(0, len(numbers), 4)]


def _has_table(content: bytes) -> bool:
    """Whether there is a table where one would be; one byte of its marks may be the damaged one."""
    size = _paged_size(len(content)) or 0
    marks = content[size : size + 8] + content[-len(_END) :]
    right = struct.pack("<II", _SKIPPABLE, len(content) - size - 8) + _END
    return sum(one == other for one, other in zip(marks, right, strict=True)) >= len(right) - 1


def _paged_size(whole: int) -> int | None:
    """How much of a content with its table is pages; None for a length no such content has."""
    pages = -(-(whole - 8 - len(_END)) // (PAGE_BYTES + 4))
    size = whole - 8 - len(_END) - 4 * pages
    return size if 0 < size <= pages * PAGE_BYTES and size > (pages - 1) * PAGE_BYTES else None
