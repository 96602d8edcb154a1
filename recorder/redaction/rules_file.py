"""Rules that a user adds, in a TOML file.

packs = ["email", "account-ids"]

[[rule]]
name = "tenant"
header = "X-Tenant"

[[rule]]
name = "owner"
pointer = "/result/owner/name"

[[rule]]
name = "badge"
regex = 'badge-(?P<secret>[0-9]+)'
"""

import re
from pathlib import Path
from typing import Annotated, Literal, Self

from jsonpointer import JsonPointer, JsonPointerException
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    StringConstraints,
    model_validator,
)

from wiretape.recorder import toml_file
from wiretape.recorder.redaction.packs import ACCOUNT_NAMES, ACCOUNT_SHAPES
from wiretape.recorder.redaction.rules import NAMES, HeaderRule, PointerRule, Rules, ShapeRule

_HEADER_NAME = r"^[!#$%&'*+.^_`|~0-9A-Za-z-]+$"


def _regex(pattern: str) -> str:
    try:
        compiled = re.compile(pattern)
    except (re.PatternError, OverflowError, RecursionError) as error:
        raise ValueError(f"not a regular expression: {error}") from error
    if compiled.search(""):
        raise ValueError("the regular expression matches the empty text")
    return pattern


def _pointer(pointer: str) -> str:
    try:
        JsonPointer(pointer)
    except JsonPointerException as error:
        raise ValueError(f"not a JSON pointer: {error}") from error
    return pointer


class Rule(BaseModel):
    """One rule: a name for the manifest, and where the secret stands, in one of three ways.

    `header` is the name of a header, in any case; `pointer` a JSON pointer (RFC 6901) into texts
    that are JSON; `regex` a regular expression whose group `secret`, or all of it, is the secret.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Annotated[str, StringConstraints(min_length=1, max_length=100)]
    header: Annotated[str, StringConstraints(pattern=r"^[!#$%&'*+.^_`|~0-9A-Za-z-]+$")] | None = (
        None
    )
    pointer: Annotated[str, AfterValidator(_pointer)] | None = None
    regex: Annotated[str, StringConstraints(max_length=1000), AfterValidator(_regex)] | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if [self.header, self.pointer, self.regex].count(None) != 2:
            raise ValueError("a rule has one of header, pointer and regex")
        return self


class RulesFile(BaseModel):
    """What a rules file may say."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    packs: tuple[Literal["email", "account-ids"], ...] = ()
    rule: tuple[Rule, ...] = ()

    def rules(self) -> Rules:
        """Give the rules of this file and those that are always on."""
        accounts = "account-ids" in self.packs
        return Rules(
            names=NAMES + (ACCOUNT_NAMES if accounts else ()),
            headers=tuple(
                HeaderRule(rule.name, rule.header.lower())
                for rule in self.rule
                if rule.header is not None
            ),
            shapes=(ACCOUNT_SHAPES if accounts else ())
            + tuple(
                ShapeRule(rule.name, re.compile(rule.regex))
                for rule in self.rule
                if rule.regex is not None
            ),
            pointers=tuple(
                PointerRule(rule.name, tuple(JsonPointer(rule.pointer).parts))
                for rule in self.rule
                if rule.pointer is not None
            ),
            emails="email" in self.packs,
        )


def load_rules(path: Path) -> Rules:
    """Read a rules file.

    Raises BadInputError, naming the file and what is wrong in it, when it cannot be used.
    """
    return toml_file.read(path, RulesFile).rules()
