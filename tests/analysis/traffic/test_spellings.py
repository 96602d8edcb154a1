from hypothesis import given
from hypothesis import strategies as st

from wiretape.analysis.traffic.spellings import spellings

NAMES = st.lists(st.sampled_from(["accept", "Accept", "ACCEPT", "Host", "host", "Via"])).map(tuple)


def test_each_name_that_is_spelt_in_several_ways():
    names = ("host", "accept", "Via", "Accept", "Via", "Host", "ACCEPT")
    assert spellings(names) == (("Host", "host"), ("ACCEPT", "Accept", "accept"))


@given(NAMES)
def test_a_name_has_several_or_is_left_out(names: tuple[str, ...]):
    found = spellings(names)
    for several in found:
        assert len({*several}) == len(several) > 1
        assert len({name.lower() for name in several}) == 1
    told = {name for several in found for name in several}
    rest = [name for name in {*names} if name not in told]
    assert len({name.lower() for name in rest}) == len(rest)
