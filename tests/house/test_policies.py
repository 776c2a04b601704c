"""Every route of every process has a stated policy, and keeps it."""

from __future__ import annotations

import grpc
import pytest
from django.test import Client
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2, trace_service_pb2_grpc

from console import queries, services
from console.models import User
from kernel.actor import Actor, Permission, Role, Source, system_actor
from tests.cast import PASSWORD
from tests.house import policies, routes
from tests.installations import Installation

HTMX = {"HX-Request": "true"}
REFUSED = {403, 404, 405, 409, 422, 428}


def first_part(pattern: str) -> str:
    """The resource of an API path."""
    return pattern.removeprefix(routes.API_PREFIX).partition("/")[0]


# ---- stated


def test_every_page_has_a_stated_policy() -> None:
    found = {name: getattr(view, "policy", None) for name, _pattern, view in routes.pages()}
    assert found == policies.PAGES, "say in tests/house/policies.py who a new page is for"


def test_every_operation_of_the_api_has_a_stated_policy() -> None:
    found = {first_part(path) for _method, path in routes.operations()}
    assert found == set(policies.API), "say in tests/house/policies.py who a new resource is for"


def test_every_path_of_the_receiver_has_a_stated_policy() -> None:
    assert routes.ingest() == set(policies.INGEST)
    assert routes.rpc() == set(policies.RPC)


def test_every_path_of_the_check_process_has_a_stated_policy() -> None:
    assert routes.check() == set(policies.CHECK)


def test_every_path_of_worker_and_beat_has_a_stated_policy() -> None:
    assert routes.probes() == set(policies.PROBES)


def test_no_page_stands_under_two_names() -> None:
    names = [name for name, *_ in routes.pages()]
    assert len(names) == len(set(names))


# ---- kept: strangers


@pytest.mark.django_db
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_whoever_has_not_signed_in_is_sent_to_the_door(client: Client, method: str) -> None:
    for name, pattern, _view in routes.pages():
        response = client.generic(method, routes.sample(pattern))
        if policies.PAGES[name] == policies.OPEN:
            assert response.status_code < 500, name
            continue
        assert response.status_code in {302, 405}, f"{name} answers {response.status_code}"
        if response.status_code == 302:
            assert response["Location"].startswith("/sign-in/?next="), name


@pytest.mark.django_db
def test_a_fragment_is_refused_rather_than_replaced_by_the_door(client: Client) -> None:
    for name, pattern, _view in routes.pages():
        if policies.PAGES[name] != policies.OPEN:
            assert client.get(routes.sample(pattern), headers=HTMX).status_code in {401, 405}, name


@pytest.mark.django_db
def test_whoever_has_not_signed_in_gets_nothing_from_the_api(client: Client) -> None:
    for method, pattern in routes.operations():
        response = client.generic(method, routes.sample(pattern), "{}", content_type="application/json")
        is_open = policies.API[first_part(pattern)][0] == policies.OPEN
        assert response.status_code == (200 if is_open else 401), f"{method} {pattern}"


# ---- kept: people


def account(role: Role | None) -> tuple[Client, Actor]:
    """Somebody with this role over the whole organisation, signed in."""
    setup, name = system_actor("set-up"), role.value if role else "victor"
    person = services.create_person(setup, email=f"{name}@example.org", name=name.title(), password=PASSWORD)
    if role:
        services.grant_role(setup, person, role=role, unit_id=None)
    client = Client()
    assert client.login(username=f"{name}@example.org", password=PASSWORD)
    return client, queries.actor_for(User.objects.get(pk=person), source=Source())


def allowed(actor: Actor, policy: str) -> bool:
    return policy in {policies.OPEN, policies.SIGNED_IN} or actor.may_somewhere(Permission(policy))


@pytest.mark.django_db
@pytest.mark.parametrize("role", [None, *Role], ids=lambda role: role.value if role else "no role")
def test_a_page_opens_for_those_whom_its_policy_names(role: Role | None) -> None:
    client, actor = account(role)
    for name, pattern, _view in routes.pages():
        status = client.get(routes.sample(pattern)).status_code
        if allowed(actor, policies.PAGES[name]):
            assert status in {200, 302, 404, 405}, f"{name} answers {status} to {role}"
        else:
            assert status in {403, 405}, f"{name} answers {status} to {role}"


@pytest.mark.django_db
@pytest.mark.parametrize("role", [None, *Role], ids=lambda role: role.value if role else "no role")
def test_the_api_answers_those_whom_its_policy_names(role: Role | None) -> None:
    client, actor = account(role)
    for method, pattern in routes.operations():
        reads, changes = policies.API[first_part(pattern)]
        policy = reads if method == "GET" else changes
        assert policy is not None, f"{method} {pattern} changes what only answers questions"
        response = client.generic(
            method, routes.sample(pattern), "{}", content_type="application/json", headers={"If-Match": '"1"'}
        )
        said = f"{method} {pattern} answers {response.status_code} to {role}"
        if not allowed(actor, policy):
            assert response.status_code in REFUSED, said
        elif method == "GET":
            assert response.status_code in {200, 404, 422}, said
        else:
            assert response.status_code < 500, said


# ---- kept: endpoints


@pytest.mark.integration
@pytest.mark.xdist_group("installation")
def test_the_receiver_answers_nobody_without_a_key(installation: Installation) -> None:
    import http.client

    address = installation.facts["otlp_http"].removeprefix("http://")
    for path, policy in policies.INGEST.items():
        for method in ("GET", "POST"):
            for authorization in (
                None,
                "Bearer ' OR '1'='1",
                "Basic YWRtaW46YWRtaW4=",
                f"Bearer ttl_ep_{'a' * 60}",
            ):
                connection = http.client.HTTPConnection(address, timeout=10)
                headers = {"Content-Type": "application/x-protobuf"}
                headers |= {"Authorization": authorization} if authorization else {}
                connection.request(
                    method, f"{path}{'0' * 32}/{'0' * 16}" if path.endswith("/") else path, b"", headers
                )
                status = connection.getresponse().status
                connection.close()
                if policy == policies.OPEN:
                    assert status in {200, 404}, f"{method} {path}"
                else:
                    assert status in {401, 404, 405}, f"{method} {path} answers {status} to {authorization}"


@pytest.mark.integration
@pytest.mark.xdist_group("installation")
def test_grpc_answers_nobody_without_a_key(installation: Installation) -> None:
    with grpc.insecure_channel(installation.facts["otlp_grpc"]) as channel:
        stub = trace_service_pb2_grpc.TraceServiceStub(channel)
        for metadata in ((), (("authorization", "Bearer nothing"),)):
            with pytest.raises(grpc.RpcError) as refused:
                stub.Export(trace_service_pb2.ExportTraceServiceRequest(), metadata=metadata, timeout=10)
            assert refused.value.code() is grpc.StatusCode.UNAUTHENTICATED
