"""A certificate authority of the tests' own, and a certificate from it for loopback."""

from dataclasses import dataclass
from pathlib import Path

import trustme


@dataclass(frozen=True)
class Authority:
    """PEM files: the authority's certificate, and a server's certificate chain and private key."""

    ca_file: Path
    cert_file: Path
    key_file: Path


def make_authority(directory: Path) -> Authority:
    """Make an authority and a certificate for `127.0.0.1` and `localhost` in `directory`."""
    files = Authority(directory / "ca.pem", directory / "cert.pem", directory / "key.pem")
    authority = trustme.CA()
    certificate = authority.issue_cert("127.0.0.1", "localhost")
    authority.cert_pem.write_to_path(files.ca_file)
    files.cert_file.write_bytes(b"".join(blob.bytes() for blob in certificate.cert_chain_pems))
    certificate.private_key_pem.write_to_path(files.key_file)
    return files
