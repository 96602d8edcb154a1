"""A gateway is played with as whoever wiretape.toml names."""

from pathlib import Path

from conforming import run

from peers.processes import ROOT
from wiretape.replay.conformance.config import read


def test_users_have_the_names_that_are_configured_and_too_few_are_said_to_be(
    tmp_path: Path,
) -> None:
    config = read(ROOT / "examples" / "gateway" / "wiretape.toml")
    upstream = config.upstream.model_copy(update={"users": ("cleo",)})
    lonely = config.model_copy(update={"upstream": upstream})
    results = run("gateway", lonely, tmp_path, ["reconnect.*", "callback.forged-state"])
    one, two = results["reconnect.told"], results["callback.forged-state"]
    assert (one.outcome, two.outcome) == ("pass", "untestable")
    assert two.seen.endswith("upstream.users in wiretape.toml names 1, 2 are needed")
