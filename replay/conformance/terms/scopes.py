"""Scopes of Atlassian's OAuth 2.0 (3LO): which there are, and which tools need which.

As documented at developer.atlassian.com: classic ones, which are few, such as `read:jira-work`, and
granular ones, hundreds of one form, such as `read:page:confluence`. The list of a user's sites
(accessible-resources) has those for which there is any scope of a product.
"""

import re
from collections.abc import Mapping

from wiretape.analysis.profile.offers import Tool
from wiretape.analysis.profile.texts import members

_PRODUCTS = ("jira", "confluence")
_CLASSIC = {
    "read:jira-work",
    "write:jira-work",
    "read:jira-user",
    "manage:jira-project",
    "manage:jira-configuration",
    "manage:jira-webhook",
    "manage:jira-data-provider",
    "read:servicedesk-request",
    "write:servicedesk-request",
    "manage:servicedesk-customer",
    "read:servicemanagement-insight-objects",
    "read:confluence-content.all",
    "read:confluence-content.summary",
    "read:confluence-content.permission",
    "read:confluence-space.summary",
    "read:confluence-props",
    "read:confluence-user",
    "read:confluence-groups",
    "search:confluence",
    "manage:confluence-configuration",
    "write:confluence-content",
    "write:confluence-space",
    "write:confluence-file",
    "write:confluence-props",
    "write:confluence-groups",
    "readonly:content.attachment:confluence",
    "read:me",
    "read:account",
    "report:personal-data",
    "offline_access",
}
_GRANULAR = re.compile(r"[a-z]+:[a-z0-9.-]+:[a-z-]+")
_ACTIONS = {
    "read": {"read", "readonly", "search"},
    "write": {"write", "delete", "manage", "admin"},
}


def documented(scope: str) -> bool:
    """Tell whether there is such a scope."""
    return scope in _CLASSIC or _GRANULAR.fullmatch(scope) is not None


def opens(scope: str, access: str, product: str) -> bool:
    """Tell whether a scope lets a token `read`, or `write`, something of a product."""
    action, *about = scope.split(":")
    return action in _ACTIONS.get(access, ()) and any(part.startswith(product) for part in about)


def needed(tools: Mapping[str, Tool]) -> list[tuple[str, str]]:
    """Give what tools do, `read` or `write`, with which products, as mcp-atlassian says it.

    Its tools have the product in front of their names, and annotations.
    """
    about = {name: name.partition("_")[0] for name in tools}
    reads = {name for name in tools if _hint(tools[name]) is True}
    return sorted(
        {
            ("read" if name in reads else "write", product)
            for name, product in about.items()
            if product in _PRODUCTS
        }
    )


def _hint(tool: Tool) -> object:
    return members(tool.annotations).get("readOnlyHint")
