"""The report as JUnit XML, which CI systems show as tests.

There is no standard; this is what Jenkins and GitLab read: a suite for each family, a case for each
check. What fails is a failure, what cannot be tested an error, a warning is printed by a case that
passes, and what is expected is skipped with its reason. A stale entry of the baseline is a failure.
"""

from collections.abc import Iterable, Mapping
from itertools import groupby
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from wiretape.recorder.log.printable import printable
from wiretape.replay.conformance.report import Report, Result
from wiretape.replay.conformance.reporters.words import mistaken, told

_ACCEPTED = "untestable, which was accepted"
_COUNTED = {"failures": "failure", "errors": "error", "skipped": "skipped"}


def junit(report: Report) -> str:
    """Write the report."""
    root = Element("testsuites", {"name": f"wiretape conform {report.target}"})
    if report.seconds is not None:
        root.set("time", f"{report.seconds:.3f}")
    for family, results in groupby(report.results, key=lambda result: result.family):
        _add_suite(root, f"{report.target}.{family}", results, report)
    if report.stale:
        _add_baseline(root, report)
    for each in (root, *root):
        _count(each)
    indent(root)
    written: bytes = tostring(root, encoding="utf-8", xml_declaration=True)
    return written.decode() + "\n"


def _add_suite(root: Element, name: str, results: Iterable[Result], report: Report) -> None:
    suite = SubElement(root, "testsuite", {"name": name})
    for result in results:
        case = SubElement(suite, "testcase", {"classname": name, "name": result.id})
        _judge(case, result, report)


def _judge(case: Element, result: Result, report: Report) -> None:
    match result.standing:
        case "expected":
            _say(case, "skipped", {"message": result.expected or ""}, _text(result))
        case "fail":
            _say(case, "failure", {"message": result.seen, "type": result.severity}, _text(result))
        case "untestable" if not report.bad(result):
            _say(case, "skipped", {"message": f"{_ACCEPTED}: {result.seen}"}, _text(result))
        case "untestable":
            _say(case, "error", {"message": result.seen, "type": "untestable"}, _text(result))
        case "warn":
            _say(case, "system-out", {}, f"warning: {_text(result)}")
        case "pass":
            pass


def _add_baseline(root: Element, report: Report) -> None:
    suite = SubElement(root, "testsuite", {"name": "baseline"})
    for id_, mistake in zip(report.stale, mistaken(report), strict=True):
        case = SubElement(suite, "testcase", {"classname": "baseline", "name": printable(id_)})
        _say(case, "failure", {"message": mistake, "type": "stale"}, printable(mistake))


def _say(case: Element, name: str, attributes: Mapping[str, str], text: str) -> None:
    safe = {key: printable(value) for key, value in attributes.items()}
    SubElement(case, name, safe).text = text


def _text(result: Result) -> str:
    lines = (f"{name:9}{said}".rstrip() for name, said in told(result))
    return "\n".join(map(printable, (result.title, *lines)))


def _count(suite: Element) -> None:
    suite.set("tests", str(len(suite.findall(".//testcase"))))
    for name, tag in _COUNTED.items():
        suite.set(name, str(len(suite.findall(f".//{tag}"))))
