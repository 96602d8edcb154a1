"""TLS for a server on loopback."""

import ssl

from peers.tls import Authority


def server_side(authority: Authority) -> ssl.SSLContext:
    """Give the context of a server that has the authority's certificate."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(authority.cert_file, authority.key_file)
    return context
