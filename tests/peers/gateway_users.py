"""Two users of the reference gateway, which is started here: all of it can be recorded together.

    python -m peers.gateway_users CONFIG SECONDS ISSUE

Each connects, lists the tools, asks for an issue, asks again after the seconds that their token
lives, and disconnects. Prints the gateway's URL, and who the assignee of the issue was each time.
"""

import json
import os
import sys
import time
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit

import httpx

from peers.processes import serving

USERS = ("ada", "ben")


def main() -> None:
    config, seconds, issue = sys.argv[1:]
    with TemporaryDirectory() as folder:
        key = ("--key-file", f"{folder}/gateway.key")
        command = [sys.executable, "-m", "gateway", "--config", config, *key]
        with serving(command, os.environ) as (url, _):
            print(url, *visited(url, float(seconds), issue))


def visited(url: str, seconds: float, issue: str) -> list[str]:
    """Do all of it; give the assignees."""
    browsers = [httpx.Client(base_url=url, headers={"x-user": user}, timeout=30) for user in USERS]
    for user, browser in zip(USERS, browsers, strict=True):
        connect(user, browser)
        assert browser.get("/tools").raise_for_status().json()["tools"]
    found = [assignee(browser, issue) for browser in browsers]
    time.sleep(seconds)
    found += [assignee(browser, issue) for browser in browsers]
    for browser in browsers:
        browser.delete("/connections/atlassian").raise_for_status()
        browser.close()
    return found


def connect(user: str, browser: httpx.Client) -> None:
    """Consent; what is told to the gateway's public address is told to it here."""
    wish = browser.get("/connections/atlassian/authorize").headers["location"]
    consent = httpx.get(wish, headers={"cookie": f"wiretape_user={user}"})
    told = urlsplit(consent.headers["location"])
    browser.get(f"{told.path}?{told.query}").raise_for_status()


def assignee(browser: httpx.Client, issue: str) -> str:
    called = browser.post("/tools/jira_get_issue", json={"issue_key": issue}).raise_for_status()
    result = called.json()
    assert result["isError"] is False, result
    told = json.loads(result["content"][0]["text"])
    return str(told["assignee"]["display_name"])


if __name__ == "__main__":
    main()
