import json

from command import Wiretape

from wiretape.recorder.log.schema import json_schema


def test_the_schema_is_printed(wiretape: Wiretape) -> None:
    ran = wiretape("schema")
    assert (ran.code, ran.err) == (0, "")
    assert json.loads(ran.out) == json.loads(json_schema())
