"""The rules that say where a secret stands, as data.

A secret is found by its *name* (a header, a JSON key, a parameter of a query or a form), by its
*shape* (a JWT, a token with a well-known beginning), or by a rule of the user's.
"""

import re
from dataclasses import dataclass
from typing import Literal

type Kind = Literal[
    "value", "credentials", "basic", "userinfo", "cookies", "set-cookie", "jwt", "token", "email"
]
"""How the text at a place is read: which parts of it are secret, and which stay."""

type Scope = Literal["header", "name", "parameter"]
"""Where a name counts: for headers; for JSON keys and the like; for parameters of URLs and forms.

A name that counts for parameters only is elsewhere one of a secret if its value looks random.
"""

HEADER: frozenset[Scope] = frozenset({"header"})
ANYWHERE: frozenset[Scope] = frozenset({"header", "name", "parameter"})
DATA: frozenset[Scope] = frozenset({"name", "parameter"})
PARAMETER: frozenset[Scope] = frozenset({"parameter"})


@dataclass(frozen=True, slots=True)
class NameRule:
    """Names of secrets, in lower case with `_` between their words.

    Case and separators do not matter: `access_token` is `accessToken` and `Access-Token`. With
    `ends` a longer name counts that ends in one of `words`. `sure` says that the values are secret
    and nothing else; the others may be ordinary data too, and are then replaced but not searched
    for elsewhere. With `opaque` only a value counts that looks like a token and like nothing else.
    A name for headers only counts there if its value looks random.
    """

    rule: str
    words: tuple[str, ...]
    kind: Kind = "value"
    scope: frozenset[Scope] = ANYWHERE
    ends: bool = True
    sure: bool = True
    keeps_urls: bool = False
    opaque: bool = False


@dataclass(frozen=True, slots=True)
class HeaderRule:
    """A header, in lower case, whose value is secret."""

    rule: str
    header: str


@dataclass(frozen=True, slots=True)
class ShapeRule:
    """A regular expression for a secret: its group `secret`, or all of it without one."""

    rule: str
    pattern: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class PointerRule:
    """A JSON pointer (RFC 6901), as its unescaped parts, to a secret in a text that is JSON."""

    rule: str
    parts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Rules:
    """All rules of a redactor. `emails` switches e-mail addresses on."""

    names: tuple[NameRule, ...] = ()
    headers: tuple[HeaderRule, ...] = ()
    shapes: tuple[ShapeRule, ...] = ()
    pointers: tuple[PointerRule, ...] = ()
    emails: bool = False


NAMES = (
    NameRule("authorization", ("authorization",), "credentials"),
    NameRule("cookie", ("cookie",), "cookies", ends=False, sure=False),
    NameRule("set-cookie", ("set_cookie",), "set-cookie", ends=False, sure=False),
    NameRule("session id", ("session_id", "sess_id", "session_key")),
    NameRule(
        "token",
        (
            *("token", "id_token_hint", "jwt"),
            *("access_tokens", "refresh_tokens", "id_tokens", "token_value"),
        ),
    ),
    NameRule("token", ("tokens",), scope=DATA, opaque=True),
    NameRule("token", ("x_auth", "x_session", "x_honeycomb_team"), scope=HEADER, ends=False),
    NameRule("secret", ("secret", "secrets", "secret_value")),
    NameRule("password", ("password", "passwords", "passwd", "passphrase", "passcode")),
    NameRule("password", ("x_pass", "x_pwd", "x_otp", "x_credential", "x_credentials"), ends=False),
    NameRule(
        "key",
        (
            "api_key",
            "access_key",
            "secret_key",
            "private_key",
            "signing_key",
            "subscription_key",
            "auth_key",
            "functions_key",
            "master_key",
        ),
    ),
    NameRule("key", ("api_keys", "access_keys", "secret_keys"), scope=DATA, opaque=True),
    NameRule("key", ("key",), scope=HEADER),
    NameRule("client id", ("client_id",), sure=False, keeps_urls=True),
    NameRule("pkce", ("code_verifier", "code_challenge", "oauth_verifier"), scope=DATA),
    NameRule(
        "grant",
        (
            "device_code",
            "user_code",
            "authorization_code",
            "auth_code",
            "assertion",
            "saml_response",
            "login_ticket",
        ),
    ),
    NameRule("dpop", ("dpop",), scope=HEADER, ends=False),
    NameRule(
        "parameter",
        (
            *("code", "state", "nonce", "session", "sid", "ticket"),
            *("csrf", "xsrf", "pass", "pwd", "auth", "credentials"),
        ),
        scope=PARAMETER,
        ends=False,
        sure=False,
    ),
    NameRule(
        "signature",
        ("sig", "signature", "oauth_signature"),
        scope=PARAMETER,
        ends=False,
        sure=False,
    ),
    NameRule("signature", ("signature", "signature_256", "hmac_sha256"), scope=HEADER),
    NameRule("signature", ("amz_signature", "goog_signature"), scope=PARAMETER, sure=False),
)

NO_SECRETS = (
    "progress_token",
    "page_token",
    "next_token",
    "continuation_token",
    "continue_token",
    "sync_token",
    "resume_token",
    "paging_token",
    "cursor_token",
    "stop_token",
    "bos_token",
    "eos_token",
    "pad_token",
    "unk_token",
    "sep_token",
    "mask_token",
    "public_key",
    "websocket_key",
    "idempotency_key",
    "surrogate_key",
    "cache_key",
    "partition_key",
    "routing_key",
)
"""Names, or ends of names, that look like a secret's and are none: paging, progress, tokenizers,
keys to records.
"""

DEFAULT = Rules(names=NAMES)
"""The rules that are on unless more are asked for."""
