"""Files and streams to raw records: formats, damage, whole-file refusals."""

from __future__ import annotations

import gzip
import io
import json
import time
import tracemalloc
from pathlib import Path

import pytest

from harvesters.files import detect, open_file
from schemas.errors import WenlanError
from schemas.raw import RawRecord


def record(number: str, title: str = "家", encoding: str = "utf-8", status: str = "n") -> bytes:
    """A CNMARC record with 001 and 200."""
    fields = [
        ("001", number.encode()),
        ("200", b"1 \x1fa" + title.encode(encoding) + b"\x1ff\xe5\xb7\xb4\xe9\x87\x91" * (encoding == "utf-8")),
    ]
    directory, body = b"", b""
    for tag, value in fields:
        directory += f"{tag}{len(value) + 1:04}{len(body):05}".encode()
        body += value + b"\x1e"
    base = 24 + len(directory) + 1
    return (
        b"%05d%sam0 22%05d   450 " % (base + len(body) + 1, status.encode(), base)
        + directory
        + b"\x1e"
        + body
        + b"\x1d"
    )


def read(data: bytes, **options: str) -> list[RawRecord]:
    return list(open_file(io.BytesIO(data), name="t", **options))  # type: ignore[arg-type]


def ids(records: list[RawRecord]) -> list[str]:
    return [one.local_id for one in records]


# -- ISO 2709

A, B, C = record("a1", "家"), record("b2", "春"), record("c3", "秋")


def test_three_records_with_padding_between() -> None:
    data = b"\xef\xbb\xbf" + A + b"\r\n" + B + b"\0\0\0\n" + C + b"\x1a"
    found = read(data)
    assert ids(found) == ["a1", "b2", "c3"]
    assert [one.bytes for one in found] == [A, B, C]
    assert [one.position for one in found] == [1, 2, 3]
    assert all(data[one.offset :].startswith(one.bytes) for one in found)
    assert not any(one.problem for one in found)


@pytest.mark.parametrize(
    ("damaged", "problem"),
    [
        (b"00000" + B[5:], "length-wrong"),
        (b"%05d" % (len(B) + len(C)) + B[5:], "length-wrong"),  # exactly the end of the next record
        (b"99999" + B[5:], "length-wrong"),
        (B[:-1], "no-terminator"),
        (B[:-2], "no-terminator"),
        (b"x" + B[1:], "leader-damaged"),
        (B[3:], "leader-damaged"),
        (B[:50] + b"\x1d" + B[51:], "stray-terminator"),
        (b"00000" + B[5:50] + b"\x1d" + B[51:], "stray-terminator"),
    ],
)
def test_a_damaged_record_costs_no_neighbour(damaged: bytes, problem: str) -> None:
    found = read(A + damaged + C)
    assert found[0].bytes == A
    assert found[-1].bytes == C
    assert [one.problem for one in found[1:-1]] == [problem]
    assert found[1].bytes == damaged


def test_rubbish_between_records_is_kept() -> None:
    found = read(A + b"-- end of part 1 --\n" + B)
    assert [(one.container, one.problem) for one in found] == [
        ("iso2709", ""),
        ("unknown", "not-a-record"),
        ("iso2709", ""),
    ]
    assert found[1].bytes == b"-- end of part 1 --\n"


def test_leader_status_d_is_a_tombstone_and_a_missing_001_gets_a_hash() -> None:
    assert [one.deleted for one in read(A + record("x", status="d"))] == [False, True]
    nameless = A.replace(b"001", b"009", 1)
    found = read(nameless)
    assert found[0].local_id.startswith("h:")
    assert len(found[0].local_id) == 18
    assert found[0].local_id == read(nameless)[0].local_id


def test_oversize_rubbish_behind_a_record_comes_in_bounded_pieces() -> None:
    found = read(A + b"?" * (3 << 20) + B)
    assert found[0].bytes == A
    assert found[-1].bytes == B
    assert b"".join(one.bytes for one in found[1:-1]) == b"?" * (3 << 20)


def test_memory_stays_bounded_on_a_long_stream() -> None:
    block = (A + B + C) * 500

    class Endless(io.RawIOBase):
        left = 64 << 20

        def readable(self) -> bool:
            return True

        def readinto(self, buffer: object) -> int:
            raise NotImplementedError

        def read(self, size: int = -1) -> bytes:  # type: ignore[override]
            self.left -= len(block)
            return block if self.left > 0 else b""

    tracemalloc.start()
    count = 0
    for one in open_file(Endless(), name="pipe"):  # type: ignore[arg-type]
        count += 1
        if count > 60_000:
            break
        assert one.container == "iso2709"
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count > 60_000
    assert peak < 24 << 20


# -- compression


def test_gzip_is_found_by_content_also_in_several_members(tmp_path: Path) -> None:
    file = tmp_path / "records"
    file.write_bytes(gzip.compress(A + B) + gzip.compress(C) + b"\0" * 20)
    assert ids(list(open_file(file, name=file.name))) == ["a1", "b2", "c3"]


def test_a_cut_gzip_gives_what_is_there_and_then_says_so() -> None:
    parts = [record(f"n{n}", "题名" + str(n * 7919)) for n in range(2000)]
    cut = gzip.compress(b"".join(parts))[:-5000]
    found = []
    with pytest.raises(WenlanError) as error:
        for one in open_file(io.BytesIO(cut), name="t.gz"):
            found.append(one)
    assert error.value.code == "file-truncated-gzip"
    whole = [one for one in found if not one.problem]
    assert len(whole) > 100
    assert [one.bytes for one in whole] == parts[: len(whole)]


def test_a_damaged_gzip_is_an_error() -> None:
    data = bytearray(gzip.compress(A * 3))
    data[-6] ^= 0xFF
    with pytest.raises(WenlanError, match="file-bad-gzip"):
        read(bytes(data))


# -- whole files that are none


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "file-empty"),
        (b" \r\n\0\0", "file-empty"),
        (gzip.compress(b""), "file-empty"),
        (gzip.compress(A)[:12], "file-truncated-gzip"),
        (b"<!DOCTYPE html>\n<html><title>502 Bad Gateway</title></html>", "file-html"),
        (b"PK\x03\x04........", "file-archive"),
        (bytes(range(256)) * 400, "file-not-records"),
        ("这是一封信，没有记录。\n第二行。\n".encode(), "file-not-records"),
        (b"<rss><channel><title>x</title></channel></rss>", "file-not-records"),
        (b'[{"code": "a"}, {"code": "b"}]', "file-not-records"),
        (b'<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><error code="badArgument">no</error></OAI-PMH>', "file-oai-error"),
        (b'<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><ListIdentifiers><header/></ListIdentifiers></OAI-PMH>',
         "file-oai-identifiers"),
    ],
)  # fmt: skip
def test_a_file_without_records_is_refused_in_both_languages(data: bytes, code: str) -> None:
    with pytest.raises(WenlanError) as error:
        read(data)
    assert error.value.code == code
    assert error.value.text.zh
    assert error.value.text.en


def test_missing_files_and_unknown_formats(tmp_path: Path) -> None:
    with pytest.raises(WenlanError, match="file-unopened"):
        list(open_file(tmp_path / "none.mrc", name="none.mrc"))
    with pytest.raises(WenlanError, match="file-format-unknown"):
        read(A, container="docx")


def test_an_answer_that_finds_nothing_is_no_error() -> None:
    empty = b'<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><error code="noRecordsMatch"/></OAI-PMH>'
    assert read(empty) == []
    assert read(b"<searchRetrieveResponse><numberOfRecords>0</numberOfRecords></searchRetrieveResponse>") == []


@pytest.mark.parametrize(
    ("head", "format_"),
    [
        (A, "iso2709"),
        (b"rubbish\n" + A, "iso2709"),
        (b'{"leader": "x", "fields": []}', "marcjson"),
        (b' [\n {"leader": "x"}]', "json-array"),
        (b"<collection><record/></collection>", "marcxml"),
        (b'<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/">', "oai"),
        ("商品编码,书名,作者\n1,家,巴金\n".encode("gbk"), "csv"),
        ("商品编码\t书名\n1\t家\n".encode("utf-16"), "csv"),
        (b"\x00\x01\x02", ""),
    ],
)
def test_detect(head: bytes, format_: str) -> None:
    assert detect(head) == format_


# -- JSON

J1 = '{"leader": "00000nam0 2200000   450 ", "fields": [{"001": "j1"}, {"200": {"ind1": "1", "ind2": " ", "subfields": [{"a": "家 }{"}]}}]}'
J2 = J1.replace("j1", "j\\u0032").replace("nam0", "dam0")


def test_json_lines_arrays_and_pretty_printing() -> None:
    pretty = json.dumps(json.loads(J1), indent=2, ensure_ascii=False)
    for text in (f"{J1}\n{J2}\n", f"[{J1}, {J2}]", f"[\n{J1},\n{J2}\n]\n", f"{pretty}\n{J2}"):
        found = read(text.encode())
        assert ids(found) == ["j1", "j2"]
        assert [one.deleted for one in found] == [False, True]
        assert json.loads(found[0].bytes) == json.loads(J1)


def test_malformed_json_costs_itself_only() -> None:
    for broken in (J1[:-20], J1.replace('": [', '": [[', 1), J1.replace('"001"', "001")):
        for joint in ("\n", ",\n"):
            found = read(joint.join([J1, broken, J2]).encode())
            assert found[0].bytes == J1.encode()
            assert found[-1].bytes == J2.encode()
            assert [one.problem for one in found[1:-1]] == ["json-malformed"]


# -- CSV


def test_csv_in_gbk_with_bom_tabs_and_quotes() -> None:
    table = '商品编码,书名,定价\r\n1,"家,""春"",\n秋",20.00\r\n\r\n2,𠮷,\r\n'
    for encoding in ("utf-8-sig", "gb18030", "utf-16"):
        found = read(table.encode(encoding))
        assert ids(found) == ["1", "2"]
        assert json.loads(found[0].bytes) == {"商品编码": "1", "书名": '家,"春",\n秋', "定价": "20.00"}
        assert json.loads(found[1].bytes)["书名"] == "𠮷"
    assert ids(read("书名;ISBN;条码\n家;978;b1\n".encode())) == ["b1"]
    assert ids(read("书名|编号\n家|7\n".encode())) == ["7"]


def test_the_id_column_can_be_named() -> None:
    table = "甲,乙\n1,2\n".encode()
    assert ids(list(open_file(io.BytesIO(table), name="t", columns={"id": "乙"}))) == ["2"]
    assert ids(list(open_file(io.BytesIO(table), name="t")))[0].startswith("h:")
    with pytest.raises(WenlanError, match="file-csv-column"):
        list(open_file(io.BytesIO(table), name="t", columns={"id": "丙"}))


def test_rows_of_other_lengths_and_a_quotation_that_never_closes() -> None:
    table = 'id,书名\n1,家\n2,"春\n' + "".join(f"{n},书{n}\n" for n in range(3, 400)) + "400,末,多\n"
    found = read(table.encode())
    assert [(one.container, one.problem) for one in found[:3]] == [("csv", ""), ("unknown", "csv-row"), ("csv", "")]
    assert found[1].bytes == '2,"春'.encode()
    assert len(found) == 400
    assert found[-1].problem == "csv-columns"
    assert json.loads(found[-1].bytes) == {"id": "400", "书名": "末", "#3": "多"}


def test_a_row_in_another_encoding_than_its_file() -> None:
    found = read("id,书名\n1,家\n".encode() + "2,春天\n".encode("gb18030") + "3,秋\n".encode())
    assert [json.loads(one.bytes)["书名"] for one in found] == ["家", "春天", "秋"]


def test_comments_before_the_root_are_passed_over_at_once() -> None:
    began = time.process_time()
    assert detect(b"<!-- a -->\n" * 60_000 + b"<records/>") == "marcxml"
    assert detect(b"<!-- a -->\n" * 60 + b"<html>") == "html"
    assert time.process_time() - began < 2
