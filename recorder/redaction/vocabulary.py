"""Words that are no secret, whatever stands for one somewhere.

A cookie may be called `initialize`; were that word hunted for, every recording would lose its first
request.
"""

SHORTEST = 8
"""Least length, in characters, of what is hunted for: anything shorter turns up by chance."""

_MCP = """
    initialize initialized notifications completion complete resources templates subscribe
    unsubscribe subscriptions listchanged elicitation sampling createmessage setlevel cancelled
    progresstoken nextcursor protocolversion capabilities clientinfo serverinfo instructions
    inputschema outputschema structuredcontent resource_link resourcetemplates annotations
    readonlyhint destructivehint idempotenthint openworldhint arguments experimental assistant
    description mimetype maxtokens stopreason modelpreferences systemprompt mcp-session-id
    mcp-protocol-version mcp-method last-event-id sessionid session_id discover
"""
_OAUTH = """
    authorization authorization_code authorization_endpoint authorization_servers
    authorization_details authorization_response_iss_parameter_supported authorization_pending
    access_token access_denied refresh_token id_token token_type token_type_hint token_endpoint
    token_endpoint_auth_method token_endpoint_auth_methods_supported expires_in client_id
    client_id_issued_at client_id_metadata_document_supported client_name client_secret
    client_secret_basic client_secret_post client_secret_jwt client_secret_expires_at client_uri
    client_credentials client_assertion client_assertion_type private_key_jwt registration
    registration_endpoint registration_access_token registration_client_uri redirect_uri
    redirect_uris response_type response_types response_types_supported response_mode
    response_modes_supported grant_type grant_types grant_types_supported scopes_supported
    code_verifier code_challenge code_challenge_method code_challenge_methods_supported
    device_code device_authorization_endpoint user_code verification_uri
    verification_uri_complete revocation_endpoint introspection_endpoint userinfo_endpoint
    jwks_uri end_session_endpoint service_documentation op_policy_uri op_tos_uri
    bearer_methods_supported resource_metadata resource_name resource_documentation
    subject_token subject_token_type actor_token actor_token_type requested_token_type
    issued_token_type id_token_hint login_hint acr_values ui_locales auth_time invalid_request
    invalid_client invalid_grant invalid_scope invalid_token invalid_target invalid_redirect_uri
    invalid_client_metadata invalid_software_statement unauthorized_client
    unsupported_grant_type unsupported_response_type unsupported_token_type insufficient_scope
    temporarily_unavailable server_error slow_down expired_token login_required consent_required
    interaction_required account_selection_required use_dpop_nonce software_id software_version
    software_statement error_description error_uri offline_access token-exchange jwt-bearer
    saml2-bearer fragment form_post query.jwt select_account redirect
"""
_HTTP = """
    accept-encoding accept-language accept-ranges access-control-allow-origin
    access-control-allow-methods access-control-allow-headers access-control-allow-credentials
    access-control-expose-headers access-control-max-age access-control-request-method
    access-control-request-headers cache-control connection content-type content-length
    content-encoding content-language content-location content-disposition
    content-security-policy cross-origin-opener-policy cross-origin-resource-policy
    if-modified-since if-none-match keep-alive last-modified location permissions-policy
    proxy-authenticate proxy-authorization referrer-policy report-to retry-after sec-fetch-dest
    sec-fetch-mode sec-fetch-site sec-fetch-user server-timing set-cookie
    strict-transport-security transfer-encoding upgrade-insecure-requests user-agent
    www-authenticate x-content-type-options x-forwarded-for x-forwarded-host x-forwarded-proto
    x-frame-options x-request-id x-requested-with x-xss-protection xmlhttprequest no-cache
    no-store no-check must-revalidate same-origin same-site cross-site same-origin-allow-popups
    strict-origin-when-cross-origin samesite httponly partitioned includesubdomains application
    javascript x-www-form-urlencoded form-data multipart octet-stream event-stream problem+json
    text/plain text/html text/event-stream application/json application/x-www-form-urlencoded
    multipart/form-data websocket identity trailers localhost 127.0.0.1
"""
_PROGRAMS = """
    additionalproperties properties required definitions undefined function anonymous password
    username passphrase credential credentials secret_key private_key public_key session_key
    authenticated unauthorized forbidden not_found disabled internal external production
    development unsupported exception traceback successful succeeded completed accepted rejected
    cancelled timestamp datetime duration identifier reference collection container attribute
    attributes parameter parameters variable variables document documents
"""

VOCABULARY = frozenset(f"{_MCP} {_OAUTH} {_HTTP} {_PROGRAMS}".split())
"""In lower case."""

KEPT = frozenset({"", "true", "false", "null", "none", "undefined", "nocheck", "no-check"})
"""Values, in lower case, that say that there is no secret: they stay even where one should be."""
