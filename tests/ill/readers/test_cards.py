"""One card: enrolling, finding, blocking; and nowhere a number in clear."""

from __future__ import annotations

import copy
import logging
import os
import pickle
import stat
import threading
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from stdnum.cn import ric

from ill.policy import Policy
from ill.readers import Consent, Desk, KeyRing, Secret
from ill.readers.numbers import mask_name, number_of
from schemas.db import Database
from schemas.errors import WenlanError
from schemas.reader import Reader
from schemas.settings import Settings

NOW = datetime(2026, 3, 4, 2, 0, tzinfo=UTC)
WHO = {"officer": "li", "member": "lake", "now": NOW}


def citizen(first: str = "33010619850614123") -> str:
    """Seventeen digits and their check digit: no number stands in this file."""
    return first + ric.calc_check_digit(first + "0")


@pytest.fixture
def home(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "home")


@pytest.fixture
def desk(home: Settings, policy: Policy) -> Desk:
    return Desk.open(home, policy)


def enrol(desk: Desk, connection: Any, number: str = "", **more: Any) -> Reader:
    values: dict[str, Any] = {
        "home": "lake", "name": Secret("王小明"), "kind": "resident_id", "number": Secret(number or citizen()), "consent": Consent(),
        **WHO, **more,
    }  # fmt: skip
    reader = desk.enrol(connection, **values)
    connection.commit()
    return reader


def find(desk: Desk, connection: Any, kind: str, number: str, **more: Any) -> Any:
    return desk.look_up(connection, kind, Secret(number), **{"purpose": "办理借书", **WHO, **more})  # type: ignore[arg-type]


def test_one_person_by_id_and_by_social_security_card(desk: Desk, connection: Any) -> None:
    reader = enrol(desk, connection)
    assert (reader.name_masked, reader.home, reader.credentials[0].masked) == (
        "王**",
        "lake",
        "**************" + citizen()[-4:],
    )
    assert find(desk, connection, "social_security", citizen()) is None  # known, but that card was not agreed to
    desk.link(connection, reader.id, "social_security", Secret(citizen().lower()), consent=Consent(), **WHO)
    found = find(desk, connection, "social_security", f" {citizen()[:6]} {citizen()[6:]} ")
    assert found.reader.id == reader.id
    assert [e.action for e in found.entitlements if e.allowed] == [
        "borrow",
        "interlibrary_loan",
        "document_delivery",
        "return_anywhere",
    ]
    assert find(desk, connection, "resident_id", citizen("33010619850614125")) is None


def test_the_old_id_of_fifteen_digits_is_the_same_person(desk: Desk, connection: Any) -> None:
    reader = enrol(desk, connection)
    old = citizen()[:6] + citizen()[8:17]
    assert find(desk, connection, "resident_id", old).reader.id == reader.id


@pytest.mark.parametrize(
    ("kind", "number", "said"),
    [
        ("resident_id", citizen()[:17] + ("1" if citizen()[-1] != "1" else "2"), "校验位不符"),
        ("resident_id", "12345", "18 位公民身份号码"),
        ("resident_id", citizen("33010619851314123"), "出生日期不存在"),
        ("social_security", "A12345678", "18 位社会保障号码，不是卡号"),
        ("reader_card", "12", "4 至 32 位"),
        ("citizen_card", "!!!!!", "4 至 32 位"),
    ],
)
def test_a_wrong_number_says_what_is_expected_and_not_what_was_typed(kind: Any, number: str, said: str) -> None:
    with pytest.raises(WenlanError, match=said) as refused:
        number_of(kind, Secret(number))
    assert number not in repr(refused.value) + str(refused.value.args_given)
    assert refused.value.__cause__ is None
    assert refused.value.__suppress_context__ or refused.value.__context__ is None


def test_a_foreigners_social_security_number(desk: Desk, connection: Any) -> None:
    reader = enrol(desk, connection, "FRA12AB345678901", kind="social_security")
    assert find(desk, connection, "social_security", "fra12ab345678901").reader.id == reader.id


def test_a_person_is_enrolled_once_and_keeps_to_himself(desk: Desk, connection: Any) -> None:
    reader = enrol(desk, connection)
    with pytest.raises(WenlanError, match="另一位读者"):
        enrol(desk, connection, kind="social_security")
    connection.rollback()
    with pytest.raises(WenlanError, match="另一个人的号码"):
        desk.link(
            connection, reader.id, "social_security", Secret(citizen("33010619850614125")), consent=Consent(), **WHO
        )
    connection.rollback()
    assert connection.execute("select count(*) from reader").fetchone() == (1,)


def test_two_desks_enrol_one_person_at_once(desk: Desk, database: Database) -> None:
    outcomes: list[str] = []
    start = threading.Barrier(2)

    def at(kind: str) -> None:
        with database.connect() as own:
            start.wait()
            try:
                enrol(desk, own, kind=kind)
                outcomes.append("done")
            except WenlanError as error:
                outcomes.append(error.code)

    pair = [threading.Thread(target=at, args=(kind,)) for kind in ("resident_id", "social_security")]
    for thread in pair:
        thread.start()
    for thread in pair:
        thread.join()
    assert sorted(outcomes) == ["credential-taken", "done"]


def test_reader_cards_of_two_libraries_may_bear_one_number(desk: Desk, connection: Any) -> None:
    here = enrol(desk, connection, "A00001", kind="reader_card")
    there = enrol(desk, connection, "A00001", kind="reader_card", home="moon", member="moon")
    assert find(desk, connection, "reader_card", "a-00001").reader.id == here.id  # of the library that asks
    assert find(desk, connection, "reader_card", "A00001", issuer="moon").reader.id == there.id
    with pytest.raises(WenlanError, match="发证馆"):
        find(desk, connection, "reader_card", "A00001", member="hill")


def test_below_fourteen_a_guardian_agrees(desk: Desk, connection: Any) -> None:
    child = citizen("33010620140614123")
    with pytest.raises(WenlanError, match="监护人"):
        enrol(desk, connection, child, category="child")
    connection.rollback()
    reader = enrol(desk, connection, child, category="child", consent=Consent("guardian"))
    with pytest.raises(WenlanError, match="监护人"):
        desk.link(connection, reader.id, "citizen_card", Secret("Z1234567"), consent=Consent(), **WHO)
    connection.rollback()
    assert connection.execute("select kind, given_by, wording from consent").fetchall() == [
        ("resident_id", "guardian", "2026-01")
    ]
    grown = {**WHO, "now": NOW.replace(year=2028, month=7)}
    desk.link(connection, reader.id, "citizen_card", Secret("Z1234567"), consent=Consent(), **grown)
    refused = {e.action: e.reason_zh for e in desk.entitlements(connection, reader.id, NOW) if not e.allowed}
    assert refused == {"document_delivery": "此类读者不提供这项服务"}


def test_every_look_up_is_kept_with_its_purpose(desk: Desk, connection: Any) -> None:
    reader = enrol(desk, connection)
    find(desk, connection, "resident_id", citizen(), purpose="馆际互借取书")
    find(desk, connection, "citizen_card", "NOBODY01")
    assert desk.show_name(connection, reader.id, purpose="打印取书单", **WHO).reveal() == "王小明"
    connection.commit()
    kept = [(c.officer, c.purpose, c.kind, c.reader_id) for c in desk.lookups(connection)]
    assert kept == [("li", "办理借书", "citizen_card", None), ("li", "馆际互借取书", "resident_id", reader.id)]
    with pytest.raises(WenlanError, match="查询目的"):
        find(desk, connection, "resident_id", citizen(), purpose=" ")
    connection.rollback()
    for sql in (
        "update card_lookup set purpose = 'x'",
        "delete from card_lookup",
        "truncate card_lookup",
        "delete from consent",
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(sql)
        connection.rollback()


def test_an_officer_cannot_try_numbers_at_will(desk: Desk, connection: Any, policy: Policy) -> None:
    for n in range(policy.cards.lookups.per_minute):
        find(desk, connection, "citizen_card", f"TRY{n:05d}")
    with pytest.raises(WenlanError, match="过于频繁"):
        find(desk, connection, "citizen_card", "TRY99999")
    find(desk, connection, "citizen_card", "TRY99999", officer="zhao")
    find(desk, connection, "citizen_card", "TRY99999", now=NOW + timedelta(minutes=2))


def test_a_lost_card_returns_books_but_borrows_none(desk: Desk, connection: Any) -> None:
    reader = enrol(desk, connection)
    assert desk.block(connection, reader.id, "resident_id", **WHO)
    assert not desk.block(connection, reader.id, "resident_id", **WHO)
    found = find(desk, connection, "resident_id", citizen())
    assert found.blocked
    assert [e.action for e in found.entitlements if e.allowed] == ["return_anywhere"]
    assert found.entitlements[0].reason_en == "This card has been reported lost or blocked"
    assert desk.block(connection, reader.id, "resident_id", blocked=False, **WHO)
    assert not find(desk, connection, "resident_id", citizen()).blocked


def test_expired_suspended_and_left(desk: Desk, connection: Any) -> None:
    reader = enrol(desk, connection, expires=date(2026, 3, 3))
    assert "已过期" in desk.entitlements(connection, reader.id, NOW)[0].reason_zh
    desk.set_status(connection, reader.id, "active", expires=date(2027, 3, 3), **WHO)
    assert desk.entitlements(connection, reader.id, NOW)[0].allowed
    desk.set_status(connection, reader.id, "suspended", **WHO)
    assert "已停用" in desk.entitlements(connection, reader.id, NOW)[0].reason_zh
    desk.set_status(connection, reader.id, "left", **WHO)
    assert connection.execute("select count(*) from credential").fetchone() == (0,)
    assert connection.execute("select private, name_masked from reader").fetchone() == (b"", "*")
    with pytest.raises(WenlanError):
        desk.show_name(connection, reader.id, purpose="x", **WHO)


def test_keys_rotate_and_old_cards_are_still_known(desk: Desk, connection: Any, home: Settings, policy: Policy) -> None:
    reader = enrol(desk, connection)
    ring = KeyRing.rotate(home)
    assert ring.newest == "k2"
    newer = Desk.open(home, policy)
    assert find(newer, connection, "resident_id", citizen()).reader.id == reader.id
    assert connection.execute("select key_id from credential").fetchone() == ("k2",)
    assert newer.show_name(connection, reader.id, purpose="x", **WHO).reveal() == "王小明"
    with pytest.raises(WenlanError, match="另一位读者"):
        enrol(newer, connection, kind="social_security")


def test_the_key_file_is_private_and_made_once(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "h")
    rings: list[KeyRing] = []
    threads = [threading.Thread(target=lambda: rings.append(KeyRing.open(settings))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    file = tmp_path / "h" / "secret.key"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert len({r.token("x", Secret("1")) for r in rings}) == 1
    assert [p.name for p in file.parent.iterdir()] == ["secret.key"]
    assert file.read_text().split()[1] not in repr(rings[0]) + str(vars(rings[0]))
    os.chmod(file, 0o644)  # noqa: PTH101
    with pytest.raises(WenlanError, match="0600"):
        KeyRing.open(settings)


def test_what_is_sealed_opens_only_with_its_key_and_owner(tmp_path: Path) -> None:
    ring = KeyRing.open(Settings(home=tmp_path / "a"))
    sealed = ring.seal("王小明".encode(), "reader-1")
    assert ring.unseal(sealed, "reader-1").decode() == "王小明"
    assert ring.seal("王小明".encode(), "reader-1") != sealed
    other = KeyRing.open(Settings(home=tmp_path / "b"))
    for ring_, text, owner in (
        (ring, sealed, "reader-2"),
        (ring, sealed[:-1] + b"!", "reader-1"),
        (other, sealed, "reader-1"),
        (ring, b"k9\0", "x"),
    ):
        with pytest.raises(WenlanError, match="打不开"):
            ring_.unseal(text, owner)


def test_a_secret_shows_itself_to_nobody() -> None:
    secret = Secret(citizen())
    shown = f"{secret} {secret!r} {secret!s} {[secret]} {secret:>30} %s" % secret
    assert citizen() not in shown
    assert citizen() not in repr(number_of("resident_id", secret))
    for write in (pickle.dumps, copy.deepcopy):
        with pytest.raises(TypeError):
            write(secret)


def test_masking() -> None:
    assert [mask_name(n) for n in ("王", "王小", "欧阳小明", "John Smith")] == ["王*", "王*", "欧***", "J***"]
    assert number_of("reader_card", Secret("A00001")).masked == "****01"


def test_no_number_in_clear_anywhere(
    desk: Desk,
    connection: Any,
    home: Settings,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
    federation: Any,
    held: Any,
) -> None:
    """Everything the database holds, everything logged or printed, every error: none has a number, or a name."""
    caplog.set_level(logging.DEBUG)
    numbers = [citizen(), "C77889900", "9988776655"]
    reader = enrol(desk, connection)
    desk.link(connection, reader.id, "citizen_card", Secret(numbers[1]), consent=Consent(), **WHO)
    desk.link(connection, reader.id, "reader_card", Secret(numbers[2]), consent=Consent(), **WHO)
    shown = repr(reader)
    for kind, number in zip(("resident_id", "citizen_card", "reader_card"), numbers, strict=True):
        shown += repr(find(desk, connection, kind, number))
        with pytest.raises(WenlanError) as refused:
            enrol(desk, connection, number, kind=kind)
        connection.rollback()
        shown += repr(refused.value) + str(refused.value) + str(refused.value.args_given)
    request = federation.place(federation.book(held("moon", "available")), reader_id=reader.id)
    federation.walk(request, "moon.answer_yes", "moon.ship", "lake.receive", "lake.hand_over")
    connection.commit()
    shown += _dump(connection) + caplog.text + "".join(capfd.readouterr())
    shown += (home.home / "secret.key").read_text()
    for secret in [*numbers, citizen()[:17], "19850614", "王小明"]:
        assert secret not in shown
        assert secret.encode().hex() not in shown


def _dump(connection: Any) -> str:
    """Every row of every table as text; binary columns in hexadecimal."""
    tables = connection.execute("select tablename from pg_tables where schemaname = 'public'").fetchall()
    return "\n".join(str(row) for (name,) in tables for row in connection.execute(f'select t::text from "{name}" t'))


def test_a_refused_look_up_is_kept_without_the_number(desk: Desk, connection: Any, policy: Policy) -> None:
    typed = "33010619850614123" + ("0" if citizen()[-1] != "0" else "1")  # the check digit is wrong
    with pytest.raises(WenlanError, match="number-wrong"):
        find(desk, connection, "resident_id", typed)
    enrol(desk, connection, "A00001", kind="reader_card")
    enrol(desk, connection, "A00001", kind="reader_card", home="moon")
    with pytest.raises(WenlanError, match="issuer-needed"):
        find(desk, connection, "reader_card", "A00001", member="hill")
    with pytest.raises(WenlanError, match="reader-unknown"):
        desk.show_name(connection, 4711, purpose="打印取书单", **WHO)
    connection.rollback()  # as a page does that shows the refusal
    rows = connection.execute("select act, kind, reader_id, refused, card_lookup::text from card_lookup order by id")
    kept = rows.fetchall()
    assert [row[:4] for row in kept] == [
        ("look_up", "resident_id", None, "number-wrong"),
        ("look_up", "reader_card", None, "issuer-needed"),
        ("show_name", None, 4711, "reader-unknown"),
    ]
    assert typed not in str(kept) and "A00001" not in str(kept)
    assert [c.refused for c in desk.lookups(connection)] == ["issuer-needed", "number-wrong"]


def test_refused_look_ups_count_and_those_beyond_the_limit_are_kept(
    desk: Desk, connection: Any, policy: Policy
) -> None:
    for _ in range(policy.cards.lookups.per_minute):
        with pytest.raises(WenlanError, match="number-wrong"):
            find(desk, connection, "resident_id", "123")
    for _ in range(3):
        with pytest.raises(WenlanError, match="look-up-limit"):
            find(desk, connection, "resident_id", "123")
    assert [c.refused for c in desk.lookups(connection, limit=4)] == ["look-up-limit"] * 3 + ["number-wrong"]
