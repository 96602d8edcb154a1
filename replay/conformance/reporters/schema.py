"""The JSON Schema of `conformance.json`, for other programs."""

import json

from wiretape.replay.conformance.report import Report


def json_schema() -> str:
    """Give the schema (JSON Schema 2020-12) that a report is valid against."""
    described = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "The outcome of a conformance run",
    }
    return json.dumps(described | Report.model_json_schema(mode="serialization"), indent=2)
