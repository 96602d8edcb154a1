"""What pages may read: the profile here exposes the session's id to all."""

import httpx
import pytest

from misbehaving import STREAMABLE, Client, client, unlike
from replayed import shipped
from wiretape.analysis.profile.model import Cors, Profile
from wiretape.analysis.profile.values import Permission

PAGE = {"origin": "https://page.example"}
ASKING = PAGE | {"access-control-request-method": "POST"}


def exposing(*names: str) -> Profile:
    allowed = Permission(allow_origin="*", allow_methods=("POST",), expose_headers=names)
    cors = {"mcp": Cors(preflight=allowed, actual=allowed, refused=allowed)}
    return shipped(STREAMABLE).model_copy(update={"cors": cors})


def asked(a: Client) -> tuple[httpx.Response, httpx.Response]:
    """Give the answer to a preflight, and to the request."""
    a.headers |= PAGE
    a.headers.pop("mcp-session-id", None)
    return a.http.options(a.service.url, headers=ASKING), a.begin()


@pytest.mark.parametrize("names", [("mcp-session-id",), ("*",)])
def test_the_session_id_is_not_exposed(names: tuple[str, ...]) -> None:
    with client(exposing(*names)) as a:
        usual = asked(a)
        armed = a.service.arm("session-id-not-exposed")
        for before, after in zip(usual, asked(a), strict=True):
            assert "mcp-session-id" not in after.headers.get("access-control-expose-headers", "")
            assert unlike(before, after) <= {"access-control-expose-headers", "mcp-session-id"}
        a.service.disarm(armed)
        assert asked(a)[1].headers["access-control-expose-headers"] == names[0]


def test_other_names_stay_exposed() -> None:
    with client(exposing("x-one", "Mcp-Session-Id", "x-two"), "session-id-not-exposed") as a:
        assert asked(a)[1].headers["access-control-expose-headers"] == "x-one, x-two"


def test_there_is_no_cors_at_all() -> None:
    with client(exposing("mcp-session-id")) as a:
        usual = asked(a)
        armed = a.service.arm("cors-absent")
        for before, after in zip(usual, asked(a), strict=True):
            assert after.status_code == before.status_code
            gone = unlike(before, after) - {"mcp-session-id"}
            assert gone == {name for name in before.headers if name.startswith("access-control-")}
        a.service.disarm(armed)
        assert asked(a)[1].headers["access-control-allow-origin"] == "*"


@pytest.mark.parametrize("fault", ["cors-absent", "session-id-not-exposed"])
def test_without_cors_they_have_nothing_to_do(fault: str) -> None:
    with client(STREAMABLE, fault) as a:
        a.begin()
        assert a.service.journal[-1].faults == []
