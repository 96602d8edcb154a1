from wiretape.recorder.log.counted import counted


def test_one_is_no_plural() -> None:
    said = [counted(number, "record") for number in (0, 1, 2)]
    assert said == ["0 records", "1 record", "2 records"]
