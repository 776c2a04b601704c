"""Translations without the system's gettext."""

from __future__ import annotations

import gettext
from pathlib import Path

import pytest

from console.catalogues import compile_all, problems, update
from console.catalogues.extract import Text, in_python, in_template
from console.catalogues.files import catalogue_path


@pytest.fixture
def app(tmp_path: Path) -> Path:
    """A small app with texts in code and in a template."""
    folder = tmp_path / "shop"
    (folder / "templates" / "shop").mkdir(parents=True)
    (folder / "__init__.py").write_text("")
    (folder / "views.py").write_text(
        'from django.utils.translation import gettext as _\n\nTITLE = _("Models")\n'
    )
    (folder / "templates" / "shop" / "list.html").write_text(
        "{% blocktranslate count n=n trimmed %}\n  One model\n{% plural %}\n  {{ n }} models\n{% endblocktranslate %}\n"
    )
    return folder


def translate(app: Path, *pairs: tuple[str, str]) -> None:
    """Fill the catalogue as a person would, with an editor."""
    update(app)
    path = catalogue_path(app)
    text = path.read_text("utf-8")
    for before, after in pairs:
        assert before in text
        text = text.replace(before, after)
    path.write_text(text, "utf-8")


COMPLETE = (
    ('msgid "Models"\nmsgstr ""', 'msgid "Models"\nmsgstr "Modèles"'),
    ('msgstr[0] ""\nmsgstr[1] ""', 'msgstr[0] "Un modèle"\nmsgstr[1] "%(n)s modèles"'),
)


@pytest.mark.parametrize(
    ("source", "texts"),
    [
        ('_("A")', [Text("A")]),
        ('gettext_lazy("A")', [Text("A")]),
        ('ngettext("one", "many", n)', [Text("one", "many")]),
        ('ngettext_lazy("one", "many", "n")', [Text("one", "many")]),
        ('pgettext("month", "May")', [Text("May", context="month")]),
        ('npgettext_lazy("bank", "one", "many", 2)', [Text("one", "many", "bank")]),
        ('_("a " "b")', [Text("a b")]),
        ("_(variable)", []),
        ('# _("no")\n"_(\'no\')"', []),
    ],
)  # fmt: skip
def test_texts_are_found_in_code(source: str, texts: list[Text]) -> None:
    assert in_python(source) == texts


@pytest.mark.parametrize(
    ("source", "texts"),
    [
        ('{% translate "A" %}', [Text("A")]),
        ('{% translate "May" context "month" %}', [Text("May", context="month")]),
        ('{% translate "A" as title %}<b>{{ title }}</b>', [Text("A")]),
        ("{% blocktranslate %}Hello {{ name }}{% endblocktranslate %}", [Text("Hello %(name)s")]),
        ("{% blocktranslate trimmed %}\n   two\n   lines\n{% endblocktranslate %}", [Text("two lines")]),
        (
            "{% blocktranslate count n=x context 'c' %}one{% plural %}{{ n }}{% endblocktranslate %}",
            [Text("one", "%(n)s", "c")],
        ),
        ('{% card title=_("A card") %}{% endcard %}', [Text("A card")]),
        ('{{ value|default:_("none") }}', [Text("none")]),
        ('<p>\n    {% if a %}\n  {% translate "A" %}\n{% endif %}', [Text("A")]),
        ("<p>_('not a text')</p>", []),
        ('{% comment %}{% translate "A" %}{% endcomment %}', []),
        ('{% translate "50 % more" %}', [Text("50 %% more")]),
    ],
)
def test_texts_are_found_in_templates(source: str, texts: list[Text]) -> None:
    assert in_template(source) == texts


def test_new_texts_wait_for_a_translation(app: Path) -> None:
    assert update(app) == (2, 2)
    assert problems(app) == [
        "shop: 'Models' has no translation",
        "shop: 'One model' has no translation",
    ]


def test_a_complete_catalogue_has_no_problem(app: Path) -> None:
    translate(app, *COMPLETE)
    assert problems(app) == []


def test_bringing_up_to_date_keeps_translations_and_changes_nothing_twice(app: Path) -> None:
    translate(app, *COMPLETE)
    before = catalogue_path(app).read_text("utf-8")
    assert update(app) == (2, 0)
    assert catalogue_path(app).read_text("utf-8") == before


def test_texts_that_are_gone_are_dropped_and_new_ones_added(app: Path) -> None:
    translate(app, *COMPLETE)
    (app / "views.py").write_text('_("Datasets")\n')
    assert "shop: 'Models' is shown nowhere any more; run make messages" in problems(app)
    assert "shop: 'Datasets' is not in the catalogue; run make messages" in problems(app)
    update(app)
    text = catalogue_path(app).read_text("utf-8")
    assert "Models" not in text
    assert "Un modèle" in text


def test_a_catalogue_holds_neither_dates_nor_line_numbers(app: Path) -> None:
    update(app)
    text = catalogue_path(app).read_text("utf-8")
    assert "POT-Creation-Date" not in text
    assert "#:" not in text


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("%(m)s modèles", "other placeholders"),
        ("modèles", "other placeholders"),
        ("%(n)s modèles de l'usine", "straight apostrophe"),
        ("%(n)s modèles !", "non-breaking space"),
        (" %(n)s modèles", "white space"),
    ],
)
def test_a_faulty_translation_is_named(app: Path, given: str, said: str) -> None:
    translate(app, *COMPLETE, ("%(n)s modèles", given))
    assert any(said in problem for problem in problems(app)), problems(app)


def test_a_fuzzy_translation_is_no_translation(app: Path) -> None:
    translate(app, *COMPLETE, ('msgid "Models"', '#, fuzzy\nmsgid "Models"'))
    assert any("fuzzy" in problem for problem in problems(app))


def test_a_catalogue_written_by_hand_in_another_order_is_sent_back(app: Path) -> None:
    translate(app, *COMPLETE)
    path = catalogue_path(app)
    path.write_text(path.read_text("utf-8") + "\n\n", "utf-8")
    assert problems(app) == ["shop: is not as `make messages` writes it"]


def test_what_is_compiled_is_what_gettext_reads(app: Path) -> None:
    translate(app, *COMPLETE)
    assert compile_all(app.parent) == 1
    assert compile_all(app.parent) == 0
    with catalogue_path(app).with_suffix(".mo").open("rb") as file:
        french = gettext.GNUTranslations(file)
    assert french.gettext("Models") == "Modèles"
    assert french.ngettext("One model", "%(n)s models", 0) == "Un modèle"
    assert french.ngettext("One model", "%(n)s models", 2) == "%(n)s modèles"


def test_an_app_without_texts_needs_no_catalogue(tmp_path: Path) -> None:
    folder = tmp_path / "silent"
    folder.mkdir()
    assert problems(folder) == []
    assert update(folder) == (0, 0)
    assert not (folder / "locale").exists()
