"""Which sites a token opens, as Atlassian tells it: OAuth 2.0 (3LO), accessible-resources.

Each user has one site, the same in every run: its id follows from the user's name. No such sites
exist.
"""

from functools import lru_cache
from uuid import NAMESPACE_URL, uuid5

from wiretape.replay.http.messages import Ask, Reply, json_reply


@lru_cache(maxsize=4096)
def site_of(user: str) -> str:
    """Give the id of a user's site, Atlassian's cloud id: a UUID."""
    return str(uuid5(NAMESPACE_URL, f"wiretape:site:{user}"))


def listed(ask: Ask, user: str, scopes: list[str]) -> Reply:
    """Answer whoever asks with a user's token which sites it opens, and for what."""
    if ask.method != "GET":
        return Reply(405, (("allow", "GET"),))
    id_ = site_of(user)
    url = f"https://wiretape-{id_[:8]}.atlassian.net"
    site = {"id": id_, "url": url, "name": user, "scopes": scopes, "avatarUrl": f"{url}/avatar.png"}
    return json_reply(200, [site])
