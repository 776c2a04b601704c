"""The filters of the lists of findings, verdicts and checked messages: what may stand in the address."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _

from guardrails.domain.checks import CONTENT_CHECKS, Check, Outcome
from guardrails.queries.findings import FindingFilter
from guardrails.queries.scans import ScanFilter
from guardrails.queries.verdicts import VerdictFilter
from guardrails.queries.work import WorkFilter
from guardrails.tables.words import CHECK_WORDS, DIRECTION_WORDS, OUTCOMES, TYPE_WORDS
from telemetry.filters import asked_senders, deployment_filter, sender_word, time_range
from telemetry.services import Estate
from ui.filters import Choice, ChoiceFilter, DateRangeFilter, Filter, RangeFilter, RelationFilter
from ui.tables import ListQuery
from ui.text import Text

OF_MESSAGES = tuple(check for check in Check if check in CONTENT_CHECKS)
SCAN_OUTCOMES = (Outcome.FOUND, Outcome.CLEAN, Outcome.NOT_EVALUABLE, Outcome.SAMPLED_OUT, Outcome.FAILED)
VERDICT_OUTCOMES = (
    Outcome.UNSUPPORTED,
    Outcome.UNCERTAIN,
    Outcome.SUPPORTED,
    Outcome.NOT_EVALUABLE,
    Outcome.SAMPLED_OUT,
    Outcome.FAILED,
)
LANGUAGES: dict[str, Text] = {"en": _("English"), "fr": _("French")}
DEFAULT_WHEN = "7d"


def _checks() -> Filter:
    choices = [Choice(check.value, CHECK_WORDS[check]) for check in OF_MESSAGES]
    return ChoiceFilter(name="check", label=_("Check"), choices=choices)


def _outcomes(outcomes: Sequence[Outcome]) -> Filter:
    choices = [Choice(outcome.value, OUTCOMES[outcome].word) for outcome in outcomes]
    return ChoiceFilter(name="outcome", label=_("Outcome"), choices=choices)


def _direction() -> Filter:
    choices = [Choice(word, said) for word, said in DIRECTION_WORDS.items()]
    return ChoiceFilter(name="direction", label=_("Direction"), choices=choices, multiple=False)


def _types() -> Filter:
    return RelationFilter(
        name="type",
        label=_("Type"),
        choices=[Choice(kind, word) for kind, word in TYPE_WORDS.items()],
        lookup=lambda values: [Choice(value, TYPE_WORDS.get(value, value)) for value in values],
    )


def _sender(estate: Estate) -> Filter:
    def named(values: Sequence[str]) -> list[Choice]:
        return [Choice(value, sender_word(estate, value)) for value in values]

    return RelationFilter(name="sender", label=_("Sender ID"), choices=[], lookup=named)


def _when(label: Text) -> Filter:
    return DateRangeFilter(name="when", label=label, default=DEFAULT_WHEN)


def finding_filters(estate: Estate) -> list[Filter]:
    """What the list of findings may be narrowed by."""
    return [
        _types(),
        _checks(),
        deployment_filter(estate),
        _direction(),
        RangeFilter(name="score", label=_("Score")),
        _when(_("Received")),
        _sender(estate),
    ]


def finding_filter(query: ListQuery, estate: Estate) -> FindingFilter:
    """What the list's address asks of the record, within what the reader may see."""
    score = query.get("score")
    low, high = (score.low, score.high) if score else (None, None)
    direction = query.get("direction")
    return FindingFilter(
        time=time_range(query.get("when")),
        visible=estate.visible,
        senders=asked_senders(query, estate),
        checks=tuple(query.get("check") or ()),
        types=tuple(query.get("type") or ()),
        direction=direction[0] if direction else None,
        least=None if low is None else float(low),
        most=None if high is None else float(high),
    )


def scan_filters(estate: Estate) -> list[Filter]:
    """What the list of checked messages may be narrowed by."""
    return [
        _checks(),
        _outcomes(SCAN_OUTCOMES),
        deployment_filter(estate),
        _direction(),
        _when(_("Received")),
        _sender(estate),
    ]


def scan_filter(query: ListQuery, estate: Estate) -> ScanFilter:
    """What the list's address asks of the record, within what the reader may see."""
    direction = query.get("direction")
    return ScanFilter(
        time=time_range(query.get("when")),
        visible=estate.visible,
        senders=asked_senders(query, estate),
        checks=tuple(query.get("check") or ()),
        outcomes=tuple(query.get("outcome") or ()),
        direction=direction[0] if direction else None,
    )


WORK_KINDS: dict[str, Text] = {
    "message": _("checks of a message"),
    "trace": _("groundedness of a trace"),
}


def work_filters(estate: Estate) -> list[Filter]:
    """What the list of work may be narrowed by."""
    return [
        ChoiceFilter(
            name="state",
            label=_("State"),
            multiple=False,
            choices=[Choice("waiting", _("waiting")), Choice("dead", _("given up"))],
        ),
        ChoiceFilter(
            name="kind", label=_("What"), choices=[Choice(k, word) for k, word in WORK_KINDS.items()]
        ),
        deployment_filter(estate),
    ]


def work_filter(query: ListQuery, estate: Estate) -> WorkFilter:
    """What the list's address asks of the record; without a state it is what was given up."""
    state = query.get("state")
    return WorkFilter(
        visible=estate.visible,
        senders=asked_senders(query, estate),
        state=state[0] if state else "dead",
        kinds=tuple(query.get("kind") or ()),
    )


def verdict_filters(estate: Estate, *, models: Sequence[str]) -> list[Filter]:
    """What the list of verdicts may be narrowed by."""
    return [
        _outcomes(VERDICT_OUTCOMES),
        deployment_filter(estate),
        RelationFilter(
            name="model",
            label=_("Model"),
            choices=[Choice(value, value) for value in models],
            lookup=lambda values: [Choice(value, value) for value in values],
        ),
        ChoiceFilter(
            name="language",
            label=_("Language"),
            choices=[Choice(code, word) for code, word in LANGUAGES.items()],
        ),
        ChoiceFilter(
            name="shadow",
            label=_("Standing"),
            multiple=False,
            choices=[Choice("yes", _("in shadow")), Choice("no", _("counts"))],
        ),
        _when(_("Answered")),
        _sender(estate),
    ]


def verdict_filter(query: ListQuery, estate: Estate) -> VerdictFilter:
    """What the list's address asks of the record, within what the reader may see."""
    shadow = query.get("shadow")
    return VerdictFilter(
        time=time_range(query.get("when")),
        visible=estate.visible,
        senders=asked_senders(query, estate),
        outcomes=tuple(query.get("outcome") or ()),
        models=tuple(query.get("model") or ()),
        languages=tuple(query.get("language") or ()),
        shadow=None if not shadow else shadow[0] == "yes",
    )
