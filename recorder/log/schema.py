"""The JSON Schema of a recording's lines, generated from the records' types."""

import json

import msgspec

from wiretape.recorder.log.records import SCHEMA, AnyRecord


def json_schema() -> str:
    """Give the schema (JSON Schema 2020-12) that every line of a recording is valid against."""
    generated = msgspec.json.schema(AnyRecord)
    generated["$defs"]["Recording"]["properties"]["schema"] = {"const": SCHEMA}
    described = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"A line of a recording, {SCHEMA}",
        "description": "The first line is a Recording; no other line is.",
    }
    return json.dumps(described | generated, indent=2)
