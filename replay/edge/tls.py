"""TLS for services: an authority for the occasion, which nobody trusts who is not told to."""

import os
import ssl
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import trustme

_HERE = ("localhost", "127.0.0.1", "::1")


class Authority:
    """Vouches for services on this machine; its key is in memory only."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self._ca = trustme.CA(organization_name="wiretape", organization_unit_name="replay")
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as pem:
            pem.write(self._ca.cert_pem.bytes())

    def context(self, host: str) -> ssl.SSLContext:
        """Give what a server at this host, a name or an address, needs."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._ca.issue_cert(*dict.fromkeys((host, *_HERE))).configure_cert(context)
        return context

    @property
    def environment(self) -> dict[str, str]:
        """The variables by which HTTP clients (OpenSSL's, requests, curl, Node) trust it."""
        names = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "NODE_EXTRA_CA_CERTS")
        return dict.fromkeys(names, str(self.file))


@contextmanager
def authority() -> Iterator[Authority]:
    """Make an authority; its certificate (PEM) is in a file while the context lasts."""
    with tempfile.TemporaryDirectory(prefix="wiretape-") as folder:
        yield Authority(Path(folder) / "ca.pem")
