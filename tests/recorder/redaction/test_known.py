import json
import string
from base64 import b64encode
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wiretape.recorder.redaction.known import Known
from wiretape.recorder.redaction.pseudonym import SEGMENT, Pseudonyms
from wiretape.recorder.redaction.spans import assemble, outermost
from wiretape.recorder.redaction.tokens import is_ordinary


class Learner:
    """Learns secrets of which all segments are their own."""

    def __init__(self) -> None:
        self.pseudonyms = Pseudonyms(bytes(32))
        self.known = Known(self.pseudonyms)

    def learn(self, secret: str, *, sure: bool = True) -> str:
        pseudonym = self.pseudonyms.of(secret)
        self.known.learn(secret, pseudonym, SEGMENT.findall(secret), sure=sure)
        return pseudonym

    def redact(self, text: str) -> str:
        return assemble(text, outermost(self.known.find(text)))


TOKEN = "5f1e2d3c4b5a69788796a5b4:Ab3dEf6hIj9lMn0P:zYx9Wv8uT7sR6qP5oN4mL3kJ2iH1gF0e"


def test_a_secret_and_each_long_segment_of_it_is_found() -> None:
    learner = Learner()
    pseudonym = learner.learn(TOKEN)
    assert learner.redact(f"a{TOKEN}b") == f"a{pseudonym}b"
    for part, stand_in in zip(TOKEN.split(":"), pseudonym.split(":"), strict=True):
        assert learner.redact(f"in/{part}/path") == f"in/{stand_in}/path"


def test_a_secret_with_a_short_segment_is_found_as_a_whole_in_every_form() -> None:
    learner = Learner()
    secret = 'p"a/s s'
    learner.learn(secret + "é12")
    for text in (
        secret + "é12",
        json.dumps(secret + "é12"),
        json.dumps(json.dumps(secret + "é12")),
        quote(secret + "é12", safe=""),
        quote(quote(secret + "é12", safe="")),
        quote(secret + "é12", safe="").lower(),
    ):
        found = learner.known.find(text)
        assert len(outermost(found)) == 1, text
    assert learner.redact("p a s s") == "p a s s"


@pytest.mark.parametrize("skip", [0, 1, 2])
def test_a_secret_is_found_in_base64(skip: int) -> None:
    learner = Learner()
    for secret in (TOKEN, "p@ss:w0rd"):
        pseudonym = learner.learn(secret)
        text = b64encode(b"{" * skip + secret.encode() + b"}").decode()
        expected = b64encode(b"{" * skip + pseudonym.encode() + b"}").decode()
        redacted = learner.redact(text)
        # The edges may keep the bits that only one of Base64's alphabets can write.
        assert sum(map(str.__ne__, redacted, expected)) <= 2
        assert redacted != text


def test_what_turns_up_by_chance_is_not_searched_for() -> None:
    learner = Learner()
    for secret in ("abc-123", "initialize", "Content-Type", "client_secret", "text/event-stream"):
        learner.learn(secret)
    text = (
        "abc-123 initialize initialized content-type Content-Type client_secret text/event-stream"
    )
    assert learner.redact(text) == text


def test_of_what_may_be_ordinary_only_the_rest_is_searched_for() -> None:
    learner = Learner()
    for secret in ("dark-mode", "Europe/Amsterdam", "2.1234567890.1767225600", "acme-company"):
        learner.learn(secret, sure=False)
    assert learner.known.atoms == 0
    learner.learn("s:Zx81kQ.dark-mode", sure=False)
    assert learner.redact("dark-mode") == "dark-mode"
    assert learner.redact("s:Zx81kQ.dark-mode") != "s:Zx81kQ.dark-mode"
    learner.learn("dark-mode", sure=True)
    assert learner.redact("dark-mode") != "dark-mode"


@pytest.mark.parametrize("text", ["dark", "en-US", "Dark-Mode_2", "2025-08-29", "1767225600", ""])
def test_words_and_numbers_are_ordinary(text: str) -> None:
    assert is_ordinary(text)


@pytest.mark.parametrize("text", ["a1b2", "x" * 20, "aBcD", "1" * 20, "a-" * 40])
def test_mixtures_and_long_runs_are_not(text: str) -> None:
    assert not is_ordinary(text)


@given(st.lists(st.text("ab01", min_size=8, max_size=12), min_size=1, max_size=40), st.data())
def test_whatever_overlaps_nothing_known_is_left(secrets: list[str], data: st.DataObject) -> None:
    learner = Learner()
    for secret in secrets:
        learner.learn(secret)
        if data.draw(st.booleans()):
            learner.redact("so that it is built in pieces")
    joint = data.draw(st.sampled_from(["", " ", "a"]))
    # Pseudonyms are written here as signs, for they may be like secrets of so few letters.
    spans = [span._replace(replacement="#") for span in learner.known.find(joint.join(secrets))]
    redacted = assemble(joint.join(secrets), outermost(spans))
    assert not any(secret in redacted for secret in secrets)


def test_many_secrets_are_found_whenever_they_were_learnt() -> None:
    learner = Learner()
    letters = string.ascii_letters + string.digits
    secrets = [
        "".join(letters[(number * 31 + place * place * 7) % 62] for place in range(12))
        + str(number)
        for number in range(1500)
    ]
    for number, secret in enumerate(secrets):
        learner.learn(secret)
        if number % 7 == 0:
            assert learner.redact(f"<{secret}>") == f"<{learner.learn(secret)}>"
    text = " ".join(secrets)
    assert learner.redact(text) == " ".join(map(learner.pseudonyms.segment, secrets))
    assert len(learner.known) == len(secrets)


def test_a_lone_surrogate_in_a_secret_does_no_harm() -> None:
    learner = Learner()
    learner.learn("abc\ud800defgh:x")
    assert learner.redact("some text") == "some text"


def test_very_long_secrets_are_searched_for_as_they_stand_up_to_a_limit() -> None:
    learner = Learner()
    long, too_long = "p@ss w0rd " * 1000, "a1b2" * 20_000
    stand_in = learner.learn(long)
    learner.learn(too_long)
    assert learner.redact(f"<{long}>") == f"<{stand_in}>"
    assert learner.redact(quote(long)) == quote(long)
    assert learner.redact(too_long) == too_long
