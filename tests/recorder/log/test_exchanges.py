import msgspec
from hypothesis import given
from hypothesis import strategies as st

from arbitrary import ENTRIES
from play import Play, note
from wiretape.recorder.log.exchanges import Fold, Lines, exchanges, header, hops
from wiretape.recorder.log.reader import Line
from wiretape.recorder.log.records import End, Entry, Error, Event, Gap, Mark

URL = "https://mcp.example.com/mcp"


def test_an_exchange_has_its_records_and_their_lines() -> None:
    play = Play()
    a = play.post(URL, {"a": 1}, on="c1")
    b = play.listen(URL, on="c2")
    play.stream(b)
    play.event(b, note("x"))
    play.answer(a, {"b": 2}, status=404)
    play.event(b, note("y"))
    play.end(b, "server abort")
    first, second = play.exchanges()
    assert (first.number, first.status, first.complete) == (a, 404, True)
    assert first.lines == Lines(request=2, response=6, last=7)
    assert (second.number, len(second.events), second.complete) == (b, 2, False)
    assert second.lines == Lines(request=3, response=4, events=(5, 8), last=9)
    assert [play.records[number - 2] for number in second.lines.events] == list(second.events)


def test_an_exchange_is_given_as_soon_as_it_ends() -> None:
    play = Play()
    a, b = play.post(URL), play.post(URL)
    play.answer(b)
    play.answer(a)
    fold = Fold()
    ended = [found.number if (found := fold.add(line)) else None for line in play.lines]
    assert ended == [None, None, None, b, None, a]
    assert list(fold.unfinished()) == []


def test_a_failure_ends_an_exchange_without_a_response() -> None:
    play = Play()
    play.fail(play.post(URL))
    (found,) = play.exchanges()
    assert isinstance(found.last, Error)
    assert (found.response, found.status, found.complete) == (None, None, False)


def test_what_never_ended_comes_in_the_end() -> None:
    play = Play()
    a, b = play.post(URL), play.listen(URL)
    play.stream(b)
    play.event(b, note("x"))
    assert [(found.number, found.last, len(found.events)) for found in play.exchanges()] == [
        (a, None, 0),
        (b, None, 1),
    ]


def test_records_whose_request_is_lost_are_counted() -> None:
    play = Play()
    lost = play.post(URL)
    play.answer(lost)
    play.records[0] = Gap(at=play.records[0].at, t=0, reason="disk full", lost=1)
    fold = Fold()
    assert [fold.add(line) for line in play.lines] == [None] * 3
    assert fold.strays == 2


def test_events_need_not_be_kept() -> None:
    play = Play()
    stream = play.listen(URL)
    play.stream(stream)
    for _ in range(3):
        play.event(stream, note("x"))
    play.end(stream)
    fold = Fold(keep_events=False)
    (found,) = [found for line in play.lines if (found := fold.add(line))]
    assert (found.events, found.lines.events) == ((), ())
    assert isinstance(found.last, End)
    assert found.last.events == 3


def test_redirects_are_joined_in_the_order_of_their_first_requests() -> None:
    play = Play()
    a = play.post(URL)
    other = play.post(URL)
    b = play.post(URL, cause=a)
    c = play.post(URL, cause=b)
    chains = [[hop.number for hop in chain] for chain in hops(reversed(play.exchanges()))]
    assert chains == [[a, b, c], [other]]


def test_headers_are_found_whatever_their_case_and_the_first_counts() -> None:
    headers = (("X", "0"), ("Mcp-SESSION-id", "1"), ("mcp-session-id", "2"))
    assert header(headers, "mcp-session-id") == "1"
    assert header(headers, "y") is None


@given(st.lists(ENTRIES, max_size=30))
def test_every_record_of_any_sequence_is_in_one_exchange_or_a_stray(records: list[Entry]) -> None:
    fold = Fold()
    lines = [Line(number, record) for number, record in enumerate(records, 2)]
    found = [exchange for line in lines if (exchange := fold.add(line))]
    found += fold.unfinished()
    numbers = [
        number
        for exchange in found
        for number in (
            exchange.lines.request,
            exchange.lines.response,
            *exchange.lines.events,
            exchange.lines.last,
        )
        if number is not None
    ]
    assert len(numbers) == len(set(numbers))
    apart = sum(isinstance(record, Mark | Gap) or record.exchange is None for record in records)
    assert len(numbers) + fold.strays + apart == len(records)
    assert sum(len(chain) for chain in hops(found)) == len(found)
    for exchange in found:
        assert all(
            records[number - 2] is event
            for number, event in zip(exchange.lines.events, exchange.events, strict=True)
        )
        assert all(isinstance(event, Event) for event in exchange.events)
    assert [item.number for item in exchanges(lines)] == [item.number for item in found]


def test_of_two_responses_the_first_counts_and_the_other_is_a_stray() -> None:
    play = Play()
    post = play.post(URL)
    play.answer(post, status=200)
    play.records.insert(2, msgspec.structs.replace(play.records[1], status=500))
    fold = Fold()
    (found,) = [found for line in play.lines if (found := fold.add(line))]
    assert (found.status, fold.strays) == (200, 1)
