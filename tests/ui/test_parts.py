from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from django.template import Context, Template

from ui import history, icons, parts
from ui.parts import Crumb, Fact, Tab
from ui.text import MARKS, Tone

HOSTILE = "</span><script>alert(1)</script>\"' onload=x"


def drawn(template: str, /, **context) -> str:
    return Template(template).render(Context(context))


@pytest.mark.parametrize("tone", list(Tone))
def test_a_badge_is_mark_word_and_colour(tone):
    html = parts.badge("Approved", tone)
    assert f'class="badge {tone.value}"' in html
    assert f'aria-hidden="true">{MARKS[tone]}</span>Approved' in html


def test_a_tone_that_does_not_exist_is_refused():
    with pytest.raises(ValueError, match="green"):
        parts.badge("Approved", "green")


@pytest.mark.parametrize(
    "html",
    [
        parts.badge(HOSTILE, "ok", mark=HOSTILE, title=HOSTILE),
        parts.unknown(HOSTILE, title=HOSTILE),
        parts.tier(HOSTILE),
        parts.door(HOSTILE, HOSTILE),
        parts.outside_link(HOSTILE),
        parts.copy_button(HOSTILE, source=HOSTILE),
        parts.copyable(HOSTILE),
        parts.card(HOSTILE, title=HOSTILE, href=HOSTILE, link=HOSTILE, width=HOSTILE),
        parts.stat("", label=HOSTILE, value=HOSTILE, href=HOSTILE, note=HOSTILE),
        parts.empty_state("", title=HOSTILE, why=HOSTILE, snippet=HOSTILE, snippet_id=HOSTILE),
        parts.page_header("", title=HOSTILE, lead=HOSTILE, trail=[Crumb(HOSTILE, HOSTILE)]),
        parts.facts([Fact(HOSTILE, HOSTILE, hint=HOSTILE)]),
        parts.tabs([Tab(HOSTILE, HOSTILE, current=True)], label=HOSTILE),
        parts.notice(HOSTILE, tone="warn"),
        history.history([history.Entry(datetime(2026, 1, 1, tzinfo=UTC), HOSTILE, HOSTILE, why=HOSTILE, href=HOSTILE, code=HOSTILE)]),
        history.diff([type("C", (), {"path": HOSTILE, "before": HOSTILE, "after": [HOSTILE]})()]),
    ],
)  # fmt: skip
def test_every_part_escapes_what_comes_in(html):
    assert "<script" not in html
    assert "\"' onload" not in html


def test_the_unknown_is_said_and_never_zero():
    assert "unpriced" in drawn("{{ cost|money }}", cost=None)
    assert "not measured" in drawn("{{ n|number }}{{ n|tokens }}{{ n|duration }}{{ n|size }}", n=None)
    assert "0" not in drawn("{{ n|number }}", n=None)
    assert "never" in drawn('{{ n|when:"never" }}', n=None)


def test_zero_is_a_number():
    assert drawn("{{ n|number }}", n=0) == "0"


@pytest.mark.parametrize(
    ("address", "linked"),
    [
        ("https://example.org/a", True),
        ("http://example.org", True),
        ("javascript:alert(1)", False),
        ("JaVaScRiPt:alert(1)", False),
        ("data:text/html,x", False),
        ("//example.org", False),
        ("http://[", False),
        ("", False),
    ],
)
def test_only_http_addresses_from_elsewhere_become_links(address, linked):
    html = parts.outside_link(address)
    assert ("<a " in html) is linked
    if linked:
        assert 'rel="noopener noreferrer nofollow"' in html


def test_a_moment_has_words_for_people_and_a_date_for_machines():
    html = parts.when(datetime(2026, 3, 2, 12, tzinfo=UTC))
    assert 'datetime="2026-03-02T12:00:00+00:00"' in html
    assert 'title="2 Mar 2026, 12:00:00.000 UTC"' in html
    assert parts.when(date(2026, 3, 2)) == '<time datetime="2026-03-02">2 Mar 2026</time>'
    assert parts.when_ns(0) != parts.when_ns(None)


def test_an_icon_that_is_not_in_the_sprite_is_refused():
    with pytest.raises(ValueError, match=r"icons\.txt"):
        icons.icon("unicorn")


def test_every_tier_has_its_icon_and_word():
    assert len(icons.TIERS) == 9
    for tier in icons.TIERS:
        assert "<use href=" in parts.tier(tier)
    assert "tier unknown" in parts.tier("moon_base")


def test_block_tags_hold_content_and_keep_it_as_it_is():
    html = drawn(
        '{% card title="Placement" href="/x" link="All" %}<b>{{ text }}</b>{% endcard %}', text="<i>"
    )
    assert '<h2>Placement</h2><a href="/x">All</a>' in html
    assert '<div class="body"><b>&lt;i&gt;</b></div>' in html


def test_a_figure_is_a_door_with_a_name():
    html = drawn('{% stat label="Systems" value=1284 href="/systems/" %}{% endstat %}')
    assert '<a href="/systems/" aria-label="Systems: 1,284">1,284</a>' in html


def test_an_unknown_figure_stays_shut():
    assert "<a " not in drawn('{% stat label="Systems" value=None %}{% endstat %}')


def test_a_form_says_its_errors_on_top_and_beside_the_fields():
    from ui.forms import ReasonForm

    html = drawn("{% form_fields form %}", form=ReasonForm({"reason": ""}))
    assert 'role="alert"' in html
    assert '<a href="#id_reason">Reason</a>' in html
    assert 'aria-invalid="true"' in html
    assert html.count("This field is required.") == 2


def test_a_history_shows_what_changed_and_why():
    change = type("C", (), {"path": "risk", "before": "limited", "after": "high"})()
    entry = history.Entry(
        datetime(2026, 1, 1, tzinfo=UTC), "Odile", "reclassified it", (change,), why="Annex III"
    )
    html = history.history([entry], labels={"risk": "Risk class"})
    assert "<del>limited</del>" in html
    assert "<ins>high</ins>" in html
    assert "Risk class" in html
    assert "Annex III" in html


def test_long_values_are_cut_in_a_diff():
    change = type("C", (), {"path": "purpose", "before": None, "after": "x" * 5000})()
    assert len(history.diff([change])) < 1000


def test_actions_of_the_ledger_have_words_and_keep_their_exact_name():
    history.describe({"test.thing.paint": "painted it"})
    assert history.word("test.thing.paint") == "painted it"
    assert history.word("test.thing.unknown") == "test.thing.unknown"
