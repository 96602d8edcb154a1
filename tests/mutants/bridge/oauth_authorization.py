"""Authorization: towards clients, and the state towards the service."""

from collections.abc import Callable
from contextvars import ContextVar
from typing import Any
from urllib.parse import SplitResult, quote, urlsplit

from starlette.responses import RedirectResponse

from bridge import authorization
from bridge.authorization import Authorization
from bridge.store import Store
from mutants.mistake import mistake, replace

type Alike = Callable[[SplitResult, SplitResult], bool]


def _wrongness(careless: Callable[[dict[str, str]], str | None]) -> None:
    """Judge wishes by this first; an empty text says that nothing is wrong."""
    wrong = Authorization._wrong

    def judged(self: Authorization, request: Any, asked: dict[str, str]) -> str | None:
        found = careless(asked)
        return wrong(self, request, asked) if found is None else found or None

    replace(Authorization, "_wrong", judged)


@mistake(fails="authorization.unknown-client")
def unknown_clients_are_sent_back() -> None:
    """The error about an unknown client goes wherever the request says."""
    authorize = Authorization.authorize

    async def careless(self: Authorization, request: Any) -> Any:
        asked = request.query_params
        if self._store.get("client", asked["client_id"]) is None:
            return RedirectResponse(f"{asked['redirect_uri']}?error=unauthorized_client", 302)
        return await authorize(self, request)

    replace(Authorization, "authorize", careless)


@mistake(fails="authorization.response-type")
def any_response_type_gives_a_code() -> None:
    """The response type is not looked at."""
    _wrongness(lambda asked: asked.update(response_type="code"))


@mistake(fails="authorization.scopes")
def named_scopes_are_refused() -> None:
    """Whoever names a scope is refused."""
    _wrongness(lambda asked: "invalid_scope" if "scope" in asked else None)


@mistake(fails="pkce.plain")
def plain_challenges_are_taken() -> None:
    """A challenge may be the verifier itself."""
    _wrongness(lambda asked: "" if asked.get("code_challenge_method") == "plain" else None)


@mistake(fails="authorization.state")
def state_is_quoted_twice() -> None:
    """The client's state is encoded before it is encoded."""
    back = authorization._back

    def careless(request: Any, wish: Any, **told: str) -> Any:
        return back(request, wish | {"state": quote(wish["state"])}, **told)

    replace(authorization, "_back", careless)


@mistake(fails="authorization.issuer")
def iss_is_promised_only() -> None:
    """The metadata promises iss, the answers lack it."""
    back = authorization._back

    def careless(request: Any, wish: Any, **told: str) -> Any:
        led = back(request, wish, **told).headers["location"]
        return RedirectResponse(led.partition("&iss=")[0], 302)

    replace(authorization, "_back", careless)


def _compared(alike: Alike) -> None:
    """Compare redirect URIs in this way."""
    get = Store.get

    class Alikes(list[str]):
        def __contains__(self, uri: object) -> bool:
            return any(alike(urlsplit(each), urlsplit(str(uri))) for each in self)

    def careless(self: Store, kind: str, name: str) -> Any:
        found = get(self, kind, name)
        if kind == "client" and found is not None:
            found["redirect_uris"] = Alikes(found["redirect_uris"])
        return found

    replace(Store, "get", careless)


@mistake(fails="redirect.host")
def any_host_may_get_codes() -> None:
    """Redirect URIs are compared without their host."""
    _compared(lambda one, other: (one.port, one[2:]) == (other.port, other[2:]))


@mistake(fails="redirect.path")
def redirect_uris_are_prefixes() -> None:
    """A redirect URI may go on after what was registered."""

    def alike(one: SplitResult, other: SplitResult) -> bool:
        return one[:2] + one[3:] == other[:2] + other[3:] and other.path.startswith(one.path)

    _compared(alike)


@mistake(fails="redirect.query")
def the_query_of_a_redirect_uri_is_free() -> None:
    """Redirect URIs are compared without their query."""
    _compared(lambda one, other: one[:3] == other[:3])


@mistake(fails="redirect.port")
def any_port_is_good() -> None:
    """The port may vary, as on loopback, everywhere."""
    _compared(lambda one, other: (one.hostname, one[2:]) == (other.hostname, other[2:]))


def _stated(state: Callable[[Any], str]) -> None:
    """Let the bridge's state be this, made of the client's request."""
    authorize, secrets = Authorization.authorize, authorization.secrets
    next_: ContextVar[list[str]] = ContextVar("next_")

    class Careless:
        @staticmethod
        def token_urlsafe(size: int) -> str:
            wanted = next_.get([])
            return wanted.pop() if wanted else secrets.token_urlsafe(size)

    async def careless(self: Authorization, request: Any) -> Any:
        next_.set([state(request)])
        return await authorize(self, request)

    replace(authorization, "secrets", Careless)
    replace(Authorization, "authorize", careless)


@mistake(fails="state.own")
def the_clients_state_goes_upstream() -> None:
    """The bridge has no state of its own."""
    _stated(lambda request: str(request.query_params["state"]))


@mistake(fails="state.unguessable")
def states_are_numbers() -> None:
    """The bridge counts authorizations."""
    numbers = iter(range(1000, 10_000))
    _stated(lambda _: str(next(numbers)))


def _newest(applies: Callable[[Store, str], bool]) -> None:
    """Take a callback for that of the newest authorization in the browser, if this applies."""
    put, take, same = Store.put, Store.take, authorization._same_browser
    newest = [""]

    def putting(self: Store, kind: str, name: str, *more: Any) -> None:
        if kind == "wish":
            newest[0] = name
        put(self, kind, name, *more)

    def taking(self: Store, kind: str, name: str) -> Any:
        guessed = kind == "wish" and applies(self, name)
        return take(self, kind, newest[0] if guessed else name)

    def same_browser(request: Any, state: str, wish: Any) -> bool:
        return any(same(request, each, wish) for each in (state, newest[0]))

    replace(Store, "put", putting)
    replace(Store, "take", taking)
    replace(authorization, "_same_browser", same_browser)


@mistake(fails="state.forged")
def an_unknown_state_will_do() -> None:
    """What comes back with an unknown state is taken for the newest authorization."""
    _newest(lambda store, state: bool(state) and store.get("wish", state) is None)


@mistake(fails="state.missing")
def no_state_will_do() -> None:
    """What comes back without a state is taken for the newest authorization."""
    _newest(lambda _, state: not state)


@mistake(fails="state.single-use")
def states_work_twice() -> None:
    """A state is looked up, but not used up."""
    take = Store.take

    def careless(self: Store, kind: str, name: str) -> Any:
        return self.get(kind, name) if kind == "wish" else take(self, kind, name)

    replace(Store, "take", careless)


@mistake(fails="state.browser")
def any_browser_may_come_back() -> None:
    """The state is not tied to the browser in which it was made."""
    replace(authorization, "_same_browser", lambda *_: True)
