from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = sorted(path for app in ("ui", "console") for path in (ROOT / app / "templates").rglob("*.html"))
ICON = re.compile(r"{% icon \"([a-z0-9-]+)\"")


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_templates_hold_no_inline_code_and_switch_nothing_off(path):
    text = path.read_text("utf-8")
    assert not re.search(r"\sstyle=", text)
    assert not re.search(r"\son[a-z]+=", text)
    assert not re.search(r"<script(?![^>]*\ssrc=)", text)
    assert "|safe" not in text
    assert "autoescape off" not in text


def test_every_icon_of_the_templates_is_in_the_sprite():
    sprite = (ROOT / "ui/static/ui/dist/icons.svg").read_text("utf-8")
    drawn = {name for path in TEMPLATES for name in ICON.findall(path.read_text("utf-8"))}
    assert drawn
    assert [name for name in sorted(drawn) if f'<symbol id="{name}"' not in sprite] == []


def test_the_stylesheet_asks_nothing_of_other_places():
    css = (ROOT / "ui/static/ui/dist/console-style.css").read_text("utf-8")
    assert "@import" not in css
    assert re.findall(r"url\((?!\"?\./)[^)]*\)", css) == []
