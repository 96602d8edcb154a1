"""The JSON Schema of `comparison.json`, for other programs."""

import json

from wiretape.analysis.comparison.model import Comparison


def json_schema() -> str:
    """Give the schema (JSON Schema 2020-12) that a comparison is valid against."""
    described = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A comparison of two services",
    }
    return json.dumps(described | Comparison.model_json_schema(mode="serialization"), indent=2)
