"""Coverage as pages draw it: what was checked, what was not and why, as numbers that open what they count."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from guardrails.domain.checks import CONTENT_CHECKS, Check, Outcome
from guardrails.queries.coverage import KEPT, DeploymentSums, Sums
from guardrails.tables.lists import list_href
from guardrails.tables.words import CHECK_QUESTIONS, CHECK_WORDS, OUTCOMES, type_word
from kernel import clock
from telemetry.domain import ContentState
from telemetry.queries.bounds import TimeRange
from telemetry.queries.checks import Found
from telemetry.tables.spans import traces_href
from telemetry.tables.traces import deployment_href
from ui import charts, formats, parts
from ui.charts import Datum
from ui.tables import Column
from ui.text import Text

Words = Mapping[str, str | list[str]]
"""Filters that every door of a page carries: the period, and the deployment where there is one."""

ORDER = (
    Outcome.CLEAN,
    Outcome.SUPPORTED,
    Outcome.FOUND,
    Outcome.UNCERTAIN,
    Outcome.UNSUPPORTED,
    Outcome.SAMPLED_OUT,
    Outcome.NOT_EVALUABLE,
    Outcome.FAILED,
)


@dataclass(frozen=True, slots=True)
class CheckBlock:
    """One check on a page: its question, what is covered in a sentence, its bar, and the bar of what is in shadow."""

    check: Check
    word: Text
    question: Text
    sentence: str
    bar: SafeString
    shadow_bar: SafeString | None
    shadow_sentence: str


def blocks(found: Mapping[Check, Sums], words: Words) -> list[CheckBlock]:
    """The checks in their order."""
    return [_block(found[check], words) for check in Check]


def _block(sums: Sums, words: Words) -> CheckBlock:
    shadowed = sum(sums.shadowed.values())
    return CheckBlock(
        check=sums.check,
        word=CHECK_WORDS[sums.check],
        question=CHECK_QUESTIONS[sums.check],
        sentence=said(sums),
        bar=charts.stacked_bar(_data(sums, words), label=CHECK_WORDS[sums.check]),
        shadow_bar=charts.stacked_bar(_shadow_data(sums, words), label=_("in shadow")) if shadowed else None,
        shadow_sentence=_in_shadow(shadowed) if shadowed else "",
    )


def said(sums: Sums) -> str:
    """How much was checked of how much, in a sentence."""
    numbers = {"checked": formats.number(sums.checked), "total": formats.number(sums.total)}
    if not sums.total:
        return _("Nothing came that could be checked.")
    if sums.check in CONTENT_CHECKS:
        return (
            ngettext(
                "%(checked)s of %(total)s message checked.",
                "%(checked)s of %(total)s messages checked.",
                sums.total,
            )
            % numbers
        )
    return (
        ngettext(
            "%(checked)s of %(total)s answer checked.",
            "%(checked)s of %(total)s answers checked.",
            sums.total,
        )
        % numbers
    )


def _in_shadow(count: int) -> str:
    return ngettext(
        "%(count)s answer is in a language for which the engine is not calibrated yet. It is counted here, and held "
        "against nobody.",
        "%(count)s answers are in a language for which the engine is not calibrated yet. They are counted here, and held "
        "against nobody.",
        count,
    ) % {"count": formats.number(count)}


def _data(sums: Sums, words: Words) -> list[Datum]:
    return [
        *(_datum(sums, outcome, sums.outcomes.get(outcome, 0), words) for outcome in ORDER),
        Datum(_waiting_word(sums.check), sums.waiting, list_href("work", state="waiting"), "s0"),
    ]


def _shadow_data(sums: Sums, words: Words) -> list[Datum]:
    shadow = {**words, "shadow": "yes"}
    return [_datum(sums, outcome, sums.shadowed.get(outcome, 0), shadow) for outcome in ORDER]


def _waiting_word(check: Check) -> str:
    return _("waiting") if check in CONTENT_CHECKS else _("waiting (traces)")


def _datum(sums: Sums, outcome: Outcome, count: int, words: Words) -> Datum:
    said_so = OUTCOMES[outcome]
    return Datum(str(said_so.word), count, outcome_href(sums.check, outcome, words), said_so.bar)


def outcome_href(check: Check, outcome: Outcome, words: Words) -> str:
    """The list of what came to an outcome."""
    if check in CONTENT_CHECKS:
        return list_href("scans", **{**words, "check": check.value, "outcome": outcome.value})
    counts = {} if "shadow" in words else {"shadow": "no"}
    return list_href("verdicts", **{**words, **counts, "outcome": outcome.value})


# ---- content that was not kept

CONTENT_WORDS: dict[str, tuple[Text, str]] = {
    "kept": (gettext_lazy("text that can be checked"), "ok"),
    ContentState.HASHED: (gettext_lazy("IDs only"), "plain"),
    ContentState.DROPPED: (gettext_lazy("content not kept"), "s2"),
    ContentState.NOT_CAPTURED: (gettext_lazy("no content sent"), "unknown"),
    ContentState.REFERENCE: (gettext_lazy("only an address sent"), "s1"),
}


def content_bar(calls: Mapping[str, int], words: Words) -> SafeString:
    """Model calls by what became of their content; each part opens the deployments behind it."""
    counted = {"kept": sum(calls.get(state, 0) for state in KEPT), **calls}
    href = list_href("coverage", **words)
    data = [
        Datum(str(word), counted.get(state, 0), href, tone) for state, (word, tone) in CONTENT_WORDS.items()
    ]
    return charts.stacked_bar(data, label=_("Model calls by what became of their content"))


def content_said(calls: Mapping[str, int]) -> str:
    """How many model calls left nothing to check."""
    total = sum(calls.values())
    unkept = total - sum(calls.get(state, 0) for state in KEPT)
    numbers = {"unkept": formats.number(unkept), "total": formats.number(total)}
    return (
        ngettext(
            "%(unkept)s of %(total)s model call left no text that could be checked.",
            "%(unkept)s of %(total)s model calls left no text that could be checked.",
            total,
        )
        % numbers
    )


# ---- findings by type


@dataclass(frozen=True, slots=True)
class TypeLine:
    """A type of findings over the period: towards the model and from it, and its line over time."""

    code: str
    word: Text
    check: Text
    towards: int
    towards_href: str
    from_model: int
    from_href: str
    messages: int
    spark: SafeString


def type_lines(
    found: Sequence[Found], series: Sequence[Found], time: TimeRange, *, hourly: bool, words: Words
) -> list[TypeLine]:
    """Types by how often they were found. `series` is the same per hour or per day."""
    kinds: dict[tuple[str, str], dict[str, Found]] = {}
    for item in found:
        kinds.setdefault((item.check, item.type), {})[item.direction] = item
    lines = [
        _type_line(check, kind, sides, series, time, hourly=hourly, words=words, word=type_word(kind))
        for (check, kind), sides in kinds.items()
    ]
    return sorted(lines, key=lambda line: -(line.towards + line.from_model))


def _type_line(
    check: str,
    kind: str,
    sides: Mapping[str, Found],
    series: Sequence[Found],
    time: TimeRange,
    *,
    hourly: bool,
    words: Words,
    word: Text,
) -> TypeLine:
    mine = {**words, "type": kind, "check": check}
    return TypeLine(
        code=kind,
        word=word,
        check=CHECK_WORDS.get(check, check),
        towards=sides["input"].findings if "input" in sides else 0,
        towards_href=list_href("findings", **{**mine, "direction": "input"}),
        from_model=sides["output"].findings if "output" in sides else 0,
        from_href=list_href("findings", **{**mine, "direction": "output"}),
        messages=sum(item.messages for item in sides.values()),
        spark=_spark(
            [item for item in series if (item.check, item.type) == (check, kind)], time, word, hourly=hourly
        ),
    )


def _spark(points: Sequence[Found], time: TimeRange, word: Text, *, hourly: bool) -> SafeString:
    width = clock.NANOSECONDS_PER_HOUR if hourly else clock.NANOSECONDS_PER_DAY
    counted: dict[int, int] = {}
    for point in points:
        if isinstance(point.group, int):
            counted[point.group] = counted.get(point.group, 0) + point.findings
    first, last = time.start_ns // width, min(time.end_ns - 1, clock.now_ns()) // width
    values = [float(counted.get(bucket, 0)) for bucket in range(first, last + 1)]
    label = _("%(what)s per hour") if hourly else _("%(what)s per day")
    return charts.sparkline(values, label=label % {"what": word})


# ---- by deployment


def coverage_columns(words: Words) -> tuple[Column[DeploymentSums], ...]:
    """The columns of the list of coverage by deployment. Doors carry the period."""

    def mine(row: DeploymentSums) -> Words:
        return {**words, "deployment": str(row.deployment[0])} if row.deployment else words

    def counted(name: str, label: Text, outcome: Outcome) -> Column[DeploymentSums]:
        def cell(row: DeploymentSums) -> SafeString | str:
            number = formats.number(row.sums.of(outcome), digits=0)
            if row.deployment is None or not row.sums.of(outcome):
                return number
            return parts.door(
                number, outcome_href(row.sums.check, outcome, {**mine(row), **_any_standing(row)})
            )

        return Column(name, label, value=lambda row: row.sums.of(outcome), cell=cell, numeric=True, sort=name)

    def found(row: DeploymentSums) -> SafeString | str:
        bad = Outcome.FOUND if row.sums.check in CONTENT_CHECKS else Outcome.UNSUPPORTED
        number = formats.number(row.sums.of(bad), digits=0)
        if row.deployment is None or not row.sums.of(bad):
            return number
        return parts.door(number, outcome_href(row.sums.check, bad, {**mine(row), **_any_standing(row)}))

    return (
        Column("deployment", _("Deployment"), value=_name, cell=_deployment, sort="deployment", fixed=True),
        Column("check", _("Check"), value=lambda row: str(CHECK_WORDS[row.sums.check]), sort="check"),
        Column("bar", _("Coverage"), value=lambda row: said(row.sums), cell=_bar),
        Column("checked", _("Checked"), value=lambda row: row.sums.checked, numeric=True, sort="checked"),
        Column("found", _("Found or unsupported"), value=found_count, cell=found, numeric=True, sort="found"),
        counted("sampled_out", _("Sampled out"), Outcome.SAMPLED_OUT),
        counted("not_evaluable", _("Not evaluable"), Outcome.NOT_EVALUABLE),
        counted("failed", _("Failed"), Outcome.FAILED),
        Column("waiting", _("Waiting"), value=lambda row: row.sums.waiting, numeric=True, sort="waiting"),
        Column(
            "unkept",
            _("Model calls without text"),
            value=lambda row: row.unkept,
            cell=lambda row: (
                parts.door(formats.number(row.unkept, digits=0), traces_href(**mine(row)))
                if row.unkept and row.deployment
                else formats.number(row.unkept, digits=0)
            ),
            numeric=True,
            sort="unkept",
        ),
    )


def _any_standing(row: DeploymentSums) -> dict[str, str]:
    """Sums of this list count what is in shadow too, so their doors must not leave it out."""
    return {} if row.sums.check in CONTENT_CHECKS else {"shadow": ""}


def found_count(row: DeploymentSums) -> int:
    """How many had something in them, or were not supported."""
    return row.sums.of(Outcome.FOUND) + row.sums.of(Outcome.UNSUPPORTED)


def _name(row: DeploymentSums) -> str | None:
    return row.deployment[1] if row.deployment else None


def _deployment(row: DeploymentSums) -> SafeString:
    if row.deployment is None:
        return parts.badge(_("not registered"), "warn")
    return format_html('<a href="{}">{}</a>', deployment_href(row.deployment[0]), row.deployment[1])


def _bar(row: DeploymentSums) -> SafeString:
    sums = row.sums
    data = [
        *(
            Datum(str(OUTCOMES[outcome].word), sums.of(outcome), "", OUTCOMES[outcome].bar)
            for outcome in ORDER
        ),
        Datum(_("waiting"), sums.waiting, "", "s0"),
    ]
    if not sums.total:
        return parts.unknown(_("nothing to check"))
    return charts.stacked_bar(data, label=said(sums), legend=False)


def checked_share(sums: Sums) -> SafeString:
    """`1,204 of 1,310`: never a share without what it is a share of."""
    numbers = {"checked": formats.number(sums.checked), "total": formats.number(sums.total)}
    return format_html('<span class="nowrap">{}</span>', _("%(checked)s of %(total)s") % numbers)
