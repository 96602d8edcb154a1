"""Rules that are not on by default: what they find is private rather than secret."""

import re

from wiretape.recorder.redaction.rules import NameRule, ShapeRule

_UUID = "[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}"

ACCOUNT_NAMES = (
    NameRule("account id", ("account_id", "cloud_id", "user_id", "aaid", "login_hint")),
    NameRule("account id", ("sub", "username"), ends=False),
)
"""Names of account and site ids, `X-Atlassian-Cloud-Id` among them."""

ACCOUNT_SHAPES = (
    ShapeRule("account id", re.compile(rf"(?<![0-9A-Za-z])[0-9]{{5,6}}:{_UUID}(?![0-9A-Za-z])")),
    ShapeRule("account id", re.compile(r"(?<![0-9A-Za-z_-])[0-9a-f]{24}(?![0-9A-Za-z_-])")),
    ShapeRule("cloud id", re.compile(rf"/ex/(?:jira|confluence)/(?P<secret>{_UUID})")),
)
"""Atlassian account ids, new and old, and the id of a site in an API's URL."""
