import pytest
from command import Wiretape


@pytest.fixture
def wiretape(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Wiretape:
    """The command, to be called with its words."""
    return Wiretape(monkeypatch, capsys)
