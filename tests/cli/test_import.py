import json
import stat
import sys
from contextlib import chdir
from pathlib import Path

import pytest
from command import Wiretape
from imports import har, har_entry, headers
from mitmproxy.io import FlowWriter
from mitmproxy.test import tflow

from wiretape.recorder.log.reader import read
from wiretape.recorder.log.records import Request

SECRET = "aVerySecretToken0123456789"


@pytest.fixture
def har_file(tmp_path: Path) -> Path:
    stream = {"headers": headers(content_type="text/event-stream")}
    file = tmp_path / "in.har"
    file.write_text(
        json.dumps(
            har(
                har_entry(
                    request={"headers": headers(authorization=f"Bearer {SECRET}")},
                    response=stream | {"content": {"text": "data: 1\n\n"}},
                ),
                har_entry(response={"content": {"size": 5}}),
                har_entry(response={"content": {"size": 5}}),
            )
        )
    )
    return file


@pytest.fixture
def flow_file(tmp_path: Path) -> Path:
    path = tmp_path / "in.flows"
    with path.open("wb") as file:
        FlowWriter(file).add(tflow.tflow(resp=True))
    return path


def test_a_har_file_becomes_a_recording(wiretape: Wiretape, har_file: Path) -> None:
    out = har_file.parent / "out"
    ran = wiretape("import", har_file, "--name", "it", "--out", out, "--provenance", "a browser")
    recording = out / "mcp-traffic-it-2025-08-29T02-09-10-217Z.jsonl"
    assert ran.code == 0
    assert ran.out == f"3 exchanges, 1 event → {recording}\n"
    assert ran.err == "warning: the body of a response is not in the HAR file (2 times)\n"
    assert SECRET not in recording.read_text()
    assert stat.S_IMODE(recording.stat().st_mode) == 0o600
    with read(recording) as reading:
        assert reading.opening.provenance == "a browser"
    manifest = json.loads(recording.with_suffix(".redaction.json").read_text())
    assert manifest["secrets"] == 1
    assert wiretape("check", recording).code == 0


def test_a_flow_file_becomes_a_recording(wiretape: Wiretape, flow_file: Path) -> None:
    ran = wiretape("import", flow_file, "--out", flow_file.parent, "--max-body", "3")
    assert ran.code == 0
    (recording,) = flow_file.parent.glob("*.jsonl")
    with read(recording) as reading:
        (request,) = [record for _, record in reading if isinstance(record, Request)]
    assert request.body is not None
    assert (request.body.text, request.body.cut) == ("con", True)


def test_what_stands_before_damage_is_kept(wiretape: Wiretape, flow_file: Path) -> None:
    with flow_file.open("ab") as file:
        file.write(b"1234:cut")
    ran = wiretape("import", flow_file, "--out", flow_file.parent)
    (recording,) = flow_file.parent.glob("*.jsonl")
    assert ran.code == 3
    assert ran.err.splitlines()[-1].startswith(f"wiretape: {flow_file}: no flow at byte ")
    assert ran.err.endswith(f"; what stands before is in {recording}\n")
    assert wiretape("check", recording).code == 0


@pytest.mark.parametrize(
    ("words", "code", "what"),
    [
        (("nowhere.har",), 3, "nowhere.har: No such file or directory"),
        (("/",), 3, "/: Is a directory"),
        (("in.har", "--name", "a/b"), 2, "a recording cannot be called 'a/b'"),
        (("in.har", "--max-body", "much"), 2, "--max-body much: say a size"),
        (("in.har", "--redact", "no.toml"), 3, "no.toml: "),
        (("in.har", "--pseudonym-key", "no.key"), 3, "no.key"),
        (("in.har", "--out", "in.har"), 4, "cannot create in.har/"),
    ],
)
def test_a_mistake_is_one_line(
    wiretape: Wiretape, har_file: Path, words: tuple[str, ...], code: int, what: str
) -> None:
    with chdir(har_file.parent):
        ran = wiretape("import", *words)
    assert (ran.code, ran.out) == (code, "")
    assert ran.err.startswith(f"wiretape: {what}")
    assert ran.err.count("\n") == 1


def test_without_mitmproxy_har_files_are_still_read(
    wiretape: Wiretape, har_file: Path, flow_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in [name for name in sys.modules if name.split(".")[0] == "mitmproxy"]:
        monkeypatch.delitem(sys.modules, module)
    monkeypatch.delitem(sys.modules, "wiretape.recorder.importing.flows", raising=False)
    monkeypatch.setitem(sys.modules, "mitmproxy", None)
    assert wiretape("import", har_file, "--out", har_file.parent).code == 0
    ran = wiretape("import", flow_file, "--out", har_file.parent)
    assert ran.code == 4
    assert ran.err == (
        "wiretape: this needs mitmproxy: install it with `pip install 'wiretape[record]'`\n"
    )
