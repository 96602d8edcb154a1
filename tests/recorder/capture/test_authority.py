"""The recorder's certificate authority: made once, kept from others, part of every bundle."""

import ssl
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from wiretape.recorder.capture.authority import bundle, certificate, ensure_authority
from wiretape.recorder.errors import BadInputError, EnvironmentFaultError


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "share"))
    return tmp_path / "share" / "wiretape"


def test_it_is_made_once_and_its_key_is_nobody_elses(home: Path):
    directory = ensure_authority()
    key = (directory / "mitmproxy-ca.pem").read_bytes()
    assert ensure_authority() == directory
    assert (directory / "mitmproxy-ca.pem").read_bytes() == key
    assert (directory / "mitmproxy-ca.pem").stat().st_mode & 0o777 == 0o600
    assert home.stat().st_mode & 0o777 == 0o700


def test_recorders_that_start_together_agree_on_one():
    with ThreadPoolExecutor(4) as starting:
        found = list(starting.map(lambda _: ensure_authority(), range(4)))
    assert len(set(found)) == 1
    assert [path.name for path in found[0].parent.iterdir()] == ["ca"]


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "file"))
    with pytest.raises(EnvironmentFaultError, match="cannot keep a certificate authority there"):
        ensure_authority()


def test_a_bundle_has_the_usual_authorities_and_the_recorders(tmp_path: Path):
    usual = bundle(tmp_path / "usual.pem")
    combined = bundle(tmp_path / "all.pem", certificate(ensure_authority()))
    count = {}
    for path in (usual, combined):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.load_verify_locations(path)
        count[path] = len(context.get_ca_certs())
    assert count[combined] == count[usual] + 1


def test_a_file_that_is_no_certificate_is_refused(tmp_path: Path):
    wrong = tmp_path / "wrong.pem"
    wrong.write_text("no certificate")
    with pytest.raises(BadInputError, match=r"wrong\.pem: holds no PEM certificate"):
        bundle(tmp_path / "all.pem", wrong)
    with pytest.raises(BadInputError, match=r"missing\.pem: not a readable CA file"):
        bundle(tmp_path / "all.pem", tmp_path / "missing.pem")
