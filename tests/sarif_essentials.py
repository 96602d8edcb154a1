"""What SARIF 2.1.0's schema, and GitHub's code scanning, ask for of what is written here."""

from jsonschema import Draft202012Validator

TEXT = {
    "type": "object",
    "required": ["text"],
    "additionalProperties": False,
    "properties": {"text": {"type": "string", "minLength": 1}},
}
LEVEL = {"enum": ["none", "note", "warning", "error"]}
LOCATION = {
    "type": "object",
    "required": ["physicalLocation"],
    "properties": {
        "id": {"type": "integer", "minimum": -1},
        "message": TEXT,
        "physicalLocation": {
            "required": ["artifactLocation"],
            "properties": {
                "artifactLocation": {
                    "required": ["uri"],
                    "properties": {"uri": {"type": "string", "pattern": "^[A-Za-z0-9%/._:~-]+$"}},
                },
                "region": {
                    "required": ["startLine"],
                    "properties": {"startLine": {"type": "integer", "minimum": 1}},
                },
            },
            "additionalProperties": False,
        },
    },
    "additionalProperties": False,
}
LOCATIONS = {"type": "array", "items": LOCATION}
ESSENTIALS = Draft202012Validator(
    {
        "required": ["version", "runs", "$schema"],
        "properties": {
            "version": {"const": "2.1.0"},
            "runs": {
                "type": "array",
                "minItems": 1,
                "items": {
                    "required": ["tool", "results"],
                    "properties": {
                        "columnKind": {"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
                        "tool": {
                            "required": ["driver"],
                            "properties": {
                                "driver": {
                                    "required": ["name", "rules"],
                                    "properties": {
                                        "rules": {
                                            "uniqueItems": True,
                                            "items": {
                                                "required": ["id"],
                                                "properties": {
                                                    "id": {"type": "string"},
                                                    "shortDescription": TEXT,
                                                    "fullDescription": TEXT,
                                                    "help": TEXT,
                                                    "helpUri": {"type": "string", "format": "uri"},
                                                    "defaultConfiguration": {
                                                        "properties": {"level": LEVEL}
                                                    },
                                                },
                                                "additionalProperties": False,
                                            },
                                        }
                                    },
                                }
                            },
                        },
                        "results": {
                            "items": {
                                "required": ["ruleId", "message", "locations"],
                                "properties": {
                                    "ruleId": {"type": "string"},
                                    "ruleIndex": {"type": "integer", "minimum": 0},
                                    "level": LEVEL,
                                    "message": TEXT,
                                    "locations": LOCATIONS | {"minItems": 1},
                                    "relatedLocations": LOCATIONS | {"uniqueItems": True},
                                    "partialFingerprints": {
                                        "additionalProperties": {"type": "string"}
                                    },
                                    "suppressions": {
                                        "items": {
                                            "required": ["kind"],
                                            "properties": {
                                                "kind": {"enum": ["inSource", "external"]}
                                            },
                                        }
                                    },
                                },
                                "additionalProperties": False,
                            }
                        },
                    },
                },
            },
        },
    }
)
