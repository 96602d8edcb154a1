"""A recording in which every text that a client or a server may choose means harm."""

from play import Play, call, failure, initialize, initialized, note, result

EVIL = (
    "<script>alert(1)</script>",
    "<img src=https://evil.example.com/x onerror=alert(1)>",
    "</style></title></svg><script>alert(2)</script>",
    "](javascript:alert(3)) [x](https://evil.example.com)",
    '"]; click A "javascript:alert(4)"',
    "\x1b[31mred\x1b[0m \x07 \u202egnp.exe",
    "``` </pre> ` | a | b |\n# heading\n- item\r\n%%{init: {}}%%",
    "{{ 7 * 7 }}{% raw %}<!-- --> &lt;b&gt; &#60;",
    "https://evil.example.com/ www.evil.example.com @someone ~~x~~ **y** _z_ $w$ <b>",
)
ALL = " ".join(EVIL)
SITE = "https://mcp.example.com"


def hostile() -> Play:
    play = Play()
    for number, evil in enumerate(EVIL):
        _session(play, f"{SITE}/{evil}/mcp", evil, number)
    play.fail(play.post(f"{SITE}/{ALL}", call(99, ALL)), ALL)
    play.mark(ALL, ALL)
    play.gap(ALL)
    return play


def _session(play: Play, url: str, evil: str, number: int) -> None:
    headers = {
        "User-Agent": evil,
        "Origin": evil,
        "Authorization": f"Bearer {evil}",
        f"X-{evil}": evil,
    }
    challenge = {
        "WWW-Authenticate": f'Bearer realm="{evil}", error="{evil}"',
        "Content-Type": evil,
        "Access-Control-Allow-Origin": evil,
        "Access-Control-Allow-Headers": evil,
        "Location": evil,
    }
    play.answer(
        play.post(url, initialize(client=evil), headers),
        {"error": evil},
        status=401,
        headers=challenge,
    )
    known = play.request("GET", f"{SITE}/.well-known/oauth-authorization-server/{evil}")
    play.answer(known, {"issuer": evil, evil: evil, "token_endpoint": evil})
    form = {"grant_type": evil, "code": evil, "client_id": evil, "client_secret": evil}
    post = play.request("POST", f"{SITE}/{evil}/token", form=form, headers={"User-Agent": evil})
    tokens = {"access_token": f"{evil}{number}", "token_type": evil, "scope": evil, "expires_in": 5}
    play.answer(post, tokens)
    post = play.request("POST", f"{SITE}/{evil}/token", form=form)
    play.answer(post, {"error": evil, "error_description": evil}, status=400)
    headers["Authorization"] = f"Bearer {evil}{number}"
    given = {"Mcp-Session-Id": evil, evil: evil}
    play.answer(
        play.post(url, initialize(client=evil), headers), initialized(server=evil), headers=given
    )
    tool = {"name": evil, "description": evil, "inputSchema": {"properties": {evil: {}}}}
    play.answer(play.post(url, call(1, "tools/list"), headers), result(1, tools=[tool]))
    play.answer(play.post(url, call(2, evil, name=evil), headers), failure(2, -32601, evil))
    stream = play.listen(url, headers)
    play.stream(stream, headers={"X-Trace": evil})
    play.event(stream, note(evil), event=evil)
    play.end(stream, "server abort", evil)
