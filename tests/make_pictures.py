"""Take the pictures of `docs/pictures/` anew: `make pictures`.

They show what `make demo` leaves in `wiretape-out/`, which is therefore run first.
"""

from pathlib import Path

from playwright.sync_api import Page

from browser import chromium, visit
from peers.processes import ROOT

PICTURES = ROOT / "docs/pictures"
MADE = ROOT / "wiretape-out"
WIDTH = 1100


def take(page: Page, name: str, selector: str, height: float) -> None:
    """Take the upper `height` pixels of an element, all of it if it is smaller."""
    box = page.locator(selector).first.evaluate(
        "e => { const {x, y, width, height} = e.getBoundingClientRect();"
        " return {x: x + scrollX, y: y + scrollY, width, height} }"
    )
    clip = box | {"height": min(height, box["height"])}
    target = PICTURES / f"{name}.png"
    page.screenshot(path=target, full_page=True, clip=clip)
    print(target.relative_to(ROOT))


def main() -> None:
    """Take all of them."""
    shown: dict[str, tuple[Path, str, float]] = {
        "conformance": (MADE / "broken/conformance.html", "details.check.fail", 1005),
        "report": (MADE / "report/report.html", "#way svg", 1000),
    }
    PICTURES.mkdir(exist_ok=True)
    with chromium() as browser:
        for name, (file, selector, height) in shown.items():
            with visit(browser, file, width=WIDTH) as seen:
                take(seen.page, name, selector, height)


if __name__ == "__main__":
    main()
