"""The page, opened in Chromium without a network."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from browser import visit
from outcomes import HOSTILE, hostile, mixed, report, result
from play import call
from play import result as answered
from trials import SERVICE, SIDES, TARGET, Trial
from wiretape.recorder.log.printable import printable
from wiretape.replay.conformance.reading import Whole, sorted_out
from wiretape.replay.conformance.report import Report
from wiretape.replay.conformance.reporters.html import html


def trial(words: str = "ping") -> Trial:
    """A trial of the family `pkce`: line 3 is asked, line 4 is asked upstream."""
    played = Trial("pkce")
    down = played.post(f"{TARGET}/mcp", call(1, words))
    up = played.post(f"{SERVICE}/v1/mcp", call(1, words))
    played.answer(up, answered(1))
    played.answer(down, answered(1), status=500)
    played.step(words)
    played.answer(played.post(f"{TARGET}/{words}", call(2, "ping")), status=404)
    return played


NOTHING = Whole(trial().evidence)
"""A recording in which nobody played."""


def written(folder: Path, given: Report, whole: Whole) -> Path:
    path = folder / "conformance.html"
    path.write_text(html(given, whole), encoding="utf-8")
    return path


@pytest.fixture(params=["mixed", "hostile", "empty"])
def page(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    given = {"mixed": mixed, "hostile": hostile, "empty": report}[request.param]()
    hurting = Whole(NOTHING.everything, {"a": trial(HOSTILE).evidence})
    return written(tmp_path, given, hurting if request.param == "hostile" else trial().whole)


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_browser_has_nothing_to_complain_and_loads_nothing(
    browser: Browser, page: Path, width: int, scheme: str
) -> None:
    with visit(browser, page, width=width, scheme=scheme) as seen:
        assert seen.page.locator("h1").inner_text() == "Conformance of a bridge"
        assert (seen.complaints, seen.requests) == ([], [])
        assert seen.page.evaluate("document.documentElement.scrollWidth") <= width
        paper = seen.page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert paper == ("rgb(20, 23, 28)" if scheme == "dark" else "rgb(255, 255, 255)")


def test_a_failure_shows_requirement_both_sides_and_remedy(
    browser: Browser, tmp_path: Path
) -> None:
    given = report(result("pkce.answers", "fail", lines=(3, 6)))
    with visit(browser, written(tmp_path, given, trial().whole)) as seen:
        check = seen.page.locator("details[id='pkce.answers']")
        link = check.get_by_role("link", name="RFC 7636, 4.6")
        assert link.get_attribute("href") == "https://www.rfc-editor.org/rfc/rfc7636#section-4.6"
        told = check.inner_text()
        assert "MUST: RFC 7636, 4.6" in told
        assert "what pkce.answers saw" in told
        assert "How to mend pkce.answers" in told
        assert "target → service" in told
        texts = check.locator("svg text").all_text_contents()
        assert texts[:3] == ["client", "target", "service"]
        assert texts[3:] == [
            *("3", "POST /mcp ping", "500 result"),
            *("4", "POST /v1/mcp ping", "200 result"),
            "ping",
            *("10", "POST /ping ping", "404"),
        ]
        assert check.locator("svg .turn.named .number").all_text_contents() == ["3"]
        assert check.locator("svg rect.marked").count() == 1


def test_what_does_not_pass_is_open_and_linked_from_the_top(
    browser: Browser, tmp_path: Path
) -> None:
    with visit(browser, written(tmp_path, mixed(), trial().whole)) as seen:
        opened = seen.page.locator("details.check[open]")
        ids = {each.get_attribute("id") for each in opened.all()}
        assert ids == {"pkce.wrong-verifier", "cors.exposed", "restart.kept", "refresh.lost"}
        links = seen.page.locator("main > ul a").all_text_contents()
        assert links == [
            "What pkce.wrong-verifier asks for",
            "What restart.kept asks for",
            "What cors.exposed asks for",
        ]
        seen.page.get_by_role("link", name="What cors.exposed").click()
        assert seen.page.locator(".check:target").get_attribute("id") == "cors.exposed"


@pytest.mark.parametrize(
    ("standing", "shown"),
    [
        ("fail", {"pkce.wrong-verifier"}),
        ("untestable", {"restart.kept"}),
        ("warn", {"cors.exposed"}),
        ("expected", {"refresh.lost"}),
        ("pass", {"pkce.required"}),
        (
            "all",
            {
                "pkce.wrong-verifier",
                "restart.kept",
                "cors.exposed",
                "refresh.lost",
                "pkce.required",
            },
        ),
    ],
)
def test_it_is_filtered_without_a_script(
    browser: Browser, tmp_path: Path, standing: str, shown: set[str]
) -> None:
    with visit(browser, written(tmp_path, mixed(), trial().whole)) as seen:
        assert seen.page.locator("script").count() == 0
        seen.page.locator("label", has_text=standing).click()
        visible = seen.page.locator(".check:visible")
        assert {each.get_attribute("id") for each in visible.all()} == shown
        families = seen.page.locator(".family:visible").all()
        assert {each.get_attribute("id") for each in families} == {
            f"family-{id_.partition('.')[0]}" for id_ in shown
        }


def test_the_filter_is_reached_by_keys(browser: Browser, tmp_path: Path) -> None:
    with visit(browser, written(tmp_path, mixed(), trial().whole)) as seen:
        seen.page.locator("#show-all").focus()
        seen.page.keyboard.press("ArrowRight")
        assert seen.page.locator("#show-fail").is_checked()
        assert seen.page.locator(".check:visible").count() == 1


def test_a_reason_is_shown_with_what_is_expected(browser: Browser, tmp_path: Path) -> None:
    with visit(browser, written(tmp_path, mixed(), trial().whole)) as seen:
        told = seen.page.locator("details[id='refresh.lost']").inner_text()
        assert "the library cannot; see its tracker" in told


def test_what_is_stale_is_told(browser: Browser, tmp_path: Path) -> None:
    given = report(result("pkce.a", "pass"), stale=("pkce.a",))
    with visit(browser, written(tmp_path, given, trial().whole)) as seen:
        assert seen.page.locator(".verdict").inner_text() == "Failed"
        said = seen.page.locator("header .warning").all_text_contents()
        assert said == ["pkce.a passes: take it out of the baseline"]


def test_of_a_recording_that_nobody_played_what_is_named_is_drawn(
    browser: Browser, tmp_path: Path
) -> None:
    played = trial()
    live = Whole(sorted_out(played.lines, SIDES).everything)
    given = report(result("cors.a", "fail", lines=(3,)), result("cors.b", "pass", lines=()))
    with visit(browser, written(tmp_path, given, live)) as seen:
        assert seen.page.locator("[id='cors.a'] svg").count() == 1
        assert seen.page.locator("[id='cors.b'] svg").count() == 0


def test_what_is_recorded_stays_text(browser: Browser, tmp_path: Path) -> None:
    whole = Whole(NOTHING.everything, {name: trial(HOSTILE).evidence for name in "ab"})
    with visit(browser, written(tmp_path, hostile(), whole)) as seen:
        links = seen.page.evaluate(
            "[...document.querySelectorAll('a')].map(a => a.getAttribute('href'))"
        )
        source = "https://www.rfc-editor.org/rfc/rfc7636#section-4.6"
        assert {link for link in links if not link.startswith("#")} == {source}
        forbidden = "script, img, iframe, object, embed, form, base, link, b"
        assert seen.page.locator(forbidden).count() == 0
        assert seen.complaints == []
        assert printable(HOSTILE) in seen.page.locator("details[id='a.fails']").inner_text()
