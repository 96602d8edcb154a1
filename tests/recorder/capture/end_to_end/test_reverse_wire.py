"""Reverse mode on the wire: what the client gets, what the upstream gets, what is recorded."""

import asyncio
import gzip
import json
import ssl
import zlib
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from loopback import Ask, Direct, Message, Origin, Script, Turn, answer, talk
from loopback.asking import Streams
from loopback.http1 import read_response
from loopback.wire import chunk, chunked, event, response, stream_head
from peers import Authority, make_authority
from wiretape.recorder.capture.session import Listening, Settings, record
from wiretape.recorder.errors import UsageError
from wiretape.recorder.log.exchanges import Exchange, exchanges
from wiretape.recorder.log.reader import read
from wiretape.recorder.log.records import Error, Gap
from wiretape.recorder.redaction.redactor import Redactor

JSON = b"Content-Type: application/json"
METADATA = "/.well-known/oauth-authorization-server"
MCP = {"accept": "application/json, text/event-stream"}
FORM = {"content-type": "application/x-www-form-urlencoded"}

type Walk[T] = Callable[[str], Awaitable[T]]


@pytest.fixture(autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the recorder's authority where the other recorders of these tests keep theirs."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path_factory.getbasetemp() / "home"))


class Recorded[T]:
    """What the client got, and what the recording says."""

    def __init__(self, got: T, path: Path) -> None:
        self.got = got
        self.text = path.read_text()
        with read(path) as reading:
            self.mode = reading.opening.mode
            self._lines = list(reading)
        self.exchanges = list(exchanges(self._lines))

    @property
    def gaps(self) -> list[str]:
        return [line.record.reason for line in self._lines if isinstance(line.record, Gap)]

    def exchange(self, url: str) -> Exchange:
        [found] = [each for each in self.exchanges if each.request.url == url]
        return found


async def recorded[T](out: Path, url: str, walk: Walk[T], **settings: Any) -> Recorded[T]:
    """Record in reverse what `walk` does with the local URL."""
    got: list[T] = []

    async def while_recording(where: Listening) -> None:
        async with asyncio.timeout(60):
            got.append(await walk(where.url))

    outcome = await record(
        Settings(name="reverse", out=out, reverse=url, **settings),
        Redactor(bytes(32)),
        listening=lambda where: None,
        watch=lambda record: None,
        warn=pytest.fail,
        walk=while_recording,
    )
    return Recorded(got[0], outcome.path)


def head(method: str, url: str, headers: dict[str, str]) -> bytes:
    parts = urlsplit(url)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    lines = (f"{name}: {value}" for name, value in ({"HOST": parts.netloc} | headers).items())
    return "\r\n".join((f"{method} {target} HTTP/1.1", *lines, "", "")).encode("latin-1")


async def connect(url: str) -> Streams:
    return await asyncio.open_connection("127.0.0.1", urlsplit(url).port)


async def ask(
    url: str, headers: dict[str, str] | None = None, *, method: str = "GET", body: bytes = b""
) -> Message:
    reader, writer = await connect(url)
    framing = {"CONTENT-length": str(len(body))} if body else {}
    writer.write(head(method, url, framing | (headers or {})) + body)
    got = await read_response(reader, method.encode(), lambda piece: None)
    writer.close()
    return got


def document(**members: Any) -> bytes:
    return json.dumps(members).encode()


def routes(**scripts: Script) -> Script:
    """Play the script of the path's last word."""

    async def script(turn: Turn) -> None:
        path = turn.request.first_line.split(b" ")[1].partition(b"?")[0]
        await scripts[path.decode().rpartition("/")[2].replace("-", "_")](turn)

    return script


# Several origins.


def test_metadata_leads_to_a_local_origin_that_listens_and_is_recorded_as_it_was(
    tmp_path: Path,
) -> None:
    async def play() -> None:
        async with Origin(answer(response(b"{}", JSON))) as auth:
            upstream = document(issuer=f"{auth.url}/t", token_endpoint=f"{auth.url}/token")
            encoded = gzip.compress(upstream)
            told = response(encoded, JSON, b"CONTENT-Encoding: gzip")
            async with Origin(answer(told)) as mcp:

                async def walk(url: str) -> tuple[Message, dict[str, str]]:
                    found = await ask(url + METADATA)
                    metadata = json.loads(found.body)
                    await ask(metadata["token_endpoint"])
                    return found, metadata

                seen = await recorded(tmp_path, mcp.url, walk)
            found, metadata = seen.got
            assert found.status == 200
            assert found.ending == "chunked"
            assert found.header(b"content-encoding") is None
            assert found.header(b"content-length") is None
            assert metadata["issuer"].endswith("/t")
            assert metadata["token_endpoint"].removesuffix("oken") == metadata["issuer"]
            assert seen.mode == "reverse"
            given = seen.exchange(mcp.url + METADATA).response
            assert given
            assert ("CONTENT-Encoding", "gzip") in given.headers
            assert ("Content-Length", str(len(encoded))) in given.headers
            assert given.body
            assert given.body.size == len(encoded)
            assert json.loads(given.body.data()) == json.loads(upstream)
            assert seen.exchange(f"{auth.url}/token").complete
            assert auth.turns[0].request.header(b"host") == auth.authority.encode()
            for origin in (metadata["issuer"].removesuffix("/t"), found):
                assert str(origin) not in seen.text

    asyncio.run(play())


def test_the_client_may_call_the_recorder_localhost(tmp_path: Path) -> None:
    async def play() -> None:
        async with Origin(answer(b"")) as mcp:
            mcp.script = answer(response(document(resource=f"{mcp.url}/mcp"), JSON))

            async def walk(url: str) -> Message:
                return await ask(
                    url.replace("127.0.0.1", "localhost")
                    + "/.well-known/oauth-protected-resource/mcp"
                )

            seen = await recorded(tmp_path, mcp.url, walk)
            resource = json.loads(seen.got.body)["resource"]
            assert urlsplit(resource).hostname == "localhost"
            assert urlsplit(resource).path == "/mcp"
            assert mcp.turns[0].request.header(b"host") == mcp.authority.encode()

    asyncio.run(play())


def test_the_local_url_has_the_path_and_the_query_of_the_upstreams(tmp_path: Path) -> None:
    async def play() -> None:
        async with Origin(answer(response())) as mcp:

            async def walk(url: str) -> str:
                await ask(url)
                return url

            seen = await recorded(tmp_path, f"{mcp.url}/v1/sse?a=b", walk)
            assert urlsplit(seen.got)._replace(netloc="").geturl() == "http:///v1/sse?a=b"
            assert [each.request.url for each in seen.exchanges] == [f"{mcp.url}/v1/sse?a=b"]

    asyncio.run(play())


# Requests.


def test_a_request_is_recorded_as_the_upstream_gets_it(tmp_path: Path) -> None:
    async def play() -> None:
        async with Origin(answer(response())) as mcp:

            async def walk(url: str) -> str:
                body = f"resource={url}/mcp&redirect_uri=http://127.0.0.1:1/cb".encode()
                asked = f"{url}/token?resource={url}/mcp"
                await ask(asked, FORM | {"ORIGIN": url}, method="POST", body=body)
                return url

            seen = await recorded(tmp_path, mcp.url, walk)
            got = mcp.turns[0].request
            form = f"resource={mcp.url}/mcp&redirect_uri=http://127.0.0.1:1/cb".encode()
            assert got.first_line == f"POST /token?resource={mcp.url}/mcp HTTP/1.1".encode()
            assert got.body == form
            assert got.headers == (
                (b"HOST", mcp.authority.encode()),
                (b"CONTENT-length", str(len(form)).encode()),
                (b"content-type", b"application/x-www-form-urlencoded"),
                (b"ORIGIN", mcp.url.encode()),
            )
            request = seen.exchange(f"{mcp.url}/token?resource={mcp.url}/mcp").request
            assert request.headers == tuple(
                (name.decode(), value.decode()) for name, value in got.headers
            )
            assert request.body
            assert request.body.size == len(form)
            assert dict(request.body.form or ())["resource"] == f"{mcp.url}/mcp"
            assert seen.got not in seen.text

    asyncio.run(play())


def test_a_client_cannot_choose_another_server(tmp_path: Path) -> None:
    """Such as by the absolute form of a request to a proxy (RFC 9112, section 3.2.2)."""

    async def play() -> None:
        async with Origin(answer(response())) as mcp:

            async def walk(url: str) -> None:
                reader, writer = await connect(url)
                writer.write(
                    b"GET http://other.example/mcp HTTP/1.1\r\nHost: other.example\r\n\r\n"
                )
                assert (await read_response(reader, b"GET", lambda piece: None)).status == 200
                writer.close()

            seen = await recorded(tmp_path, mcp.url, walk)
            assert mcp.turns[0].request.first_line == b"GET /mcp HTTP/1.1"
            assert mcp.turns[0].request.headers == ((b"Host", mcp.authority.encode()),)
            assert seen.exchange(f"{mcp.url}/mcp").complete

    asyncio.run(play())


def test_a_chunked_form_changes_too(tmp_path: Path) -> None:
    async def play() -> None:
        async with Origin(answer(response())) as mcp:

            async def walk(url: str) -> None:
                reader, writer = await connect(url)
                headers = FORM | {"transfer-encoding": "chunked"}
                form = f"resource={url}/mcp".encode()
                writer.write(head("POST", f"{url}/token", headers))
                writer.write(chunked(form[:12], form[12:]))
                assert (await read_response(reader, b"POST", lambda piece: None)).status == 200
                writer.close()

            seen = await recorded(tmp_path, mcp.url, walk)
            got = mcp.turns[0].request
            assert (got.body, got.ending) == (f"resource={mcp.url}/mcp".encode(), "chunked")
            body = seen.exchange(f"{mcp.url}/token").request.body
            assert body
            assert body.form == (("resource", f"{mcp.url}/mcp"),)

    asyncio.run(play())


def test_a_client_that_leaves_within_a_form_is_recorded(tmp_path: Path) -> None:
    async def play() -> None:
        async with Origin(answer(response())) as mcp:

            async def walk(url: str) -> None:
                reader, writer = await connect(url)
                writer.write(head("POST", f"{url}/token", FORM | {"content-length": "9"}) + b"a=")
                writer.write_eof()
                assert await reader.read() == b""
                writer.close()

            seen = await recorded(tmp_path, mcp.url, walk)
            assert getattr(seen.exchange(f"{mcp.url}/token").last, "how", None) == "client abort"
            assert seen.gaps == ["a part of a request's body"]
            assert not mcp.turns

    asyncio.run(play())


# Responses.


def test_what_is_not_about_origins_is_the_same_byte_for_byte(tmp_path: Path) -> None:
    message = b'{"jsonrpc": "2.0", "id": 1, "result": {"see": "%b"}}'
    stream = b": hello\n\nid: 1\r\ndata: %b\r\n\r\n"

    async def play() -> None:
        async with Origin(answer(b"")) as mcp:
            said = message % mcp.url.encode()
            scripts = [
                answer(response(said, JSON, b"X-Upstream: " + mcp.url.encode())),
                answer(response(gzip.compress(said), JSON, b"Content-Encoding: gzip")),
                answer(stream_head(), chunk(stream % said), chunk(b"")),
                answer(response(said, JSON, b"Set-Cookie: a=b; Path=/", status=b"404 Nope")),
                answer(response(b"", b"Location: /mcp/", status=b"307 Temporary Redirect")),
            ]

            async def walk(url: str) -> None:
                asked = Ask(b"POST", b"/mcp", ((b"content-length", b"2"),), (b"{}",))
                for script in scripts:
                    mcp.script = script
                    direct = await talk(asked, mcp, Direct())
                    streams = await connect(url)
                    assert await talk(asked, mcp, Direct(), streams) == direct
                    streams[1].close()

            assert not (await recorded(tmp_path, mcp.url, walk)).gaps

    asyncio.run(play())


def test_a_401_leads_to_metadata_on_another_origin(tmp_path: Path) -> None:
    async def play() -> None:
        async with Origin(answer(response(document(resource="https://r.example"), JSON))) as meta:
            challenge = f'Bearer resource_metadata="{meta.url}/of/mcp", scope="{meta.url}/read"'
            refusal = response(
                b"no",
                b"WWW-Authenticate: " + challenge.encode(),
                b"Strict-Transport-Security: max-age=1",
                status=b"401 Unauthorized",
            )
            async with Origin(answer(refusal)) as mcp:

                async def walk(url: str) -> tuple[Message, Message]:
                    refused = await ask(f"{url}/mcp", MCP)
                    said = (refused.header(b"www-authenticate") or b"").decode()
                    return refused, await ask(said.split('"')[1])

                seen = await recorded(tmp_path, mcp.url, walk)
            refused, found = seen.got
            assert refused.body == b"no"
            assert refused.header(b"strict-transport-security") is None
            assert (refused.header(b"www-authenticate") or b"").endswith(
                f', scope="{meta.url}/read"'.encode()
            )
            assert json.loads(found.body)["resource"].startswith("http://127.0.0.1:")
            given = seen.exchange(f"{mcp.url}/mcp").response
            assert given
            assert ("WWW-Authenticate", challenge) in given.headers
            assert ("Strict-Transport-Security", "max-age=1") in given.headers
            assert seen.exchange(f"{meta.url}/of/mcp").complete

    asyncio.run(play())


def test_a_redirect_stays_on_the_recorder_and_is_linked(tmp_path: Path) -> None:
    async def play() -> None:
        async with Origin(answer(response(b"there"))) as other, Origin(answer(b"")) as mcp:
            location = f"Location: {other.url}/mcp/".encode()
            mcp.script = answer(response(b"", location, status=b"307 Temporary Redirect"))

            async def walk(url: str) -> Message:
                moved = await ask(f"{url}/mcp", MCP)
                return await ask((moved.header(b"location") or b"").decode(), MCP)

            seen = await recorded(tmp_path, mcp.url, walk)
            assert seen.got.body == b"there"
            first = seen.exchange(f"{mcp.url}/mcp")
            assert first.response
            assert ("Location", f"{other.url}/mcp/") in first.response.headers
            assert seen.exchange(f"{other.url}/mcp/").request.cause == first.number

    asyncio.run(play())


def test_a_browser_goes_to_the_login_page_itself_and_back_to_the_client(tmp_path: Path) -> None:
    login = "https://login.example/?return_to=%2Fauthorize"
    callback = "http://127.0.0.1:1/callback"

    async def play() -> None:
        async with Origin(answer(b"")) as mcp:
            metadata = document(authorization_endpoint=f"{mcp.url}/authorize", issuer=mcp.url)
            back = f"{callback}?code=c&iss={mcp.url.replace(':', '%3A').replace('/', '%2F')}"
            to_login = response(b"", f"Location: {login}".encode(), status=b"302 Found")
            to_client = response(b"", f"Location: {back}".encode(), status=b"302 Found")
            mcp.script = routes(
                oauth_authorization_server=answer(response(metadata, JSON)),
                authorize=answer(to_login),
                consent=answer(to_client),
            )

            async def walk(url: str) -> tuple[str, bytes | None, bytes | None]:
                found = json.loads((await ask(url + METADATA)).body)
                asked = f"{found['authorization_endpoint']}?redirect_uri={callback}"
                first = await ask(asked, {"accept": "*/*"})
                second = await ask(f"{url}/consent", {"accept": "text/html"})
                return found["issuer"], first.header(b"location"), second.header(b"location")

            issuer, first, second = (await recorded(tmp_path, mcp.url, walk)).got
            assert first == login.encode()
            encoded = issuer.replace(":", "%3A").replace("/", "%2F")
            assert second == f"{callback}?code=c&iss={encoded}".encode()

    asyncio.run(play())


def test_a_document_that_breaks_off_breaks_off_for_the_client(tmp_path: Path) -> None:
    async def play() -> None:
        async def script(turn: Turn) -> None:
            whole = response(document(issuer=mcp.url), JSON)
            await turn.send(whole[:-3])
            turn.reset()

        async with Origin(script) as mcp:

            async def walk(url: str) -> Message:
                return await ask(url + METADATA)

            seen = await recorded(tmp_path, mcp.url, walk)
            assert seen.got.ending == "cut"
            exchange = seen.exchange(mcp.url + METADATA)
            assert getattr(exchange.last, "how", None) == "server abort"
            assert exchange.response
            assert exchange.response.body
            assert exchange.response.body.size == len(document(issuer=mcp.url)) - 3

    asyncio.run(play())


def test_a_document_in_an_encoding_that_nobody_knows_passes_as_it_is(tmp_path: Path) -> None:
    async def play() -> None:
        told = response(b"secret sauce", JSON, b"Content-Encoding: sauce")
        async with Origin(answer(told)) as mcp:

            async def walk(url: str) -> Message:
                return await ask(url + METADATA)

            got = (await recorded(tmp_path, mcp.url, walk)).got
            assert (got.body, got.header(b"content-encoding")) == (b"secret sauce", b"sauce")

    asyncio.run(play())


def test_a_document_that_only_says_it_is_encoded_ends(tmp_path: Path) -> None:
    async def play() -> None:
        told = response(document(issuer="https://a"), JSON, b"Content-Encoding: gzip")
        async with Origin(answer(told)) as mcp:

            async def walk(url: str) -> Message:
                return await ask(url + METADATA)

            seen = await recorded(tmp_path, mcp.url, walk)
            assert (seen.got.body, seen.got.ending) == (b"", "chunked")
            given = seen.exchange(mcp.url + METADATA).response
            assert given
            assert given.body
            assert given.body.undecoded

    asyncio.run(play())


def test_an_http_1_0_document_ends_with_its_connection(tmp_path: Path) -> None:
    async def play() -> None:
        async with Origin(answer(b"")) as mcp:
            told = response(document(issuer=mcp.url), JSON).replace(b"HTTP/1.1", b"HTTP/1.0")
            mcp.script = answer(told)

            async def walk(url: str) -> tuple[str, Message]:
                return url, await ask(url + METADATA)

            url, got = (await recorded(tmp_path, mcp.url, walk)).got
            assert got.ending == "close"
            assert json.loads(got.body) == {"issuer": url}

    asyncio.run(play())


# The endpoint event.


@pytest.mark.parametrize("encoding", ["", "gzip"])
def test_an_absolute_endpoint_becomes_local_and_no_event_waits(
    encoding: str, tmp_path: Path
) -> None:
    """The server sends an event only when the client has got all of the one before."""
    endpoint = b"event: endpoint\r\ndata: %b/m?s=1\r\n\r\n"
    message = event(b'{"jsonrpc": "2.0", "method": "notifications/message"}')
    packer = zlib.compressobj(wbits=31)
    local: list[bytes] = []

    def packed(data: bytes) -> bytes:
        return packer.compress(data) + packer.flush(zlib.Z_SYNC_FLUSH) if encoding else data

    async def script(turn: Turn) -> None:
        await turn.send(stream_head(*([b"Content-Encoding: gzip"] if encoding else [])))
        size = 0
        for told, heard in zip((endpoint % mcp.url.encode(), message, message), local, strict=True):
            for half in (told[:25], told[25:]):
                await turn.send(chunk(packed(half)))
            size += len(heard)
            await turn.client.reached(size)
        await turn.send(chunk(b""))

    async def walk(url: str) -> Message:
        local.extend((endpoint % url.encode(), message, message))
        reader, writer = await connect(url)
        writer.write(head("GET", f"{url}/sse", MCP))
        answered = await read_response(reader, b"GET", mcp.client.grow)
        writer.close()
        return answered

    async def play() -> None:
        async with mcp:
            seen = await recorded(tmp_path, mcp.url, walk)
        assert seen.got.body == b"".join(local)
        data = seen.exchange(f"{mcp.url}/sse").events[0].data
        assert data
        assert data.text == f"{mcp.url}/m?s=1"

    mcp = Origin(script)
    asyncio.run(play())


# The upstream out of reach.


def test_an_upstream_that_does_not_listen_is_a_502_and_an_error(tmp_path: Path) -> None:
    async def play() -> None:
        async with Origin(answer(b"")) as gone:
            pass

        async def walk(url: str) -> Message:
            return await ask(f"{url}/mcp")

        seen = await recorded(tmp_path, gone.url, walk)
        assert seen.got.status == 502
        [exchange] = seen.exchanges
        assert isinstance(exchange.last, Error)
        assert (exchange.last.kind, exchange.last.peer) == ("connect", gone.authority)

    asyncio.run(play())


def test_the_recorder_does_not_stand_in_front_of_itself(tmp_path: Path) -> None:
    async def walk(url: str) -> None:
        pytest.fail("it listens")

    with pytest.raises(UsageError, match="the recorder itself"):
        asyncio.run(recorded(tmp_path, "http://127.0.0.1:8484/mcp", walk, port=8484))


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return make_authority(tmp_path_factory.mktemp("authority"))


@pytest.mark.parametrize("trust", ["nobody", "upstream_ca", "insecure"])
def test_upstream_tls_is_verified(trust: str, authority: Authority, tmp_path: Path) -> None:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(authority.cert_file, authority.key_file)
    settings: dict[str, dict[str, Any]] = {
        "upstream_ca": {"upstream_ca": authority.ca_file},
        "insecure": {"insecure": True},
    }

    async def play() -> None:
        async with Origin(answer(b""), context) as mcp:
            mcp.script = answer(response(document(issuer=mcp.url), JSON))

            async def walk(url: str) -> tuple[str, Message]:
                return url, await ask(url + METADATA)

            seen = await recorded(tmp_path, mcp.url, walk, **settings.get(trust, {}))
            url, got = seen.got
            exchange = seen.exchange(mcp.url + METADATA)
            if trust == "nobody":
                assert got.status == 502
                assert isinstance(exchange.last, Error)
                assert exchange.last.kind == "tls"
            else:
                assert json.loads(got.body) == {"issuer": url}
                assert exchange.complete

    asyncio.run(play())
