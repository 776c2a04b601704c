"""Conversations: believable, whole, and the same for the same seed."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from dataclasses import replace

import pytest

from demo.conversations import compose, predictions, scripts
from demo.conversations.engine import Engine
from demo.conversations.scripts import Exchange, Script
from demo.conversations.steps import Scene, Step, StepKind

ENGINE = Engine("a-model", provider="openai", embedding="an-embedding", failing=0.0)
SEED = 7
EXCHANGES = [
    pytest.param(script, exchange, id=f"{name}-{number}")
    for name in scripts.names()
    for script in [scripts.load(name)]
    for number, exchange in enumerate(script.exchanges)
]


def told(script: Script, exchange: Exchange, *, engine: Engine = ENGINE, seed: int = 1) -> list[Scene]:
    """The conversation that this exchange becomes."""
    only = replace(script, exchanges=(exchange,))
    return compose.conversation(only, engine=engine, rng=random.Random(seed), seed=SEED)


def steps(scenes: list[Scene]) -> Iterator[Step]:
    for scene in scenes:
        yield from scene.root.walk()


def texts(scenes: list[Scene]) -> Iterator[str]:
    for step in steps(scenes):
        yield from (turn.text for turn in (*step.input, *step.output))
        yield from (source.text for source in step.sources)


@pytest.mark.parametrize(("script", "exchange"), EXCHANGES)
def test_no_placeholder_is_left_unfilled(script: Script, exchange: Exchange) -> None:
    placeholder = re.compile(r"\{[a-z_]+\}")
    assert not [text for text in texts(told(script, exchange)) if placeholder.search(text)]


@pytest.mark.parametrize(("script", "exchange"), EXCHANGES)
def test_every_document_of_an_exchange_is_in_its_script(script: Script, exchange: Exchange) -> None:
    assert set(exchange.sources) <= set(script.documents)


@pytest.mark.parametrize(("script", "exchange"), EXCHANGES)
def test_every_step_lies_within_its_parent(script: Script, exchange: Exchange) -> None:
    for step in steps(told(script, exchange)):
        assert all(step.start <= child.start and child.end <= step.end for child in step.children)


@pytest.mark.parametrize(("script", "exchange"), EXCHANGES)
def test_every_answered_call_counts_its_tokens(script: Script, exchange: Exchange) -> None:
    calls = [step for step in steps(told(script, exchange)) if step.kind is StepKind.LLM]
    assert calls
    assert all(call.tokens and call.tokens.input > 0 and call.tokens.output for call in calls)


def test_the_same_seed_tells_the_same_conversation() -> None:
    script = scripts.load("chatbot")
    one, two, other = (
        compose.conversation(script, engine=ENGINE, rng=random.Random(seed), seed=SEED) for seed in (5, 5, 6)
    )
    assert one == two
    assert one != other


def test_a_conversation_sends_its_history_again_with_every_turn() -> None:
    script = scripts.load("chatbot")
    scenes = told(script, script.exchanges[0])
    prompts = [
        next(step for step in scene.root.walk() if step.kind is StepKind.LLM).input for scene in scenes
    ]
    assert [len(prompt) for prompt in prompts] == [2, 4, 6, 8]
    assert len({scene.session for scene in scenes}) == 1
    assert [scene.after for scene in scenes] == sorted(scene.after for scene in scenes)


def test_both_languages_are_spoken() -> None:
    spoken = {exchange.language for name in scripts.names() for exchange in scripts.load(name).exchanges}
    assert spoken == {"fr", "en"}


def test_some_answers_are_not_supported_by_their_sources() -> None:
    unsupported = [
        name for name in scripts.names() if any(e.unsupported for e in scripts.load(name).exchanges)
    ]
    assert len(unsupported) >= 6


def test_people_write_what_they_should_not() -> None:
    chatbot, code = scripts.load("chatbot"), scripts.load("code")
    assert any(
        "IBAN" in text or re.search(r"\bFR\d{25}\b", text)
        for text in texts(told(chatbot, chatbot.exchanges[0]))
    )
    assert any("AKIA" in text for text in texts(told(code, code.exchanges[1])))


def test_a_call_that_fails_says_how_and_answers_nothing() -> None:
    script = scripts.load("contracts")
    failing = replace(ENGINE, failing=1.0)
    scenes = told(script, script.exchanges[0], engine=failing)
    call = next(step for step in steps(scenes) if step.kind is StepKind.LLM)
    assert call.failure is not None
    assert call.tokens is None
    assert not call.output
    assert scenes[0].root.failure == call.failure


def test_a_decision_about_a_person_bears_an_id_and_is_often_reviewed() -> None:
    script = scripts.load("hr")
    found = [told(script, script.exchanges[0], seed=seed) for seed in range(40)]
    reviewed = [scenes for scenes in found if scenes[-1].root.kind is StepKind.REVIEW]
    assert 10 < len(reviewed) < 35
    for scenes in reviewed:
        assert scenes[-1].root.decision == scenes[0].root.decision != ""
        assert scenes[-1].after >= compose.HOUR_MS


def test_an_inspection_counts_images_and_a_forecast_counts_series() -> None:
    rng = random.Random(3)
    inspection = predictions.inspection(engine=replace(ENGINE, per_token=30), rng=rng)
    forecast = predictions.forecast(engine=replace(ENGINE, per_token=4), rng=rng)
    for scenes, unit in ((inspection, "image"), (forecast, "series")):
        judged = [step for step in steps(scenes) if step.kind is StepKind.INFERENCE]
        assert judged
        assert all(step.units and step.unit == unit for step in judged)
