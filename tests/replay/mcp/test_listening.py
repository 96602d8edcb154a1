"""The stream of a session on the wire: one listens, and whoever comes back is heard again."""

import httpx

from misbehaving import STREAMABLE, Client, client, waits_for
from speaking import SESSION


def listens(a: Client) -> bool:
    """Tell whether the client is known to listen."""
    id_ = a.headers[SESSION]
    stream = a.service.do(lambda at: at.service.world.sessions.open[id_].stream)
    return stream is not None and stream.is_read


def test_who_lost_the_connection_listens_again() -> None:
    with client(STREAMABLE) as a:
        a.begin()
        for _ in range(3):
            with a.http.stream("GET", a.service.url, headers=a.headers) as response:
                assert response.status_code == 200
                waits_for(lambda: listens(a))
                with httpx.Client(timeout=5, trust_env=False) as other:
                    refused = other.get(a.service.url, headers=a.headers)
                    assert refused.status_code == 409
            waits_for(lambda: not listens(a))


def test_a_session_that_is_deleted_ends_its_stream() -> None:
    with client(STREAMABLE) as a:
        a.begin()
        with a.http.stream("GET", a.service.url, headers=a.headers) as response:
            waits_for(lambda: listens(a))
            with httpx.Client(timeout=5, trust_env=False) as other:
                assert other.delete(a.service.url, headers=a.headers).status_code == 200
            assert response.read() == b""
            assert a.http.get(a.service.url, headers=a.headers).status_code == 404
