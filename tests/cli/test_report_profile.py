from pathlib import Path

from command import Wiretape

from make_profiles import RECORDINGS, compiled
from wiretape.analysis.profile.toml import read


def test_a_report_comes_with_the_profile(wiretape: Wiretape, tmp_path: Path) -> None:
    ran = wiretape("report", str(RECORDINGS / "oauth-sse.jsonl"), "-o", str(tmp_path / "out"))
    assert (ran.code, ran.err) == (0, "")
    profile = tmp_path / "out" / "profile.toml"
    assert profile.read_text(encoding="utf-8") == compiled("oauth-sse")
    assert read(profile).name == "oauth-sse"
    assert profile.stat().st_mode & 0o777 == 0o600
