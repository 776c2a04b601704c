"""What retiring a thing touches, said before it is done."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from ui.forms import Touched


def _some(label: str, count: int, href: str = "") -> list[Touched]:
    return [Touched(label, count, href)] if count else []


def _open(rows: Iterable[Any]) -> int:
    return sum(1 for row in rows if row.current)


def _in_use(rows: Iterable[Any]) -> int:
    return sum(1 for row in rows if row.retired_at is None)


def _list(route: str, **filters: object) -> str:
    query = "&".join(f"{name}={value}" for name, value in filters.items())
    return f"{reverse(f'inventory:{route}')}?{query}"


def system(detail: Any) -> list[Touched]:
    """Deployments stand in the way; roles end with it."""
    return [
        *_some(
            _("deployments, which must be retired before"),
            _in_use(detail.deployments),
            _list("deployments", system=detail.row.id),
        ),
        *_some(_("roles of legal entities"), _open(detail.roles)),
    ]


def deployment(detail: Any) -> list[Touched]:
    """What is placed, used and bound; keys stand in the way."""
    return [
        *_some(
            _("endpoint keys, which must be revoked before"),
            _in_use(detail.keys),
            _list("keys", deployment=detail.row.id),
        ),
        *_some(_("places where it runs"), _open(detail.placements)),
        *_some(_("endpoints that it uses"), _open(detail.uses)),
        *_some(_("datasets bound to it"), _open(detail.bindings)),
        *_some(_("sender rules that stay, so that its past stays explained"), _in_use(detail.rules)),
    ]


def endpoint(detail: Any) -> list[Touched]:
    """Deployments and gateways stand in the way."""
    return [
        *_some(
            _("deployments that use it"), _open(detail.used_by), _list("deployments", endpoint=detail.row.id)
        ),
        *_some(_("gateways that route to it"), _open(detail.routed_from)),
        *_some(_("models that it serves"), _open(detail.serves)),
        *_some(_("sender rules that point to it"), _in_use(detail.rules)),
    ]


def model(detail: Any) -> list[Touched]:
    """Versions stand in the way."""
    return _some(
        _("versions, which must be retired before"),
        _in_use(detail.versions),
        _list("model_versions", model=detail.row.id),
    )


def model_version(detail: Any) -> list[Touched]:
    """Endpoints stand in the way; what descends from it stays."""
    return [
        *_some(_("endpoints that serve it"), _open(detail.served_by)),
        *_some(_("model versions that come from it, and stay"), len(detail.descendants)),
    ]


def dataset(detail: Any) -> list[Touched]:
    """Versions stand in the way."""
    return [
        *_some(
            _("versions, which must be retired before"),
            _in_use(detail.versions),
            _list("dataset_versions", dataset=detail.row.id),
        ),
        *_some(_("deployments that work on it"), _open(detail.bindings)),
    ]


def site(detail: Any) -> list[Touched]:
    """Everything that is there stands in the way."""
    here = detail.row.id
    return [
        *_some(_("deployments placed here"), _open(detail.placements), _list("deployments", site=here)),
        *_some(_("endpoints here"), _in_use(detail.endpoints), _list("endpoints", site=here)),
        *_some(_("fleets here"), _in_use(detail.fleets), _list("fleets", site=here)),
        *_some(_("sites within"), _in_use(detail.children), _list("sites", parent=here)),
    ]


def fleet(detail: Any) -> list[Touched]:
    """What is placed on it stands in the way."""
    here = detail.row.id
    return [
        *_some(_("deployments placed here"), _open(detail.placements), _list("deployments", fleet=here)),
        *_some(_("endpoints here"), _in_use(detail.endpoints), _list("endpoints", fleet=here)),
    ]


def entity(detail: Any) -> list[Touched]:
    """Its duties and what it makes or runs stand in the way."""
    here = detail.row.id
    return [
        *_some(_("roles for systems"), _open(detail.roles)),
        *_some(_("models it provides"), _in_use(detail.models), _list("models", provider=here)),
        *_some(_("endpoints it operates"), _in_use(detail.endpoints), _list("endpoints", operator=here)),
        *_some(_("sites it operates"), _in_use(detail.sites), _list("sites", operator=here)),
    ]


def rule(row: Any) -> list[Touched]:
    """What is no longer explained by it."""
    found = [
        (_("The deployment %(name)s"), row.deployment, "deployment"),
        (_("The endpoint %(name)s"), row.endpoint, "endpoint"),
        (_("The site %(name)s"), row.site, "site"),
    ]
    return [
        Touched(label % {"name": ref.name}, None, reverse(f"inventory:{route}", args=[ref.id]))
        for label, ref, route in found
        if ref is not None
    ]


def nothing(_row: Any) -> list[Touched]:
    """For nouns on which nothing visible depends."""
    return []
