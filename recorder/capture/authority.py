"""The recorder's own certificate authority, made once per user, and bundles that include it."""

import os
import tempfile
from pathlib import Path

import certifi
from mitmproxy import certs
from platformdirs import user_data_path

from wiretape.recorder.errors import BadInputError, EnvironmentFaultError

_KEY_BITS = 2048
_BASENAME = "mitmproxy"  # what mitmproxy looks for in its directory


def ensure_authority() -> Path:
    """Give the directory of the authority, making both when they are not there yet."""
    home = user_data_path("wiretape")
    directory = home / "ca"
    if certificate(directory).exists():
        return directory
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=home) as scratch, certs.CertStore.umask_secret():
            fresh = Path(scratch, "ca")
            certs.CertStore.create_store(
                fresh, _BASENAME, _KEY_BITS, organization="wiretape", cn="wiretape recorder"
            )
            try:
                fresh.rename(directory)
            except OSError:  # another recorder was faster, and its authority is as good
                if not certificate(directory).exists():
                    raise
    except OSError as error:
        raise EnvironmentFaultError(
            f"{directory}: cannot keep a certificate authority there: {error.strerror}"
        ) from None
    return directory


def certificate(directory: Path) -> Path:
    """Tell where the authority's certificate (PEM) is, for clients to trust."""
    return directory / f"{_BASENAME}-ca-cert.pem"


def bundle(path: Path, *extra: Path) -> Path:
    """Write the usual authorities and `extra` ones (PEM files) into one file at `path`."""
    parts = [Path(certifi.where()).read_text()]
    system = os.environ.get("SSL_CERT_FILE")
    for file in (*([Path(system)] if system else []), *extra):
        try:
            text = file.read_text()
        except (OSError, UnicodeError) as error:
            raise BadInputError(f"{file}: not a readable CA file: {error}") from None
        if "-----BEGIN CERTIFICATE-----" not in text:
            raise BadInputError(f"{file}: holds no PEM certificate")
        parts.append(text)
    path.write_text("\n".join(parts))
    return path
