from play import Play
from recognised import recognised

TOKEN = "https://auth.example.com/token"


def refresh(
    play: Play, token: str, answer: dict[str, str], status: int = 200, on: str = "c1"
) -> None:
    form = {"grant_type": "refresh_token", "refresh_token": token, "client_id": "abc"}
    play.answer(play.request("POST", TOKEN, form=form, on=on), answer, status=status)


def rotated(play: Play, old: str, new: str) -> None:
    refresh(play, old, {"access_token": f"t{new}", "refresh_token": new})


def refused(play: Play, token: str, on: str = "c1") -> None:
    refresh(play, token, {"error": "invalid_grant"}, 400, on)


def test_an_old_token_is_used_again():
    play = Play()
    rotated(play, "r1", "r2")
    refused(play, "r1")
    assert recognised(play) == [("rotated_refresh_not_stored", "certain")]


def test_a_client_that_has_stored_the_new_one_only_raced():
    play = Play()
    rotated(play, "r1", "r2")
    refused(play, "r1")
    rotated(play, "r2", "r3")
    assert recognised(play) == []


def test_a_token_that_has_expired():
    play = Play()
    rotated(play, "r1", "r2")
    refused(play, "r2")
    assert recognised(play) == []


def test_a_server_that_does_not_rotate():
    play = Play()
    rotated(play, "r1", "r1")
    refused(play, "r1")
    assert recognised(play) == []


def test_two_processes_may_race_before_the_recording_ends():
    play = Play()
    rotated(play, "r1", "r2")
    refused(play, "r1", on="c2")
    assert recognised(play) == [("rotated_refresh_not_stored", "likely")]


def test_whoever_tries_again_does_not_race():
    play = Play()
    rotated(play, "r1", "r2")
    refused(play, "r1", on="c2")
    refused(play, "r1", on="c3")
    assert recognised(play) == [("rotated_refresh_not_stored", "certain")]
