"""Signing in, staying signed in, and what each role may reach."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from catalog_api.auth import (
    Account,
    LoginRefused,
    Role,
    authenticate,
    create_account,
    generate_password,
    sessions,
    set_password,
    throttle,
)
from schemas.db import Database
from schemas.errors import WenlanError

PASSWORD = "a-good-long-phrase"
STAFF_PAGES = ["/worklist", "/worklist?tab=lending", "/worklist/slips", "/card", "/card/reader"]


def test_an_account_signs_in_with_its_password_only(database: Database) -> None:
    with database.connect() as connection:
        create_account(connection, "Li.Hua", PASSWORD, roles=[Role.LIBRARIAN], member="zjsl", display="李华")
        found = authenticate(connection, " li.hua ", PASSWORD, address="10.0.0.1")
        assert isinstance(found, Account)
        assert (found.name, found.display, found.member, found.roles) == ("li.hua", "李华", "zjsl", {Role.LIBRARIAN})
        assert authenticate(connection, "li.hua", PASSWORD + "x", address="10.0.0.1") == LoginRefused("wrong")
        assert authenticate(connection, "nobody", PASSWORD, address="10.0.0.1") == LoginRefused("wrong")
        stored = connection.execute("select password from account").fetchone()
        assert stored and stored[0].startswith("$argon2id$") and PASSWORD not in stored[0]


def test_weak_passwords_are_refused(database: Database) -> None:
    with database.connect() as connection:
        for password in ("short", "li.hua-li.hua", "aaaaaaaaaaaa", "x" * 300):
            with pytest.raises(WenlanError, match="password-weak"):
                create_account(connection, "li.hua", password, roles=[Role.LIBRARIAN], member="zjsl")


def test_only_an_administrator_may_have_no_library(database: Database) -> None:
    with database.connect() as connection:
        create_account(connection, "chief", PASSWORD, roles=[Role.ADMIN])
        with pytest.raises(WenlanError, match="account-roles"):
            create_account(connection, "officer", PASSWORD, roles=[Role.ILL_OFFICER])
        with pytest.raises(WenlanError, match="account-name"):
            create_account(connection, "no spaces", PASSWORD, roles=[Role.ADMIN])
        with pytest.raises(WenlanError, match="account-exists"):
            create_account(connection, "CHIEF", PASSWORD, roles=[Role.ADMIN])
        for name in ("reader", "system"):  # whom histories name so
            with pytest.raises(WenlanError, match="account-exists"):
                create_account(connection, name, PASSWORD, roles=[Role.READER, Role.ILL_OFFICER], member="zjsl")


def test_generated_passwords_are_strong_and_differ(database: Database) -> None:
    made = {generate_password() for _ in range(50)}
    assert len(made) == 50
    with database.connect() as connection:
        create_account(connection, "chief", made.pop(), roles=[Role.ADMIN])


def test_guessing_is_slowed_down_for_one_address_and_the_owner_still_gets_in(database: Database) -> None:
    with database.connect() as connection:
        create_account(connection, "chief", PASSWORD, roles=[Role.ADMIN])
        for _ in range(5):
            assert authenticate(connection, "chief", "wrong-guess-here", address="10.6.6.6") == LoginRefused("wrong")
        refused = authenticate(connection, "chief", PASSWORD, address="10.6.6.6")
        assert isinstance(refused, LoginRefused) and refused.why == "wait"
        assert 0 < refused.seconds <= throttle.WINDOW_SECONDS
        assert isinstance(authenticate(connection, "chief", PASSWORD, address="10.0.0.1"), Account)
        connection.execute("update login_throttle set since = now() - interval '16 minutes'")
        assert isinstance(authenticate(connection, "chief", PASSWORD, address="10.6.6.6"), Account)


def test_a_house_of_ipv6_addresses_counts_as_one(database: Database) -> None:
    with database.connect() as connection:
        create_account(connection, "chief", PASSWORD, roles=[Role.ADMIN])
        for n in range(5):
            authenticate(connection, "chief", "wrong-guess-here", address=f"2001:db8:1:2:{n}::9")
        refused = authenticate(connection, "chief", PASSWORD, address="2001:db8:1:2:ffff::1")
        assert isinstance(refused, LoginRefused) and refused.why == "wait"
        assert isinstance(authenticate(connection, "chief", PASSWORD, address="2001:db8:1:3::1"), Account)


def test_the_throttle_keeps_neither_names_nor_addresses(database: Database) -> None:
    with database.connect() as connection:
        authenticate(connection, "typed-password-by-mistake", "x", address="10.6.6.6")
        kept = connection.execute("select login_throttle::text from login_throttle").fetchall()
        assert kept and all("mistake" not in row[0] and "10.6" not in row[0] for row in kept)


def test_a_session_ends_by_time_by_idleness_by_logout_and_by_a_new_password(database: Database) -> None:
    with database.connect() as connection:
        create_account(connection, "chief", PASSWORD, roles=[Role.ADMIN])
        chief = authenticate(connection, "chief", PASSWORD, address="a")
        assert isinstance(chief, Account)
        for ending in (
            "update web_session set expires_at = now() - interval '1 second'",
            "update web_session set seen_at = now() - interval '3 hours'",
            "update account set active = false",
        ):
            token = sessions.start(connection, chief)
            assert sessions.resume(connection, token) == chief
            connection.execute(ending)  # type: ignore[call-overload]
            assert sessions.resume(connection, token) is None
        connection.execute("update account set active = true")
        token = sessions.start(connection, chief)
        set_password(connection, "chief", "another-good-phrase")
        assert sessions.resume(connection, token) is None
        rows = connection.execute("select web_session::text from web_session").fetchall()
        assert all(token not in row[0] for row in rows)


def test_login_starts_a_fresh_session_and_leads_on_inside_the_site_only(visitor) -> None:  # type: ignore[no-untyped-def]
    planted = "planted-token"
    visitor.client.cookies.set("wenlan_session", planted)
    answer = visitor.post("/login", {"name": "officer", "password": PASSWORD, "next": "/worklist"})
    assert answer.status_code == 303 and answer.headers["location"] == "/worklist"
    cookie = next(c for c in answer.headers.get_list("set-cookie") if c.startswith("wenlan_session="))
    assert planted not in cookie and "HttpOnly" in cookie and "SameSite=lax" in cookie
    assert visitor.get("/worklist").status_code == 200


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "\\\\evil",
        "javascript:alert(1)",
        "/a\r\nSet-Cookie: x=1",
        "/\t/evil",
    ],
)
def test_next_never_leads_out(visitor, target: str) -> None:  # type: ignore[no-untyped-def]
    answer = visitor.post("/login", {"name": "officer", "password": PASSWORD, "next": target})
    assert answer.status_code == 303 and answer.headers["location"] == "/"
    assert "x=1" not in str(answer.headers)
    assert target not in visitor.get("/login", params={"next": target}).text


def test_a_wrong_login_tells_nothing_and_echoes_no_password(visitor) -> None:  # type: ignore[no-untyped-def]
    wrong = visitor.post("/login", {"name": "officer", "password": "my-secret-guess"})
    unknown = visitor.post("/login", {"name": "nobody-here", "password": "my-secret-guess"})
    assert wrong.status_code == unknown.status_code == 422
    assert "my-secret-guess" not in wrong.text
    assert wrong.text.replace("officer", "").count("用户名或密码不对") == unknown.text.count("用户名或密码不对") == 1


def test_too_many_wrong_logins_are_told_to_wait(visitor) -> None:  # type: ignore[no-untyped-def]
    answers = [visitor.post("/login", {"name": "officer", "password": "wrong-guess"}) for _ in range(6)]
    assert [a.status_code for a in answers] == [422] * 5 + [429]
    assert int(answers[-1].headers["retry-after"]) > 0


def test_staff_pages_ask_visitors_to_sign_in_and_refuse_others(signed_in: Callable, visitor) -> None:  # type: ignore[no-untyped-def, type-arg]
    for page in STAFF_PAGES:
        answer = visitor.get(page)
        assert answer.status_code == 303 and answer.headers["location"].startswith("/login?next=%2F"), page
    for name in ("cataloguer", "reader"):
        other = signed_in(name)
        assert [other.get(page).status_code for page in STAFF_PAGES] == [403] * len(STAFF_PAGES), name
    assert signed_in("officer").get("/requests").status_code == 403


def test_logout_ends_the_session(signed_in: Callable) -> None:  # type: ignore[type-arg]
    officer = signed_in("officer")
    before = dict(officer.client.cookies)
    assert officer.post("/logout", page="/account").status_code == 303
    officer.client.cookies.update(before)  # a copy of the cookie is worth nothing now
    assert officer.get("/worklist").status_code == 303


def test_a_changed_password_ends_other_sessions(signed_in: Callable) -> None:  # type: ignore[type-arg]
    here, elsewhere = signed_in("officer"), signed_in("officer")
    refused = here.post("/account", {"old": "not-the-old-one", "new": "another-good-phrase"}, page="/account")
    assert refused.status_code == 422
    changed = here.post("/account", {"old": PASSWORD, "new": "another-good-phrase"}, page="/account")
    assert changed.status_code == 303
    assert here.get(changed.headers["location"]).status_code == 200
    assert elsewhere.get("/account").status_code == 303
