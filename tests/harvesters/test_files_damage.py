"""Files that are cut off, turn into rubbish, or are not what the operator says; and what hostile content costs."""

from __future__ import annotations

import errno
import io
import itertools
import json
import random
import time
from collections.abc import Iterator

import pytest

from harvesters import files
from harvesters.files import open_file
from schemas.errors import WenlanError
from schemas.raw import RawRecord


def record(number: str, title: str = "家", extra: bytes = b"") -> bytes:
    directory, body = b"", b""
    for tag, value in (("001", number.encode()), ("200", b"1 \x1fa" + title.encode()), ("330", b"  \x1fa" + extra)):
        directory += f"{tag}{(len(value) + 1) % 10_000:04}{len(body) % 100_000:05}".encode()
        body += value + b"\x1e"
    base = 24 + len(directory) + 1
    return b"%05dnam0 22%05d   450 " % ((base + len(body) + 1) % 100_000, base) + directory + b"\x1e" + body + b"\x1d"


A, B = record("a1"), record("b2")


def line(number: int, title: str = "家") -> str:
    fields = [{"001": str(number)}, {"200": {"ind1": " ", "ind2": " ", "subfields": [{"a": title}]}}]
    return json.dumps({"leader": "00000nam0 2200000   450 ", "fields": fields})


class Endless(io.RawIOBase):
    """A stream of so many copies of a block behind a head."""

    def __init__(self, head: bytes, block: bytes, copies: int) -> None:
        self._pieces: Iterator[bytes] = itertools.chain([head], itertools.repeat(block, copies))

    def read(self, size: int = -1, /) -> bytes:
        return next(self._pieces, b"")


def run(data: bytes | io.RawIOBase, **options: str) -> tuple[list[RawRecord], WenlanError | None]:
    found: list[RawRecord] = []
    stream = io.BytesIO(data) if isinstance(data, bytes) else data
    try:
        for one in open_file(stream, name="t", **options):  # type: ignore[arg-type]
            found.append(one)
    except WenlanError as error:
        return found, error
    return found, None


# -- cut off


@pytest.mark.parametrize("length", [1, 4, 30, 40, len(B) // 2, len(B) - 3])
def test_an_iso2709_file_that_ends_within_a_record_says_so_after_what_is_there(length: int) -> None:
    found, error = run(A + B[:length])
    assert [one.bytes for one in found] == [A, B[:length]]
    assert error is not None and error.code == "file-truncated"
    assert error.args_given == {"name": "t", "record": 2, "byte": len(A)}


@pytest.mark.parametrize("end", [B[:-1], B[:-2], b"-- end of export --\n", b"2024\n", b""])
def test_a_file_that_lacks_nothing_but_terminators_is_not_cut(end: bytes) -> None:
    assert run(A + end)[1] is None


def test_json_that_ends_within_a_record() -> None:
    text = f"{line(1)}\n{line(2)}"
    found, error = run(text[:-9].encode())
    assert [one.local_id for one in found] == ["1", "2"]
    assert error is not None and error.code == "file-truncated"
    assert run((text[:-9] + "}]}}\n").encode())[1] is None, "malformed, but not cut"


def test_a_stream_that_breaks_off_is_an_error_in_both_languages() -> None:
    class Broken(Endless):
        def read(self, size: int = -1, /) -> bytes:
            if data := super().read(size):
                return data
            raise OSError(errno.EIO, "Input/output error")

    _, error = run(Broken(A * 3, B, 2))
    assert error is not None and error.code == "file-unread" and "Input/output" in error.text.zh


# -- rubbish


@pytest.mark.parametrize("block", [b"a" * (1 << 20), random.Random(5).randbytes(1 << 20)], ids=["text", "random"])
def test_a_stream_that_turns_into_rubbish_is_given_up(block: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "RUBBISH", 4 << 20)
    started = time.process_time()
    stream = Endless(A + B, block, 1000)
    found, error = run(stream)
    assert error is not None and error.code == "file-rubbish"
    assert [one.local_id for one in found[:2]] == ["a1", "b2"]
    assert sum(len(one.bytes) for one in found) < 24 << 20
    assert time.process_time() - started < 5


def test_pieces_of_rubbish_are_counted_and_a_record_between_them_ends_the_count(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(files, "PIECES", 50)
    good = line(1) + "\n"
    bad = '{"leader": "x",\n'
    assert run((good + (bad * 40 + good) * 5).encode())[1] is None
    _, error = run((good + bad * 60).encode())
    assert error is not None and error.code == "file-rubbish" and error.args_given["byte"] == len(good)


@pytest.mark.parametrize(
    ("head", "block"),
    [
        (b"", b"\0"), (b"", b"a"), (A, b"\0"), (A, b"\n"), (A, b"\x1d"), (A, b"x\x1e"), (b"id,title\n1,x\n", b"\n"),
        (b"id,title\n1,x\n", b'"'), (line(1).encode(), b"\n"), (line(1).encode(), b"{"), (line(1).encode(), b'"'),
        (b"<collection><record><leader/>x</record>", b"<"), (b"<collection><record><leader/>x</record>", b" "),
    ],
)  # fmt: skip
def test_rubbish_is_passed_quickly(head: bytes, block: bytes) -> None:
    started = time.process_time()
    run(Endless(head + b"\n", block * ((1 << 20) // len(block)), 8))
    assert time.process_time() - started < 3


# -- not what the operator says


@pytest.mark.parametrize("given", ["marcxml", "csv", "marcjson", "oai"])
def test_a_wrong_format_is_refused_with_the_likely_one(given: str) -> None:
    found, error = run(A + B, container=given)
    assert not found
    assert error is not None and error.code == "file-format-other"
    assert error.args_given["looks_like"] == "iso2709"


def test_a_table_is_not_iso2709_and_the_other_way_round() -> None:
    assert run("id,书名\n1,家\n".encode(), container="iso2709")[1] is not None
    for data in (b"<collection><record/></collection>", line(1).encode(), A):
        error = run(data, container="csv")[1]
        assert error is not None and error.code == "file-format-other"


def test_an_unknown_format() -> None:
    error = run(A, container="pdf")[1]
    assert error is not None and error.code == "file-format-unknown" and "marcjson" in error.text.en


# -- hostile content


def test_a_record_of_more_than_a_megabyte_is_one_record() -> None:
    found, error = run(A + record("big", extra=b"x" * 1_100_000) + B)
    assert error is None
    assert [one.local_id for one in found] == ["a1", "big", "b2"]


def test_a_record_beyond_the_limit_is_cut_to_pieces_and_costs_no_neighbour() -> None:
    found, error = run(A + record("big", extra=b"x" * 5_000_000) + B)
    assert error is None
    assert found[0].local_id == "a1" and found[-1].local_id == "b2"
    assert found[1].problem == "record-too-long"


def test_deep_nesting_in_json_costs_itself_only() -> None:
    deep = '{"leader": "x", "fields": [{"001": ' + "[" * 100_000 + "]" * 100_000 + "}]}"
    found, error = run(f"{line(1)}\n{deep}\n{line(3)}\n".encode())
    assert error is None
    assert [one.problem for one in found] == ["", "json-malformed", ""]


def test_half_a_character_is_no_damage_of_the_frame() -> None:
    text = line(1, "A").replace('"A"', '"\\ud800题"')
    assert "\\ud800" in text
    found, _ = run(f"{text}\n{line(2)}\n".encode())
    assert [(one.local_id, one.problem) for one in found] == [("1", ""), ("2", "")]


def test_a_stray_control_character_does_not_make_a_table_a_binary_file() -> None:
    found, error = run("id,书名\n1,空\0字节\n2,\x1b[31m红\n".encode())
    assert error is None
    assert [json.loads(one.bytes)["书名"] for one in found] == ["空字节", "\x1b[31m红"]
