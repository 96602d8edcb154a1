"""What is asked of stand-ins: one call in a session, and the way to a token; by hand and by wrk."""

import json
import time
from base64 import urlsafe_b64encode
from dataclasses import dataclass, replace
from hashlib import sha256
from socket import create_connection, create_server
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx

BACK = "http://127.0.0.1:9/callback"
VERIFIER = "v" * 43
CHALLENGE = urlsafe_b64encode(sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()

_STARTING = 60
"""Seconds that a stand-in may take to listen."""

_PARAMS = {
    "protocolVersion": "2025-11-25",
    "capabilities": {},
    "clientInfo": {"name": "benchmark", "version": "0"},
}
_CALL = {"name": "list_notes", "arguments": {}}
_LUA = """
wrk.method = "POST"
wrk.body = %(body)s
%(headers)s
"""
_FLOW = """
local step, id, secret, code = %(first)d, %(id)s, "", nil
local function urlencoded(text)
  return (text:gsub("[^%%w%%-_.~]", function(c) return string.format("%%%%%%02X", c:byte()) end))
end
function request()
  if step == 1 then
    return wrk.format("POST", %(register)s, {["content-type"] = "application/json"}, %(asked)s)
  elseif step == 2 then
    return wrk.format("GET", %(authorize)s .. "&client_id=" .. urlencoded(id))
  end
  local form = %(form)s .. "&client_id=" .. urlencoded(id) .. "&code=" .. urlencoded(code)
  local headers = {["content-type"] = "application/x-www-form-urlencoded"}
  return wrk.format("POST", %(token)s, headers, form)
end
function response(status, headers, body)
  if step == 1 then
    id = body:match('"client_id":%%s*"(.-)"')
  elseif step == 2 then
    local to = headers["Location"] or headers["location"]
    code = to:match("code=([^&]+)"):gsub("%%%%(%%x%%x)", function(hex)
      return string.char(tonumber(hex, 16))
    end)
  elseif not body:find("access_token") then
    print("no token: " .. status .. " " .. body)
    wrk.thread:stop()
  end
  step = step == 3 and %(first)d or step + 1
end
"""


@dataclass(frozen=True)
class Call:
    """A call that is asked again and again."""

    url: str
    headers: dict[str, str]
    body: str

    def at(self, url: str) -> "Call":
        """Give it for another one who answers."""
        return replace(self, url=url)

    def ask(self) -> httpx.Response:
        """Ask once."""
        return httpx.post(self.url, content=self.body, headers=self.headers, trust_env=False)

    def in_session(self) -> "Call":
        """Open a session; gives it in that."""
        return replace(self, headers=_opened(self.url, self.headers["authorization"]))

    def script(self) -> str:
        """Give what makes wrk ask."""
        headers = "\n".join(f'wrk.headers["{k}"] = {_lua(v)}' for k, v in self.headers.items())
        return _LUA % {"body": _lua(self.body), "headers": headers}


@dataclass(frozen=True)
class Grant:
    """The way to a token, from `register` on where clients are registered; paths of one origin."""

    url: str
    authorize: str
    token: str
    register: str | None = None
    client: str = ""

    @classmethod
    def discovered(cls, mcp: str) -> "Grant":
        """Give the way of the authorization server that an MCP endpoint names."""
        refused = httpx.post(mcp, json={}, trust_env=False)
        where = refused.headers["www-authenticate"].partition('resource_metadata="')[2]
        resource = httpx.get(where.partition('"')[0], trust_env=False).json()
        parts = urlsplit(resource["authorization_servers"][0])
        origin = f"{parts.scheme}://{parts.netloc}"
        path = f"/.well-known/oauth-authorization-server{parts.path}"
        told = httpx.get(origin + path, trust_env=False).json()
        names = ("authorization_endpoint", "token_endpoint", "registration_endpoint")
        return cls(origin, *(urlsplit(told[name]).path for name in names))

    @classmethod
    def of_mock(cls, origin: str) -> "Grant":
        """Give the way of oauth2-mock-server."""
        return cls(origin, "/authorize", "/token", client="benchmark")

    @property
    def steps(self) -> int:
        """How many requests it takes."""
        return 2 if self.register is None else 3

    def script(self) -> str:
        """Give what makes wrk go this way again and again."""
        asked = {
            "response_type": "code",
            "redirect_uri": BACK,
            "state": "state",
            "code_challenge": CHALLENGE,
            "code_challenge_method": "S256",
        }
        form = {
            "grant_type": "authorization_code",
            "redirect_uri": BACK,
            "code_verifier": VERIFIER,
        }
        registered = {"redirect_uris": [BACK], "token_endpoint_auth_method": "none"}
        return _FLOW % {
            "first": 2 if self.register is None else 1,
            "id": _lua(self.client),
            "register": _lua(self.register or ""),
            "asked": _lua(json.dumps(registered)),
            "authorize": _lua(f"{self.authorize}?{urlencode(asked)}"),
            "token": _lua(self.token),
            "form": _lua(urlencode(form)),
        }


def granted(url: str) -> Call:
    """Obtain a token and a session of an MCP endpoint whose authorization server is beside it."""
    origin = "/".join(url.split("/")[:3])
    with httpx.Client(trust_env=False) as http:
        told = http.get(f"{origin}/.well-known/oauth-authorization-server").json()
        client = http.post(told["registration_endpoint"], json={"redirect_uris": [BACK]}).json()
        asked = {
            "response_type": "code",
            "client_id": client["client_id"],
            "redirect_uri": BACK,
            "code_challenge": CHALLENGE,
            "code_challenge_method": "S256",
        }
        back = http.get(told["authorization_endpoint"], params=asked).headers["location"]
        form = {
            "grant_type": "authorization_code",
            "code": parse_qs(urlsplit(back).query)["code"][0],
            "redirect_uri": BACK,
            "code_verifier": VERIFIER,
            "client_id": client["client_id"],
        }
        if "client_secret" in client:
            form["client_secret"] = client["client_secret"]
        token = http.post(told["token_endpoint"], data=form).json()["access_token"]
    message = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": _CALL}
    return Call(url, _opened(url, f"Bearer {token}"), json.dumps(message))


def _opened(url: str, authorization: str) -> dict[str, str]:
    """Open a session; gives the headers of requests in it."""
    headers = {
        "authorization": authorization,
        "content-type": "application/json",
        "accept": "application/json, text/event-stream",
    }
    hello = {"jsonrpc": "2.0", "id": 0, "method": "initialize", "params": _PARAMS}
    opened = httpx.post(url, json=hello, headers=headers, trust_env=False)
    headers["mcp-protocol-version"] = "2025-11-25"
    headers["mcp-session-id"] = opened.headers["mcp-session-id"]
    note = {"jsonrpc": "2.0", "method": "notifications/initialized"}
    httpx.post(url, json=note, headers=headers, trust_env=False)
    return headers


def free_port() -> int:
    """Find a port that nobody listens on."""
    with create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def wait(port: int) -> None:
    """Wait until somebody listens there. Raises TimeoutError."""
    ends = time.monotonic() + _STARTING
    while time.monotonic() < ends:
        try:
            create_connection(("127.0.0.1", port)).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise TimeoutError(f"nobody listens on port {port}")


def _lua(text: str) -> str:
    return json.dumps(text)
