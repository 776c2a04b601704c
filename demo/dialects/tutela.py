"""What our own SDK writes: the GenAI conventions, and `tutela.*` for predictions and reviews."""

from __future__ import annotations

from dataclasses import replace

from demo.conversations.steps import Scene, Step, StepKind
from demo.dialects import gen_ai
from demo.dialects.shape import Encoded, OtelKind, error_type, known, written


def encode(step: Step, scene: Scene) -> Encoded:
    """One step of a scene."""
    if step.kind is StepKind.INFERENCE:
        return _inference(step)
    if step.kind is StepKind.REVIEW:
        return _review(step)
    if step.kind is StepKind.WORKFLOW:  # the SDK has one block for whatever holds other steps
        step = replace(step, kind=StepKind.AGENT)
    encoded = gen_ai.encode(step, scene)
    if step.decision:
        encoded.attributes["tutela.decision.id"] = encoded.attributes.pop("decision.id")
    return encoded


def _inference(step: Step) -> Encoded:
    attributes = {
        "tutela.kind": "inference",
        "gen_ai.request.model": step.model,
        "gen_ai.provider.name": step.provider,
        "tutela.inference.units": step.units,
        "tutela.inference.unit": step.unit,
        "tutela.inference.confidence": step.confidence,
        "tutela.decision.id": step.decision,
        "tutela.inference.output": None
        if step.confidence is None
        else written({"confidence": step.confidence}),
        "error.type": error_type(step),
    }
    return Encoded(f"inference {step.model}", OtelKind.INTERNAL, known(attributes))


def _review(step: Step) -> Encoded:
    attributes = {
        "tutela.kind": "review",
        "tutela.decision.id": step.decision,
        "tutela.review.outcome": step.outcome,
        "tutela.review.reviewer_role": step.reviewer,
    }
    return Encoded("review", OtelKind.INTERNAL, known(attributes))
