"""The ways people take through the pages: without JavaScript, with it, and by keyboard alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

pytestmark = pytest.mark.browser
Open = Callable[..., Any]


@pytest.mark.parametrize("javascript", [False, True])
def test_from_a_search_to_a_request(open_page: Open, javascript: bool) -> None:
    page = open_page("/", user="officer", javascript=javascript)
    page.fill("#q", "红楼梦")
    page.keyboard.press("Enter")
    page.wait_for_selector(".hit")
    assert page.locator(".hit").count() == 2
    page.check("input[name=member][value=qtut]")
    page.click("#apply")
    page.wait_for_url("**member=qtut**")
    page.wait_for_selector(".chip")
    assert page.locator(".hit").count() == 1
    page.click(".hit-title a")
    page.wait_for_url("**/record/2")
    page.click(".record-get .button")
    page.wait_for_url("**/record/2/request")
    page.fill("#note", "浏览器")
    page.click("text=提交请求")
    page.wait_for_url("**/worklist/WL-**")
    assert "请求已提交" in page.inner_text(".notice")
    page.click("summary:has-text('更多')")
    page.click("button:has-text('撤销请求')")
    page.wait_for_selector(".tag-good:has-text('已撤销')")


def test_filters_come_without_loading_the_page_again(open_page: Open) -> None:
    page = open_page("/search?q=红楼梦")
    page.evaluate("window.same = true")
    page.check("input[name=member][value=qtut]")
    page.click("#apply")
    page.wait_for_selector(".chip")
    assert page.evaluate("window.same") is True
    assert "member=qtut" in page.url
    assert page.inner_text("#search-status") == "找到 1 种"
    assert page.evaluate("document.activeElement.id") == "apply"
    page.go_back()
    page.wait_for_selector(".hit >> nth=1")


def test_the_first_key_leads_past_the_frame(open_page: Open) -> None:
    page = open_page("/search?q=红楼梦")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "跳到正文"
    assert page.evaluate("document.activeElement.getBoundingClientRect().top") >= 0
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "q"


@pytest.mark.parametrize("path", ["/", "/search?q=红楼梦", "/record/1", "/worklist", "/card", "/record/2/request"])
def test_every_control_is_reached_by_tab_and_shows_it(open_page: Open, path: str) -> None:
    page = open_page(path, user="officer")
    wanted = page.evaluate(
        """() => [...document.querySelectorAll('a[href], button, input:not([type=hidden]), select, textarea, summary')]
            .filter(e => !e.disabled && e.checkVisibility({contentVisibilityAuto: true, visibilityProperty: true}))
            .filter(e => !(e.type === 'radio' && !e.checked)).map((e, i) => (e.dataset.probe = i, i)).length"""
    )
    seen, plain = set(), []
    for _ in range(wanted + 40):
        page.keyboard.press("Tab")
        probe, style, name = page.evaluate(
            """() => { const e = document.activeElement, s = getComputedStyle(e);
                return [e.dataset.probe, s.outlineStyle + ' ' + s.boxShadow, e.outerHTML.slice(0, 80)] }"""
        )
        if probe is None:
            if seen and name.startswith("<body"):
                break
            continue
        seen.add(int(probe))
        if style.startswith("none none"):
            plain.append(name)
    assert plain == []
    assert len(seen) == wanted


def test_a_closed_filter_is_not_in_the_way(open_page: Open) -> None:
    page = open_page("/search?q=红楼梦")
    closed = page.locator("details.facet:not([open]) input")
    assert closed.count() > 0 and not any(closed.nth(i).is_visible() for i in range(closed.count()))


def test_a_pull_slip_prints_alone(open_page: Open) -> None:
    page = open_page("/record/1/request", user="officer")
    page.check("[name=despite_shelf]")
    page.click("text=提交请求")
    lender = open_page("/worklist?tab=lending", user="lender")
    lender.click("button:has-text('同意提供')")
    lender.wait_for_selector(".notice")
    lender.click("text=打印取书单")
    lender.emulate_media(media="print")
    assert lender.locator(".slip").first.is_visible()
    assert not lender.locator("header.site").is_visible() and not lender.locator("footer").is_visible()


def test_the_number_at_the_desk_leaves_no_trace(open_page: Open) -> None:
    page = open_page("/card", user="officer")
    page.fill("#number", "HT99999999")
    page.keyboard.press("Enter")
    page.wait_for_selector(".notice-error")
    assert page.input_value("#number") == "" and "HT99999999" not in page.content() and page.url.endswith("/card")
