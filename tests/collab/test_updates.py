"""What an update may hold before it is merged: nothing that ends the process."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pycrdt import Doc, Map

from collab import documents, updates
from collab.documents import BadUpdate, settings_of, text_of
from tests.videos.test_rewriting import SCRIPT


def of_a_value(value: bytes) -> bytes:
    """Under one key of the map `scenes`."""
    return bytes([1, 1, 7, 0, 0x28, 1, 6]) + b"scenes" + b"\1k\1" + value + b"\0"


def nested(depth: int, opens: bytes) -> bytes:
    return of_a_value(opens * depth + b"\x7e")


@pytest.mark.parametrize("opens", [b"\x75\1", b"\x76\1\1a", b"\x75\2\x7f"])
def test_values_nest_so_deep_and_no_deeper(opens):
    update = nested(updates.DEEPEST, opens)
    updates.check(update)
    documents.loaded(update)
    for depth in (updates.DEEPEST + 1, 100_000):
        with pytest.raises(BadUpdate):
            updates.check(nested(depth, opens))


def test_no_shared_type_lies_within_another():
    doc: Doc = Doc()
    settings_of(doc)["a"] = Map({"b": 1})
    with pytest.raises(BadUpdate):
        updates.check(doc.get_update())


def test_what_a_script_holds_is_let_through():
    doc = documents.loaded(documents.seed(SCRIPT.scenes))
    settings_of(doc)["x/visual"] = {
        "lines": ["a", 1, 2.5, None, True, False, 2**40, -3, b"1", {"of": "chart"}]
    }
    text_of(doc).insert(3, "Wörter \U0001f419")
    text_of(doc).format(0, 2, {"bold": True})
    text_of(doc).insert_embed(0, "picture")
    del text_of(doc)[4:9]
    updates.check(doc.get_update())
    updates.check(documents.edited(doc, documents.mend) or b"\0\0")


@pytest.mark.parametrize(
    "update", [b"", b"\1", b"\1\1\7", b"\xff" * 100_000, b"\1\xff\xff\xff\x0f\0\0"]
)
def test_what_is_cut_off_is_refused(update):
    with pytest.raises(BadUpdate):
        updates.check(update)


@given(st.binary(max_size=80))
def test_any_bytes_are_an_update_or_none(update):
    try:
        updates.check(update)
    except BadUpdate:
        return
