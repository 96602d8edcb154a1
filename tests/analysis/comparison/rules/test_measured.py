import pytest

from comparing import judged


@pytest.mark.parametrize(
    "id_", ["latency.role.mcp", "errors.http", "clients.editor 1", "endpoint.mcp"]
)
def test_what_is_measured_may_differ(id_: str) -> None:
    assert judged(id_, {"count": 1}, {"count": 2}) == {}
