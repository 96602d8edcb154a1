"""The peers among themselves: a failure here is a peer's, not the recorder's."""

from collections.abc import Iterator

import pytest

from peers import CLIENTS, SERVERS, Authority, Server, make_authority, run_client, serve

TOKEN_SECONDS = 2


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return make_authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module", params=SERVERS)
def server(request: pytest.FixtureRequest) -> Iterator[Server]:
    with serve(request.param, token_seconds=TOKEN_SECONDS) as server:
        yield server


@pytest.mark.parametrize("client", CLIENTS)
def test_a_client_walks_a_server(client: str, server: Server) -> None:
    summary = run_client(client, server, refresh=True)
    assert summary.results == server.results
    assert summary.grants[0] == "authorization_code"
    assert "refresh_token" in summary.grants[1:]
