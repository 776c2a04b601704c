"""No change goes unseen: every public function that acts for somebody is a verb, and a verb must write."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.db import transaction

from audit import services as ledger
from audit.models import Event
from audit.services import VerbWithoutEventError, unchanged, verb
from inventory import services as register
from tests.cast import ADA
from tests.inventory.calls import ALL
from tests.inventory.estate import Estate, build

LEDGER_ITSELF = {ledger.record, ledger.record_many}
"""What writes the events, and therefore is no verb."""


def services_modules() -> Iterator[ModuleType]:
    for config in apps.get_app_configs():
        if not str(config.path).startswith(str(settings.BASE_DIR)) or "site-packages" in config.path:
            continue
        name = f"{config.name}.services"
        if importlib.util.find_spec(name) is None:
            continue
        module = importlib.import_module(name)
        yield module
        for part in pkgutil.iter_modules(getattr(module, "__path__", [])):
            yield importlib.import_module(f"{name}.{part.name}")


def acting_functions() -> dict[str, Callable[..., Any]]:
    """Public functions of services modules whose first argument is the actor."""
    found: dict[str, Callable[..., Any]] = {}
    for module in services_modules():
        for name, function in inspect.getmembers(module, inspect.isfunction):
            if name.startswith("_") or inspect.unwrap(function).__module__ != module.__name__:
                continue
            first = next(iter(inspect.signature(function).parameters), "")
            asks_only = name.startswith("may_")  # a question about rights changes nothing
            if first == "actor" and function not in LEDGER_ITSELF and not asks_only:
                found[f"{module.__name__}.{name}"] = function
    return found


def test_there_are_services_to_walk() -> None:
    names = {module.__name__ for module in services_modules()}
    assert {"audit.services", "console.services", "inventory.services"} <= names
    assert len(acting_functions()) > 70


@pytest.mark.parametrize("name", sorted(acting_functions()))
def test_a_function_that_acts_for_somebody_is_a_verb(name: str) -> None:
    function = acting_functions()[name]
    assert getattr(function, "__verb__", None), f"{name} changes something without @verb"


def test_every_verb_has_a_name_of_its_own_that_says_its_app() -> None:
    names = [(key, function.__verb__) for key, function in acting_functions().items()]
    words = [word for _key, word in names]
    assert len(set(words)) == len(words)
    for key, word in names:
        assert word.split(".")[0] == key.split(".")[0]


@pytest.fixture
def estate(db: None) -> Estate:
    return build()


def test_every_verb_of_the_register_really_writes_its_event(estate: Estate) -> None:
    for name, (_permission, call) in ALL.items():
        with transaction.atomic():
            call(ADA, estate)
            action = getattr(register, name).__verb__
            assert Event.objects.filter(action=action, outcome="success", actor_id=ADA.id).exists(), name
            transaction.set_rollback(True)


def test_a_verb_that_forgets_the_ledger_is_rolled_back(db: None) -> None:
    @verb("tests.thing.forget")
    def forget(_actor: Any) -> None:
        register.register_model(ADA, name="Forgotten")

    with pytest.raises(VerbWithoutEventError):
        forget(ADA)
    assert not Event.objects.filter(action="inventory.model.register").exists()


def test_a_verb_that_found_nothing_to_change_says_so(db: None) -> None:
    @verb("tests.thing.leave")
    def leave(_actor: Any) -> None:
        unchanged()

    leave(ADA)
    assert not Event.objects.filter(action="tests.thing.leave").exists()
