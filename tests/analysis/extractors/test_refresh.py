"""How tokens are refreshed."""

from base64 import b64encode
from collections.abc import Callable

import pytest
from pydantic import JsonValue

from concluded import findings
from granting import TOKEN, ask_refresh, exchange, give, refresh, refuse
from our_bridge import mended_bridge, our_bridge
from peers.processes import ROOT
from play import Play
from wiretape.analysis.finding import Finding


def granted(**more: JsonValue) -> Play:
    play = Play()
    exchange(play, "t1", "r1", **more)
    return play


def refreshed(**more: JsonValue) -> Play:
    play = granted(**more)
    refresh(play, "r1", "t2", "r2", **more)
    return play


def found(play: Play, name: str) -> Finding | None:
    return findings(play).get(f"refresh.{name}")


def value(play: Play, name: str) -> JsonValue:
    finding = found(play, name)
    assert finding is not None
    return finding.value


def test_without_a_refresh_nothing_is_known_of_it() -> None:
    assert not [id_ for id_ in findings(granted()) if id_.startswith("refresh.")]


def test_a_form_is_a_form() -> None:
    assert value(refreshed(), "encoding") == "form"
    assert value(refreshed(), "client_auth") == "none"
    assert value(refreshed(), "parameters") == ["grant_type", "refresh_token"]


def test_json_is_told_when_it_works() -> None:
    play = granted()
    asked = play.request("POST", TOKEN, json={"grant_type": "refresh_token", "refresh_token": "r1"})
    give(play, asked, "t2", "r2")
    assert value(play, "encoding") == "json"


def test_what_was_refused_is_noted_beside_what_works() -> None:
    play = refreshed()
    asked = play.request("POST", TOKEN, json={"grant_type": "refresh_token", "refresh_token": "r2"})
    refuse(play, asked, "invalid_request")
    finding = found(play, "encoding")
    assert finding is not None
    assert (finding.value, finding.note) == ("form", "refused: json")


def test_what_never_worked_is_told_as_such() -> None:
    play = granted()
    refuse(play, ask_refresh(play, "r1"))
    finding = found(play, "encoding")
    assert finding is not None
    assert (finding.value, finding.note) == ("form", "no refresh was granted")


@pytest.mark.parametrize(
    ("headers", "form", "auth"),
    [
        ({}, {}, "none"),
        ({}, {"client_secret": ""}, "none"),
        ({}, {"client_secret": "s"}, "client_secret_post"),
        ({"Authorization": f"Basic {b64encode(b'abc:s').decode()}"}, {}, "client_secret_basic"),
        ({}, {"client_assertion": "a.b.c"}, "private_key_jwt"),
        ({"Authorization": "Bearer t"}, {}, "other"),
    ],
)
def test_the_client_authenticates(headers: dict[str, str], form: dict[str, str], auth: str) -> None:
    play = granted()
    give(play, ask_refresh(play, "r1", headers, **form), "t2", "r2")
    assert value(play, "client_auth") == auth


def test_a_refresh_rotates_if_another_token_comes() -> None:
    assert value(refreshed(), "rotates") is True
    for same in ("r1", None):
        play = granted()
        refresh(play, "r1", "t2", same)
        assert value(play, "rotates") is False


def test_a_refresh_at_once_is_immediate() -> None:
    assert value(refreshed(), "immediate") is True


def test_a_refresh_that_only_works_later_is_not_immediate() -> None:
    play = granted()
    refuse(play, ask_refresh(play, "r1"))
    play.later(60)
    refresh(play, "r1", "t2", "r2")
    assert value(play, "immediate") is False


def test_a_late_refresh_tells_nothing_of_an_immediate_one() -> None:
    play = granted()
    play.later(61)
    refresh(play, "r1", "t2", "r2")
    assert found(play, "immediate") is None


def test_a_refresh_of_a_grant_that_began_before_tells_nothing_of_an_immediate_one() -> None:
    play = Play()
    refresh(play, "r0", "t1", "r1")
    refresh(play, "r1", "t2", "r2")
    assert found(play, "immediate") is None


def test_the_scope_is_kept_in_any_order() -> None:
    play = granted(scope="read write")
    refresh(play, "r1", "t2", "r2", scope="write read")
    assert value(play, "scope_kept") is True


def test_a_scope_that_was_lost_is_found_among_those_that_were_kept() -> None:
    play = refreshed(scope="read offline_access")
    refresh(play, "r2", "t3", "r3", scope="read")
    finding = found(play, "scope_kept")
    assert finding is not None
    assert finding.value is False
    assert finding.evidence == ((0, 6), (0, 9))


def test_a_scope_that_was_not_told_or_that_was_asked_for_is_no_change() -> None:
    assert found(refreshed(), "scope_kept") is None
    play = granted(scope="read write")
    give(play, ask_refresh(play, "r1", scope="read"), "t2", "r2", scope="read")
    assert found(play, "scope_kept") is None


def once_more(play: Play, token: str = "r1", *, works: bool, access: str = "t9") -> None:
    asked = ask_refresh(play, token)
    if works:
        give(play, asked, access, f"{access}'s refresh")
    else:
        refuse(play, asked)


def refused_at_once() -> Play:
    play = refreshed()
    once_more(play, works=False)
    return play


def refused_late() -> Play:
    play = refreshed()
    refresh(play, "r2", "t3", "r3")
    once_more(play, works=False)
    return play


def accepted_early() -> Play:
    play = refreshed()
    once_more(play, works=True)
    return play


def accepted_late() -> Play:
    play = refreshed()
    refresh(play, "r2", "t3", "r3")
    once_more(play, works=True)
    return play


def until_the_newer() -> Play:
    play = accepted_early()
    refresh(play, "r2", "t3", "r3")
    once_more(play, works=False)
    return play


def until_the_newest() -> Play:
    play = accepted_early()
    refresh(play, "t9's refresh", "t3", "r3")
    once_more(play, works=False)
    return play


def for_a_while() -> Play:
    play = accepted_early()
    play.later(30)
    once_more(play, works=False)
    return play


@pytest.mark.parametrize(
    ("play", "told", "note"),
    [
        (refused_at_once, "refused", None),
        (refused_late, "refused", "tried only after the newer had been used"),
        (accepted_early, "accepted", "tried only before the newer was used"),
        (accepted_late, "accepted", None),
        (until_the_newer, "accepted until the newer is used", None),
        (until_the_newest, "accepted until the newer is used", None),
        (for_a_while, "accepted for a while", None),
    ],
)
def test_what_becomes_of_the_old_token(
    play: Callable[[], Play], told: str, note: str | None
) -> None:
    finding = found(play(), "old_token")
    assert finding is not None
    assert (finding.value, finding.note) == (told, note)


def reused_then(*, works: bool) -> Play:
    play = refused_at_once()
    once_more(play, "r2", works=works)
    return play


@pytest.mark.parametrize(("works", "told"), [(True, "revokes nothing"), (False, "revokes all")])
def test_what_reuse_does_to_the_newer_tokens(works: bool, told: str) -> None:
    finding = found(reused_then(works=works), "reuse")
    assert finding is not None
    assert (finding.value, finding.count) == (told, 1)
    assert finding.evidence == ((0, 8), (0, 11))


def the_newer_failed_before() -> Play:
    play = refreshed()
    once_more(play, "r2", works=False)
    once_more(play, "r1", works=False)
    return play


def another_grant_failed() -> Play:
    play = refused_at_once()
    exchange(play, "u1", "s1")
    once_more(play, "s1", works=False)
    return play


@pytest.mark.parametrize("play", [refused_at_once, the_newer_failed_before, another_grant_failed])
def test_what_tells_nothing_of_what_reuse_does(play: Callable[[], Play]) -> None:
    assert found(play(), "reuse") is None


def test_one_newer_token_that_works_shows_that_reuse_revokes_nothing() -> None:
    play = reused_then(works=False)
    exchange(play, "u1", "s1")
    refresh(play, "s1", "u2", "s2")
    once_more(play, "s1", works=False)
    once_more(play, "s2", works=True)
    assert value(play, "reuse") == "revokes nothing"


def test_a_grace_period_has_bounds() -> None:
    finding = found(for_a_while(), "old_token")
    assert finding is not None
    assert (finding.low, finding.high) == pytest.approx((0, 30), abs=0.2)


def used_once() -> Play:
    return refreshed()


def never_rotated() -> Play:
    play = granted()
    refresh(play, "r1", "t2", "r1")
    refresh(play, "r1", "t3", "r1")
    return play


def server_error() -> Play:
    play = refreshed()
    play.answer(ask_refresh(play, "r1"), status=503)
    return play


def at_the_same_time() -> Play:
    play = granted()
    first, second = ask_refresh(play, "r1"), ask_refresh(play, "r1")
    give(play, first, "t2", "r2")
    refuse(play, second)
    return play


@pytest.mark.parametrize("play", [used_once, never_rotated, server_error, at_the_same_time])
def test_what_tells_nothing_of_the_old_token(play: Callable[[], Play]) -> None:
    assert found(play(), "old_token") is None


@pytest.mark.parametrize(
    ("error", "status"),
    [
        ("invalid_client", 401),
        ("unauthorized_client", 403),
        ("temporarily_unavailable", 400),
        ("slow_down", 400),
        ("invalid_scope", 400),
        ("invalid_request", 400),
    ],
)
def test_errors_about_something_else_say_nothing_of_the_token(error: str, status: int) -> None:
    play = refreshed()
    refuse(play, ask_refresh(play, "r1"), error, status)
    assert found(play, "old_token") is None


def test_a_refusal_without_an_error_code_says_nothing_of_the_token() -> None:
    play = refreshed()
    play.answer(ask_refresh(play, "r1"), text="Forbidden", status=403)
    assert found(play, "old_token") is None


def test_a_real_refresh() -> None:
    real = findings(ROOT / "fixtures/recordings/oauth-sse.jsonl")
    told = {id_: each.value for id_, each in real.items() if id_.startswith("refresh.")}
    assert told == {
        "refresh.encoding": "form",
        "refresh.client_auth": "client_secret_post",
        "refresh.parameters": [
            "client_id",
            "client_secret",
            "grant_type",
            "refresh_token",
            "resource",
        ],
        "refresh.rotates": True,
        "refresh.immediate": True,
        "refresh.scope_kept": True,
    }


def test_what_a_bridge_does_upstream_is_not_its_own() -> None:
    as_it_is, mended = findings(our_bridge()), findings(mended_bridge())
    assert "refresh.encoding" not in as_it_is
    assert as_it_is["upstream.refresh.encoding"].value == "json"
    assert mended["refresh.encoding"].value == "form"
    assert mended["upstream.refresh.encoding"].value == "form"
