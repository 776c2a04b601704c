"""What a refusal says: enough for a stranger to mend it."""

from __future__ import annotations

import pytest

from telemetry.receiver.auth import token_of
from telemetry.receiver.refused import Refused
from telemetry.receiver.values import Unfit, check_ids
from tests.telemetry.receiver.ingest_process import GOOD


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("sk-proj-abc", "none of Tutela's"),
        (GOOD.text()[:-1], "mistyped or cut short"),
    ],
    ids=["another vendor's key", "a key cut short"],
)
def test_a_key_of_another_make_is_not_called_mistyped(given: str, said: str) -> None:
    with pytest.raises(Refused) as caught:
        token_of([f"Bearer {given}"])
    assert said in caught.value.message


@pytest.mark.parametrize(
    ("trace_id", "span_id", "said"),
    [
        (bytes(16), b"s" * 8, "a trace id of 16 zero bytes; it must have 16 bytes, not all zero"),
        (b"t" * 8, b"s" * 8, "a trace id of 8 bytes; it must have 16 bytes, not all zero"),
        (b"t" * 16, b"", "a span id of 0 bytes; it must have 8 bytes, not all zero"),
    ],
)
def test_a_bad_id_is_said_as_it_is(trace_id: bytes, span_id: bytes, said: str) -> None:
    with pytest.raises(Unfit) as caught:
        check_ids(trace_id, span_id)
    assert caught.value.sample == said
