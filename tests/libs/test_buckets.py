"""Where a part is: the same for ever, spread evenly, under a name that MongoDB leaves alone."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from libs.views.buckets import BUCKETS, bucket_of, field_of, part_of


def test_a_part_stays_where_rows_have_it() -> None:
    assert [bucket_of(name) for name in ("casper", "finn", "dora")] == [122, 26, 239]


def test_parts_are_spread() -> None:
    sizes = Counter(bucket_of(f"crowd-{number:012x}") for number in range(25_600))
    assert set(sizes) == set(range(BUCKETS))
    assert max(sizes.values()) < 200


@given(part_id=st.text())
def test_a_name_is_no_path_and_leads_back(part_id: str) -> None:
    field = field_of(part_id)
    assert not set(field) & {".", "$", "\0"}
    assert part_of(field) == part_id


def test_an_id_is_its_own_name() -> None:
    for part_id in ("0190c0de-1f2e-7000-8000-00000000c0de", "crowd-0123456789ab"):
        assert field_of(part_id) == part_id
