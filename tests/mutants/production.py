"""What went wrong with real bridges and gateways; the name is what a mistake's `production` says.

Each has to have a mistake: the suite is there so that these are found before production.
"""

FAILURES = {
    "client-secret": "the token exchange lacked client_secret",
    "unreachable": "the host of the service could not be resolved",
    "cloud-id": "X-Atlassian-Cloud-Id was missing",
    "header-twice": "a header came twice, in two spellings",
    "outdated-sdk": "an outdated SDK asked as the service no longer understands",
    "transport": "the client spoke another transport than the service",
    "trailing-slash": "a redirect for a trailing slash led from https to http and lost the POST",
}
"""Of a gateway."""

TO_DO = {
    "offline-access": "offline_access is not among the default scopes",
    "client-id": "the client id is not that of the registration, which is not kept",
    "refresh": "the token endpoint knows no refresh",
    "refresh-form": "the refresh is sent as JSON, not as a form",
    "rotation": "a rotated refresh token is not stored",
    "re-wrap": "a refreshed token of the service behind is not wrapped anew",
    "expiry": "a token's expiry is not that of the refreshed token behind",
    "cors": "CORS does not let browsers send what MCP needs",
    "session-id-exposed": "browsers cannot read mcp-session-id",
    "session-id": "initialize is answered without mcp-session-id",
    "early-401": "an early 401 has no JSON body",
    "negotiation": "a client that tries one transport after the other does not get through",
}
"""Of a bridge."""
