"""From a script to scenes: a conversation becomes one trace per turn, and later, perhaps, a person's review."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from demo.conversations import engine as engines
from demo.conversations.cast import Words
from demo.conversations.engine import Engine
from demo.conversations.scripts import Exchange, Script
from demo.conversations.steps import Scene, Source, Step, StepKind, Tokens, ToolCall, Turn

HOUR_MS = 3_600_000
REVIEWED = 0.55  # share of decisions that a person has looked at within two days


@dataclass(slots=True)
class Stage:
    """What the scenes of one conversation share."""

    script: Script
    exchange: Exchange
    engine: Engine
    words: Words
    rng: random.Random

    @property
    def system(self) -> tuple[Turn, ...]:
        text = self.script.system.get(self.exchange.language, "")
        return (Turn("system", text),) if text else ()

    def say(self, text: str) -> str:
        """The text with its placeholders filled."""
        return text.format_map(self.words)

    def id(self, prefix: str, bits: int = 96) -> str:
        return f"{prefix}{self.rng.getrandbits(bits):0{bits // 4}x}"

    def sources(self) -> tuple[Source, ...]:
        """The documents that the retriever finds, best first."""
        found = [(self.say(name), self.say(self.script.documents[name])) for name in self.exchange.sources]
        return tuple(
            Source(id=name, text=text, score=round(0.93 - 0.08 * place - self.rng.random() * 0.05, 3))
            for place, (name, text) in enumerate(found)
        )


def conversation(script: Script, *, engine: Engine, rng: random.Random, seed: int) -> list[Scene]:
    """The scenes of one conversation, in order of time. The same `rng` state and seed give the same scenes."""
    exchange = script.draw(rng)
    words = Words(rng, language=exchange.language, seed=seed)
    stage = Stage(script, exchange, engine, words, rng)
    session, user = stage.id("s-", 64), f"u-{rng.randrange(900):03d}"
    scenes: list[Scene] = []
    history: tuple[Turn, ...] = ()
    after = 0
    for question, answer in exchange.turns:
        asked = Turn("user", stage.say(question))
        answered = Turn("assistant", stage.say(answer))
        root = _PLAYS[script.play](stage, history, asked, answered)
        scenes.append(Scene(root, exchange.language, after, session, user))
        history = (*history, asked, answered)
        after += root.duration + rng.randrange(8_000, 90_000)
    return scenes + _reviews(stage, scenes)


def _reviews(stage: Stage, scenes: list[Scene]) -> list[Scene]:
    """What a person says of a decision, hours later."""
    decision = scenes[-1].root.decision
    if not decision or stage.rng.random() > REVIEWED:
        return []
    step = Step(
        StepKind.REVIEW,
        "review",
        start=0,
        duration=stage.rng.randrange(20, 90),
        decision=decision,
        outcome=stage.rng.choice(stage.script.outcomes),
        reviewer="recruiter" if stage.script.decision_prefix == "CAND" else "case handler",
    )
    return [Scene(step, stage.exchange.language, stage.rng.randrange(HOUR_MS, 40 * HOUR_MS))]


# ---------------------------------------------------------------------------------------------------------- the plays


def _draft(stage: Stage, history: tuple[Turn, ...], asked: Turn, answered: Turn) -> Step:
    return _llm(stage, (*stage.system, *history, asked), answered, start=0)


def _chat(stage: Stage, history: tuple[Turn, ...], asked: Turn, answered: Turn) -> Step:
    steps = [_retriever(stage, asked.text, start=stage.rng.randrange(2, 9))]
    prompt = (*stage.system, *history, _with_sources(asked, steps[0].sources, stage.exchange.language))
    steps.append(_llm(stage, prompt, answered, start=steps[-1].end + 2))
    return _around(StepKind.WORKFLOW, stage.script.workflow or stage.script.name, steps, asked, answered)


def _rag(stage: Stage, history: tuple[Turn, ...], asked: Turn, answered: Turn) -> Step:
    steps = []
    if stage.engine.embedding:
        steps.append(_embedding(stage, asked.text, start=3))
    steps.append(_retriever(stage, asked.text, start=steps[-1].end + 1 if steps else 3))
    prompt = (*stage.system, *history, _with_sources(asked, steps[-1].sources, stage.exchange.language))
    steps.append(_llm(stage, prompt, answered, start=steps[-1].end + 2))
    return _around(StepKind.WORKFLOW, stage.script.workflow, steps, asked, answered)


def _agent(stage: Stage, history: tuple[Turn, ...], asked: Turn, answered: Turn) -> Step:
    prompt = (*stage.system, *history, asked)
    call, result = _called(stage)
    wish = Turn("assistant", calls=(call,))
    steps = [_llm(stage, prompt, wish, start=4)]
    if steps[0].failure is None:
        steps.append(_tool(stage, call, result, start=steps[-1].end + 1))
        steps.append(_retriever(stage, asked.text, start=steps[-1].end + 1))
        told = Turn("tool", json.dumps(result, ensure_ascii=False), answers=call.id)
        context = _with_sources(Turn("user"), steps[-1].sources, stage.exchange.language)
        steps.append(_llm(stage, (*prompt, wish, told, context), answered, start=steps[-1].end + 2))
    return _around(StepKind.AGENT, stage.script.agent, steps, asked, answered)


def _decision(stage: Stage, history: tuple[Turn, ...], asked: Turn, answered: Turn) -> Step:
    root = _agent(stage, history, asked, answered)
    if root.failure is not None:
        return root
    return replace(root, decision=f"{stage.script.decision_prefix}-{stage.words['number']}")


_PLAYS = {"draft": _draft, "chat": _chat, "rag": _rag, "agent": _agent, "decision": _decision}


# ---------------------------------------------------------------------------------------------------------- the steps


def _llm(stage: Stage, asked: tuple[Turn, ...], answered: Turn, *, start: int) -> Step:
    engine, rng = stage.engine, stage.rng
    failure = engine.failure(rng)
    output = () if failure else (answered,)
    usage = engines.tokens(asked, output, engine=engine)
    first = engine.first_token_after(rng)
    length = engines.count(output) * engine.per_token * (0.85 + rng.random() * 0.3)
    return Step(
        StepKind.LLM,
        engine.model,
        start=start,
        duration=first + round(length),
        provider=engine.provider,
        model=engine.model,
        answered_by="" if failure else engine.answered_by,
        address=engine.address,
        input=asked,
        output=output,
        tokens=None if failure else usage,
        first_token=first if engine.streams and not failure else None,
        finish="" if failure else "tool_calls" if answered.calls else "stop",
        response_id="" if failure else stage.id("chatcmpl-"),
        failure=failure,
    )


def _embedding(stage: Stage, text: str, *, start: int) -> Step:
    asked = (Turn("user", text),)
    return Step(
        StepKind.EMBEDDING,
        stage.engine.embedding,
        start=start,
        duration=stage.rng.randrange(9, 60),
        provider=stage.engine.provider,
        model=stage.engine.embedding,
        address=stage.engine.address,
        input=asked,
        tokens=Tokens(input=engines.count(asked)),
    )


def _retriever(stage: Stage, query: str, *, start: int) -> Step:
    return Step(
        StepKind.RETRIEVER,
        stage.script.data_source or "documents",
        start=start,
        duration=stage.rng.randrange(6, 120),
        query=query,
        sources=stage.sources(),
    )


def _tool(stage: Stage, call: ToolCall, result: Any, *, start: int) -> Step:
    return Step(
        StepKind.TOOL, call.name, start=start, duration=stage.rng.randrange(15, 900), call=call, result=result
    )


def _called(stage: Stage) -> tuple[ToolCall, Any]:
    tool = stage.exchange.tools[0]
    call = ToolCall(stage.id("call_", 48), tool.name, _filled(stage, tool.arguments))
    return call, _filled(stage, tool.result)


def _filled(stage: Stage, value: Any) -> Any:
    """The value with the placeholders of all its texts filled."""
    match value:
        case str():
            return stage.say(value)
        case Mapping():
            return {name: _filled(stage, inner) for name, inner in value.items()}
        case list() | tuple():
            return [_filled(stage, inner) for inner in value]
        case _:
            return value


_HEADINGS = {"fr": ("Extraits", "Question"), "en": ("Extracts", "Question")}


def _with_sources(asked: Turn, sources: tuple[Source, ...], language: str) -> Turn:
    """The question with the documents before it, as retrieval-augmented prompts are written."""
    extracts, question = _HEADINGS[language]
    lines = [f"{extracts} :" if language == "fr" else f"{extracts}:"]
    lines += [f"[{source.id}] {source.text}" for source in sources]
    if asked.text:
        lines += ["", f"{question} : {asked.text}" if language == "fr" else f"{question}: {asked.text}"]
    return Turn(asked.role, "\n".join(lines))


def _around(kind: StepKind, name: str, steps: list[Step], asked: Turn, answered: Turn) -> Step:
    """The step that holds the others. It fails when its last one does."""
    failure = steps[-1].failure
    return Step(
        kind,
        name,
        start=0,
        duration=steps[-1].end + 3,
        children=tuple(steps),
        input=(asked,),
        output=() if failure else (answered,),
        failure=failure,
    )
