"""What is no chat: seams looked at by a camera, demand foretold by the hundred thousand series."""

from __future__ import annotations

import random

from demo.conversations.engine import Engine
from demo.conversations.steps import Scene, Step, StepKind

HOUR_MS = 3_600_000
SENT_BACK = 0.06  # share of sections whose seam the camera doubts, and a welder looks at


def inspection(*, engine: Engine, rng: random.Random) -> list[Scene]:
    """A hull section: several seams, a batch of images each. What the camera doubts, a person judges."""
    section = f"SEC-{rng.randrange(1000, 9999)}"
    steps: list[Step] = []
    for _ in range(rng.randrange(2, 5)):
        start = steps[-1].end + rng.randrange(400, 2500) if steps else 5
        steps.append(_seam(engine, rng, start))
    doubted = rng.random() < SENT_BACK
    root = Step(
        StepKind.WORKFLOW,
        "weld-section",
        start=0,
        duration=steps[-1].end + 4,
        children=tuple(steps),
        decision=section if doubted else "",
        failure=steps[-1].failure,
    )
    scenes = [Scene(root, "fr")]
    if doubted:
        scenes.append(Scene(_judged(section, rng), "fr", after=rng.randrange(HOUR_MS, 9 * HOUR_MS)))
    return scenes


def forecast(*, engine: Engine, rng: random.Random, shops: int = 140) -> list[Scene]:
    """One night's forecast: every article of every shop is a series, in a few batches."""
    steps: list[Step] = []
    for _ in range(rng.randrange(4, 8)):
        series = shops * rng.randrange(280, 320)
        start = steps[-1].end + rng.randrange(20, 90) if steps else 10
        steps.append(
            Step(
                StepKind.INFERENCE,
                engine.model,
                start=start,
                duration=round(series * engine.per_token),
                model=engine.model,
                provider=engine.provider,
                units=series,
                unit="series",
                failure=engine.failure(rng),
            )
        )
    root = Step(
        StepKind.WORKFLOW, "nightly-forecast", start=0, duration=steps[-1].end + 40, children=tuple(steps)
    )
    return [Scene(root, "en")]


def _seam(engine: Engine, rng: random.Random, start: int) -> Step:
    images = rng.randrange(12, 60)
    return Step(
        StepKind.INFERENCE,
        engine.model,
        start=start,
        duration=round(images * engine.per_token),
        model=engine.model,
        provider=engine.provider,
        units=images,
        unit="image",
        confidence=round(0.80 + rng.random() * 0.19, 3),
        failure=engine.failure(rng),
    )


def _judged(section: str, rng: random.Random) -> Step:
    outcome = rng.choice(("upheld", "upheld", "overturned"))
    return Step(
        StepKind.REVIEW,
        "review",
        0,
        rng.randrange(20, 80),
        decision=section,
        outcome=outcome,
        reviewer="welder",
    )
