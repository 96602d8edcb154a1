from wiretape.analysis.finding import Finding
from wiretape.analysis.report.sections import sections


def finding(id_: str) -> Finding:
    return Finding(id=id_, title=id_, value=1)


def test_findings_stand_in_the_order_of_the_report() -> None:
    ids = ["latency.x", "stream.b", "transport.y", "stream.a", "token.lifetime", "discovery.z"]
    found = sections(map(finding, ids))
    assert [section.id for section in found] == ["discovery", "tokens", "transport", "latency"]
    assert [each.id for each in found[2].findings] == ["transport.y", "stream.b", "stream.a"]


def test_what_no_section_expects_is_not_lost() -> None:
    (other,) = sections(map(finding, ["weather.b", "zebra", "weather.a"]))
    assert other.id == "other"
    assert [each.id for each in other.findings] == ["weather.b", "weather.a", "zebra"]


def test_without_findings_there_are_no_sections() -> None:
    assert sections([]) == ()
