"""Coverage first, findings second: what the pages say of what was checked and of what was not."""

from __future__ import annotations

from typing import Any

import pytest

from kernel.contracts.ingest import CaptureMode
from telemetry import schema
from telemetry.domain import SpanKind
from tests import cast
from tests.guardrails import rows
from tests.guardrails.pages.conftest import SignIn, World
from tests.reading import rows_read
from tests.telemetry.seeding import text

pytestmark = pytest.mark.database


@pytest.fixture
def checked(world: World) -> World:
    """A week of checks: much of the clinic, some of the shop."""
    store, clinic, shop = world.seed.store, world.clinic.sender_id(), world.shop.sender_id()
    rows.nothing_waits(store)
    rows.put(
        store,
        schema.check_hours,
        rows.covered(clinic, "personal_data", "clean", 40),
        rows.covered(clinic, "personal_data", "found", 7),
        rows.covered(clinic, "personal_data", "sampled_out", 3),
        rows.covered(shop, "personal_data", "failed", 2),
        rows.covered(clinic, "groundedness", "unsupported", 5),
        rows.covered(clinic, "groundedness", "unsupported", 4, shadow=True),
    )
    rows.put(
        store, schema.finding_hours, rows.found(clinic, "PERSON", 9), rows.found(shop, "FR_NIR", 1, "output")
    )
    message, other = b"m" * 32, b"n" * 32
    rows.put(store, schema.scans, rows.scan(clinic, message, "found"), rows.scan(shop, other, "failed"))
    rows.put(
        store,
        schema.findings,
        rows.finding(clinic, message, "PERSON"),
        rows.finding(clinic, message, "<b>HOSTILE</b>", position=1, score=0.4),
    )
    rows.put(
        store,
        schema.check_work,
        rows.work(clinic, b"w" * 32, "pending"),
        rows.work(shop, b"x" * 32, "dead", reason="the process <died>"),
    )
    return world


def get(client: Any, path: str) -> str:
    response = client.get(path)
    assert response.status_code == 200, path
    return str(response.content.decode())


def test_the_page_says_what_was_checked_of_how_much_and_never_a_share_alone(
    checked: World, sign_in: SignIn
) -> None:
    shown = get(sign_in(cast.ODILE), "/guardrails/")
    assert "47 of 53 messages checked." in shown
    assert "9 of 9 answers checked." in shown
    assert "4 answers are in a language for which the engine is not calibrated yet." in shown
    assert "model calls left no text that could be checked." in shown
    assert "1 check was given up" in shown
    assert "%" not in shown.split("<main", 1)[1].split("Findings by type")[0].replace("100%", "").replace(
        '%"', ""
    )


def test_a_reader_of_one_unit_sees_its_own_numbers_alone(checked: World, sign_in: SignIn) -> None:
    client = sign_in(cast.only_in(cast.ODILE, checked.estate.shops))
    shown = get(client, "/guardrails/")
    assert "0 of 2 messages checked." in shown
    assert "Nothing came that could be checked." in shown
    assert "Name of a person" not in shown
    assert "French social security number" in shown
    assert "Radiology" not in get(client, "/guardrails/coverage/")
    for path in ("findings", "scans", "verdicts", "work"):
        assert checked.clinic.sender_id().hex() not in get(client, f"/guardrails/{path}/?columns=sender")
    assert "data-row" not in get(client, "/guardrails/findings/")


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/guardrails/findings/?type=PERSON", "Radiology drafts"),
        ("/guardrails/findings/?score_min=0.5", "Name of a person"),
        ("/guardrails/scans/?outcome=failed", "Shop assistant"),
        ("/guardrails/work/?state=waiting", "Radiology drafts"),
        ("/guardrails/work/", "the process &lt;died&gt;"),
        ("/guardrails/coverage/?check=personal_data", "Radiology drafts"),
    ],
)
def test_every_number_has_the_list_that_it_counts(
    checked: World, sign_in: SignIn, path: str, expected: str
) -> None:
    assert expected in get(sign_in(cast.ODILE), path)


def test_a_finding_of_an_unknown_type_is_shown_by_its_code_and_stays_text(
    checked: World, sign_in: SignIn
) -> None:
    shown = get(sign_in(cast.ODILE), "/guardrails/findings/")
    assert "<b>HOSTILE" not in shown
    assert "&lt;b&gt;HOSTILE" in shown


def test_a_finding_leads_to_the_step_that_said_it(world: World, sign_in: SignIn) -> None:
    spans = world.seed.trace(world.clinic, mode=CaptureMode.FULL, said=[text("user", "Jean Dupont")])
    trace = world.seed.write(world.clinic, spans)
    message = spans[1].messages[0]
    path = f"/guardrails/messages/{message.day}/{message.sender_id.hex()}/{message.message_id.hex()}/"
    response = sign_in(cast.ODILE).get(path)
    assert response["Location"] == f"/traces/{trace.hex()}/?span={spans[1].columns['span_id'].hex()}"
    stranger = sign_in(cast.only_in(cast.AGNES, world.estate.shops))
    assert stranger.get(path).status_code == 404
    assert stranger.get(path.replace(str(message.day), "99999999999999")).status_code == 404


def test_lists_stay_paged_with_a_hundred_thousand_rows(
    world: World, sign_in: SignIn, django_assert_max_num_queries: Any
) -> None:
    clinic = world.clinic.sender_id()
    ids = [n.to_bytes(32) for n in range(100_000)]
    store = world.seed.store
    for start in range(0, len(ids), 20_000):
        part = ids[start : start + 20_000]
        rows.put(store, schema.scans, *(rows.scan(clinic, id_, "found") for id_ in part))
        rows.put(
            store, schema.findings, *(rows.finding(clinic, id_, found_ns=n) for n, id_ in enumerate(part))
        )
    client = sign_in(cast.ODILE)
    for path in ("/guardrails/findings/", "/guardrails/findings/?sort=score", "/guardrails/scans/"):
        with rows_read() as read, django_assert_max_num_queries(60):
            shown = get(client, path)
        assert max(read) <= 300, path
        assert shown.count("data-row") <= 51
    following = client.get("/guardrails/findings/").context["list"].pager
    assert following is not None


def test_the_pages_of_a_page_follow_each_other_without_gap_or_double(world: World, sign_in: SignIn) -> None:
    from guardrails.queries.findings import FindingFilter, FindingSort, list_findings
    from telemetry.queries.bounds import TimeRange

    clinic = world.clinic.sender_id()
    ids = [n.to_bytes(32) for n in range(25)]
    rows.put(world.seed.store, schema.scans, *(rows.scan(clinic, id_) for id_ in ids))
    rows.put(
        world.seed.store,
        schema.findings,
        *(rows.finding(clinic, id_, score=0.5 + (n % 3) / 10) for n, id_ in enumerate(ids)),
    )
    wanted = FindingFilter(TimeRange.last(10**15))
    with world.seed.store.engine.connect() as connection:
        seen, cursor = [], None
        while True:
            page = list_findings(connection, wanted, sort=FindingSort.SCORE, cursor=cursor, limit=7)
            seen += [line.message_id for line in page.rows]
            if page.next is None:
                break
            cursor = page.next
        back = list_findings(
            connection, wanted, sort=FindingSort.SCORE, cursor=page.previous, backwards=True, limit=7
        )
    assert len(seen) == 25
    assert set(seen) == set(ids)
    assert [line.message_id for line in back.rows] == seen[14:21]


def test_things_show_their_coverage_and_the_profile_in_force(checked: World, sign_in: SignIn) -> None:
    client = sign_in(cast.ODILE)
    estate = checked.estate
    deployment = get(client, f"/deployments/{estate.radiology_live}/")
    assert "Guardrail profile in force" in deployment
    assert "47 of 51 messages checked." in deployment
    assert f"deployment={estate.radiology_live}" in deployment
    assert "47 of 51 messages checked." in get(client, f"/systems/{estate.radiology}/")
    overview = get(client, "/")
    assert "Guardrail coverage" in overview
    assert "Checks given up" in overview or "Check given up" in overview


def test_french_is_complete_on_the_page(checked: World, sign_in: SignIn) -> None:
    shown = get(sign_in(cast.ODILE, language="fr"), "/guardrails/")
    assert "47 messages contrôlés sur 53." in shown
    assert "en observation" in shown


def _radiology_answer(world: World) -> tuple[bytes, bytes, Any]:
    spans = world.seed.trace(
        world.clinic,
        mode=CaptureMode.FULL,
        said=[text("user", "Is the lung clear?")],
        answered=[text("assistant", "The lung is clear. Surgery is planned <tomorrow>.")],
    )
    retriever = world.seed.span(
        world.clinic,
        trace_id=spans[0].columns["trace_id"],
        parent=spans[0].columns["span_id"],
        kind=SpanKind.RETRIEVER,
        mode=CaptureMode.FULL,
        documents=[_document("Findings: lung clear on both sides.")],
    )
    trace = world.seed.write(world.clinic, [*spans, retriever])
    evidence = {
        "context": f"{retriever.messages[0].message_id.hex()}/0/content",
        "start": 10,
        "end": 20,
        "score": 0.9,
    }
    sentences = [
        {"start": 0, "end": 18, "outcome": "supported", "score": 0.9, "evidence": evidence},
        {"start": 19, "end": 50, "outcome": "unsupported", "score": 0.1, "evidence": None},
    ]
    call = spans[1].columns["span_id"]
    rows.put(
        world.seed.store,
        schema.verdicts,
        rows.verdict(
            world.clinic.sender_id(), trace, call, "unsupported", sentences, day=spans[1].columns["day"]
        ),
    )
    question = next(m for m in spans[1].messages if m.role == "user")
    where = {"day": question.day}
    rows.put(
        world.seed.store, schema.scans, rows.scan(question.sender_id, question.message_id, "found", **where)
    )
    rows.put(
        world.seed.store, schema.findings, rows.finding(question.sender_id, question.message_id, **where)
    )
    return trace, call, question


def _document(content: str) -> Any:
    from telemetry.domain import Document

    return Document(id="report", score=0.7, content=content)


def test_a_trace_marks_its_steps_and_tells_what_each_check_came_to(world: World, sign_in: SignIn) -> None:
    trace, call, _question = _radiology_answer(world)
    shown = get(sign_in(cast.ODILE), f"/traces/{trace.hex()}/?span={call.hex()}")
    tree = shown.split("waterfall", 1)[1].split("</table>", 1)[0]
    assert "unsupported" in tree
    assert "personal data" in tree
    panel = shown.split('id="panel-guardrails-step"', 1)[1].split("</section>", 1)[0]
    assert "Name of a person" in panel
    assert "not checked" in panel, "the answer itself has no scan"
    assert "characters 19 to 50" in panel
    assert "Surgery" not in shown


def test_opened_the_sentence_is_marked_and_its_evidence_stands_beside_it(
    world: World, sign_in: SignIn
) -> None:
    from audit.models import Event

    trace, call, _question = _radiology_answer(world)
    reader = sign_in(cast.reading_content(cast.ODILE))
    response = reader.post(f"/traces/{trace.hex()}/reveal/?span={call.hex()}", {"reason": "complaint"})
    shown = response.content.decode()
    assert '<mark class="unsupported">Surgery is planned &lt;tomorrow&gt;.</mark>' in shown
    assert "lung clear" in shown.split("Best evidence", 1)[1]
    assert Event.objects.filter(action="telemetry.content.read", outcome="success").count() == 1


def test_a_step_without_content_says_why_it_was_not_checked(world: World, sign_in: SignIn) -> None:
    shown = get(sign_in(cast.ODILE), f"/traces/{world.shop_trace.hex()}/")
    assert "nothing could be checked" in shown


def test_what_was_given_up_is_tried_again_by_who_may_for_everybody(
    checked: World, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("guardrails.services.rechecking.record", lambda: checked.seed.store)
    shops = sign_in(cast.only_in(cast.ODILE, checked.estate.shops))
    assert shops.post("/guardrails/work/retry/", {"reason": "mine"}).status_code == 403
    odile = sign_in(cast.ADA)
    assert odile.post("/guardrails/work/retry/", {}).status_code == 422
    response = odile.post("/guardrails/work/retry/", {"reason": "the engine is mended"}, follow=True)
    assert "1 check is tried again." in response.content.decode()
    assert "the process" not in get(odile, "/guardrails/work/")
