"""Secrets known by the name before them, in JSON, queries, forms, headers, markup and prose."""

import re
from collections.abc import Callable, Iterator
from functools import cache, lru_cache
from typing import NamedTuple

from wiretape.recorder.redaction.place import (
    Look,
    Looker,
    Place,
    begins_parameter,
    quoted_place,
    run_before,
)
from wiretape.recorder.redaction.quoted import MARK, PLAIN_MARK, closing
from wiretape.recorder.redaction.quoting import HTML, JSON, PLAIN, Quoting
from wiretape.recorder.redaction.rules import HEADER, NO_SECRETS, NameRule, Scope
from wiretape.recorder.redaction.tokens import SEGMENT_LETTERS, is_opaque, looks_random
from wiretape.recorder.redaction.vocabulary import KEPT

_ENDINGS = ('"', "'", "\\", "=", "%", ":", "&quot;", "&#34;", "]", ">", " =", " :")
"""What may follow a name."""

_LONGEST_NAME = 64

_SPACE = r"(?:\s|\\++[nrt]|%(?:25)*+20|\+)*+"
_IS = rf"{MARK}{_SPACE}(?::|=>?|%(?:25)*+3[Aa]){_SPACE}"
_QUOTED = re.compile(rf"{_IS}(?P<list>\[{_SPACE})?(?P<mark>{MARK})")
_OBJECT = re.compile(rf"{_IS}(?:\[{_SPACE})?+(?:\{{|%(?:25)*+7[Bb]){_SPACE}")
_MEMBER = re.compile(rf"{MARK}[\w$.@-]{{1,64}}+{_IS}(?:(?P<mark>{MARK})|[\w.+-]++)")
_NEXT_MEMBER = re.compile(rf"{MARK}?+{_SPACE}(?:,|%(?:25)*+2[Cc]){_SPACE}")
_NEXT_ITEM = re.compile(rf"{MARK}{_SPACE},{_SPACE}(?P<mark>{MARK})")
_EQUALS = re.compile(
    rf"(?:\]|%(?:25)*+5[Dd])?+(?: = ?+|=|%(?P<depth>(?:25)*+)3[Dd])(?P<mark>{PLAIN_MARK})?"
)
_LINE = re.compile(rf" ?: *+(?:(?P<mark>{MARK})|(?P<value>[^\s\"'<>\\]{{1,4096}}+))")
_SECOND_WORD = re.compile(r" ([^\s\"'<>\\]{1,4096}+)")
_COOKIES = re.compile(r"[^\s\"'<>\\=;:]{1,256}=[^\r\n\"<>\\]*+")
_MARKUP = re.compile(r">([^<>]++)</")
_FIELD = re.compile(rf"(?:name|key|field|header){MARK}?\s*+[:=]\s*+{MARK}\Z", re.IGNORECASE)
_LONGEST_FIELD = 24
_ATTRIBUTE = r"""\s++(?!value)[\w-]++(?:=["'][^"'<>]{0,200}+["'])?+"""
_FIELD_VALUE = re.compile(
    rf"{MARK}(?:{_ATTRIBUTE}){{0,6}}+\s*+,?+\s*+{MARK}?+value{MARK}?+\s*+(?P<sign>[:=])\s*+(?P<mark>{MARK})"
)
_PART = re.compile(r'"(?:;[^\r\n]{0,512}+)?+\r?\n(?:[^\r\n]{1,512}+\r?\n){0,4}+\r?\n')
_URL = re.compile(r"https?(?::|%(?:25)*3a)", re.IGNORECASE)
_ORDINARY = re.compile(
    r"[a-z]{1,12}|[A-Z]{1,12}|[A-Z][a-z]{1,11}|[0-9]{1,6}|[A-Z][A-Z0-9]*-[0-9]{1,7}"
)


class _Value(NamedTuple):
    """Where the value of a name stands, how it is quoted, and whether it is a parameter's."""

    start: int
    end: int
    quoting: Quoting = PLAIN
    parameter: bool = False


class Names:
    """The lookers at names of secrets; `lookers` has them by their anchors, in lower case."""

    def __init__(self, rules: tuple[NameRule, ...]) -> None:
        self._rules = rules
        self._no_secrets = tuple(word.replace("_", "") for word in NO_SECRETS)
        self.rule: Callable[[str, Scope], NameRule | None] = lru_cache(8192)(self._rule)
        self.lookers: dict[str, Looker] = {
            anchor + ending: self._looker(len(ending))
            for anchor in _anchors(rules)
            for ending in _ENDINGS
        }

    def _rule(self, name: str, scope: Scope) -> NameRule | None:
        """Give the rule for a name in a scope: a header, or a name or parameter in a text."""
        plain = name.lower().replace("_", "").replace("-", "")
        if plain.endswith(self._no_secrets):
            return None
        for rule in self._rules:
            words = tuple(word.replace("_", "") for word in rule.words)
            if scope in rule.scope and (plain.endswith(words) if rule.ends else plain in words):
                return rule
        return None

    def _looker(self, ending: int) -> Looker:
        def look(text: str, start: int, end: int) -> Look:
            name_start = run_before(text, end - ending, SEGMENT_LETTERS, _LONGEST_NAME)
            rule = self.rule(text[name_start : end - ending], "parameter")
            if rule is None:
                return Look((), end)
            places = tuple(_places(text, name_start, end - ending, rule))
            if places:
                return Look(places, places[-1].end)
            return Look(tuple(_inside(text, end - ending, rule)), end)

        return look


def _anchors(rules: tuple[NameRule, ...]) -> Iterator[str]:
    """Give the last two words of each name in texts, with whatever may join them."""
    for word in (word for rule in rules if rule.scope != HEADER for word in rule.words):
        last = word.split("_")[-2:]
        yield from (joint.join(last) for joint in ("", "_", "-"))


def _places(text: str, name_start: int, name_end: int, rule: NameRule) -> Iterator[Place]:
    for start, end, quoting, parameter in _values(text, name_start, name_end, rule):
        place = quoted_place(
            text, start, end, rule.rule, rule.kind, sure=rule.sure, quoting=quoting
        )
        if is_secret(place.plain, rule, parameter=parameter):
            yield place


def _inside(text: str, name_end: int, rule: NameRule) -> Iterator[Place]:
    """Find what looks like a token directly inside an object: `"name": {"value": "value"}`."""
    member = _OBJECT.match(text, name_end) if "name" in rule.scope else None
    while member and (member := _MEMBER.match(text, member.end())):
        end = member.end()
        if member["mark"]:
            end, quoting = closing(text, end, member["mark"])
            place = quoted_place(
                text, member.end(), end, rule.rule, sure=rule.sure, quoting=quoting
            )
            if is_opaque(place.plain):
                yield place
        member = _NEXT_MEMBER.match(text, end)


def is_secret(plain: str, rule: NameRule, *, parameter: bool) -> bool:
    """Say whether what a name stands for is a secret; `parameter`: in a query or a form."""
    if plain.lower() in KEPT or (rule.keeps_urls and _URL.match(plain)):
        return False
    if rule.opaque:
        return is_opaque(plain)
    if "name" in rule.scope:
        return True
    return not _ORDINARY.fullmatch(plain) if parameter else looks_random(plain)


def _values(text: str, name_start: int, name_end: int, rule: NameRule) -> Iterator[_Value]:
    following = text[name_end]
    if following in "\"'\\&%" and (match := _QUOTED.match(text, name_end)):
        yield from _quoted(text, match)
    elif following in "=]% " and (match := _EQUALS.match(text, name_end)):
        yield _assigned(text, name_start, match)
    elif following in ": " and (match := _LINE.match(text, name_end)):
        yield from _on_line(text, match, rule)
    elif following == ">" and (match := _MARKUP.match(text, name_end)):
        if text[name_start - 1 : name_start] in {"<", ":"}:
            yield _Value(*match.span(1), HTML)
    elif following in "\"'\\&" and _FIELD.search(
        text, max(0, name_start - _LONGEST_FIELD), name_start
    ):
        yield from _of_field(text, name_end)


def _quoted(text: str, match: re.Match[str]) -> Iterator[_Value]:
    """Read `"name": "value"` and `"name": ["value", "value"]`."""
    item: re.Match[str] | None = match
    while item is not None:
        end, quoting = closing(text, item.end(), item["mark"])
        yield _Value(item.end(), end, quoting)
        item = _NEXT_ITEM.match(text, end) if match["list"] else None


def _assigned(text: str, name_start: int, match: re.Match[str]) -> _Value:
    """Read `name=value`, of a query or a form perhaps, and `name="value"`."""
    start = match.end()
    if match["mark"] and text[name_start - 1 : name_start] not in {"?", "&", ";"}:
        end, quoting = closing(text, start, match["mark"])
        return _Value(start, end, quoting)
    start -= len(match["mark"] or "")
    depth = 0 if match["depth"] is None else 1 + len(match["depth"]) // 2
    bare = _bare(depth).match(text, start)
    end = bare.end() if bare else start
    return _Value(
        start,
        end,
        JSON if "\\" in text[start:end] else PLAIN,
        parameter=begins_parameter(text, name_start),
    )


@cache
def _bare(depth: int) -> re.Pattern[str]:
    """Match a value in a query that is itself percent-encoded `depth` times."""
    if depth == 0:
        return re.compile(r'(?:[^&#\s"<>\\]|\\++/|\\++u00(?!2[267]|3[CcEe]|0)[0-9A-Fa-f]{2})*+')
    ends = rf"(?:25){{0,{depth - 1}}}(?:2[02367]|3[CcEe]|0[AaDd])"
    return re.compile(rf"""(?:[^&#\s"'<>\\%]|%(?!{ends}))*+""")


def _on_line(text: str, match: re.Match[str], rule: NameRule) -> Iterator[_Value]:
    """Read `name: value` in prose, or of a header, where only what looks random is a secret."""
    start, end = match.span("value")
    if match["mark"]:
        end, quoting = closing(text, match.end(), match["mark"])
        yield _Value(match.end(), end, quoting)
    elif rule.kind in {"cookies", "set-cookie"}:
        if cookies := _COOKIES.match(text, start):
            yield _Value(*cookies.span())
    elif looks_random(match["value"], 8):
        yield _Value(start, end)
    elif (
        rule.kind == "credentials"
        and (word := _SECOND_WORD.match(text, end))
        and looks_random(word[1], 8)
    ):
        yield _Value(start, word.end())


def _of_field(text: str, name_end: int) -> Iterator[_Value]:
    """Read `name="name" value="value"`, its like in JSON, and the part of a multipart form."""
    if (match := _FIELD_VALUE.match(text, name_end)) and match["sign"] == "=":
        # HTML knows no backslashes.
        end = text.find(match["mark"], match.end())
        yield _Value(match.end(), end if end >= 0 else len(text), HTML, parameter=True)
    elif match:
        end, quoting = closing(text, match.end(), match["mark"])
        yield _Value(match.end(), end, quoting, parameter=True)
    elif match := _PART.match(text, name_end):
        end = text.find("\n--", match.end())
        end = len(text) if end < 0 else end - (text[end - 1] == "\r")
        yield _Value(match.end(), max(end, match.end()), parameter=True)
