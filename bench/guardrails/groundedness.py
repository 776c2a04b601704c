"""How well and how fast answers are held against their sources: `python -m bench.guardrails.groundedness DATA`.

DATA holds `begin/begin_*.tsv` and `halueval/generation_qa_*-turn.jsonl`. The weights were set on BEGIN's development
parts and the first half of HaluEval; the parts named test were not looked at for that.
"""

from __future__ import annotations

import csv
import json
import statistics
import sys
import time
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from pathlib import Path

from guardrails.domain import Context, Outcome
from guardrails.engines.groundedness import LexAlign

Example = tuple[str, str, str, bool]  # source, question, answer, whether the source supports it
HALUEVAL_TUNED_ON = 250
TURNS = 20


def begin(path: Path) -> Iterator[Example]:
    """Generic answers, which claim nothing, are left out."""
    with path.open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
            if not row["begin_label"].startswith("Generic"):
                yield (
                    row["knowledge"],
                    row["message"],
                    row["response"],
                    row["begin_label"].startswith("Fully"),
                )


def halueval(folder: Path, *, test: bool) -> Iterator[Example]:
    for turns in ("one", "multi"):
        lines = (folder / f"generation_qa_{turns}-turn.jsonl").read_text("utf-8").splitlines()
        for line in lines[HALUEVAL_TUNED_ON:] if test else lines[:HALUEVAL_TUNED_ON]:
            row = json.loads(line)
            if turns == "one":  # the right answers of both files are the same
                yield row["knowledge"], row["question"], row["right_answer"], True
            yield row["knowledge"], row["question"], row["hallucinated_answer"], False


def auroc(good: list[float], bad: list[float]) -> float:
    ordered = sorted(bad)
    wins = sum(bisect_left(ordered, one) + bisect_right(ordered, one) for one in good)
    return wins / (2 * len(good) * len(bad))


def report(name: str, examples: list[Example], engine: LexAlign) -> None:
    good: list[float] = []
    bad: list[float] = []
    outcomes: dict[tuple[bool, Outcome], int] = {}
    times: list[float] = []
    for source, question, answer, supported in examples:
        begun = time.process_time()
        found = engine.judge(question=question, answer=answer, contexts=[Context("source", source)])
        times.append((time.process_time() - begun) * 1000)
        outcomes[supported, found.outcome] = outcomes.get((supported, found.outcome), 0) + 1
        if found.score is not None:
            (good if supported else bad).append(found.score)
    hit, alarm = (outcomes.get((kind, Outcome.UNSUPPORTED), 0) for kind in (False, True))
    precision, recall = hit / max(1, hit + alarm), hit / max(1, len(bad))
    unsure = sum(count for (_, outcome), count in outcomes.items() if outcome is Outcome.UNCERTAIN)
    none = sum(count for (_, outcome), count in outcomes.items() if outcome is Outcome.NOT_EVALUABLE)
    print(
        f"| {name} | {len(good)} + {len(bad)} | {auroc(good, bad) * 100:.1f} | {200 * precision * recall / max(1e-9, precision + recall):.1f} "
        f"| {100 * alarm / max(1, len(good)):.1f} % | {100 * recall:.1f} % | {100 * unsure / len(examples):.1f} % | {100 * none / len(examples):.1f} % "
        f"| {statistics.median(times):.0f} / {statistics.quantiles(times, n=20)[-1]:.0f} |",
        flush=True,
    )


def saved_by_content_addressing(turns: int = TURNS) -> tuple[int, int]:
    """Messages that an agent's calls name, and those that are new: each turn re-sends all before it.

    A turn is a question, a call of a tool, its result and an answer, in two calls of the model; system prompt always.
    """
    named, seen = 0, set[str]()
    history = ["system"]
    for turn in range(turns):
        for said in ((f"user {turn}",), (f"call {turn}", f"result {turn}")):
            history += said
            answer = f"call {turn}" if said[0].startswith("user") else f"answer {turn}"
            named += len(history) + 1
            seen |= {*history, answer}
        history.append(f"answer {turn}")
    return named, len(seen)


def main() -> None:
    data = Path(sys.argv[1])
    sets = {
        "BEGIN wow, test": lambda: begin(data / "begin/begin_test_wow.tsv"),
        "HaluEval QA, test": lambda: halueval(data / "halueval", test=True),
        "BEGIN wow, tuned on": lambda: begin(data / "begin/begin_dev_wow.tsv"),
        "BEGIN cmu, tuned on": lambda: begin(data / "begin/begin_dev_cmu.tsv"),
        "BEGIN tc, tuned on": lambda: begin(data / "begin/begin_dev_tc.tsv"),
        "HaluEval QA, tuned on": lambda: halueval(data / "halueval", test=False),
    }
    for engine in (LexAlign(), LexAlign(lexical_only=True)):
        engine.warm()
        print(f"\n{engine.version}\n")
        print(
            "| set | supported + not | AUROC | F1 | false alarms | found | uncertain | not evaluable | ms, median / p95 |"
        )
        print("|---|---|---|---|---|---|---|---|---|")
        for name, examples in sets.items():
            report(name, list(examples()), engine)
    named, fresh = saved_by_content_addressing()
    print(
        f"\nAn agent trace of {TURNS} turns names {named} messages, {fresh} of them new: {100 * (1 - fresh / named):.1f} % saved."
    )


if __name__ == "__main__":
    main()
