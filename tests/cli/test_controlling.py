"""What `wiretape control` prints."""

from dataclasses import asdict

import pytest

from wiretape.cli.controlling import journal_line
from wiretape.replay.journal import Entry


@pytest.mark.parametrize(
    ("site", "whose"),
    [(None, "ada good"), ("good", "ada good"), ("foreign site", "ada good foreign site")],
)
def test_a_line_tells_of_a_site_only_if_it_was_wrong(site: str | None, whose: str) -> None:
    entry = Entry(7, 0, "POST", "https://a.test/mcp", "mcp", "tools/call", user="ada")
    entry.token, entry.status, entry.site = "good", 200, site
    line = journal_line(asdict(entry))
    assert line == f"#7 00:00:00.000 200 POST /mcp  tools/call  {whose}"
