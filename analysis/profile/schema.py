"""The JSON Schema of profiles, for editors and other programs."""

import json

from wiretape.analysis.profile.model import Profile


def json_schema() -> str:
    """Give the schema (JSON Schema 2020-12) that a profile, read as TOML, is valid against."""
    described = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A profile",
    }
    return json.dumps(described | Profile.model_json_schema(), indent=2)
