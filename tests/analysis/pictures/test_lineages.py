from concluded import concluded
from official import official
from play import Play, call, result
from players import MCP
from story import story
from wiretape.analysis.picture import Lineage

TOKEN = "https://auth.example.com/token"


def lineages(*plays: Play) -> list[Lineage]:
    return [each for each in concluded(*plays).pictures if isinstance(each, Lineage)]


def grant(play: Play, **form: str) -> int:
    return play.request("POST", TOKEN, form={"client_id": "abc", **form})


def use(play: Play, token: str, status: int = 200) -> None:
    post = play.post(MCP, call(1, "ping"), {"Authorization": f"Bearer {token}"})
    play.answer(post, result(1) if status == 200 else None, status=status)


def test_a_lineage_is_told_from_the_code_to_the_last_refresh() -> None:
    play = Play()
    post = grant(play, grant_type="authorization_code", code="k")
    play.answer(post, {"access_token": "a" * 40, "refresh_token": "r1", "expires_in": 60})
    use(play, "a" * 40)
    play.later(30)
    use(play, "a" * 40)
    play.later(31)
    use(play, "a" * 40, status=401)
    post = grant(play, grant_type="refresh_token", refresh_token="r1")
    play.answer(post, {"access_token": "b" * 40, "refresh_token": "r2", "expires_in": "60"})
    post = grant(play, grant_type="refresh_token", refresh_token="r2")
    play.answer(post, {"access_token": "c" * 40, "refresh_token": "r2"})
    play.answer(
        grant(play, grant_type="refresh_token", refresh_token="r1"), {"error": "x"}, status=400
    )
    (lineage,) = lineages(play)
    assert (lineage.client_id, lineage.recording, lineage.left) == ("abc", 0, 0)
    one, two, three = lineage.issues
    assert (one.by, one.token, one.expires_in, one.rotated) == (
        "authorization_code",
        "…aaaaaa",
        60,
        None,
    )
    assert (one.t, one.first_success, one.last_success, one.first_refusal) == (
        0.01,
        0.04,
        30.07,
        61.1,
    )
    assert [place.line for place in (one.place, *one.evidence)] == [3, 6, 9, 12]
    assert (two.rotated, two.expires_in, two.first_success, two.evidence) == (True, 60, None, ())
    assert (three.rotated, three.expires_in) == (False, None)
    assert [(each.status, each.error) for each in lineage.refusals] == [(400, "x")]


def test_grants_are_apart_in_a_recording_and_in_several() -> None:
    found = lineages(story(), official())
    assert [(each.recording, len(each.issues)) for each in found[:2]] == [(0, 1), (0, 0)]
    assert {each.recording for each in found} == {0, 1}
    assert max(len(each.issues) for each in found) > 3


def test_a_redirected_token_request_is_no_refusal() -> None:
    play = Play()
    post = grant(play, grant_type="authorization_code", code="k")
    play.answer(post, status=307, headers={"Location": f"{TOKEN}/"})
    assert lineages(play) == []


def test_there_is_an_end_to_what_is_drawn() -> None:
    play = Play()
    for number in range(40):
        post = grant(play, grant_type="refresh_token", refresh_token=f"r{number}")
        play.answer(post, {"access_token": f"t{number}", "refresh_token": f"r{number + 1}"})
    (lineage,) = lineages(play)
    assert (len(lineage.issues), lineage.left) == (24, 16)


def test_without_token_requests_there_are_none() -> None:
    play = Play()
    use(play, "t")
    assert lineages(play) == []
