"""The page, opened in Chromium without a network."""

from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from playwright.sync_api import Browser

from browser import visit
from hostile import EVIL, hostile
from official import official
from play import Play
from reported import reported
from story import story
from wiretape.analysis.finding import Finding
from wiretape.analysis.report.html import html
from wiretape.analysis.report.model import Report, Section
from wiretape.recorder.log.printable import printable

HREFS = "[...document.querySelectorAll('a')].map(a => a.getAttribute('href'))"
EMPTY = Report(
    schema_="wiretape.report/1",
    wiretape="0",
    sources=(),
    services=(),
    sections=(),
    diagnoses=(),
    journeys=(),
    lineages=(),
    quotes=(),
)


@pytest.fixture(params=[story, official, hostile, Play], ids=lambda play: play.__name__)
def page(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """The report of a play."""
    play: Callable[[], Play] = request.param
    path = tmp_path / "report.html"
    path.write_text(html(reported(tmp_path, play())), encoding="utf-8")
    return path


@pytest.mark.parametrize("width", [390, 1280])
def test_a_browser_has_nothing_to_complain_and_loads_nothing(
    browser: Browser, page: Path, width: int
) -> None:
    with visit(browser, page, width=width) as seen:
        assert seen.page.locator("h1").inner_text().startswith("Compatibility report")
        assert (seen.complaints, seen.requests) == ([], [])


def test_nothing_is_wider_than_a_phone(browser: Browser, page: Path) -> None:
    with visit(browser, page, width=390) as seen:
        assert seen.page.evaluate("document.documentElement.scrollWidth") <= 390


def test_it_is_dark_where_people_want_it_dark(browser: Browser, page: Path) -> None:
    def paper(scheme: str) -> str:
        with visit(browser, page, scheme=scheme) as seen:
            return seen.page.evaluate("getComputedStyle(document.body).backgroundColor")

    assert (paper("light"), paper("dark")) == ("rgb(255, 255, 255)", "rgb(20, 23, 28)")


def test_what_is_recorded_stays_text(browser: Browser, tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    path.write_text(html(reported(tmp_path, hostile())), encoding="utf-8")
    with visit(browser, path) as seen:
        text = seen.page.evaluate("document.body.textContent")
        for evil in EVIL[:2]:
            assert printable(evil) in text
        assert all(href.startswith("#") for href in seen.page.evaluate(HREFS))
        assert seen.page.locator("script, img, iframe, object, form, base, link").count() == 0


def test_every_number_leads_to_the_line_that_it_names(browser: Browser, tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    path.write_text(html(reported(tmp_path, story(), official())), encoding="utf-8")
    with visit(browser, path) as seen:
        broken = f"{HREFS}.filter(href => !document.getElementById(href.slice(1)))"
        assert seen.page.evaluate(broken) == []
        link = seen.page.locator(".ev a[title='2.jsonl:39']").first
        link.click()
        assert seen.page.evaluate("document.querySelector(':target').id") == "L1-39"
        assert "oauth-authorization-server" in seen.page.locator(":target").inner_text()


def test_the_page_s_policy_stops_what_might_slip_through(browser: Browser, tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    bad = "<script>document.title = 'ran'</script><img src='https://evil.example.com/x'>"
    path.write_text(html(EMPTY).replace("</header>", f"</header>{bad}"), encoding="utf-8")
    with visit(browser, path) as seen:
        assert seen.page.title() == "Compatibility report"
        assert len([each for each in seen.complaints if "Content Security Policy" in each]) == 2


class _Parsed(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes.update(name for name, _ in attrs)


VALUES = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | st.text() | st.sampled_from(EVIL),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text() | st.sampled_from(EVIL), inner, max_size=3)
    ),
    max_leaves=8,
)


TEXTS = st.text() | st.sampled_from(EVIL)
TAGS = {"a", "code", "li", "pre", "section", "span", "table", "tbody", "td", "th", "thead", "tr"}


@given(VALUES, TEXTS, st.sampled_from(["cors.x.browser", "tools.tool.x", "y"]))
def test_no_finding_brings_an_element_of_its_own(value: object, text: str, id_: str) -> None:
    def page(value: object, text: str) -> _Parsed:
        finding = Finding.model_validate({"id": id_, "title": text, "value": value, "note": text})
        section = Section(id="other", title="Other", asks="", findings=(finding,))
        return _Parsed(html(EMPTY.model_copy(update={"sections": (section,)})))

    nothing = page(None, "x")
    found = page(value, text)
    assert found.tags - nothing.tags <= TAGS
    assert found.attributes - nothing.attributes <= {"class", "data-label", "tabindex"}
