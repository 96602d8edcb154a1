"""The page, opened in Chromium without a network."""

from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from browser import visit
from comparing import compared
from hostile import hostile
from official import official
from our_bridge import our_bridge
from play import Play
from wiretape.analysis.comparison.html import html


@pytest.fixture(params=[(official, our_bridge), (official, official), (official, hostile)])
def page(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """The comparison of two plays."""
    one, other = request.param
    return written(one, other, tmp_path)


def written(one: Callable[[], Play], other: Callable[[], Play], scratch: Path) -> Path:
    path = scratch / "comparison.html"
    accepted = {"token.lifetime": "known", "of.nobody": "gone"}
    path.write_text(html(compared(one(), other(), accepted)), encoding="utf-8")
    return path


@pytest.mark.parametrize("width", [390, 1280])
def test_a_browser_has_nothing_to_complain_and_loads_nothing(
    browser: Browser, page: Path, width: int
) -> None:
    with visit(browser, page, width=width) as seen:
        assert seen.page.locator("h1").inner_text() == "Comparison"
        assert (seen.complaints, seen.requests) == ([], [])
        assert seen.page.evaluate("document.documentElement.scrollWidth") <= width


def test_it_is_dark_where_people_want_it_dark(browser: Browser, tmp_path: Path) -> None:
    with visit(browser, written(official, our_bridge, tmp_path), scheme="dark") as seen:
        paper = seen.page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert paper == "rgb(20, 23, 28)"


def test_what_matters_is_linked_from_the_top(browser: Browser, tmp_path: Path) -> None:
    with visit(browser, written(official, our_bridge, tmp_path)) as seen:
        link = seen.page.get_by_role("link", name="mcp-session-id is not exposed").first
        link.click()
        article = seen.page.locator("article:target")
        assert article.locator("h3").inner_text().startswith("mcp-session-id is not exposed")
        assert "access-control-expose-headers: mcp-session-id" in article.inner_text()


def test_what_is_recorded_stays_text(browser: Browser, tmp_path: Path) -> None:
    for one, other in ((official, hostile), (hostile, official)):
        with visit(browser, written(one, other, tmp_path)) as seen:
            links = seen.page.evaluate(
                "[...document.querySelectorAll('a')].map(a => a.getAttribute('href'))"
            )
            assert all(link.startswith("#") for link in links)
            forbidden = "script, img, iframe, object, embed, form, base, link"
            assert seen.page.locator(forbidden).count() == 0
            assert seen.complaints == []


class _Nested(HTMLParser):
    """Checks that what is opened is closed."""

    VOID = frozenset({"meta", "br", "hr"})

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_tags_are_nested(page: Path) -> None:
    parser = _Nested()
    parser.feed(page.read_text("utf-8"))
    assert parser.open == []


def test_on_a_phone_what_is_told_of_the_sides_is_named(browser: Browser, tmp_path: Path) -> None:
    with visit(browser, written(official, our_bridge, tmp_path), width=390) as seen:
        labels = seen.page.evaluate(
            "[...document.querySelectorAll('#sides td')]"
            ".map(each => getComputedStyle(each, '::before').content)"
        )
    assert [label.strip('"') for label in labels] == ["File: ", "Service: ", "Upstream: "] * 2
