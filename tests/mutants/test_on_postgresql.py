"""The reference gateway passes the whole suite on PostgreSQL, too."""

from pathlib import Path

import psycopg
import pytest

from mutants.trying import tried
from peers.postgres import postgres
from wiretape.replay.conformance.families import checks


@pytest.mark.timeout(300)
def test_a_gateway_on_postgresql_passes_everything(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with postgres() as url:
        monkeypatch.setenv("GATEWAY_DATABASE", url)
        results = tried("gateway", tmp_path)
        with psycopg.connect(url) as database:
            kept = database.execute("SELECT count(*) FROM connections").fetchone()
    assert [each.id for each in results] == list(checks("gateway"))
    assert [(each.id, each.outcome, each.seen) for each in results if each.outcome != "pass"] == []
    assert kept is not None
    assert kept[0] > 0
