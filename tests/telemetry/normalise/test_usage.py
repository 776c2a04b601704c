"""Tokens are counted one way: totals include their parts, and one owner counts them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telemetry.domain import Flag, Usage
from telemetry.normalise import normalise
from telemetry.normalise.usage import CacheMode, RawUsage, account
from tests.telemetry.making import a_span


def raw(**counts: int) -> RawUsage:
    return RawUsage(*(counts.get(name.removesuffix("_tokens")) for name in RawUsage._fields))


@pytest.mark.parametrize(
    ("mode", "counts", "total_input", "odd"),
    [
        (CacheMode.SUBSET, {"input": 100, "cache_read": 80}, 100, False),
        (CacheMode.SUBSET, {"input": 100, "cache_read": 100}, 100, False),
        (CacheMode.SUBSET, {"input": 100, "cache_read": 80, "cache_write": 30}, 210, True),
        (CacheMode.ADDITIVE, {"input": 100, "cache_read": 80}, 180, False),
        (CacheMode.ADDITIVE, {"input": 20, "cache_read": 80, "cache_write": 30}, 130, False),
        (CacheMode.UNKNOWN, {"input": 100, "cache_read": 80}, 100, False),
        (CacheMode.UNKNOWN, {"input": 20, "cache_read": 80}, 100, False),
        (CacheMode.UNKNOWN, {"cache_read": 80}, None, False),
        (CacheMode.UNKNOWN, {"input": 20}, 20, False),
    ],
)
def test_cached_tokens_are_within_the_input(
    mode: CacheMode, counts: dict[str, int], total_input: int | None, odd: bool
):
    usage, was_odd = account(raw(**counts), mode)
    assert (usage.input_tokens, was_odd) == (total_input, odd)


@pytest.mark.parametrize(
    ("counts", "total_output", "odd"),
    [
        ({"input": 10, "output": 90, "reasoning": 64, "total": 100}, 90, False),
        ({"input": 10, "output": 26, "reasoning": 64, "total": 100}, 90, False),
        ({"input": 10, "output": 26, "reasoning": 64}, 26, True),
        ({"input": 10, "output": 26, "total": 99}, 26, True),
        ({"output": 26, "reasoning": 4}, 26, False),
    ],
)
def test_reasoning_is_within_the_output_unless_the_total_proves_otherwise(
    counts: dict[str, int], total_output: int, odd: bool
):
    usage, was_odd = account(raw(**counts), CacheMode.SUBSET)
    assert (usage.output_tokens, was_odd) == (total_output, odd)


counts = st.one_of(st.none(), st.integers(0, 10**9))


@given(st.builds(RawUsage, counts, counts, counts, counts, counts, counts), st.sampled_from(CacheMode))
def test_the_uncached_part_is_never_negative(usage: RawUsage, mode: CacheMode):
    said, _ = account(usage, mode)
    if said.input_tokens is not None:
        assert said.input_tokens >= (said.cache_read_tokens or 0) + (said.cache_write_tokens or 0)


def test_negative_tokens_are_unknown_and_flagged():
    span = normalise(a_span({"gen_ai.request.model": "m", "gen_ai.usage.input_tokens": -5}))
    assert span.usage == Usage()
    assert Flag.TOKENS_INCONSISTENT in span.flags


def test_an_odd_count_gives_way_to_the_next_source():
    span = normalise(a_span({"gen_ai.usage.input_tokens": -5, "gen_ai.usage.prompt_tokens": "7"}))
    assert span.usage.input_tokens == 7
    assert Flag.TOKENS_INCONSISTENT in span.flags


@pytest.mark.parametrize(
    "name", ["gen_ai.usage.cache_write.input_tokens", "gen_ai.usage.cache_creation.input_tokens"]
)
def test_the_old_and_the_new_name_of_cache_writes_count_the_same(name: str):
    attributes = {"gen_ai.usage.input_tokens": 50, name: 20}
    assert normalise(a_span(attributes)).usage.cache_write_tokens == 20


@pytest.mark.parametrize(
    ("attributes", "aggregate"),
    [
        ({"gen_ai.operation.name": "chat"}, False),
        ({"gen_ai.operation.name": "embeddings"}, False),
        ({"openinference.span.kind": "RERANKER"}, False),
        ({"tutela.kind": "inference"}, False),
        ({"gen_ai.operation.name": "invoke_agent"}, True),
        ({"gen_ai.operation.name": "invoke_workflow"}, True),
        ({"gen_ai.operation.name": "fetch_response"}, True),
        ({"openinference.span.kind": "CHAIN"}, True),
        ({"ai.operationId": "ai.generateText"}, True),
        ({"ai.operationId": "ai.generateText.doGenerate"}, False),
        ({"ai.operationId": "ai.streamObject"}, True),
    ],
)
def test_only_leaf_model_calls_own_usage(attributes: dict[str, str], aggregate: bool):
    assert normalise(a_span(attributes)).usage_is_aggregate is aggregate
