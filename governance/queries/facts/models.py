"""The names under which telemetry may truthfully speak of deployments' models, for many deployments at once."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Mapping

from inventory import models
from inventory.queries.columns import open_now, version_name


def declared_names(endpoints: Mapping[uuid.UUID, set[uuid.UUID]]) -> dict[uuid.UUID, frozenset[str]]:
    """Names in lower case by deployment, for deployments with the endpoints that they use. Two queries.

    The rule is that of `inventory.queries.declared_models`: an endpoint's alias and the version's own names; gateways
    count with what they route to, one step.
    """
    used = {endpoint for ids in endpoints.values() for endpoint in ids}
    upstreams: defaultdict[uuid.UUID, list[tuple[str, uuid.UUID]]] = defaultdict(list)
    routes = models.EndpointRoute.objects.filter(open_now(), gateway__in=used)
    for gateway, alias, upstream in routes.values_list("gateway_id", "alias", "upstream_id"):
        upstreams[gateway].append((alias.lower(), upstream))
    reached = used | {upstream for routed in upstreams.values() for _alias, upstream in routed}
    served = _served(reached)
    return {
        deployment: frozenset().union(*(_names(endpoint, upstreams, served) for endpoint in ids))
        for deployment, ids in endpoints.items()
    }


def _served(endpoints: set[uuid.UUID]) -> Mapping[uuid.UUID, frozenset[str]]:
    names: defaultdict[uuid.UUID, set[str]] = defaultdict(set)
    rows = models.EndpointServes.objects.filter(open_now(), endpoint__in=endpoints)
    for row in rows.select_related("model_version__model"):
        version = row.model_version
        said = (row.alias, version.model.name, version_name(version), *version.aliases)
        names[row.endpoint_id].update(name.lower() for name in said if name)
    return {endpoint: frozenset(found) for endpoint, found in names.items()}


def _names(
    endpoint: uuid.UUID,
    upstreams: Mapping[uuid.UUID, list[tuple[str, uuid.UUID]]],
    served: Mapping[uuid.UUID, frozenset[str]],
) -> frozenset[str]:
    found = set(served.get(endpoint, ()))
    for alias, upstream in upstreams.get(endpoint, ()):
        behind = served.get(upstream, frozenset())
        found |= behind
        if alias and behind:
            found.add(alias)
    return frozenset(found)
