"""Whatever bytes go in come out again, and what is alike takes little space."""

from itertools import islice

import pytest
import zstandard
from hypothesis import example, given, settings
from hypothesis import strategies as st

from rdchem import columns
from rdchem.columns import turned, turned_back
from rdchem.messages import encode
from rdchem.segment import PLAIN, TURNED, Record, encoded, read_segment, sealed
from tests.bench import feed

TEXTS = st.lists(
    st.binary(max_size=30) | st.text(alphabet='0123456789.-\n\0"{,', max_size=30).map(str.encode), max_size=40
)


@given(texts=TEXTS)
@example(texts=[b""])
@example(texts=[b"\n1\n", b"12", b"-.", b"1\n2", b""])
def test_any_texts_come_back(texts: list[bytes]) -> None:
    assert list(turned_back(turned(texts))) == texts


def test_more_forms_than_a_block_can_count_and_a_text_larger_than_a_block() -> None:
    texts = [bytes([97 + number % 26]) * (number // 26 % 7) + b"%d" % number for number in range(140_000)]
    texts.insert(70_000, b"7 x" * columns._BLOCK_BYTES)
    assert list(turned_back(turned(texts))) == texts


RECORDS = st.lists(
    st.builds(
        Record,
        received_us=st.integers(-(2**53), 2**53),
        topic=st.text(max_size=20),
        payload=st.binary(max_size=40),
        qos=st.integers(0, 2),
        retain=st.booleans(),
        origin=st.sampled_from(["mqtt", "self", "file:甲.xlsx#1"]),
    ),
    min_size=1,
    max_size=20,
)


@settings(deadline=None)
@given(records=RECORDS, hurried=st.booleans())
def test_a_segment_of_either_form_gives_its_records_back(
    tmp_path_factory: pytest.TempPathFactory, records: list[Record], hurried: bool
) -> None:
    path = tmp_path_factory.mktemp("s") / "s" / "0000000001.seg"
    path.parent.mkdir()
    path.write_bytes(sealed("s", 1, "", [encoded(records)], hurried=hurried))
    read = read_segment(path)
    assert read.records == records
    assert read.header.version == (PLAIN if hurried else TURNED)


def test_messages_of_one_sender_take_half_the_space() -> None:
    made = [encode(one) for one in islice(feed.messages(1), 5000)]
    records = [Record(number, "t", payload) for number, payload in enumerate(made)]
    small, quick = (len(sealed("s", 1, "", [encoded(records)], hurried=one)) for one in (False, True))
    assert small < quick / 1.8
    assert small < 16 * len(records)
    assert len(zstandard.ZstdCompressor(level=19).compress(b"".join(made))) > small
