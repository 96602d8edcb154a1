"""Profile, replay, probe through the recorder, analysis: as far as it gives the same profile."""

from pathlib import Path
from typing import Any

import pytest

from concluded import concluded
from peers.processes import environment, finished
from replayed import PROFILES, WIRETAPE, replaying, shipped
from wiretape.analysis.comparison.compare import compare
from wiretape.analysis.comparison.known import read as known
from wiretape.analysis.profile.compile import profile_of
from wiretape.analysis.profile.known import Path as Keys
from wiretape.analysis.profile.known import found
from wiretape.analysis.profile.model import Profile
from wiretape.analysis.profile.standing import dotted
from wiretape.analysis.profile.toml import read, write
from wiretape.analysis.profile.values import said

SEEN_ANEW = {
    "discovery.server_metadata": "the probe looks in more places, and finds nothing there",
    "protocol.revisions": "the probe offers more revisions",
    "protocol.not_found": "the probe calls more methods",
    "stream.sse.ends": "the replay cuts no streams off",
    "headers.caching": "the probe's own callback page has a Cache-Control",
    "registration.client_id": "a pseudonym of sixteen characters may lack digits",
}
NOT_SEEN = {
    'challenge.message.POST."bad token"': "the probe does not post messages with bad tokens",
    'challenge.message.POST."malformed token"': "nor with malformed ones",
    'challenge.message.POST."expired token"': "nor does it wait 55 minutes",
    "token.lifetime_observed": "as above",
    "stream.sse.keepalive": "nor half a minute on a stream",
    "transport.ways": "no recording teaches it yet",
}


@pytest.mark.timeout(110)
def test_what_is_replayed_is_learnt_again(tmp_path: Path) -> None:
    name = "atlassian-2025-08"
    probe = (*WIRETAPE, "probe", "--active", "--record", "--headless", "--rate", "50")
    with replaying(tmp_path, name) as (_, url):
        finished([*probe, "--out", str(tmp_path), url], environment())
        local = (tmp_path / "stderr.txt").read_text().splitlines()
    (recording,) = tmp_path.glob("*.jsonl")
    text = write(profile_of(concluded(recording), name))
    for line in local:
        here, _, named = line.partition(" stands for ")
        text = text.replace(here, named)
    again = tmp_path / "again.toml"
    again.write_text(text)

    compared = compare(known(PROFILES / f"{name}.toml"), known(again), {})
    assert [difference.id for difference in compared.differences] == []

    before, after = _values(shipped(name)), _values(read(again))
    lost = {dotted(keys) for keys in before if keys not in after}
    changed = {dotted(keys) for keys in before if keys in after and before[keys] != after[keys]}
    equal = len(before) - len(lost) - len(changed)
    print(
        f"{name}: {equal} of {len(before)} values equal, {len(changed)} changed: "
        f"{sorted(changed)}; {len(lost)} not seen: {sorted(lost)}"
    )
    assert changed <= SEEN_ANEW.keys()
    assert lost <= NOT_SEEN.keys()


def _values(profile: Profile) -> dict[Keys, Any]:
    return {value.path: said(value.value) for value in found(profile)}
