"""What WCAG 2.2 AA asks and a program can see: names, landmarks, headings, contrast, and pages that fit a phone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

pytestmark = pytest.mark.browser
Open = Callable[..., Any]
PAGES = [
    ("/", ""),
    ("/search?q=红楼梦&member=zjsl", ""),
    ("/search?q=绝无此书", ""),
    ("/search/advanced", ""),
    ("/record/1", ""),
    ("/record/4", ""),
    ("/record/1/source/101", "cataloguer"),
    ("/help", ""),
    ("/login", ""),
    ("/nope", ""),
    ("/account", "officer"),
    ("/record/2/request", "officer"),
    ("/worklist", "officer"),
    ("/worklist/slips", "officer"),
    ("/card", "officer"),
    ("/requests", "reader"),
]
FAULTS = """() => {
  const faults = [], name = e => e.outerHTML.slice(0, 90);
  const ids = [...document.querySelectorAll('[id]')].map(e => e.id);
  ids.filter((id, i) => ids.indexOf(id) !== i).forEach(id => faults.push('id twice: ' + id));
  for (const kind of ['main', 'header.site', 'footer.site-foot'])
    if (document.querySelectorAll(kind).length !== 1) faults.push('not one ' + kind);
  if (document.querySelectorAll('h1').length !== 1) faults.push('not one h1');
  let level = 0;
  for (const h of document.querySelectorAll('h1, h2, h3, h4')) {
    const next = +h.tagName[1];
    if (next > level + 1) faults.push('heading skips a level: ' + name(h));
    level = next;
  }
  for (const e of document.querySelectorAll('input:not([type=hidden]), select, textarea'))
    if (!e.labels.length && !e.getAttribute('aria-label')) faults.push('no label: ' + name(e));
  for (const e of document.querySelectorAll('a, button, summary'))
    if (!(e.textContent.trim() || e.getAttribute('aria-label'))) faults.push('no name: ' + name(e));
  for (const e of document.querySelectorAll('img')) if (!e.hasAttribute('alt')) faults.push('no alt: ' + name(e));
  for (const e of document.querySelectorAll('[aria-labelledby], [aria-describedby]'))
    for (const id of (e.getAttribute('aria-labelledby') || e.getAttribute('aria-describedby')).split(' '))
      if (!document.getElementById(id)) faults.push('points nowhere: ' + name(e));
  for (const e of document.querySelectorAll('a[href], button, summary, input, select')) {
    const r = e.getBoundingClientRect();
    const inText = e.closest('p, li, dd, td, h2') && e.tagName === 'A';  // 2.5.8 excepts links in a sentence or list
    if (r.width && e.type !== 'checkbox' && e.type !== 'radio' && !inText && !e.closest('.origin') && r.height < 24 && e.checkVisibility()
        && !e.classList.contains('skip')) faults.push('target too small: ' + name(e));
  }
  return faults;
}"""
CONTRAST = """() => {
  const parse = c => (c.match(/[\\d.]+/g) || []).map(Number);
  const lum = ([r, g, b]) => [r, g, b].map(v => (v /= 255) <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
      .reduce((s, v, i) => s + v * [0.2126, 0.7152, 0.0722][i], 0);
  const ground = e => { for (; e; e = e.parentElement) { const s = getComputedStyle(e), c = parse(s.backgroundColor);
      if (s.backgroundImage !== 'none') return null;
      if (c.length === 3 || c[3] > 0.99) return c; } return [255, 255, 255]; };
  const faults = [], walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const e = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || !e.checkVisibility() || e.closest('[disabled], [aria-hidden=true]')) continue;
    const s = getComputedStyle(e), back = ground(e);
    if (!back || s.clipPath !== 'none') continue;
    const [a, b] = [lum(parse(s.color)), lum(back)].sort((x, y) => y - x), ratio = (a + 0.05) / (b + 0.05);
    const size = parseFloat(s.fontSize), large = size >= 24 || (size >= 18.66 && +s.fontWeight >= 700);
    if (ratio < (large ? 3 : 4.5)) faults.push(ratio.toFixed(2) + ' ' + e.outerHTML.slice(0, 90));
  }
  return faults;
}"""


@pytest.mark.parametrize(("path", "user"), PAGES)
def test_a_page_is_sound_readable_and_fits_a_phone(open_page: Open, path: str, user: str) -> None:
    page = open_page(path, user=user)
    assert page.evaluate(FAULTS) == []
    assert page.evaluate(CONTRAST) == []
    assert page.title()
    for width in (375, 320):  # 320: 1.4.10 Reflow
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= width, width


@pytest.mark.parametrize("path", ["/", "/search?q=红楼梦", "/record/1"])
def test_english_pages_fit_a_phone_too(open_page: Open, path: str) -> None:
    page = open_page(path, width=375, lang="en")
    assert page.evaluate("document.documentElement.lang") == "en"
    assert page.evaluate("document.documentElement.scrollWidth") <= 375


def test_a_page_still_works_when_text_is_twice_as_large(open_page: Open) -> None:
    page = open_page("/search?q=红楼梦", width=1280)
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    assert page.evaluate("document.documentElement.scrollWidth") <= 1280
