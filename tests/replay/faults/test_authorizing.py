"""Before there are tokens: discovery, registration, authorization."""

from urllib.parse import parse_qs, urlsplit

import pytest

from misbehaving import STREAMABLE, Client, client, unlike
from replayed import CALLBACK, Caller, shipped

SERVER = "/.well-known/oauth-authorization-server"
RESOURCE = "/.well-known/oauth-protected-resource/mcp"


def back(a: Client, **asked: str) -> dict[str, str]:
    """Give what the callback gets."""
    answer = a.authorize(**asked)
    location = answer.headers["location"]
    assert (answer.status_code, location.partition("?")[0]) == (302, CALLBACK)
    return {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}


def at(a: Client, path: str) -> str:
    return f"{'/'.join(a.service.url.split('/')[:3])}{path}"


def test_registration_is_refused() -> None:
    with client(STREAMABLE) as a:
        armed = a.service.arm("registration-refused")
        refused = a.register()
        assert refused.status_code == 400
        assert refused.json()["error"] == "invalid_client_metadata"
        a.service.disarm(armed)
        assert a.register().status_code == 201


@pytest.mark.parametrize("path", [SERVER, RESOURCE])
def test_metadata_is_missing(path: str) -> None:
    with client(STREAMABLE) as a:
        armed = a.service.arm("metadata-missing")
        assert a.http.get(at(a, path)).status_code == 404
        a.service.disarm(armed)
        assert a.http.get(at(a, path)).status_code == 200


def test_metadata_of_one_kind_is_missing() -> None:
    with client(STREAMABLE, "metadata-missing:role=resource-metadata") as a:
        assert a.http.get(at(a, SERVER)).status_code == 200
        assert a.http.get(at(a, RESOURCE)).status_code == 404


def test_metadata_names_another_issuer() -> None:
    with client(STREAMABLE) as a:
        usual, other = a.http.get(at(a, SERVER)), a.http.get(at(a, RESOURCE))
        a.service.arm("issuer-mismatch")
        answer = a.http.get(at(a, SERVER))
        assert unlike(usual, answer) <= {"body", "content-length"}
        assert answer.json() == usual.json() | {"issuer": "https://issuer.invalid"}
        assert not unlike(other, a.http.get(at(a, RESOURCE)))


def test_metadata_points_to_http() -> None:
    caller = Caller(shipped(STREAMABLE), scheme="https")
    (site,) = caller.origins.local
    usual = caller.ask("GET", site + SERVER)
    caller.service.faults.arm("metadata-http")
    answer = caller.ask("GET", site + SERVER)
    assert usual.body.count(b"https://127.0.0.1:5001") > 3
    assert answer.body == usual.body.replace(b"https:", b"http:")
    assert answer.headers == usual.headers


def test_metadata_that_is_http_already_is_left_alone() -> None:
    with client(STREAMABLE) as a:
        usual = a.http.get(at(a, SERVER))
        a.service.arm("metadata-http")
        assert not unlike(usual, a.http.get(at(a, SERVER)))
        assert a.service.journal[-1].faults == []


def test_authorization_fails() -> None:
    with client(STREAMABLE, "authorize-error:times=1") as a:
        answer = a.authorize()
        assert (answer.status_code, "location" in answer.headers) == (500, False)
        assert "code" in back(a)


@pytest.mark.parametrize(
    ("fault", "asked", "left"),
    [
        ("access-denied", {}, {"error", "error_description", "state"}),
        ("scope-rejected", {"scope": "notes:read"}, {"error", "error_description", "state"}),
        ("state-dropped", {}, {"code"}),
    ],
)
def test_the_callback_gets_something_else(
    fault: str, asked: dict[str, str], left: set[str]
) -> None:
    with client(STREAMABLE) as a:
        usual = back(a, **asked)
        armed = a.service.arm(fault)
        answer = back(a, **asked)
        assert set(answer) == left
        assert {"state": "a state"}.items() >= {k: answer[k] for k in left & {"state"}}.items()
        a.service.disarm(armed)
        assert set(back(a, **asked)) == set(usual) == {"code", "state"}


def test_errors_by_their_names() -> None:
    with client(STREAMABLE, "access-denied:times=1", "scope-rejected") as a:
        assert back(a)["error"] == "access_denied"
        assert "code" in back(a)
        assert back(a, scope="notes:read")["error"] == "invalid_scope"


def test_who_is_not_sent_back_anyway_does_not_count() -> None:
    with client(STREAMABLE, "access-denied:times=1") as a:
        a.registered = {"client_id": "nobody"}
        assert a.authorize().status_code == 400
        assert a.service.journal[-1].faults == []
