"""Suggestions: other words for a place of the script, taken or refused by who edits."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collab import documents, store
from collab.actions import (
    Decided,
    TextChanged,
    accept_suggestion,
    reject_suggestion,
    suggest,
    withdraw_suggestion,
)
from collab.documents import loaded, scenes_of, text_of
from collab.models import Document, Suggestion
from collab.places import find_words
from config.kit.errors import Refused
from teams.access import Forbidden
from teams.models import Event
from tests.collab.test_writing import head, said, types, written
from tests.conftest import acting
from tests.kit.test_api import problem
from videos.models import Video, VideoState
from videos.scripts import BeingPublished

__all__ = ["written"]
SAID = {"scene_uid": "aaaa0002", "quote": "Otters guard it.", "replacement": "Sea otters rest."}


@pytest.fixture
def suggestion(vic, written) -> Suggestion:
    return suggest(by=acting(vic), video=written, **SAID)


def test_an_accepted_suggestion_is_in_the_script(by_ana, written, suggestion):
    accepted = accept_suggestion(by=by_ana, suggestion=suggestion)
    assert said(written)[1] == "Sea otters rest. Urchins eat it."
    assert (accepted.state, accepted.decided_by_id) == ("accepted", by_ana.user_id)
    document = Document.objects.get(video=written)
    assert scenes_of(head(document))[1].narration == said(written)[1]
    kinds = Event.objects.filter(kind="collab.suggestion_decided")
    assert [event.payload["state"] for event in kinds] == ["accepted"]


def test_it_merges_with_what_others_type_into_the_sentence_behind(by_ana, written, suggestion):
    document = store.open_for(written)
    typist = head(document)
    accept_suggestion(by=by_ana, suggestion=suggestion)
    before = str(text_of(typist))
    at = len(before[: before.index("Urchins eat") + len("Urchins")].encode())
    update = documents.edited(typist, lambda doc: text_of(doc).insert(at, " always"))
    merged = loaded(*store.load(document.pk).updates, update)
    assert scenes_of(merged)[1].narration == "Sea otters rest. Urchins always eat it."


def test_it_finds_its_place_again_where_others_have_written(by_ana, written, suggestion):
    types(store.open_for(written), "Guards\n", "Long ago. ")
    accept_suggestion(by=by_ana, suggestion=suggestion)
    assert said(written)[1] == "Long ago. Sea otters rest. Urchins eat it."


def test_words_that_are_gone_are_not_guessed_at(by_ana, written, suggestion):
    types(store.open_for(written), "Otters guard", "ed")
    with pytest.raises(TextChanged):
        accept_suggestion(by=by_ana, suggestion=suggestion)
    suggestion.refresh_from_db()
    assert suggestion.state == "open"


def test_a_rejected_suggestion_changes_nothing(by_ana, written, suggestion):
    before = said(written)
    reject_suggestion(by=by_ana, suggestion=suggestion)
    assert said(written) == before
    for decide in (accept_suggestion, reject_suggestion):
        with pytest.raises(Decided):
            decide(by=by_ana, suggestion=suggestion)


def test_who_suggests_may_take_it_back_and_nobody_else(by_ana, vic, suggestion):
    with pytest.raises(Forbidden):
        withdraw_suggestion(by=by_ana, suggestion=suggestion)
    assert withdraw_suggestion(by=acting(vic), suggestion=suggestion).state == "withdrawn"


def test_only_who_edits_decides(vic, cho, written, suggestion):
    before = said(written)
    for person in (vic, cho):
        for decide in (accept_suggestion, reject_suggestion):
            with pytest.raises(Forbidden):
                decide(by=acting(person), suggestion=suggestion)
    with pytest.raises(Forbidden):
        suggest(by=acting(cho), video=written, **SAID)
    assert said(written) == before


def test_what_has_gone_out_is_not_rewritten(by_ana, written, suggestion):
    Video.objects.filter(pk=written.pk).update(state=VideoState.PUBLISHED)
    with pytest.raises(BeingPublished):
        accept_suggestion(by=by_ana, suggestion=suggestion)


@pytest.mark.parametrize(
    "change",
    [
        {"scene_uid": ""},
        {"scene_uid": "otters"},
        {"quote": "", "before": "", "after": ""},
        {"replacement": "Otters guard it."},
        {"replacement": "x" * 2_001},
        {"author": "me"},
    ],
)
def test_what_suggests_nothing_is_refused(vic, written, change):
    with pytest.raises(Refused):
        suggest(by=acting(vic), video=written, **{**SAID, **change})
    assert not Suggestion.objects.exists()


def test_a_suggestion_that_makes_no_script_is_refused(by_ana, vic, written):
    all_of_it = {"quote": "Divers replant it.", "replacement": "x" * 2_000, "scene_uid": "aaaa0003"}
    made = suggest(by=acting(vic), video=written, **all_of_it)
    with pytest.raises(Refused, match="Scene 3"):
        accept_suggestion(by=by_ana, suggestion=made)
    assert said(written)[2] == "Divers replant it."


# --- finding words


@pytest.mark.parametrize(
    ("quote", "before", "after", "place"),
    [
        ("it", "guard ", ".", 13),
        ("it", "eat ", "", 29),
        ("it", "", "", None),
        ("crabs", "", "", None),
        ("", "Otters ", "guard", 7),
        ("", "Otters ", "guarded", None),
        ("Otters", "", "", 0),
    ],
)
def test_words_are_found_by_what_stands_around_them(quote, before, after, place):
    assert find_words("Otters guard it. Urchins eat it.", quote, before, after) == place


@given(st.text(max_size=40), st.data())
def test_what_is_found_is_what_was_sought(text, data):
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    before, after = text[:start][-10:], text[end:][:10]
    place = find_words(text, text[start:end], before, after)
    assert place is None or text.startswith(before + text[start:end] + after, place - len(before))
    if text[start:end] and text.count(text[start:end]) == 1:
        assert place == start


# --- over HTTP


def test_a_suggestion_over_the_api(program, ben, vic, written):
    path = f"videos/{written.pk}/suggestions/"
    made = program(vic).get(path).json()["results"]
    assert made == []
    first = program(ben).post(path, SAID).json()
    second = (
        program(ben).post(path, {**SAID, "replacement": "", "quote": " Urchins eat it."}).json()
    )
    third = program(ben).post(path, {**SAID, "replacement": "No."}).json()
    its = program(ben)
    assert its.post(f"{path}{first['id']}/accept/").json()["state"] == "accepted"
    assert its.post(f"{path}{second['id']}/accept/").json()["decided_by"]["name"] == "Ben"
    problem(its.post(f"{path}{third['id']}/accept/"), 409, "text_changed")
    assert its.post(f"{path}{third['id']}/reject/").json()["state"] == "rejected"
    problem(its.post(f"{path}{third['id']}/withdraw/"), 409, "already_decided")
    assert its.get(f"{path}?state=open").json()["results"] == []
    assert its.get(f"{path}{first['id']}/").json()["quote"] == SAID["quote"]
    assert said(written)[1] == "Sea otters rest."


def test_a_repeated_accept_happens_once(program, ben, written, suggestion):
    its, path = program(ben), f"videos/{written.pk}/suggestions/{suggestion.pk}/accept/"
    first = its.post(path, Idempotency_Key="a")
    again = its.post(path, Idempotency_Key="a")
    assert (again.status_code, again.json()) == (200, first.json())


def test_who_is_who_over_http(program, vic, cho, suggestion):
    path = f"videos/{suggestion.video_id}/suggestions/"
    editors_only = program(vic, "videos:read")
    problem(editors_only.post(f"{path}{suggestion.pk}/accept/"), 403, "forbidden")
    problem(editors_only.post(path, SAID), 403, "forbidden")
    problem(program(cho).get(path), 404, "not_found")
    problem(program(cho).post(f"{path}{suggestion.pk}/accept/"), 404, "not_found")
    problem(program(None).get(path), 401, "not_authenticated")
