"""What is otherwise than the profile has it: one thing of each kind."""

import json
from dataclasses import replace as changed
from typing import Any

from mutants.mistake import mistake, replace
from mutants.server.altering import altering, status, without
from wiretape.analysis.profile.model import Profile, Role
from wiretape.analysis.profile.values import Names
from wiretape.replay import service
from wiretape.replay.http.headers import Dressing
from wiretape.replay.http.messages import Ask, Reply
from wiretape.replay.mcp import offers, rpc, talking


def _living(**otherwise: Any) -> None:
    """Have tokens and codes live by other rules."""
    rules = service.rules_of

    def careless(profile: Profile, choices: service.Choices) -> Any:
        return changed(rules(profile, choices), **otherwise)

    replace(service, "rules_of", careless)


@mistake(fails="same.authorization")
def users_are_sent_back_with_307() -> None:
    """Browsers that posted a consent are to post it to the client as well."""
    altering("authorization", status(307, of=302))


@mistake(fails="same.challenges")
def a_refusal_has_no_challenge() -> None:
    """Who is refused is not told where tokens come from."""
    altering("mcp", without("www-authenticate"))


@mistake(fails="same.cors")
def pages_do_not_see_their_session() -> None:
    """What pages need of an answer is not exposed to them."""
    altering("mcp", without("access-control-expose-headers"))


@mistake(fails="same.discovery")
def the_metadata_tells_of_plain_pkce() -> None:
    """Clients that look for S256 in the metadata do not find it, although it is taken."""

    def alter(_: Ask, reply: Reply) -> Reply:
        told = reply.told | {"code_challenge_methods_supported": ["plain"]}
        return changed(reply, body=json.dumps(told).encode())

    altering("server-metadata", alter)


@mistake(fails="same.headers")
def browsers_may_guess_types() -> None:
    """Answers lack a header that protects those who open them in a browser."""
    dressed = Dressing.dressed

    def careless(self: Dressing, reply: Reply, role: Role, **more: Any) -> Reply:
        return dressed(self, reply, role, **more).without("x-content-type-options")

    replace(Dressing, "dressed", careless)


@mistake(fails="same.lifetime")
def tokens_live_for_minutes() -> None:
    """Access tokens are over after ten minutes."""
    _living(lifetime=600)


@mistake(fails="same.protocol")
def an_old_revision_is_spoken() -> None:
    """Whatever clients offer, the oldest revision is agreed on."""
    opening = rpc._opening
    replace(rpc, "_opening", lambda _, profile: opening("2025-03-26", profile))


@mistake(fails="same.redirects")
def the_slash_is_redirected_for_good() -> None:
    """The other spelling is redirected with 301, and POST becomes GET."""
    altering("other", status(301, of=307))


@mistake(fails="same.refresh")
def refresh_tokens_stay_the_same() -> None:
    """A refresh gives no new refresh token."""
    _living(rotates=False)


@mistake(fails="same.registration")
def a_registration_is_answered_200() -> None:
    """A client that is registered is not said to be created."""
    altering("registration", status(200, of=201))


@mistake(fails="same.streams")
def events_have_no_ids() -> None:
    """Who loses a stream cannot go on with it."""
    stream = talking.Stream

    def careless(*said: Any, **named: Any) -> talking.Stream:
        return stream(*said, **{**named, "name": None})

    replace(talking, "Stream", careless)


@mistake(fails="same.tokens")
def tokens_may_be_cached() -> None:
    """Nothing keeps the answers that have tokens out of caches."""
    altering("token", without("cache-control"))


@mistake(fails="same.tools")
def a_tool_is_not_listed() -> None:
    """The last tool is missing."""
    listed = offers._listed

    def careless(kind: str, names: Names, profile: Profile) -> Any:
        return listed(kind, names[:-1], profile)

    replace(offers, "_listed", careless)


@mistake(fails="same.transport")
def an_unknown_session_is_a_bad_request() -> None:
    """A session that is not known is answered 400, on which most clients do not begin anew."""
    altering("mcp", status(400, of=404))


@mistake(fails="same.rest")
def tokens_outlive_a_stolen_code() -> None:
    """A code that is used twice is refused, but the tokens that it was exchanged for stay good."""
    _living(code_reuse_revokes=False)
