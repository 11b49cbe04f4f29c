"""Properties of framing: chunk sizes do not matter, bytes are not lost, damage does not spread."""

from __future__ import annotations

import io

from hypothesis import given, settings
from hypothesis import strategies as st

from harvesters.framing import iso2709, json, xml
from harvesters.framing.slices import Slice
from harvesters.framing.stream import Window

WORDS = st.text(st.characters(codec="gb18030", exclude_categories=("Cs", "Cc", "Cn")), min_size=1, max_size=20)


def build(number: int, texts: list[str], encoding: str) -> bytes:
    fields = [("001", b"id%05d" % number), *(("200", b"1 \x1fa" + text.encode(encoding)) for text in texts)]
    directory, body = b"", b""
    for tag, value in fields:
        directory += f"{tag}{len(value) + 1:04}{len(body):05}".encode()
        body += value + b"\x1e"
    base = 24 + len(directory) + 1
    return b"%05dnam0 22%05d   450 " % (base + len(body) + 1, base) + directory + b"\x1e" + body + b"\x1d"


ENCODINGS = st.sampled_from(["utf-8", "gb18030"])
RECORDS = st.tuples(st.lists(st.lists(WORDS, min_size=1, max_size=4), min_size=3, max_size=6), ENCODINGS).map(
    lambda drawn: [build(number, texts, drawn[1]) for number, texts in enumerate(drawn[0])]
)


class Chunked:
    """A stream that gives its bytes in pieces of given sizes."""

    def __init__(self, data: bytes, sizes: list[int]) -> None:
        self._rest = io.BytesIO(data)
        self._sizes = sizes
        self._turn = 0

    def read(self, size: int = -1, /) -> bytes:
        self._turn += 1
        return self._rest.read(self._sizes[self._turn % len(self._sizes)])


def frame(data: bytes) -> list[Slice]:
    return list(iso2709.frame(Window(io.BytesIO(data), 1)))


@settings(max_examples=60, deadline=None)
@given(RECORDS, st.binary(max_size=40), st.lists(st.integers(1, 300), min_size=1, max_size=5), st.integers(0, 400))
def test_chunk_sizes_do_not_matter(records: list[bytes], noise: bytes, sizes: list[int], at: int) -> None:
    whole = b"".join(records)
    data = whole[:at] + noise + whole[at:]
    assert list(iso2709.frame(Window(Chunked(data, sizes), 1))) == frame(data)
    text = b"<collection>" + b"".join(b"<record><leader/>%d</record>" % n for n in range(5)) + noise + b"</collection>"
    assert list(xml.frame(Window(Chunked(text, sizes), 1))) == list(xml.frame(Window(io.BytesIO(text), 1)))
    lines = b'{"leader": "x", "fields": [{"001": "1"}]}\n' * 4 + noise
    assert list(json.frame(Window(Chunked(lines, sizes), 1))) == list(json.frame(Window(io.BytesIO(lines), 1)))


@settings(max_examples=150, deadline=None)
@given(st.data(), RECORDS)
def test_damage_to_one_record_never_changes_its_neighbours(data: st.DataObject, records: list[bytes]) -> None:
    victim = data.draw(st.integers(0, len(records) - 1))
    damaged = bytearray(records[victim])
    for _ in range(data.draw(st.integers(1, 5))):
        place = data.draw(st.integers(0, max(0, len(damaged) - 1)))
        kind = data.draw(st.sampled_from(["change", "remove", "insert"]))
        byte = data.draw(st.one_of(st.integers(0, 255), st.sampled_from([0x1D, 0x1E, 0x1F, 0x30, 0x39])))
        if kind == "insert" or not damaged:
            damaged.insert(place, byte)
        elif kind == "remove":
            del damaged[place]
        else:
            damaged[place] = byte
    parts = [*records[:victim], bytes(damaged), *records[victim + 1 :]]
    found = {one.bytes: one for one in frame(b"".join(parts))}
    for number, record in enumerate(records):
        if number != victim:
            assert found[record].local_id == f"id{number:05}"
            assert not found[record].problem


@settings(max_examples=80, deadline=None)
@given(RECORDS, st.binary(max_size=300), st.integers(0, 2000))
def test_no_byte_is_lost_but_padding(records: list[bytes], noise: bytes, at: int) -> None:
    whole = b"".join(records)
    data = whole[:at] + noise + whole[at:]
    position = 0
    for one in frame(data):
        assert not data[position : one.offset].strip(b" \t\r\n\v\f\x00\x1a\x1d\x1e\xef\xbb\xbf")
        assert data[one.offset : one.offset + len(one.bytes)] == one.bytes
        position = one.offset + len(one.bytes)
    assert not data[position:].strip(b" \t\r\n\v\f\x00\x1a\x1d\x1e")


@settings(max_examples=80, deadline=None)
@given(st.integers(0, 4), st.integers(0, 200), st.integers(0, 255))
def test_a_changed_byte_in_xml_changes_no_neighbour(victim: int, place: int, byte: int) -> None:
    records = [
        b'<record><leader>00000nam a2200000 a 4500</leader><controlfield tag="001">%d</controlfield>'
        b'<datafield tag="245" ind1=" " ind2=" "><subfield code="a">x</subfield></datafield></record>' % n
        for n in range(5)
    ]
    damaged = bytearray(records[victim])
    damaged[place % len(damaged)] = byte
    parts = [*records[:victim], bytes(damaged), *records[victim + 1 :]]
    found = {
        one.bytes for one in xml.frame(Window(io.BytesIO(b"<collection>" + b"\n".join(parts) + b"</collection>"), 1))
    }
    assert all(record in found for number, record in enumerate(records) if number != victim)
