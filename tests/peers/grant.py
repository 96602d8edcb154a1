"""An OAuth grant by hand: RFC 9728 and 8414 discovery, registration, PKCE, refresh, revocation."""

import base64
import hashlib
import json
import secrets
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from peers.plain_http import Http

FORM = {"content-type": "application/x-www-form-urlencoded"}

type Json = dict[str, Any]


class Callback(BaseHTTPRequestHandler):
    """The client's own page that the browser lands on with the code."""

    landed: dict[str, str]

    def do_GET(self) -> None:
        type(self).landed = dict(parse_qsl(urlsplit(self.path).query))
        self.send_response(200)
        self.send_header("content-type", "text/plain")
        self.end_headers()
        self.wfile.write(b"You may close this window.")

    def log_message(self, *_: object) -> None:
        pass


class Grant:
    """One client's grant; `grants` names how each of its tokens was obtained."""

    def __init__(self, http: Http) -> None:
        self.http = http
        self.grants: list[str] = []
        self.server: Json = {}
        self.client: Json = {}
        self.tokens: Json = {}

    def fetch(self, method: str, url: str, headers: dict[str, str], body: str = "") -> Any:
        with self.http(method, url, headers, body.encode()) as answer:
            text = answer.text()
            assert answer.status in {200, 201}, f"{method} {url} {answer.status} {text}"
            return json.loads(text or "null")

    def renew(self, challenge: str) -> None:
        """Answer a 401: refresh the grant if there is one, else obtain it."""
        if self.tokens:
            self.token(grant_type="refresh_token", refresh_token=self.tokens["refresh_token"])
        else:
            self.authorize(challenge.partition('resource_metadata="')[2].partition('"')[0])

    def authorize(self, metadata_url: str) -> None:
        resource = self.fetch("GET", metadata_url, {})
        issuer = resource["authorization_servers"][0]
        self.server = self.fetch("GET", f"{issuer}/.well-known/oauth-authorization-server", {})
        assert self.server["issuer"] == issuer

        Callback.landed = {}
        page = HTTPServer(("127.0.0.1", 0), Callback)
        Thread(target=page.handle_request, daemon=True).start()
        redirect_uri = f"http://127.0.0.1:{page.server_port}/callback"
        registration = {
            "client_name": "by hand",
            "redirect_uris": [redirect_uri],
            "token_endpoint_auth_method": "client_secret_basic",
        }
        self.client = self.fetch(
            "POST",
            self.server["registration_endpoint"],
            {"content-type": "application/json"},
            json.dumps(registration),
        )

        verifier, state = secrets.token_urlsafe(48), secrets.token_urlsafe(16)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest())
        request = {
            "response_type": "code",
            "client_id": self.client["client_id"],
            "redirect_uri": redirect_uri,
            "state": state,
            "code_challenge": challenge.decode().rstrip("="),
            "code_challenge_method": "S256",
            "resource": resource["resource"],
            "scope": self.client["scope"],
        }
        authorize = f"{self.server['authorization_endpoint']}?{urlencode(request)}"
        with self.http("GET", authorize, {}) as answer:
            location = answer.headers["location"]
        with self.http("GET", location, {}) as answer:
            assert answer.status == 200
        page.server_close()
        assert Callback.landed["state"] == state
        self.token(
            grant_type="authorization_code",
            code=Callback.landed["code"],
            code_verifier=verifier,
            redirect_uri=redirect_uri,
            resource=resource["resource"],
        )

    def token(self, **form: str) -> None:
        self.tokens = self.send_form(self.server["token_endpoint"], form)
        self.grants.append(form["grant_type"])

    def revoke(self) -> None:
        if self.tokens:
            form = {"token": self.tokens["refresh_token"], "token_type_hint": "refresh_token"}
            secret = {"client_secret": self.client["client_secret"]}
            self.send_form(self.server["revocation_endpoint"], form | secret)

    def send_form(self, url: str, form: dict[str, str]) -> Any:
        """Send a form with the client's credentials as RFC 6749, section 2.3.1, wants them."""
        pair = f"{quote(self.client['client_id'])}:{quote(self.client['client_secret'])}"
        basic = f"Basic {base64.b64encode(pair.encode()).decode()}"
        body = urlencode({"client_id": self.client["client_id"], **form})
        return self.fetch("POST", url, FORM | {"authorization": basic}, body)
