import json
from pathlib import Path

import pytest

from wiretape.recorder.errors import BadInputError
from wiretape.recorder.redaction.redactor import Redactor
from wiretape.recorder.redaction.rules import DEFAULT
from wiretape.recorder.redaction.rules_file import load_rules

ACCOUNT = "712020:4d1b2c3a-0000-4000-8000-0123456789ab"
SITE = "9e8d7c6b-5a4f-4e3d-8c2b-1a0f9e8d7c6b"


def redactor(folder: Path, toml: str) -> Redactor:
    path = folder / "rules.toml"
    path.write_text(toml, encoding="utf-8")
    return Redactor(bytes(32), load_rules(path))


def test_an_empty_file_asks_for_nothing_more(tmp_path: Path) -> None:
    (tmp_path / "rules.toml").touch()
    assert load_rules(tmp_path / "rules.toml") == DEFAULT


def test_a_header(tmp_path: Path) -> None:
    redact = redactor(tmp_path, '[[rule]]\nname = "tenant"\nheader = "X-Tenant"')
    (_, tenant), (_, other) = redact.headers([(b"x-tenant", b"acme-corp"), (b"x-x", b"acme-corp")])
    assert tenant == other != "acme-corp"
    assert redact.manifest().replaced == {"tenant": 1, "known secret": 1}


def test_a_json_pointer(tmp_path: Path) -> None:
    redact = redactor(tmp_path, '[[rule]]\nname = "owner"\npointer = "/result/owners/0/na~1me"')
    text = '{"result": {"owners": [{"na/me": "A\\u00e9 \\"B\\""}, {"na/me": "C"}], "n": 1.50}}'
    redacted = redact.text(text)
    owners = json.loads(redacted)["result"]["owners"]
    assert owners[0]["na/me"] != 'Aé "B"'
    assert owners[1]["na/me"] == "C"
    assert redacted.endswith(', "n": 1.50}}')
    assert redact.text("no JSON") == "no JSON"
    assert redact.manifest().replaced == {"owner": 1}


def test_a_regular_expression_with_and_without_a_group(tmp_path: Path) -> None:
    redact = redactor(
        tmp_path,
        """
        [[rule]]
        name = "badge"
        regex = 'badge-(?P<secret>[0-9]+)'
        [[rule]]
        name = "ip"
        regex = '\\b[0-9]{1,3}(?:\\.[0-9]{1,3}){3}\\b'
        """,
    )
    redacted = redact.text('{"a":"badge-1234 at 10.20.30.40"}')
    assert redacted.startswith('{"a":"badge-')
    assert "1234" not in redacted
    assert "10.20.30.40" not in redacted
    assert redact.manifest().replaced == {"badge": 1, "ip": 1}


def test_a_regular_expression_breaks_no_escape(tmp_path: Path) -> None:
    redact = redactor(tmp_path, "[[rule]]\nname = 'host'\nregex = '\\w+\\.corp\\S*'")
    text = json.dumps({"a": 'one\nbuild7.corp\\x\n"two"', "b": "é\nÿbuild8.corp"})
    redacted = json.loads(redact.text(text))
    assert "build7" not in redacted["a"]
    assert redacted["a"].startswith("one\n")
    assert "build8" not in redacted["b"]


def test_the_email_pack(tmp_path: Path) -> None:
    redact = redactor(tmp_path, 'packs = ["email"]')
    text = '{"a":"\\nalice.b@mail.acme.com, carol@mail.acme.com","u":"?m=alice.b%40mail.acme.com"}'
    redacted = json.loads(redact.text(text))
    alice, carol = redacted["a"].strip().split(", ")
    assert alice.endswith(".example")
    assert alice.split("@")[1] == carol.split("@")[1]
    assert not {"alice", "carol", "acme"} & set(alice.replace("@", ".").split("."))
    assert redacted["u"] == "?m=" + alice.replace("@", "%40") or redacted["u"] == f"?m={alice}"
    assert redact.text("npm i @scope/package@1.2.3") == "npm i @scope/package@1.2.3"


def test_the_pack_of_account_ids(tmp_path: Path) -> None:
    redact = redactor(tmp_path, 'packs = ["account-ids"]')
    headers = dict(redact.headers([(b"X-Atlassian-Cloud-Id", SITE.encode())]))
    url = redact.url(f"https://api.example/ex/jira/{SITE}/rest/api/2/user?accountId={ACCOUNT}")
    assert headers["X-Atlassian-Cloud-Id"] in url
    assert SITE not in url
    account = url.split("accountId=")[1]
    assert account.split(":")[0].isdigit()
    assert json.loads(redact.text(f'{{"self":"u/{ACCOUNT}"}}'))["self"] == f"u/{account}"
    old = "5b10a2844c20165700ede21f"
    assert old not in redact.text(f'{{"assignee":{{"name":"{old}"}}}}')
    assert Redactor(bytes(32)).text(ACCOUNT) == ACCOUNT


@pytest.mark.parametrize(
    ("toml", "message"),
    [
        ("a = ", "not a TOML file: "),
        ("packs = ['mail']", r"packs\[1\]: Input should be 'email' or 'account-ids'"),
        ("rules = 1", "rules: Extra inputs are not permitted"),
        ("[[rule]]\nheader = 'X'", r"rule\[1\].name: Field required"),
        ("[[rule]]\nname = 'a'", r"rule\[1\]: .*one of header, pointer and regex"),
        (
            "[[rule]]\nname = 'a'\nheader = 'X'\npointer = '/a'",
            r"rule\[1\]: .*one of header, pointer and regex",
        ),
        ("[[rule]]\nname = 'a'\nheader = 'X Y'", r"rule\[1\].header: String should match"),
        ("[[rule]]\nname = 'a'\npointer = 'x'", r"rule\[1\].pointer: .*not a JSON pointer"),
        ("[[rule]]\nname = 'a'\nregex = '('", r"rule\[1\].regex: .*not a regular expression"),
        ("[[rule]]\nname = 'a'\nregex = 'a*'", r"rule\[1\].regex: .*matches the empty text"),
        ("[[rule]]\nname = 'a'\nregex = '" + "a" * 1001 + "'", r"rule\[1\].regex: .*at most 1000"),
        (
            "[[rule]]\nname = 'a'\nheader = 'X'\n[[rule]]\nname = ''\nheader = 'X'",
            r"rule\[2\].name: ",
        ),
    ],
)
def test_a_mistake_is_named_with_its_place(tmp_path: Path, toml: str, message: str) -> None:
    with pytest.raises(BadInputError, match=rf"rules.toml: {message}"):
        redactor(tmp_path, toml)


def test_a_file_that_cannot_be_read_is_bad_input(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match=r"none\.toml: No such file"):
        load_rules(tmp_path / "none.toml")
    (tmp_path / "b.toml").write_bytes(b"\xff")
    with pytest.raises(BadInputError, match="not a TOML file"):
        load_rules(tmp_path / "b.toml")
