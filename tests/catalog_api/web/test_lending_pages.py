"""获取, requests, the worklist and the card desk, as their forms are used."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from typing import Any

import pytest

SignIn = Callable[[str], Any]
CARD = "HT20260717"


def place(browser: Any, cluster: int, **more: str) -> Any:
    form = f"/record/{cluster}/request"
    key = re.search(r'name="key" value="([^"]+)"', browser.get(form).text)
    assert key
    return browser.post(form, {"service": "loan", "pickup": "zjsl", "key": key[1], **more}, page=form)


def number_of(answer: Any) -> str:
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"].rpartition("/")[2].partition("?")[0])


def act(browser: Any, number: str, action: str, *, where: str = "worklist", **fields: str) -> Any:
    page = f"/{where}/{number}"
    version = re.search(r'name="version" value="(\d+)"', browser.get(page).text)
    data = {"action": action, "version": version[1] if version else "", **fields}
    return browser.post(f"{page}/act", data, page=page)


def test_the_form_shows_whom_it_would_ask_and_why(signed_in: SignIn) -> None:
    text = signed_in("reader").get("/record/2/request").text
    assert "会这样询问" in text and "钱塘理工" in text and "都已借出" in text
    assert "本馆架上就有" in signed_in("officer").get("/record/1/request").text


def test_a_request_goes_from_placed_to_returned(signed_in: SignIn) -> None:
    officer, lender = signed_in("officer"), signed_in("lender")
    number = number_of(place(officer, 1, despite_shelf="true", note="急用 <b>"))
    shown = officer.get(f"/worklist/{number}?done=place").text
    assert "请求已提交" in shown and "询问次序" in shown and "急用 &lt;b&gt;" in shown
    assert number in lender.get("/worklist?tab=lending").text
    assert act(lender, number, "answer_yes").status_code == 303
    slip = lender.get("/worklist/slips").text
    assert "I242.4/5" in slip and "之江省图书馆" in slip and number in slip and "文澜路" in slip
    assert act(lender, number, "ship", field_barcode="HTCL0001", field_courier="顺丰").status_code == 303
    assert "HTCL0001" in officer.get(f"/worklist/{number}").text
    for action in ("receive", "hand_over", "take_back", "ship_return"):
        assert act(officer, number, action).status_code == 303, action
    assert act(lender, number, "check_in").status_code == 303
    assert "已完成" in officer.get(f"/worklist/{number}").text
    assert number in officer.get("/worklist?closed=1").text


def test_one_primary_action_a_row_and_the_others_in_a_menu(signed_in: SignIn) -> None:
    officer, lender = signed_in("officer"), signed_in("lender")
    number_of(place(officer, 1, despite_shelf="true"))
    row = lender.get("/worklist?tab=lending").text.partition('<li class="work')[2].partition("</ul>\n</div>")[0]
    outside = re.sub(r"<details.*?</details>", "", row, flags=re.S)
    assert re.findall(r'name="action" value="(\w+)"', outside) == ["answer_yes"]
    assert "answer_no" in row and 'name="field_reason" required' in row
    assert "work-attention" in lender.get("/worklist?tab=lending").text


def test_a_double_click_places_one_request(signed_in: SignIn) -> None:
    officer = signed_in("officer")
    form = "/record/2/request"
    data = {"service": "loan", "pickup": "zjsl", "key": "same-key"}
    first, second = (officer.post(form, data, page=form) for _ in range(2))
    assert number_of(first) == number_of(second)


def test_somebody_who_was_slower_is_told_so(signed_in: SignIn) -> None:
    officer, lender = signed_in("officer"), signed_in("lender")
    number = number_of(place(officer, 1, despite_shelf="true"))
    assert act(lender, number, "answer_yes").status_code == 303
    late = lender.post(f"/worklist/{number}/act", {"action": "answer_yes", "version": "1"}, page=f"/worklist/{number}")
    assert late.status_code == 409 and "刚被" in late.text


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"needed_by": "2020-01-01"}, "已经过去"),
        ({"needed_by": "31.12.2030"}, "年-月-日"),
        ({"note": "身份证 11010519491231002X"}, "请不要在备注里写身份证号"),
        ({"pickup": "nobody"}, "nobody"),
        ({"volume": "x" * 200}, "100"),
    ],
)
def test_what_is_wrong_with_a_form_is_said_and_what_was_typed_is_kept(
    signed_in: SignIn, fields: dict[str, str], said: str
) -> None:
    answer = place(signed_in("officer"), 2, **{"volume": "上册", **fields})
    assert answer.status_code == 422 and said in answer.text
    if "volume" not in fields:
        assert 'value="上册"' in answer.text


def test_a_reader_follows_and_cancels_his_own_request(signed_in: SignIn) -> None:
    reader = signed_in("reader")
    number = number_of(place(reader, 2, pickup="htcl"))
    page = reader.get(f"/requests/{number}").text
    assert "经过" in page and "等供书馆办理" in page and "lender" not in page
    assert number in reader.get("/requests").text
    assert "进行中的请求" in place(reader, 2, pickup="htcl").text
    assert act(reader, number, "answer_yes", where="requests").status_code == 422
    assert act(reader, number, "cancel", where="requests").status_code == 303
    assert "已撤销" in reader.get(f"/requests/{number}").text


def test_a_book_on_the_own_shelf_is_not_requested(signed_in: SignIn) -> None:
    answer = place(signed_in("reader"), 1, pickup="htcl")
    assert answer.status_code == 422 and "架上就有" in answer.text and "I242.4/5" in answer.text


def look_up(browser: Any, number: str = CARD, **more: str) -> Any:
    data = {"kind": "reader_card", "number": number, "purpose": "ask", **more}
    return browser.post("/card", data, page="/card")


def test_the_desk_finds_a_reader_and_shows_what_he_may_do(signed_in: SignIn) -> None:
    number = number_of(place(signed_in("reader"), 2, pickup="htcl"))
    officer = signed_in("officer")
    answer = look_up(officer)
    assert answer.status_code == 303 and answer.headers["location"] == "/card/reader"
    page = officer.get("/card/reader").text
    assert "王**" in page and "王小明" not in page and CARD not in page
    assert "杭塘市图" in page and "馆际互借" in page and number in page
    assert "读者本人咨询" in officer.get("/card").text  # the look-up is on the record


def test_the_name_is_shown_once_when_asked_for_and_that_is_recorded(signed_in: SignIn, house: Any) -> None:
    officer = signed_in("officer")
    look_up(officer)
    assert "王小明" in officer.post("/card/name", page="/card/reader").text
    assert "王小明" not in officer.get("/card/reader").text
    with house.context.database.connect() as connection:
        acts = connection.execute("select act, officer, member from card_lookup order by id").fetchall()
    assert acts == [("look_up", "officer", "zjsl"), ("show_name", "officer", "zjsl")]


@pytest.mark.parametrize("kind", ["reader_card", "resident_id", "social_security", "citizen_card", "<script>"])
def test_a_number_is_never_echoed_nor_logged(signed_in: SignIn, kind: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    officer = signed_in("officer")
    typed = "33010619900307123X"
    answer = look_up(officer, typed, kind=kind)
    assert answer.status_code == 422
    shown = answer.text + str(answer.headers) + officer.get("/card").text + officer.get("/metrics").text + caplog.text
    assert typed not in shown and typed[:-1] not in shown


def test_the_card_form_is_sent_in_a_body_and_keeps_nothing(signed_in: SignIn) -> None:
    text = signed_in("officer").get("/card").text
    form = re.search(r'<form action="/card" method="post"[^>]*autocomplete="off"', text)
    number = re.search(r'<input id="number"[^>]*>', text)
    assert form and number and 'autocomplete="off"' in number[0] and "value=" not in number[0]


def test_the_reader_at_the_desk_is_this_sessions_only(signed_in: SignIn) -> None:
    officer, other = signed_in("officer"), signed_in("lender")
    look_up(officer)
    other.client.cookies.set("wenlan_desk", officer.client.cookies["wenlan_desk"])
    assert other.get("/card/reader").headers["location"] == "/card"
    reader_id, _, rest = officer.client.cookies["wenlan_desk"].partition(".")
    forged = officer.client.get(
        "/card/reader",
        headers={
            "cookie": f"wenlan_session={officer.client.cookies['wenlan_session']}; wenlan_desk={int(reader_id) + 1}.{rest}"
        },
    )
    assert forged.status_code == 303 and forged.headers["location"] == "/card"


def test_an_officer_requests_for_the_reader_at_the_desk(signed_in: SignIn) -> None:
    officer = signed_in("officer")
    look_up(officer)
    assert "为读者 王**" in officer.get("/record/2/request").text
    number = number_of(place(officer, 2))
    assert "王**" in officer.get(f"/worklist/{number}").text
    assert number in officer.get("/card/reader").text
    officer.post("/card/leave", page="/card/reader")
    assert officer.get("/card/reader").status_code == 303


def test_the_supplier_is_not_told_the_reader(signed_in: SignIn) -> None:
    officer, lender = signed_in("officer"), signed_in("lender")
    look_up(officer)
    number = number_of(place(officer, 1, despite_shelf="true"))
    assert "王**" in officer.get(f"/worklist/{number}").text
    assert "王" not in lender.get(f"/worklist/{number}").text.partition("<main")[2]
    assert "王" not in lender.get("/worklist?tab=lending").text.partition("<main")[2]


def test_a_scanned_copy_or_a_number_leads_to_its_request(signed_in: SignIn) -> None:
    officer, lender = signed_in("officer"), signed_in("lender")
    number = number_of(place(officer, 1, despite_shelf="true"))
    act(lender, number, "answer_yes")
    act(lender, number, "ship", field_barcode="HTCL0001")
    found = officer.post("/worklist/find", {"what": number.lower()}, page="/worklist")
    assert found.headers["location"] == f"/worklist/{number}"
    assert number in officer.post("/worklist/find", {"what": "HTCL0001"}, page="/worklist").text
    nothing = officer.post("/worklist/find", {"what": "HT99999999"}, page="/worklist")
    assert nothing.status_code == 404 and "HT99999999" not in nothing.text
