"""The reference gateway as a process, in front of a replayed service, and users of it."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

import httpx

from peers.forking import forked
from peers.processes import environment, serving
from wiretape.replay.background import StandIn, replayed
from wiretape.replay.oauth.clients import described
from wiretape.replay.oauth.sites import site_of
from wiretape.replay.service import Choices

PROFILE = "atlassian-gateway"
LIFETIME = 3600
USERS = ("ada", "ben", *(f"user-{number}" for number in range(50)))
TOOL = "jira_search"
ARGUMENTS = {"jql": "project = DEMO"}

CALLBACK = "https://gateway.example/connections/atlassian/callback"
SECRET = "a-secret-of-the-gateway-0123456789"
CLIENT = {
    "client_id": "GatewayClientId0123456789",
    "client_secret": SECRET,
    "redirect_uris": [CALLBACK],
    "token_endpoint_auth_method": "client_secret_post",
}

type Json = Any


def configured(env: dict[str, str], **other: Json) -> Json:
    """Give a configuration for a service that is where its environment variables say."""
    oauth = {
        "provider": "atlassian",
        "client_id": CLIENT["client_id"],
        "client_secret": "${GATEWAY_SECRET}",
        "authorize_url": env["WIRETAPE_AUTHORIZATION_URL"],
        "token_url": env["WIRETAPE_TOKEN_URL"],
        "resources_url": env["WIRETAPE_RESOURCES_URL"],
        "scopes": "read:jira-work write:jira-work",
        "redirect_uri": CALLBACK,
    }
    server = {
        "url": env["WIRETAPE_URL"],
        "transport": "streamable-http",
        "auth_type": "oauth2",
        "display_name": "Atlassian",
        "description": "Jira and Confluence",
        "oauth_config": oauth | other.pop("oauth_config", {}),
    }
    return {"mcpServers": {"atlassian": server | other}}


class Gatewayed:
    """Users of a gateway, and the service behind it. Each user has a browser of their own."""

    def __init__(self, url: str, log: Path, service: StandIn) -> None:
        self.url, self.log, self.service = url, log, service
        self._http: dict[str, httpx.Client] = {}

    def afresh(self, *users: str) -> "Gatewayed":
        """Forget what was before: faults, connections, the service's journal; connect these."""
        self.service.disarm()
        for user in self._http:
            self.user(user).delete("/connections/atlassian")
        self.connect(*users)
        self.service.do(lambda at: at.service.world.journal.clear())
        return self

    def user(self, name: str) -> httpx.Client:
        """Give the browser of a user, as the company's proxy lets it through."""
        if name not in self._http:
            self._http[name] = httpx.Client(
                base_url=self.url,
                headers={"x-user": name},
                timeout=30,
                trust_env=False,
                verify=False,
            )
        return self._http[name]

    def close(self) -> None:
        for http in self._http.values():
            http.close()

    def consent(self, user: str, authorize: str) -> dict[str, str]:
        """Consent at the service as a user; gives what the browser brings back."""
        cookie = {"cookie": f"wiretape_user={quote(user)}"}
        answer = httpx.get(authorize, headers=cookie, trust_env=False, verify=False)
        location = answer.headers["location"]
        assert location.startswith(CALLBACK), answer.text
        return dict(parse_qsl(urlsplit(location).query))

    def wish(self, user: str) -> str:
        """Begin to connect; gives where the user is sent."""
        answer = self.user(user).get("/connections/atlassian/authorize")
        assert answer.status_code == 302, answer.text
        return str(answer.headers["location"])

    def back(self, user: str, told: dict[str, str]) -> httpx.Response:
        return self.user(user).get("/connections/atlassian/callback", params=told)

    def connect(self, *users: str) -> None:
        for user in users:
            answer = self.back(user, self.consent(user, self.wish(user)))
            assert answer.status_code == 200, answer.text

    def call(self, user: str, tool: str = TOOL) -> httpx.Response:
        return self.user(user).post(f"/tools/{tool}", json=ARGUMENTS)

    def tools(self, user: str) -> httpx.Response:
        return self.user(user).get("/tools")

    def asked(self, operation: str) -> list[int | None]:
        """Give the statuses of what the service was asked, by what was asked."""
        return [each.status for each in self.service.journal if each.operation == operation]


@contextmanager
def gateway_process(
    folder: Path, configuration: Json, *options: str, env: Mapping[str, str]
) -> Iterator[tuple[str, Path]]:
    """Run a gateway whose files are in a folder; gives its URL and its log."""
    config = folder / "gateway.json"
    config.write_text(json.dumps(configuration))
    command = [*forked("gateway"), "--config", str(config)]
    command += ["--database", f"sqlite:///{folder}/gateway.sqlite"]
    command += ["--key-file", str(folder / "gateway.key"), *options]
    with serving(command, environment() | {"GATEWAY_SECRET": SECRET, **env}) as started:
        yield started


@contextmanager
def serviced(
    *, tls: bool = False, record: Path | None = None, **choices: Json
) -> Iterator[StandIn]:
    """Run the service that knows the gateway."""
    known = {"users": USERS, "clients": (described(CLIENT),), "expires_in": LIFETIME}
    chosen = Choices(**(known | choices))
    with replayed(PROFILE, choices=chosen, tls=tls, record=record) as service:
        yield service


@contextmanager
def gatewaying(service: StandIn, folder: Path, *options: str, **other: Json) -> Iterator[Gatewayed]:
    """Run a gateway in front of a service."""
    env = service.env()
    with gateway_process(folder, configured(env, **other), *options, env=env) as (url, log):
        found = Gatewayed(url, log, service)
        try:
            yield found
        finally:
            found.close()


@contextmanager
def gatewayed(folder: Path, *options: str, **other: Json) -> Iterator[Gatewayed]:
    """Run a service and a gateway in front of it."""
    with serviced() as service, gatewaying(service, folder, *options, **other) as found:
        yield found


def site(user: str) -> str:
    """Give the cloud id of a user's site."""
    return site_of(user)
