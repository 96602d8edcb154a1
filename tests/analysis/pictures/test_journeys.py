from concluded import concluded
from official import official
from play import Play, call, initialize, initialized, result
from players import MCP
from story import story
from wiretape.analysis.picture import Journey

AUTH = "https://auth.example.com"


def journeys(*plays: Play) -> list[Journey]:
    return [each for each in concluded(*plays).pictures if isinstance(each, Journey)]


def told(journey: Journey) -> list[tuple[str, str, str, int]]:
    return [(step.by, step.asked, step.answered, step.count) for step in journey.steps]


def enter(play: Play, agent: str, client_id: str, on: str) -> None:
    """Let a client without a User-Agent of its own for OAuth, and a browser, get it a token."""
    headers = {"User-Agent": agent}
    play.answer(play.post(MCP, initialize(client=agent), headers, on=on), status=401)
    post = play.request("POST", f"{AUTH}/register", json={"redirect_uris": []}, on=on)
    play.answer(post, {"client_id": client_id}, status=201)
    query = f"response_type=code&client_id={client_id}&state=s&redirect_uri=http://localhost:1/"
    get = play.request(
        "GET", f"{AUTH}/authorize?{query}", headers={"User-Agent": "Browser/1"}, on=f"{on}b"
    )
    play.answer(get, status=302, headers={"Location": "http://localhost:1/?code=k&state=s"})
    form = {"grant_type": "authorization_code", "code": "k", "client_id": client_id}
    post = play.request("POST", f"{AUTH}/token", form=form, on=f"{on}t")
    play.answer(post, {"access_token": f"t-{client_id}"})
    headers["Authorization"] = f"Bearer t-{client_id}"
    play.answer(play.post(MCP, initialize(client=agent), headers, on=on), initialized())


def test_a_journey_goes_from_the_first_refusal_to_the_work() -> None:
    (journey,) = journeys(story())
    assert (journey.client, journey.recording) == ("client 1", 0)
    assert told(journey)[:6] == [
        ("client", "POST /mcp/ initialize", "307 → https://mcp.example.com/mcp", 1),
        ("client", "POST /mcp initialize", "401", 1),
        ("client", "GET /.well-known/oauth-protected-resource/mcp", "404", 1),
        ("client", "GET /.well-known/oauth-authorization-server", "200", 1),
        ("client", "POST /register", "201", 1),
        ("client", "GET /authorize", "302 → http://localhost:1/", 1),
    ]
    assert ("client", "POST /token", "no response", 1) in told(journey)
    assert [step.place.line for step in journey.steps][:2] == [2, 5]


def test_steps_belong_to_whom_they_share_a_client_id_or_a_token_with() -> None:
    play = Play()
    enter(play, "one", "id-1", "c1")
    enter(play, "two", "id-2", "c2")
    one, two = journeys(play)
    steps = [
        ("client", "POST /mcp initialize", "401", 1),
        ("client", "POST /register", "201", 1),
        ("browser", "GET /authorize", "302 → http://localhost:1/", 1),
        ("client", "POST /token", "200", 1),
        ("client", "POST /mcp initialize", "200", 1),
    ]
    assert (one.client, told(one)) == ("one 1", steps)
    assert (two.client, told(two)) == ("two 1", steps)
    assert one.participants == ("client", "browser", "https://mcp.example.com", AUTH)


def test_what_nobody_known_did_is_a_journey_of_its_own() -> None:
    play = Play()
    query = "response_type=code&client_id=x&state=s"
    headers = {"User-Agent": "Browser/1"}
    play.answer(play.request("GET", f"{AUTH}/authorize?{query}", headers=headers), status=400)
    (journey,) = journeys(play)
    assert told(journey) == [("browser", "GET /authorize", "400", 1)]


def test_equal_steps_are_counted_and_long_journeys_end_somewhere() -> None:
    play = Play()
    for number in range(100):
        play.answer(play.post(MCP, call(number, "ping")), result(number))
    (journey,) = journeys(play)
    assert [step.count for step in journey.steps] == [64]
    assert journey.left == 36
    for number in range(100):
        play.answer(
            play.post(f"{MCP}/{'ab'[number % 2]}", call(number, "ping"), {"User-Agent": "b"})
        )
    assert len(journeys(play)[1].steps) == 40


def test_each_recording_and_each_client_has_its_own() -> None:
    found = journeys(story(), official())
    names = [(journey.recording, journey.client) for journey in found]
    assert len(set(names)) == len(names) == 4
    assert all(len(journey.steps) > 5 for journey in found)


def test_other_traffic_has_none() -> None:
    play = Play()
    play.answer(play.request("GET", "https://www.example.com/"), text="hello")
    assert journeys(play, Play()) == []
