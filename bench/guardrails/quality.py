"""How good the engine of personal data is, on texts that say what is personal in them.

    python -m bench.guardrails.quality --english PATH/generated_large.json --french 2000

English: rows of presidio-research (`full_text`, `spans`). French: templates of ours (french_set.py), filled with a seed;
two halves, both of them seen while rules were written; the figures of unseen texts will be lower.

A finding is right if it has the type of a marked span and the two share at least half of what they cover together.
F2 counts recall four times as much as precision. Characters are counted without regard to types.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bench.guardrails.french_set import CHECKED, french_set
from guardrails.domain import ContentEngine
from guardrails.engines.personal_data import PersonalDataEngine
from kernel.config import PersonalDataTier

THRESHOLD = 0.5
SAME = 0.5
ENGLISH_TYPES = {"DOMAIN_NAME": "URL", "US_DRIVER_LICENSE": "DRIVING_LICENCE"}
NOT_LOOKED_FOR = frozenset({"ORGANIZATION", "DATE_TIME", "TITLE", "PREFIX", "URL"})
"""Marked in presidio-research; the engine leaves them alone (of addresses on the web, those that name nobody)."""


@dataclass(frozen=True)
class Span:
    type: str
    start: int
    end: int


@dataclass(frozen=True)
class Sample:
    text: str
    spans: tuple[Span, ...]
    template: int = 0


@dataclass
class Score:
    right: Counter[str] = field(default_factory=Counter)
    marked: Counter[str] = field(default_factory=Counter)
    found: Counter[str] = field(default_factory=Counter)
    hidden: Counter[str] = field(default_factory=Counter)  # marked characters that a finding covers, per type
    characters: Counter[str] = field(default_factory=Counter)
    innocent: int = 0
    innocent_hidden: int = 0
    texts: int = 0
    leaks: int = 0  # texts with a marked character left


def english_set(path: Path) -> list[Sample]:
    rows = json.loads(path.read_text("utf-8"))
    return [
        Sample(
            row["full_text"],
            tuple(
                Span(
                    ENGLISH_TYPES.get(span["entity_type"], span["entity_type"]),
                    span["start_position"],
                    span["end_position"],
                )
                for span in row["spans"]
            ),
            row["template_id"],
        )
        for row in rows
    ]


def evaluate(
    engine: ContentEngine, samples: Iterable[Sample], *, left_out: frozenset[str] = frozenset()
) -> Score:
    """Scan every sample. What is marked with a type that is left out is neither asked for nor innocent."""
    score = Score()
    for sample in samples:
        findings = engine.scan(sample.text, threshold=THRESHOLD).findings
        found = [Span(one.type, one.start, one.end) for one in findings]
        _count(score, sample, found, left_out)
    return score


def _count(score: Score, sample: Sample, found: Sequence[Span], left_out: frozenset[str]) -> None:
    marked = [span for span in sample.spans if span.type not in left_out]
    score.texts += 1
    score.marked.update(span.type for span in marked)
    score.found.update(span.type for span in found)
    score.right.update(_right(marked, found))
    covered = {at for span in found for at in range(span.start, span.end)}
    personal = {at for span in sample.spans for at in range(span.start, span.end)}
    left = False
    for span in marked:
        here = [at for at in range(span.start, span.end) if sample.text[at].isalnum()]
        hidden = sum(at in covered for at in here)
        score.characters[span.type] += len(here)
        score.hidden[span.type] += hidden
        left |= hidden < len(here)
    score.leaks += left
    innocent = [at for at in range(len(sample.text)) if at not in personal and sample.text[at].isalnum()]
    score.innocent += len(innocent)
    score.innocent_hidden += sum(at in covered for at in innocent)


def _right(marked: Sequence[Span], found: Sequence[Span]) -> list[str]:
    free = list(found)
    right = []
    for span in marked:
        match = next((one for one in free if one.type == span.type and _overlap(span, one) >= SAME), None)
        if match is not None:
            free.remove(match)
            right.append(span.type)
    return right


def _overlap(one: Span, other: Span) -> float:
    shared = min(one.end, other.end) - max(one.start, other.start)
    return max(0, shared) / (max(one.end, other.end) - min(one.start, other.start))


def f_beta(precision: float, recall: float, beta: float = 2.0) -> float:
    weighed = beta * beta * precision + recall
    return (1 + beta * beta) * precision * recall / weighed if weighed else 0.0


def ratio(part: int, whole: int) -> float:
    return part / whole if whole else 0.0


def summary(score: Score) -> dict[str, float]:
    right, marked, found = score.right.total(), score.marked.total(), score.found.total()
    precision, recall = ratio(right, found), ratio(right, marked)
    return {
        "texts": score.texts,
        "precision": precision,
        "recall": recall,
        "f2": f_beta(precision, recall),
        "characters masked": ratio(score.hidden.total(), score.characters.total()),
        "innocent masked": ratio(score.innocent_hidden, score.innocent),
        "texts with a rest": ratio(score.leaks, score.texts),
    }


def show(title: str, score: Score) -> None:
    print(f"\n{title}")
    for name, value in summary(score).items():
        print(f"  {name:20} {value:8.0f}" if name == "texts" else f"  {name:20} {value:8.3f}")
    print(f"  {'type':20} {'marked':>7} {'found':>7} {'P':>6} {'R':>6} {'masked':>7}")
    for kind in sorted(score.marked | score.found):
        right, marked, found = score.right[kind], score.marked[kind], score.found[kind]
        masked = ratio(score.hidden[kind], score.characters[kind])
        print(
            f"  {kind:20} {marked:7} {found:7} {ratio(right, found):6.2f} {ratio(right, marked):6.2f} {masked:7.2f}"
        )


def misses(engine: ContentEngine, samples: Iterable[Sample], kinds: frozenset[str], most: int) -> None:
    """What was not found, or found without being marked: for whoever writes rules. Made-up texts only."""
    shown: dict[str, int] = defaultdict(int)
    for sample in samples:
        found = [
            Span(one.type, one.start, one.end)
            for one in engine.scan(sample.text, threshold=THRESHOLD).findings
        ]
        marked = list(sample.spans)
        for sign, these, those in (("-", marked, found), ("+", found, marked)):
            for span in these:
                if span.type not in kinds or _right([span], those) or shown[sign + span.type] >= most:
                    continue
                shown[sign + span.type] += 1
                near = sample.text[max(0, span.start - 40) : span.end + 30]
                print(f"{sign} {span.type:14} {sample.text[span.start : span.end]!r}  in {near!r}")


def checked_recall(score: Score) -> float:
    return ratio(sum(score.right[kind] for kind in CHECKED), sum(score.marked[kind] for kind in CHECKED))


def main() -> None:
    asked = argparse.ArgumentParser(description="Quality of the engine of personal data.")
    asked.add_argument("--english", type=Path, help="generated_large.json of presidio-research")
    asked.add_argument(
        "--french", type=int, default=2000, metavar="N", help="how many French texts to make (0: none)"
    )
    asked.add_argument("--seed", type=int, default=20261130)
    asked.add_argument("--tier", choices=[tier.value for tier in PersonalDataTier], default="standard")
    asked.add_argument(
        "--misses", default="", metavar="TYPES", help="show what went wrong for these types, with commas"
    )
    given = asked.parse_args()
    engine = PersonalDataEngine(PersonalDataTier(given.tier))
    print(engine.version)
    for title, samples, left_out in _sets(given):
        score = evaluate(engine, samples, left_out=left_out)
        show(title, score)
        if any(score.marked[kind] for kind in CHECKED):
            print(f"  identifiers with check digits: recall {checked_recall(score):.3f}")
        if given.misses:
            misses(engine, samples, frozenset(given.misses.split(",")), 25)


def _sets(given: argparse.Namespace) -> Iterable[tuple[str, list[Sample], frozenset[str]]]:
    if given.english:
        rows = english_set(given.english)
        yield "presidio-research, types that the engine looks for", rows, NOT_LOOKED_FOR
        yield "presidio-research, all types", rows, frozenset()
    if given.french:
        for held_out in (False, True):
            title = f"French templates, {'held out' if held_out else 'seen'}"
            made = french_set(given.french, seed=given.seed, held_out=held_out)
            samples = [
                Sample(text, tuple(Span(*span) for span in spans), template) for text, spans, template in made
            ]
            yield title, samples, frozenset()


if __name__ == "__main__":
    main()
