"""An endpoint with our own SDK: registered once, then at work in real time inside the SDK's `with` blocks."""

from __future__ import annotations

import contextlib
import os
import random
import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import tutela

from demo.conversations.steps import Scene, Step, StepKind, Turn
from demo.dialects.shape import parts
from demo.flows import Flow, play
from demo.traffic.pace import Timetable, gap
from demo.traffic.stop import Stop
from demo.traffic.target import Target

LONGEST_S = 4.0
"""No step takes longer here: a night's forecast would keep whoever watches waiting for minutes."""

_OPTIONS = {
    "deployment": "tutela.deployment",
    "service_name": "service.name",
    "service_namespace": "service.namespace",
    "environment": "deployment.environment.name",
}
_SDKS_OWN = frozenset({*_OPTIONS.values(), "telemetry.sdk.language", "telemetry.distro.name", "tutela.site"})


class Failed(Exception):
    """What goes wrong inside a step; subclasses bear the names of the errors that providers raise."""


def run(flow: Flow, site: str, target: Target, stop: Stop, *, seed: int) -> None:
    """Be one endpoint until `stop` is set."""
    rng = random.Random(seed)
    handle = register(flow, site, target, rng)
    timetable = Timetable(stop)

    def converse() -> None:
        for scene in play(flow, engine=flow.engine_at(0), rng=rng):
            wait = gap(scene.after, review=scene.root.kind is StepKind.REVIEW, rng=rng)
            timetable.after(wait, partial(act, scene, stop=stop))

    timetable.again(flow.live_every_s, converse, rng=rng)
    timetable.run()
    handle.shutdown()


def register(flow: Flow, site: str, target: Target, rng: random.Random) -> tutela.Tutela:
    """The three lines that any endpoint writes. What the SDK has no setting for comes through OpenTelemetry's own variable."""
    device = rng.randrange(flow.devices) if flow.devices else None
    attributes = flow.resource_at(site, device)
    others = {name: value for name, value in attributes.items() if name not in _SDKS_OWN}
    os.environ["OTEL_RESOURCE_ATTRIBUTES"] = ",".join(f"{name}={value}" for name, value in others.items())
    identity = {option: attributes.get(name) for option, name in _OPTIONS.items()}
    return tutela.register(
        endpoint=target.http,
        key=target.keys[flow.key],
        site=site or None,
        capture="none" if flow.silent else "full",
        **identity,  # type: ignore[arg-type]  # four text options, by the names of `register`
    )


def act(scene: Scene, *, stop: Stop) -> None:
    """Live through a scene. What fails in it fails as it would in life, and is not raised further than here."""
    with contextlib.suppress(Failed):
        _act(scene.root, scene, stop)


def _act(step: Step, scene: Scene, stop: Stop) -> None:
    began = time.monotonic()
    with _block(step, scene) as block:
        for child in step.children:
            _wait_until(began, child.start - step.start, stop)
            _act(child, scene, stop)
        _wait_until(began, step.duration, stop)
        if step.failure is not None:
            raise type(step.failure.type, (Failed,), {})(step.failure.text)
        _tell(block, step)


def _wait_until(began: float, milliseconds: int, stop: Stop) -> None:
    left = began + min(milliseconds / 1000, LONGEST_S) - time.monotonic()
    if left > 0:
        stop.wait(left)


def _block(step: Step, scene: Scene) -> contextlib.AbstractContextManager[Any]:
    """The SDK's block for a step."""
    make = _BLOCKS.get(step.kind)
    if make is not None:
        return make(step)
    if step.kind is StepKind.LLM:
        return _model_call(step, scene)
    return tutela.agent(step.name, conversation=scene.session or None, input=_messages(step.input))


def _embedding(step: Step) -> contextlib.AbstractContextManager[tutela.ModelCall]:
    texts = [turn.text for turn in step.input]
    return tutela.model_call(step.model, provider=step.provider, operation="embeddings", input=texts)


def _retrieval(step: Step) -> contextlib.AbstractContextManager[tutela.Retrieval]:
    return tutela.retrieval(step.name, query=step.query)


def _tool(step: Step) -> contextlib.AbstractContextManager[tutela.ToolCall]:
    call = step.call
    return tutela.tool(
        step.name, arguments=call.arguments if call else None, call_id=call.id if call else None
    )


def _inference(step: Step) -> contextlib.AbstractContextManager[tutela.Inference]:
    return tutela.inference(step.model, units=step.units or 1, unit=step.unit, provider=step.provider or None)


def _review(step: Step) -> contextlib.AbstractContextManager[None]:
    """Not a block but a moment."""
    tutela.review(step.decision, step.outcome, step.reviewer)
    return contextlib.nullcontext()


_BLOCKS: Mapping[StepKind, Callable[[Step], contextlib.AbstractContextManager[Any]]] = {
    StepKind.EMBEDDING: _embedding,
    StepKind.RETRIEVER: _retrieval,
    StepKind.TOOL: _tool,
    StepKind.INFERENCE: _inference,
    StepKind.REVIEW: _review,
}


def _model_call(step: Step, scene: Scene) -> contextlib.AbstractContextManager[tutela.ModelCall]:
    system = next((turn.text for turn in step.input if turn.role == "system"), None)
    return tutela.model_call(
        step.model,
        provider=step.provider or None,
        input=_messages(tuple(turn for turn in step.input if turn.role != "system")),
        system=system,
        conversation=scene.session or None,
        server=step.address or None,
    )


def _tell(block: Any, step: Step) -> None:
    """What the block learns once the step is done."""
    match block:
        case tutela.ModelCall():
            _tell_of_the_answer(block, step)
        case tutela.Retrieval():
            block.documents([{"id": one.id, "score": one.score, "content": one.text} for one in step.sources])
        case tutela.ToolCall():
            block.result(step.result)
        case tutela.Inference() if step.confidence is not None:
            block.set("tutela.inference.confidence", step.confidence)
            block.output({"confidence": step.confidence})
        case tutela.Agent():
            block.set("tutela.decision.id", step.decision or None)
            if step.output:
                block.output(_messages(step.output))


def _tell_of_the_answer(call: tutela.ModelCall, step: Step) -> None:
    if step.tokens is not None:
        call.usage(
            input_tokens=step.tokens.input,
            output_tokens=step.tokens.output,
            cache_read_tokens=step.tokens.cached or None,
        )
    if step.kind is StepKind.LLM:
        call.response(model=step.answered_by or step.model, id=step.response_id, finish_reasons=[step.finish])
        call.set("gen_ai.response.time_to_first_chunk", (step.first_token or 0) / 1000 or None)
        call.output(_messages(step.output))


def _messages(turns: tuple[Turn, ...]) -> list[Mapping[str, Any]]:
    return [{"role": turn.role, "parts": parts(turn)} for turn in turns]
