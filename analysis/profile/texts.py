"""Texts of a profile that hold what a service sends: JSON, and bodies of any kind."""

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Self

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler, JsonValue
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

_LINE = 80


class JsonText(str):
    """A JSON object or array as text: on one line if it is short, else indented.

    TOML has no null and no tables within tables that people could read; and what a service says in
    JSON is best compared with what it says in JSON.
    """

    __slots__ = ()

    @classmethod
    def of(cls, value: JsonValue) -> Self:
        """Write a value."""
        line = json.dumps(value, ensure_ascii=False)
        long = len(line) > _LINE
        return cls(json.dumps(value, ensure_ascii=False, indent=2) if long else line)

    @property
    def value(self) -> JsonValue:
        """What the text says."""
        return _parsed(self)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return _schema(cls._validated)

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return {"type": "string", "contentMediaType": "application/json"}

    @classmethod
    def _validated(cls, given: Any) -> Self:
        if isinstance(given, str):
            given = _parsed(given)
        if not isinstance(given, dict | list):
            raise PydanticCustomError("json", "must be a JSON object or array, as text")
        return cls.of(_writable(given))


class BodyText(str):
    """A body as text. One that is a JSON object or array counts as what it says."""

    __slots__ = ()

    @property
    def value(self) -> JsonValue:
        """The JSON object or array that it is, else the text."""
        try:
            found = _parsed(self)
        except ValueError:
            return str(self)
        return found if isinstance(found, dict | list) else str(self)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return _schema(cls._validated)

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return {"type": "string"}

    @classmethod
    def _validated(cls, given: Any) -> Self:
        if isinstance(given, dict | list):
            given = json.dumps(_writable(given), ensure_ascii=False, separators=(",", ":"))
        if not isinstance(given, str):
            raise PydanticCustomError("body", "must be a text")
        return cls(_writable(given))


@lru_cache(maxsize=256)
def members(text: JsonText | None) -> Mapping[str, Any]:
    """Give the members of the object that a text is; an array has none, nor has no text.

    Each text is read once: who replays a service asks with every request.
    """
    told = text.value if text is not None else {}
    return told if isinstance(told, dict) else {}


def _schema(validated: Any) -> CoreSchema:
    return core_schema.no_info_plain_validator_function(
        validated, serialization=core_schema.plain_serializer_function_ser_schema(str)
    )


def _writable[Given](given: Given) -> Given:
    """Refuse what JSON can spell and no file can hold: half characters, and endless numbers."""
    try:
        json.dumps(given, ensure_ascii=False, allow_nan=False).encode()
    except UnicodeEncodeError as error:
        raise ValueError("must not have half of a surrogate pair") from error
    return given


def _parsed(text: str) -> JsonValue:
    """Read JSON; raises ValueError for anything else."""
    try:
        found: JsonValue = json.loads(text, parse_constant=_refused)
    except RecursionError as error:
        raise ValueError("must not be nested so deep") from error
    return found


def _refused(constant: str) -> JsonValue:
    raise ValueError(f"{constant} is not JSON")
