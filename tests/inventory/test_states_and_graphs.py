"""The tables of states, and walks over trees."""

from __future__ import annotations

import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.domain import graphs
from inventory.domain.states import DEPLOYMENT_STEPS, MODEL_STEPS, SYSTEM_STEPS, next_steps, step
from inventory.domain.words import DeploymentState, ModelState, SystemState


@pytest.mark.parametrize(
    ("table", "words"),
    [(SYSTEM_STEPS, SystemState), (DEPLOYMENT_STEPS, DeploymentState), (MODEL_STEPS, ModelState)],
)
def test_every_state_stands_in_its_table_and_can_be_retired(table, words) -> None:
    assert set(table) == set(words)
    for word in words:
        if word != "retired":
            assert step(table, word, "retired")
    assert next_steps(table, "retired") == ()


def test_no_system_goes_live_unapproved() -> None:
    assert step(SYSTEM_STEPS, "proposed", "live") is None
    assert step(SYSTEM_STEPS, "in_assessment", "live") is None
    assert step(SYSTEM_STEPS, "approved", "live")


def test_taking_a_permission_away_wants_a_reason() -> None:
    for state in ("restricted", "suspended", "retired"):
        found = step(SYSTEM_STEPS, "live", state)
        assert found
        assert found.needs_reason


ids = st.integers(0, 12).map(lambda number: uuid.UUID(int=number))
edges = st.lists(st.tuples(ids, ids), max_size=30)


@given(edges, st.tuples(ids, ids))
def test_an_edge_closes_a_circle_when_its_start_can_be_reached_from_its_end(links, new) -> None:
    assert graphs.closes_circle(links, new) is (new[0] in graphs.reachable(links, new[1]))


@given(edges, ids)
def test_walks_end_and_hold_their_start(links, start) -> None:
    found = graphs.reachable(links, start)
    assert start in found
    assert all(target in found for source, target in links if source in found)


@given(edges)
def test_adding_only_edges_that_close_no_circle_never_makes_one(links) -> None:
    kept: list[graphs.Edge] = []
    for edge in links:
        if not graphs.closes_circle(kept, edge):
            kept.append(edge)
    for source, target in kept:
        assert source not in graphs.reachable(kept, target)
