from wiretape.analysis.comparison.correspondence import corresponding


def test_equal_ids_correspond() -> None:
    found = list(corresponding(["a", "b"], ["b", "c"]))
    assert found == [("a", None), ("b", "b"), (None, "c")]


def test_endpoints_of_different_transports_correspond() -> None:
    reference = ["challenge.message.POST.expired token", "cors.sse.actual", "stream.sse.keepalive"]
    subject = ["challenge.mcp.POST.expired token", "cors.mcp.actual", "stream.mcp-answers.ends"]
    assert list(corresponding(reference, subject)) == [
        *zip(reference[:2], subject[:2], strict=True),
        (reference[2], None),
        (None, subject[2]),
    ]
    assert list(corresponding(subject, reference))[:2] == [
        *zip(subject[:2], reference[:2], strict=True)
    ]


def test_where_streams_come_from_is_likelier_than_where_messages_go() -> None:
    both = ["cors.message.actual", "cors.sse.actual"]
    assert list(corresponding(["cors.mcp.actual"], both)) == [
        ("cors.mcp.actual", "cors.sse.actual"),
        ("cors.mcp.actual", "cors.message.actual"),
    ]


def test_if_both_speak_both_the_endpoints_are_themselves() -> None:
    both = ["cors.mcp.actual", "cors.sse.actual"]
    assert list(corresponding(both, both)) == [(id_, id_) for id_ in both]
    assert list(corresponding(both, both[:1])) == [(both[0], both[0]), (both[1], None)]


def test_other_ids_stay_as_they_are() -> None:
    found = list(corresponding(["token.mcp.x", "cors.mcp.x"], ["token.sse.x", "cors.sse.x"]))
    assert found[0] == ("token.mcp.x", None)
