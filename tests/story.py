"""One recording with something of everything."""

from play import Play, call, failure, initialize, initialized, note, progress, result
from players import MCP, Sse

SITE, AUTH = "https://mcp.example.com", "https://auth.example.com"
UA = {"User-Agent": "client/1"}


def story() -> Play:
    play = Play()
    _find_the_way(play)
    _grant(play)
    _session(play)
    play.fail(
        play.request("POST", "https://nowhere.example.com/token", form={"grant_type": "x"}),
        "[Errno -5] No address associated with hostname",
    )
    play.gap("No space left on device", 3)
    sse = Sse(play, "a" * 40, on="c7")
    sse.say(call(1, "tools/call", name="search"))
    sse.hear(result(1, a="b" * 3000))
    return play


def _find_the_way(play: Play) -> None:
    first = play.post(f"{MCP}/", initialize(), UA)
    play.answer(first, status=307, headers={"Location": MCP})
    challenge = {"WWW-Authenticate": 'Bearer realm="OAuth", error="invalid_token"'}
    second = play.post(MCP, initialize(), UA, cause=first)
    play.answer(second, text="no", status=401, headers=challenge)
    known = play.request("GET", f"{SITE}/.well-known/oauth-protected-resource/mcp")
    play.answer(known, status=404)
    known = play.request("GET", f"{SITE}/.well-known/oauth-authorization-server")
    play.answer(known, {"issuer": AUTH, "token_endpoint": f"{AUTH}/token"})


def _grant(play: Play) -> None:
    post = play.request("POST", f"{AUTH}/register", json={"redirect_uris": ["http://localhost:1/"]})
    play.answer(post, {"client_id": "abc"}, status=201)
    query = "response_type=code&client_id=abc&state=s&code_challenge=x"
    get = play.request("GET", f"{AUTH}/authorize?{query}")
    play.answer(get, status=302, headers={"Location": "http://localhost:1/?code=k&state=s"})
    code = {"grant_type": "authorization_code", "code": "k", "client_id": "abc"}
    post = play.request("POST", f"{AUTH}/token", form=code)
    play.answer(post, {"access_token": "t1", "refresh_token": "r1", "expires_in": 3300})


def _session(play: Play) -> None:
    headers = {"Authorization": "Bearer t1"} | UA
    post = play.post(MCP, initialize(), headers)
    play.answer(post, initialized(), headers={"Mcp-Session-Id": "0f3c"})
    headers["Mcp-Session-Id"] = "0f3c"
    play.answer(play.post(MCP, note("notifications/initialized"), headers), status=202)
    listening = play.listen(MCP, headers, on="c2")
    play.stream(listening)
    play.mark("call a tool")
    post = play.post(MCP, call(2, "tools/call", name="jira_search_issues", progress=2), headers)
    play.stream(post)
    play.event(post, progress(2))
    play.event(listening, call(0, "sampling/createMessage"))
    play.answer(play.post(MCP, result(0, x=1), headers), status=202)
    play.event(post, failure(2, -32602, "Unknown project \x1b[31mRED"))
    play.end(post)
    post = play.post(MCP, call(3, "resources/read", uri="file:///a/long/path/to/it.md"), headers)
    play.stream(post)
    play.event(post, note("notifications/message"))
    play.end(post, "server abort", "peer closed connection without sending complete message body")
    refresh = {"grant_type": "refresh_token", "refresh_token": "r1", "client_id": "abc"}
    post = play.request("POST", f"{AUTH}/token", form=refresh)
    play.answer(post, {"error": "invalid_grant"}, status=400)
    play.answer(play.request("DELETE", MCP, headers=headers), status=200)
    play.end(listening, "client abort", "client disconnected")
