from __future__ import annotations

import time

import pytest
from django.test import Client

from audit.models import Event
from kernel.contracts.ingest import CaptureMode
from telemetry.domain import SpanKind
from tests.cast import ODILE, PAUL, only_in, reading_content
from tests.telemetry.seeding import text

pytestmark = pytest.mark.database

PAYLOAD = "<script>alert('x')</script><img src=x onerror=alert(1)>"


def open_trace(client: Client, trace_id: bytes, **words):
    return client.get(f"/traces/{trace_id.hex()}/", words)


def call_of(world) -> str:
    from telemetry.queries.bounds import TimeRange
    from telemetry.queries.spans import trace_spans

    with world.seed.store.engine.connect() as connection:
        found = trace_spans(connection, world.radiology_trace, time=TimeRange(0, 2**62))
    return next(span.span_id.hex() for span in found.spans if span.kind == "llm")


def reveal(client, world, reason="Complaint of a patient"):
    span = call_of(world)
    return client.post(f"/traces/{world.radiology_trace.hex()}/reveal/?span={span}", {"reason": reason})


def test_the_page_shows_the_steps_and_the_facts_of_the_chosen_one(world, sign_in):
    body = open_trace(sign_in(ODILE), world.radiology_trace, span=call_of(world)).content.decode()

    assert "draft_report" in body
    assert "chat weights-7b" in body
    assert "1,200" in body
    assert "Nantes clinic" in body
    assert "by the caller" in body


def test_what_was_said_is_not_on_the_page_until_it_is_asked_for(world, sign_in):
    body = open_trace(
        sign_in(reading_content(ODILE)), world.radiology_trace, span=call_of(world)
    ).content.decode()

    assert "The scan is normal" not in body
    assert "Why do you need to read this?" in body


def test_who_may_not_read_content_is_told_so_plainly(world, sign_in):
    client = sign_in(ODILE)
    body = open_trace(client, world.radiology_trace, span=call_of(world)).content.decode()

    assert "You may not read content here" in body
    assert reveal(client, world).status_code == 403
    event = Event.objects.get(action="telemetry.content.read", outcome="denied")
    assert (event.target_type, event.target_id) == (
        "span",
        f"{world.radiology_trace.hex()}/{call_of(world)}",
    )
    assert event.unit_id == world.estate.clinics


@pytest.mark.parametrize("where", ["", "?span=", "?span=0000000000000000", "?span={hidden}", "?open={shown}"])
def test_no_other_step_is_opened_for_one_that_is_not_there(world, sign_in, where):
    seed, clinic, shop = world.seed, world.clinic, world.shop
    trace_id, shown, hidden = seed.id(16), seed.id(8), seed.id(8)
    said = {"mode": CaptureMode.FULL, "said": [text("user", "Said in the clinic.")], "kind": SpanKind.LLM}
    seed.write(clinic, [seed.span(clinic, trace_id=trace_id, span_id=shown, **said)])
    seed.write(shop, [seed.span(shop, trace_id=trace_id, span_id=hidden, parent=shown, **said)])
    client = sign_in(only_in(reading_content(ODILE), world.estate.clinics))
    address = f"/traces/{trace_id.hex()}/reveal/"

    answer = client.post(
        address + where.format(hidden=hidden.hex(), shown=shown.hex()), {"reason": "Case 12"}
    )

    assert answer.status_code == 404
    assert not Event.objects.filter(action="telemetry.content.read").exists()
    opened = client.post(open_trace(client, trace_id).context["span"]["reveal_href"], {"reason": "Case 12"})
    assert "Said in the clinic." in opened.content.decode()


def test_reading_needs_a_reason(world, sign_in):
    body = reveal(sign_in(reading_content(ODILE)), world, reason="  ").content.decode()

    assert "The scan is normal" not in body
    assert not Event.objects.filter(action="telemetry.content.read").exists()


def test_reading_is_on_record_and_shows_the_conversation_as_text(world, sign_in):
    body = reveal(sign_in(reading_content(ODILE)), world).content.decode()
    event = Event.objects.get(action="telemetry.content.read", outcome="success")

    assert "The scan is normal." in body
    assert "&lt;script&gt;alert(1)&lt;/script&gt; Summarise the scan." in body
    assert "<script>alert(1)" not in body
    assert event.unit_id == world.estate.clinics


def test_the_right_to_read_in_the_shops_does_not_open_the_clinics(world, sign_in):
    both = only_in(reading_content(PAUL), world.estate.shops)

    assert open_trace(sign_in(both), world.radiology_trace).status_code == 404
    assert reveal(Client(), world).status_code == 302


def test_a_trace_of_another_unit_does_not_exist(world, sign_in):
    client = sign_in(only_in(PAUL, world.estate.clinics))

    assert open_trace(client, world.radiology_trace).status_code == 200
    assert open_trace(client, world.shop_trace).status_code == 404
    assert open_trace(client, world.strange_trace).status_code == 404


@pytest.mark.parametrize("address", ["zz", "0" * 32, "0" * 31, "%00", "é" * 32])
def test_a_wrong_id_is_simply_not_there(world, sign_in, address):
    assert sign_in(ODILE).get(f"/traces/{address}/").status_code == 404


@pytest.mark.parametrize(
    "words",
    [
        {"span": "zz"},
        {"span": "0" * 16},
        {"span": "0-é"},
        {"from": "999999"},
        {"open": "x"},
        {"span": "abc-9"},
    ],
)
def test_nonsense_in_the_address_still_shows_the_trace(world, sign_in, words):
    assert open_trace(sign_in(ODILE), world.radiology_trace, **words).status_code == 200


def test_hostile_text_in_every_field_stays_text(world, sign_in):
    seed, sender = world.seed, world.clinic
    trace_id = seed.id(16)
    seed.write(
        sender,
        [
            seed.span(
                sender, trace_id=trace_id, name=PAYLOAD, kind=SpanKind.LLM, model=PAYLOAD, mode=CaptureMode.FULL,
                said=[text("user", PAYLOAD)], attributes={f"app.{PAYLOAD}": PAYLOAD, "gen_ai.request.model": PAYLOAD},
                provider=PAYLOAD, endpoint_address=PAYLOAD, session_id=PAYLOAD, tool_name=PAYLOAD, agent_name=PAYLOAD,
                data_source_id=PAYLOAD, environment=PAYLOAD, error_type=PAYLOAD,
            )
        ],
    )  # fmt: skip
    client = sign_in(reading_content(ODILE))
    bodies = [
        open_trace(client, trace_id).content.decode(),
        client.post(
            open_trace(client, trace_id).context["span"]["reveal_href"], {"reason": PAYLOAD}
        ).content.decode(),
        client.get(
            "/traces/", {"q": PAYLOAD, "model": PAYLOAD, "session": PAYLOAD, "columns": PAYLOAD}
        ).content.decode(),
        client.get("/sessions/").content.decode(),
    ]

    for body in bodies:
        assert "<script>alert" not in body
        assert "<img src=x" not in body
        assert "alert(&#x27;x&#x27;)" in body


def test_ten_thousand_steps_are_a_small_page_in_little_time(world, sign_in):
    seed, sender = world.seed, world.clinic
    trace_id, root = seed.id(16), seed.id(8)
    spans = [seed.span(sender, trace_id=trace_id, span_id=root, name="batch", kind=SpanKind.WORKFLOW)]
    spans += [
        seed.span(sender, trace_id=trace_id, parent=root, name=f"step {n % 3000}", start_ns=seed.start_ns + n)
        for n in range(10_000)
    ]
    seed.write(sender, spans)
    client = sign_in(ODILE)
    open_trace(client, world.radiology_trace)
    began = time.perf_counter()

    response = open_trace(client, trace_id)

    assert time.perf_counter() - began < 5
    assert len(response.content) < 400_000
    assert response.content.count(b"data-row") == 200
    assert b"Later lines" in response.content


def test_the_page_asks_a_bounded_number_of_questions(world, sign_in, django_assert_max_num_queries):
    client = sign_in(ODILE)
    open_trace(client, world.radiology_trace)

    with django_assert_max_num_queries(16):
        open_trace(client, world.radiology_trace)


def test_the_french_page_says_what_the_state_of_the_content_means(world, sign_in):
    body = open_trace(sign_in(ODILE, language="fr"), world.radiology_trace).content.decode()

    assert "Ce qui a été dit" in body
    assert "What was said" not in body


def test_attributes_can_be_filtered(world, sign_in):
    body = open_trace(
        sign_in(ODILE), world.radiology_trace, span=call_of(world), attribute="server"
    ).content.decode()

    assert "gpu-1.clinic.example" in body
    assert "<code>gen_ai.request.model</code></th>" not in body


def a_nested_call(world, **inner):
    """A call that two instrumentations report; answers trace, outer and inner span."""
    seed, clinic = world.seed, world.clinic
    trace_id, outer, within = seed.id(16), seed.id(8), seed.id(8)
    called = {"kind": SpanKind.LLM, "model": "weights-7b", "tokens": (10, 2)}
    spans = [
        seed.span(clinic, trace_id=trace_id, span_id=outer, **called),
        seed.span(clinic, trace_id=trace_id, span_id=within, parent=outer, **called),
    ]
    for span in spans:
        span.columns |= inner
    seed.write(clinic, spans)
    return trace_id, outer, within


def test_a_step_says_what_it_cost_and_by_which_price(world, sign_in):
    trace_id, _outer, inner = a_nested_call(
        world, cost_nano_usd=1_250_000_000, cost_status="priced", cost_basis="own"
    )
    body = open_trace(sign_in(ODILE), trace_id, span=inner.hex()).content.decode()

    assert "$1.25 (Own price)" in body
    assert "with another span of the same call" not in body


def test_a_step_that_is_not_counted_leads_to_the_one_that_is(world, sign_in):
    trace_id, outer, inner = a_nested_call(world, cost_status="unpriced")
    body = open_trace(sign_in(ODILE), trace_id, span=outer.hex()).content.decode()

    assert "Unpriced" in body
    assert f'?span={inner.hex()}">with another span of the same call' in body


def test_the_list_marks_what_has_no_price_and_never_tells_it_as_nothing(world, sign_in):
    a_nested_call(world, cost_status="unpriced")
    body = sign_in(ODILE).get("/traces/").content.decode()

    assert "1 unpriced" in body
    assert "$0.00" not in body
