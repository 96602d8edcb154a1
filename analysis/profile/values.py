"""Values of a profile that are more than a number or a text."""

from typing import Annotated, Any, Literal, Self

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetJsonSchemaHandler,
    JsonValue,
    SerializerFunctionWrapHandler,
    ValidationInfo,
    model_serializer,
    model_validator,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from wiretape.analysis.profile.texts import BodyText, JsonText
from wiretape.recorder.wire import challenge

type Flag = Annotated[bool, Field(strict=True)]
type Count = Annotated[int, Field(strict=True, ge=0)]
type Status = Annotated[int, Field(strict=True, ge=100, le=599)]
type Number = (
    Annotated[int, Field(strict=True)] | Annotated[float, Field(strict=True, allow_inf_nan=False)]
)
type Duration = (
    Annotated[int, Field(strict=True, ge=0)]
    | Annotated[float, Field(strict=True, ge=0, allow_inf_nan=False)]
)
type Names = tuple[str, ...]


def _names(given: Any) -> Any:
    return tuple(given) if isinstance(given, dict) else given


type Counted = Annotated[Names, BeforeValidator(_names)]
"""What there was. Findings count it; but how often a service was asked is nothing about it."""


LEARNT = object()
"""The context in which the values of findings are validated."""


class Value(BaseModel):
    """A value of several parts, such as an answer. A part that is absent is not there."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    @model_validator(mode="before")
    @classmethod
    def _learnt(cls, given: Any, info: ValidationInfo) -> Any:
        """Leave out of a finding's value what a profile has no part for, such as counts."""
        if info.context is not LEARNT or not isinstance(given, dict):
            return given
        return cls.learnt({name: part for name, part in given.items() if name in cls.model_fields})

    @classmethod
    def learnt(cls, given: dict[str, Any]) -> dict[str, Any]:
        """Take what a finding says of these parts."""
        return given

    def said(self) -> dict[str, JsonValue]:
        """Give the value as findings have it, without the parts that are not there."""
        return {name: said(part) for name, part in self if part is not None}


def said(value: Any) -> JsonValue:
    """Give what a profile holds as findings have it."""
    match value:
        case JsonText() | BodyText():
            return value.value
        case Value():
            return value.said()
        case dict():
            return {key: said(part) for key, part in value.items()}
        case tuple():
            return [said(part) for part in value]
    return value  # type: ignore[no-any-return]  # a number, a text, or a flag


class Measured(Value):
    """A measured value with its bounds, and what it is of; a plain number if that is all."""

    value: Number
    low: Number | None = None
    high: Number | None = None
    note: str | None = None

    @model_validator(mode="before")
    @classmethod
    def _plain(cls, given: Any) -> Any:
        return {"value": given} if isinstance(given, int | float) else given

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.low is not None and self.high is not None and self.low > self.high:
            raise ValueError("`low` must not be above `high`")
        return self

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        parts = handler(schema)
        return {"anyOf": [handler.resolve_ref_schema(parts)["properties"]["value"], parts]}

    @model_serializer(mode="wrap")
    def _short(self, handler: SerializerFunctionWrapHandler) -> Any:
        more = (self.low, self.high, self.note)
        return self.value if more == (None, None, None) else handler(self)


class Bounded(Measured):
    """Something that is so within bounds of time, in seconds."""

    value: str  # type: ignore[assignment]  # what is so, instead of how much

    @model_validator(mode="before")
    @classmethod
    def _plain(cls, given: Any) -> Any:
        return {"value": given} if isinstance(given, str) else given


type Length = Count | tuple[Count, Count]
"""How many characters; two numbers if that varies, the least and the most."""


class Segment(Value):
    """A part of a token between separators; `stable`: a refresh does not change it."""

    length: Length
    alphabet: str
    stable: Flag | None = None


class Shape(Value):
    """What tokens or ids look like."""

    kind: Literal["opaque", "jwt", "uuid", "url"]
    length: Length
    separator: str | None = None
    segments: tuple[Segment, ...] = ()


class Answer(Value):
    """An answer over HTTP. In `body`, `{id}` stands for the JSON-RPC id of the request.

    `stream`: a stream of events follows. `accept` and `content_type` are the values of that header
    which are answered so; an empty one stands for none.
    """

    status: Status
    stream: Flag | None = None
    accept: Names | None = None
    content_type: Names | None = None
    media_type: str | None = None
    body: BodyText | None = None


class Refusal(Value):
    """How a request is refused for what it has, or lacks, to authorize it.

    `raw` is the `WWW-Authenticate` as sent (RFC 9110, 11.6.1).
    """

    status: Status
    raw: str | None = None
    body_form: str
    media_type: str | None = None
    body: BodyText | None = None

    def said(self) -> dict[str, JsonValue]:
        """Give it with the challenges that `raw` spells."""
        try:
            challenges = challenge.parse([self.raw or ""])
        except challenge.ChallengeError:
            challenges = ()
        return {**super().said(), "challenges": [*map(_scheme, challenges)]}


def _scheme(offered: challenge.Challenge) -> JsonValue:
    params: JsonValue = {name: offered.get(name) for name, _ in offered.params}
    scheme: dict[str, JsonValue] = {"scheme": offered.scheme, "params": params}
    return scheme if offered.token68 is None else scheme | {"token68": offered.token68}


class Permission(Value):
    """The CORS headers of an answer (WHATWG Fetch, 3.3)."""

    status: Status | None = None
    allow_origin: str | None = None
    allow_methods: Names | None = None
    allow_headers: Names | None = None
    expose_headers: Names | None = None
    max_age: Number | None = None
    allow_credentials: Flag | None = None


class Browser(Value):
    """What a page of another origin may do in a browser; what is absent was not seen."""

    may_call: Flag | None = None
    may_use: Names | None = None
    may_send: Names | None = None
    may_read: Names | None = None


class Redirect(Value):
    """Where a request is sent on to, and what becomes of its method and authorization there."""

    status: Status
    to: str
    scheme_downgrade: Flag
    method_changed: Flag | None = None
    authorization: str | None = None


class Metadata(Value):
    """How a place of metadata answers, besides the status.

    `document` is told if it is not the one that the others tell; `body` if it is none at all.
    """

    media_type: str | None = None
    cache_control: str | None = None
    body: BodyText | None = None
    document: JsonText | None = None


class Method(Value):
    """How calls of a JSON-RPC method fare: whether with results, the codes of errors, over what.

    `messages` are what errors say, by their codes.
    """

    answered: Flag = False
    errors: Counted = ()
    ways: Names = ()
    messages: dict[str, str] | None = None

    @classmethod
    def learnt(cls, given: dict[str, Any]) -> dict[str, Any]:
        """Take for a fact what is counted."""
        return given | {"answered": given.get("answered") != 0}

    def said(self) -> dict[str, JsonValue]:
        """Count once what there is."""
        errors: JsonValue = dict.fromkeys(self.errors, 1)
        return super().said() | {"answered": int(self.answered), "errors": errors}


class Denial(Value):
    """How the use of what is not there is answered: with an error, or a result that tells of one.

    `{name}` stands for the name that was used; `status` is that of HTTP, if not 200.
    """

    code: str | None = None
    message: str | None = None
    data: BodyText | None = None
    result: JsonText | None = None
    status: Status | None = None


class Cut(Value):
    """Streams are cut off at an age, or after a silence, of so many seconds."""

    after: Literal["age", "silence"]
    seconds: Duration


class Quantiles(Value):
    """How long something takes, in milliseconds; `count` answers told that.

    What so few cannot tell is absent.
    """

    count: Count | None = None
    max: Duration
    p50: Duration
    p90: Duration | None = None
    p99: Duration | None = None
