"""What whoever runs the gateway configures: the servers, in the JSON that MCP clients share."""

import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urljoin, urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, ValidationError

from gateway.errors import SettingsError

_RESERVED = {"accept", "authorization", "content-type", "host", "mcp-session-id"}

_REFERENCE = re.compile(r"\$\{(\w+)\}")


def _url(text: str) -> str:
    """Check a URL, and leave it as it is: a slash more or less is another URL."""
    parts = urlsplit(text)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("must be an http or https URL")
    if parts.username or parts.fragment:
        raise ValueError("must have no user and no fragment")
    return text


def _unreserved(name: str) -> str:
    if name.lower() in _RESERVED:
        raise ValueError("is a header that has another meaning")
    return name


type Url = Annotated[str, AfterValidator(_url)]
type HeaderName = Annotated[str, Field(pattern=r"^[A-Za-z0-9-]+$"), AfterValidator(_unreserved)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class OAuthConfig(_Strict):
    """How users connect: the authorization server, and the client that the gateway is there."""

    provider: str = "atlassian"
    client_id: str = Field(min_length=1)
    client_secret: SecretStr = Field(min_length=1)
    authorize_url: Url
    token_url: Url
    revocation_url: Url | None = None
    resources_url: Url | None = None
    scopes: str
    redirect_uri: Url
    cloud_id_header_name: HeaderName = "X-Atlassian-Cloud-Id"


class Server(_Strict):
    """An MCP service that users connect to."""

    url: Url
    transport: Literal["streamable-http"]
    auth_type: Literal["oauth2"]
    display_name: str
    description: str = ""
    oauth_config: OAuthConfig
    site_url: Url = "https://api.atlassian.com"
    cloud_id: str | None = None

    @property
    def resources_url(self) -> str | None:
        """Where a user's sites are listed, if the service has any."""
        config = self.oauth_config
        if config.resources_url is None and config.provider == "atlassian":
            return self.site_url.rstrip("/") + "/oauth/token/accessible-resources"
        return config.resources_url

    @property
    def connect_url(self) -> str:
        """Where users begin to connect, as their browsers see it: beside the redirect URI."""
        return urljoin(self.oauth_config.redirect_uri, "authorize")


class _File(_Strict):
    mcpServers: dict[str, Server] = Field(min_length=1)  # noqa: N815 - the file's own spelling


@dataclass(frozen=True)
class Settings:
    """The servers by name, the database's URL, the file with the key, seconds to wait."""

    servers: Mapping[str, Server]
    database: str
    key_file: Path
    timeout: float = 30


def read(path: Path, environment: Mapping[str, str] = os.environ) -> dict[str, Server]:
    """Read the servers; `${NAME}` in a text is an environment variable. Raises SettingsError."""
    try:
        text = path.read_text()
    except OSError as error:
        raise SettingsError(f"{path}: cannot be read: {error.strerror}") from error
    except UnicodeError as error:
        raise SettingsError(f"{path}: is not UTF-8") from error
    try:
        return _File.model_validate_json(_expanded(text, environment)).mcpServers
    except KeyError as error:
        raise SettingsError(f"{path}: the environment has no variable {error.args[0]}") from error
    except ValidationError as error:
        first: Any = error.errors(include_input=False, include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise SettingsError(f"{path}: {f'{where}: ' * bool(where)}{first['msg']}") from None


def _expanded(text: str, environment: Mapping[str, str]) -> str:
    """Put environment variables in, as JSON has them. Raises KeyError for one that is not set."""
    return _REFERENCE.sub(lambda found: _quoted(environment[found[1]]), text)


def _quoted(value: str) -> str:
    return json.dumps(value)[1:-1]
