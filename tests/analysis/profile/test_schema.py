import json
import tomllib

from hypothesis import given
from jsonschema import Draft202012Validator

from any_profile import profiles
from wiretape.analysis.profile.model import Profile
from wiretape.analysis.profile.schema import json_schema
from wiretape.analysis.profile.toml import write

VALIDATOR = Draft202012Validator(json.loads(json_schema()))


@given(profiles())
def test_what_is_written_is_valid(profile: Profile) -> None:
    VALIDATOR.validate(tomllib.loads(write(profile)))


def test_what_is_misspelt_is_not() -> None:
    assert VALIDATOR.is_valid({"name": "n", "token": {"lifetime": 1}})
    assert not VALIDATOR.is_valid({"name": "n", "token": {"lifetme": 1}})
    assert not VALIDATOR.is_valid({"name": "n", "token": {"lifetime": -1}})
