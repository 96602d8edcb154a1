"""A bridge on two origins: what is asked of either is on its side, and is judged."""

from pathlib import Path

from conforming import run

from peers.processes import environment
from wiretape.recorder.log.urls import origin
from wiretape.replay.conformance.config import Bridge, Config, System
from wiretape.replay.conformance.reading import evidence

_ASKED = ("discovery.*", "registration.*", "pkce.*", "token.*", "cors.*", "upstream.*", "refresh.*")


def test_a_bridge_with_an_authorization_server_elsewhere_passes(tmp_path: Path) -> None:
    words = "--upstream {upstream.url} --ports {port} {second_port} --store {dir}/bridge.sqlite"
    config = Config(
        target=System(
            command=("{python}", "-m", "peers.split_bridge", *words.split()),
            env={"PYTHONPATH": environment()["PYTHONPATH"]},
            url="http://127.0.0.1:{port}/mcp",
            ready="http://127.0.0.1:{port}/.well-known/oauth-protected-resource",
        ),
        bridge=Bridge(timeout=5),
    )
    results = run("bridge", config, tmp_path, _ASKED)
    assert {id_: each.seen for id_, each in results.items() if each.outcome != "pass"} == {}
    (recording,) = tmp_path.glob("*.jsonl")
    asked = evidence(recording).everything.down
    (authorizing,) = {origin(turn.url) for turn in asked if turn.oauth == "token"}
    assert authorizing not in {origin(turn.url) for turn in asked if turn.said}
