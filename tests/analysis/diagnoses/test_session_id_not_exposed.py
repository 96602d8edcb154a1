import pytest

from play import Play, initialize, initialized
from players import MCP
from recognised import recognised

PAGE = "https://editor.example"
ID = "mcp-session-id"


def opened(origin: str | None, **cors: str) -> Play:
    play = Play()
    headers = {ID: "1f"} | {f"access-control-{n.replace('_', '-')}": v for n, v in cors.items()}
    play.answer(play.post(MCP, initialize(), {"Origin": origin}), initialized(), headers=headers)
    return play


@pytest.mark.parametrize(
    "cors",
    [
        {"allow_origin": "*"},
        {"allow_origin": PAGE, "expose_headers": "x-request-id"},
        {"allow_origin": PAGE, "expose_headers": "*", "allow_credentials": "true"},
    ],
)
def test_a_script_gets_the_answer_without_the_id(cors: dict[str, str]):
    assert recognised(opened(PAGE, **cors)) == [("session_id_not_exposed", "certain")]


@pytest.mark.parametrize(
    "cors",
    [
        {"allow_origin": "*", "expose_headers": "x-request-id, Mcp-Session-Id"},
        {"allow_origin": "*", "expose_headers": "*"},
        {},
        {"allow_origin": "https://other.example"},
    ],
)
def test_a_script_gets_the_id_or_nothing_at_all(cors: dict[str, str]):
    assert recognised(opened(PAGE, **cors)) == []


def test_a_server_that_lets_any_page_read_its_answers():
    assert recognised(opened(None, allow_origin="*")) == [("session_id_not_exposed", "likely")]


def test_a_page_of_the_same_origin_reads_everything():
    assert recognised(opened("https://mcp.example.com", allow_origin="*")) == []
