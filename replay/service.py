"""A service: a profile brought to life. Requests go in, replies come out; it does no I/O."""

import random
from dataclasses import dataclass
from typing import Any

from wiretape.analysis.profile.model import Profile, Role
from wiretape.replay.arming import Faults
from wiretape.replay.clock import Clock
from wiretape.replay.fault import GUARDED
from wiretape.replay.http import bearer, cors
from wiretape.replay.http.headers import Dressing
from wiretape.replay.http.messages import Ask, Reply, json_reply, text
from wiretape.replay.http.origins import Origins, home
from wiretape.replay.http.redirects import redirected
from wiretape.replay.http.routes import routes_of
from wiretape.replay.journal import KEPT, Journal
from wiretape.replay.mcp.offers import denied_by_name
from wiretape.replay.mcp.sessions import Sessions
from wiretape.replay.mcp.sse import LegacySse
from wiretape.replay.mcp.streamable import Streamable
from wiretape.replay.mcp.talking import Talking
from wiretape.replay.oauth import clients, knowledge, sites, token
from wiretape.replay.oauth.authorization import Authorizing
from wiretape.replay.oauth.documents import Issuer, served, told_issuer
from wiretape.replay.oauth.errors import OAuthError
from wiretape.replay.oauth.forge import Forge
from wiretape.replay.oauth.metadata import needed
from wiretape.replay.oauth.signing import Signer
from wiretape.replay.oauth.state import Client, State
from wiretape.replay.oauth.tokens import GRACE, Lineages, Rules, fate
from wiretape.replay.recorded.index import Index
from wiretape.replay.recorded.interaction import Interaction
from wiretape.replay.recorded.normal import Params
from wiretape.replay.recorded.player import BY_PARAMS, Matching, Player
from wiretape.replay.varied import Variation, varied
from wiretape.replay.visit import Visit, visit
from wiretape.replay.world import World

_LIFETIME = 3600
"""In seconds, where the profile tells none. Assumed."""


@dataclass(frozen=True)
class Choices:
    """What the user chose about a service; `expires_in` in seconds.

    `users` may consent, the first where none is named; with `consent` they are asked on a page.
    `clients` are known without registering, by redirect URIs that are compared exactly.
    Requests are answered from `recorded` calls by `matching`, those without such a call are misses;
    if tools may be `assumed`, they are answered as without recordings. `pace` is how many times as
    long as recorded answers take. If the use is `partial`, calls may stay unasked. By the seed
    `vary` everything varies that clients must not rely on. The `journal` keeps so many entries.
    """

    issuer: Issuer = "faithful"
    expires_in: int | None = None
    users: tuple[str, ...] = ("user-1",)
    consent: bool = False
    clients: tuple[Client, ...] = ()
    recorded: Index | None = None
    matching: Matching = BY_PARAMS
    assumed: bool = False
    pace: float = 0
    partial: bool = False
    vary: int | None = None
    journal: int = KEPT


class Service:
    """All of one service; several in one process know nothing of each other."""

    def __init__(
        self,
        profile: Profile,
        origins: Origins,
        *,
        clock: Clock | None = None,
        choices: Choices | None = None,
        dice: random.Random | None = None,
    ) -> None:
        self.choices = choices or Choices()
        seed = self.choices.vary
        self._variation = None if seed is None else Variation(seed)
        if seed is not None:
            profile = varied(profile, seed)
            dice = dice or random.Random(seed)  # noqa: S311 - all of it is to come again
        dice = dice or random.SystemRandom()
        issuer = told_issuer(profile, origins, self.choices.issuer)
        access = profile.token.access
        signer = Signer(access.claims, access.shape)
        self.world = World(
            profile,
            origins,
            clock or Clock(),
            dice,
            Forge(profile, origins, dice, signer, issuer),
            State(Lineages(rules_of(profile, self.choices)), self.choices.clients),
            journal=Journal(self.choices.journal),
            sessions=Sessions(bound=_binds(profile)),
            player=_player(profile, self.choices),
            pace=self.choices.pace,
        )
        self.faults = Faults(self.world)
        self._routes = routes_of(profile)
        self._home = home(profile)
        self._dressing = Dressing(profile, dice)
        self._authorizing = Authorizing(
            profile,
            self.world.state,
            self.world.forge,
            users=self.choices.users,
            asks=self.choices.consent,
        )
        talking = Talking(self.world)
        self._streamable = Streamable(talking)
        self._sse = LegacySse(talking)

    def answer(self, ask: Ask) -> Reply:
        """Answer a request."""
        world = self.world
        role = self._routes.role((ask.site, ask.path))
        visited = visit(ask, role, world)
        visited.aims = self.faults.aimed(ask, role, visited.entry, visited.owner)
        reply = visited.instead()
        if reply is None and cors.answers(ask, role, world.profile):
            reply = cors.preflight(ask, role, world.profile)
        else:
            reply = cors.permitted(reply or self._answer(visited), ask, role, world.profile)
        home = ask.site == self._home
        reply = self._dressing.dressed(reply, role, now=world.clock.now(), home=home)
        reply = visited.after(reply)
        visited.entry.status = reply.status
        return reply if self._variation is None else self._variation.of(reply)

    def needs(self, ask: Ask) -> str | None:
        """Give the URL of the client's document that a request needs to come with, if any."""
        if ask.method != "GET" or self._routes.role((ask.site, ask.path)) != "authorization":
            return None
        return needed(ask, self.world.profile, self.world.state)

    def unplayed(self) -> tuple[Interaction, ...]:
        """Give the recorded calls that nobody has asked yet."""
        player = self.world.player
        return () if player is None else player.unplayed()

    def jwks(self) -> dict[str, Any]:
        """Give the public keys that verify this service's tokens (RFC 7517, 5)."""
        return self.world.forge.signer.jwks()

    def close(self) -> None:
        """End all streams."""
        self.world.sessions.end_all()

    def _answer(self, visited: Visit) -> Reply:
        ask, role, profile = visited.ask, visited.role, self.world.profile
        redirect = redirected(ask, profile, self.world.origins)
        if redirect is not None:
            return redirect
        if role in GUARDED:
            return self._resource(visited)
        if role in {"other", "resource-metadata", "server-metadata"}:
            return self._found(ask)
        try:
            return self._authorized(ask, role)
        except OAuthError as error:
            registering = role == "registration"
            known = profile.registration if registering else profile.token
            return error.reply(known.error)

    def _found(self, ask: Ask) -> Reply:
        """Give a document, if there is one."""
        place = (ask.site, ask.path)
        if place == self._routes.jwks:
            return json_reply(200, self.jwks())
        document = self._routes.documents.get(place)
        if document is None:
            return text(404, "Not Found")
        return served(document, place, self.world.origins, self.choices.issuer)

    def _resource(self, visited: Visit) -> Reply:
        ask, role, world = visited.ask, visited.role, self.world
        profile, origins = world.profile, world.origins
        guarded = bearer.guarded(role, ask.method, profile)
        if guarded or "authorization" in ask.headers:
            found = bearer.admitted(
                ask,
                role,
                profile,
                world.forge.resources,
                lineages=world.state.lineages,
                now=world.clock.now(),
            )
            visited.entry.token = found if isinstance(found, str) else "good"
            if not isinstance(found, str):
                visited.grant = found
            elif guarded and not bearer.is_let_in(found, role, profile):
                return bearer.refusal(role, ask.method, found, profile, origins)
        if bearer.is_foreign(ask, role, profile, origins):
            return bearer.forbidden(role, ask.method, profile, origins)
        match role:
            case "mcp":
                return self._streamable.at_endpoint(visited)
            case "sse":
                return self._sse.at_endpoint(visited)
            case "resources":
                return self._sites(visited)
        return self._sse.at_message(visited)

    def _sites(self, visited: Visit) -> Reply:
        ask, grant, profile = visited.ask, visited.grant, self.world.profile
        if grant is None:
            return bearer.refusal("resources", ask.method, "no token", profile, self.world.origins)
        scopes = (grant.scope or "").split()
        opened = [scope for scope in scopes if scope != profile.refresh.needs]
        return sites.listed(ask, grant.subject, opened)

    def _authorized(self, ask: Ask, role: Role) -> Reply:
        now = self.world.clock.now()
        if role == "authorization":
            return self._authorizing.answer(ask, now)
        if ask.method != "POST":
            return Reply(405, (("allow", "POST"),))
        profile, state, forge = self.world.profile, self.world.state, self.world.forge
        match role:
            case "registration":
                return clients.register(ask, profile, state, forge, now)
            case "revocation":
                return knowledge.revoke(ask, profile, state)
            case "introspection":
                return knowledge.introspect(ask, profile, state, forge, now)
        return token.answer(ask, profile, state, forge, now)


def _binds(profile: Profile) -> bool:
    """Tell whether it is known of tokens whose they are, and looked at in each request."""
    return profile.endpoints.token is not None and profile.tools.unauthorized is None


def _player(profile: Profile, choices: Choices) -> Player | None:
    if choices.recorded is None:
        return None

    def leaves(method: str, params: Params) -> bool:
        return choices.assumed or denied_by_name(method, params, profile)

    return Player(choices.recorded, choices.matching, leaves)


def rules_of(profile: Profile, choices: Choices) -> Rules:
    """Give the rules by which tokens live."""
    observed, told = profile.token.lifetime_observed, profile.token.lifetime
    lifetime = told if told is not None else observed.value if observed is not None else _LIFETIME
    old = profile.refresh.old_token
    return Rules(
        lifetime=choices.expires_in if choices.expires_in is not None else lifetime,
        rotates=profile.refresh.rotates is not False,
        old_token=fate(old.value if old is not None else None),
        grace=old.low if old is not None and old.low is not None else GRACE,
        access_survives=profile.token.after_refresh != "refused",
        reuse_revokes=profile.refresh.reuse == "revokes all",
        code_reuse_revokes=profile.authorization.code_reuse != "revokes nothing",
    )
