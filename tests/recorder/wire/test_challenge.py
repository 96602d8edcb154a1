import string
from contextlib import suppress

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from wiretape.recorder.wire.challenge import Challenge, ChallengeError, parse, serialised

TOKEN = "!#$%&'*+-.^_`|~" + string.digits + string.ascii_letters
TOKEN68 = "-._~+/" + string.digits + string.ascii_letters

READ = {
    # RFC 9110, 11.6.1
    'Basic realm="simple", Newauth realm="apps", type=1, title="Login to \\"apps\\""': (
        Challenge("Basic", None, (("realm", "simple"),)),
        Challenge(
            "Newauth", None, (("realm", "apps"), ("type", "1"), ("title", 'Login to "apps"'))
        ),
    ),
    # RFC 6750, 3
    'Bearer realm="example",\t error="invalid_token", error_description="The token expired"': (
        Challenge(
            "Bearer",
            None,
            (
                ("realm", "example"),
                ("error", "invalid_token"),
                ("error_description", "The token expired"),
            ),
        ),
    ),
    # RFC 4559, 4.1
    "Negotiate": (Challenge("Negotiate"),),
    "Negotiate a87421000492aa874209af8bc028": (
        Challenge("Negotiate", "a87421000492aa874209af8bc028"),
    ),
    # every part of the grammar
    "Negotiate YWJj==, Basic realm=x": (
        Challenge("Negotiate", "YWJj=="),
        Challenge("Basic", None, (("realm", "x"),)),
    ),
    "Negotiate, NTLM ,Basic realm=x": (
        Challenge("Negotiate"),
        Challenge("NTLM"),
        Challenge("Basic", None, (("realm", "x"),)),
    ),
    ", ,Basic , , realm\t=  x, ,": (Challenge("Basic", None, (("realm", "x"),)),),
    "bearer REALM=x": (Challenge("bearer", None, (("realm", "x"),)),),
    "Bearer realm=": (Challenge("Bearer", "realm="),),
    'Bearer realm="a, b=c, Basic"': (Challenge("Bearer", None, (("realm", "a, b=c, Basic"),)),),
    'Bearer realm=""': (Challenge("Bearer", None, (("realm", ""),)),),
    'Bearer realm="\\\\", a="\xe9"': (Challenge("Bearer", None, (("realm", "\\"), ("a", "\xe9"))),),
    "Bearer a=1, a=2": (Challenge("Bearer", None, (("a", "1"), ("a", "2"))),),
    "": (),
    " , ": (),
    # what servers really send
    'Bearer realm="a" error="invalid_token"': (
        Challenge("Bearer", None, (("realm", "a"), ("error", "invalid_token"))),
    ),
    "Bearer resource_metadata=https://mcp.example.com/a?b=c, error=invalid_token": (
        Challenge(
            "Bearer",
            None,
            (
                ("resource_metadata", "https://mcp.example.com/a?b=c"),
                ("error", "invalid_token"),
            ),
        ),
    ),
}


@pytest.mark.parametrize("text", READ)
def test_it_reads(text: str) -> None:
    assert parse([text]) == READ[text]


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ('realm="x"', 1),
        ('Bearer realm="x', 8),
        ('Bearer realm="x\\"', 8),
        ("Bearer error_description=Missing or invalid token", 34),
        ('Bearer realm="x" Basic realm="y"', 18),
        ('Bearer realm="x"y', 8),
        ("Negotiate abc=, realm=x", 17),
        ('"Bearer"', 1),
        ("Bär", 1),
    ],
)
def test_what_nobody_could_read_is_refused_with_its_place(text: str, at: int) -> None:
    with pytest.raises(ChallengeError, match=f"character {at}$"):
        parse([text])


def test_several_headers_are_read_as_one() -> None:
    values = ['Bearer realm="a"', "Basic realm=b, charset=UTF-8", "Negotiate"]

    assert [challenge.scheme for challenge in parse(values)] == ["Bearer", "Basic", "Negotiate"]
    assert parse(values) == parse([", ".join(values)])


def test_the_first_parameter_of_a_name_is_given() -> None:
    (challenge,) = parse(["Bearer Error=a, ERROR=b"])

    assert challenge.get("error") == "a"
    assert challenge.get("realm") is None


@given(st.text() | st.text('Bearer a=",\\ \t'))
@example('Bearer a="' + "\\" * 50_000)
@example("Bearer " + "a" * 50_000 + "=" * 50_000 + "\n")
@example("Bearer a=b" + "\t" * 50_000 + "c")
def test_nothing_but_its_own_error_is_raised(text: str) -> None:
    with suppress(ChallengeError):
        parse([text])


PARAMS = st.lists(st.tuples(st.text(TOKEN, min_size=1).map(str.lower), st.text()), max_size=4).map(
    tuple
)
SCHEMES = st.text(TOKEN, min_size=1)
CHALLENGES = st.builds(Challenge, SCHEMES, st.none(), PARAMS) | st.builds(
    Challenge, SCHEMES, st.from_regex(rf"[{TOKEN68.replace('-', '')}-]+=*", fullmatch=True)
)


@given(st.lists(CHALLENGES))
def test_what_is_written_is_read_as_it_was(challenges: list[Challenge]) -> None:
    assert parse([serialised(challenges)]) == tuple(challenges)
    assert parse(map(_one, challenges)) == tuple(challenges)


def _one(challenge: Challenge) -> str:
    return serialised([challenge])
