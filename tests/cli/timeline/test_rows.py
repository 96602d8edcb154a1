from io import BytesIO

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from arbitrary import ENTRIES
from play import OPENING
from wiretape.cli.timeline.layout import lay_out
from wiretape.cli.timeline.rows import Placed, of_exchange, of_record
from wiretape.cli.timeline.seen import timeline
from wiretape.cli.timeline.summary import after, before
from wiretape.recorder.log.reader import Reading
from wiretape.recorder.log.records import Entry


@given(st.lists(ENTRIES, max_size=30))
def test_whatever_was_recorded_every_exchange_has_its_row_and_all_is_printable(
    records: list[Entry],
) -> None:
    data = b"".join(msgspec.json.encode(record) + b"\n" for record in (OPENING, *records))
    found = timeline(Reading(BytesIO(data), "r.jsonl"))
    placed: list[Placed] = []
    for seen in found.exchanges:
        of_this = list(of_exchange(seen, 20))
        assert of_this[0].row.number == str(seen.exchange)
        assert len(of_this) >= 1 + len(seen.events)
        placed += of_this
        msgspec.json.encode(seen)
    placed += [row for line in found.apart if (row := of_record(line))]
    rows = [item.row for item in placed]
    for line in (*before(found), *lay_out(rows, 100), *after(found, 0)):
        assert "".join(text for text, _ in line).isprintable()
