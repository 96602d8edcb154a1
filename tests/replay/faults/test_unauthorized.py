from misbehaving import STREAMABLE, client


def test_a_good_token_is_refused_once() -> None:
    with client(STREAMABLE, "unauthorized:times=1") as a:
        refused = a.begin()
        assert refused.status_code == 401
        assert refused.headers["www-authenticate"].startswith("Bearer")
        assert a.begin().status_code == 200
        assert [entry.faults for entry in a.service.journal][-2:] == [["unauthorized"], []]


def test_disarmed_it_does_nothing() -> None:
    with client(STREAMABLE) as a:
        armed = a.service.arm("unauthorized")
        assert a.begin().status_code == 401
        a.service.disarm(armed)
        assert a.begin().status_code == 200
