"""The ledger on a page: one story of a thing and what belongs to it, in words."""

from __future__ import annotations

import pytest
from django.utils import translation

from audit.panels import history_of
from audit.queries import histories
from inventory import services
from inventory.queries import related
from inventory.views.nouns import ALL
from tests.cast import ADA
from tests.inventory.estate import BUILDER, build

pytestmark = pytest.mark.database


@pytest.fixture
def estate(db):
    return build()


def story(estate, language="en", **words):
    with translation.override(language):
        ties = related.ties_of(ADA, "inventory.deployment", estate.radiology_live)
        return history_of("inventory.deployment", str(estate.radiology_live), related=ties, **words)


def test_a_story_tells_of_relations_by_the_name_of_their_other_end(estate):
    assert "placed it: Nantes clinic" in [str(entry.what) for entry in story(estate)]


def test_a_story_is_told_in_the_reader_s_language(estate):
    told = [str(entry.what) for entry in story(estate, "fr")]

    assert "l’a implanté\u00a0: Nantes clinic" in told


def test_a_relation_that_is_over_stays_in_the_story(estate):
    services.end_placement(BUILDER, estate.placement, reason="Moved")
    newest = story(estate)[0]

    assert str(newest.what) == "ended a placement: Nantes clinic"
    assert newest.why == "Moved"


def test_fields_bear_their_labels_and_ids_their_names(estate):
    services.edit_system(
        BUILDER, estate.radiology, version=None, unit=estate.shops, decision_impact="decisive"
    )
    newest = history_of("inventory.system", str(estate.radiology))[0]

    assert {(change.path, change.before, change.after) for change in newest.changes} == {
        ("Unit", "Clinics", "Shops"),
        ("Decision impact", "Unknown", "Decides"),
    }


def test_a_relation_does_not_repeat_the_thing_whose_story_it_is(estate):
    bound = next(entry for entry in story(estate) if entry.code == "inventory.binding.begin")

    assert "Deployment" not in {change.path for change in bound.changes}


def test_no_more_events_than_asked_for(estate):
    assert len(story(estate, limit=2)) == 2


def test_nothing_is_asked_of_nobody(db):
    assert histories([]) == []


@pytest.mark.parametrize("pages", ALL, ids=lambda pages: pages.name)
def test_every_action_of_a_noun_has_words(pages):
    from ui import history

    for step in ("register", "edit", "retire"):
        action = f"{pages.kind}.{step}"
        assert str(history.word(action)) != action
