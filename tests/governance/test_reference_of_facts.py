"""The page of facts says what the code declares. To write it again: `python -m tests.governance.test_reference_of_facts`."""

from __future__ import annotations

from pathlib import Path

from governance.domain.reference import facts_page

PAGE = Path(__file__).parents[2] / "docs" / "policies.md"
BEGIN, END = "<!-- facts: begin -->", "<!-- facts: end -->"


def written(text: str) -> str:
    before, _begin, rest = text.partition(BEGIN)
    _old, _end, after = rest.partition(END)
    return f"{before}{BEGIN}\n\n{facts_page()}\n{END}{after}"


def test_the_page_of_facts_is_that_of_the_code():
    text = PAGE.read_text("utf-8")
    assert text == written(text)


if __name__ == "__main__":
    PAGE.write_text(written(PAGE.read_text("utf-8")), "utf-8")
