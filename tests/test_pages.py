"""Every single changed byte of a sealed file is found, with what it was; of more than one the page."""

import hashlib
import random

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from rdchem.pages import PAGE_BYTES, Change, first_change, with_table


def sealed(content: bytes) -> tuple[bytes, bytes]:
    whole = with_table(content)
    return hashlib.sha256(whole).hexdigest().encode(), whole


@settings(deadline=None)
@given(st.integers(1, 5 * PAGE_BYTES), st.randoms(use_true_random=False))
def test_one_changed_byte_is_found_wherever_it_is(size: int, chance: random.Random) -> None:
    seal, whole = sealed(chance.randbytes(size))
    at = chance.randrange(len(whole))
    changed = bytearray(whole)
    changed[at] ^= chance.randrange(1, 256)
    assert first_change(seal, bytes(changed)) == Change(at, at, whole[at])


@pytest.mark.parametrize("size", [1, 1023, 1024, 1025, 4096, 4097])
def test_what_is_whole_has_no_change(size: int) -> None:
    seal, whole = sealed(b"x" * size)
    assert first_change(seal, whole) is None


def test_of_several_changed_bytes_the_first_ones_page_is_named() -> None:
    seal, whole = sealed(bytes(range(256)) * 20)
    changed = whole[:1500] + b"????" + whole[1504:3000] + b"!" + whole[3001:]
    assert first_change(seal, changed) == Change(1024, 2047)


def test_without_a_table_or_with_another_length_nothing_is_claimed() -> None:
    seal, whole = sealed(bytes(range(256)) * 20)
    assert first_change(seal, whole[:-1]) is None
    assert first_change(seal, whole[:3000]) is None
    assert first_change(seal, b"") is None
    plain = bytes(range(256)) * 20
    assert first_change(hashlib.sha256(plain).hexdigest().encode(), plain[:-1] + b"!") is None


def test_a_reader_of_the_frame_before_it_never_meets_the_table() -> None:
    frame = zstandard.ZstdCompressor().compress(b"said")
    assert zstandard.ZstdDecompressor().decompress(with_table(frame)) == b"said"
