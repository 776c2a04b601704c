"""What makes a string a secret beyond its shape: check sums, headers that decode, characters that no word has. Pure."""

from __future__ import annotations

import base64
import binascii
import json
import math
import re
from collections import Counter

from kernel import tokens

_PLACEHOLDER = re.compile(
    r"x{4,}|\*{3,}|\.{3,}|<|>|\$\{|\{\{|%\(|your|example|changeme|placeholder|dummy|redacted|secret_?here|todo|insert|environ|getenv|process\.env|"
    r"config\[|settings\.|\(|‹",
    re.IGNORECASE,
)
_CLASSES = (re.compile("[a-z]"), re.compile("[A-Z]"), re.compile(r"\d"), re.compile(r"[^\w\s]"))


def bits(text: str) -> float:
    """Shannon entropy per character, in bits."""
    counts = Counter(text)
    return -sum(count / len(text) * math.log2(count / len(text)) for count in counts.values())


def random_looking(text: str) -> bool:
    """Letters and digits in no order that words have: support for a shape, never evidence alone."""
    return bits(text) >= 3.2 and any(map(str.isdigit, text)) and not is_placeholder(text)


def is_placeholder(text: str) -> bool:
    """What documentation and code write where a secret goes."""
    return _PLACEHOLDER.search(text) is not None


def no_placeholder(text: str) -> bool:
    """The other answer."""
    return not is_placeholder(text)


def a_password(text: str) -> bool:
    """Strong enough to be meant: three kinds of characters, or long with digits among letters."""
    if is_placeholder(text) or len(set(text)) < 5:
        return False
    kinds = sum(expression.search(text) is not None for expression in _CLASSES)
    return kinds >= 3 or (
        kinds == 2 and len(text) >= 16 and bits(text) >= 3.5 and any(map(str.isdigit, text))
    )


def a_jwt(text: str) -> bool:
    """Whether the header is JSON that names an algorithm."""
    head = text.split(".", 1)[0]
    try:
        header = json.loads(base64.urlsafe_b64decode(head + "=" * (-len(head) % 4)))
    except (ValueError, binascii.Error):
        return False
    return isinstance(header, dict) and "alg" in header


def our_key(text: str) -> bool:
    """Whether the check sum of one of our own keys is right."""
    return tokens.parse(text) is not None
