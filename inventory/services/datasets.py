"""Verbs on datasets and their versions."""

from __future__ import annotations

import uuid
from typing import TypedDict, Unpack

from audit.services import verb
from inventory.services.nouns import DATASET, DATASET_VERSION
from inventory.services.writing import change, insert, retire
from kernel.actor import Actor


class DatasetFields(TypedDict, total=False):
    name: str
    slug: str
    purpose: str
    unit: uuid.UUID | None


class DatasetVersionFields(TypedDict, total=False):
    dataset: uuid.UUID
    label: str
    classification: str
    personal_data: str
    special_categories: list[str]
    data_subjects: list[str]
    residency: list[str]
    retention_days: int | None
    source: str
    licence: str
    note: str


@verb("inventory.dataset.register")
def register_dataset(actor: Actor, *, reason: str = "", **fields: Unpack[DatasetFields]) -> uuid.UUID:
    """Put a dataset on the register; what it holds is said of its versions."""
    return insert(DATASET, actor, fields, reason=reason).pk


@verb("inventory.dataset.edit")
def edit_dataset(
    actor: Actor,
    dataset_id: uuid.UUID,
    *,
    version: int | None,
    reason: str = "",
    **fields: Unpack[DatasetFields],
) -> int:
    """Change a dataset; returns the new version of the row."""
    return change(DATASET, actor, dataset_id, fields, version=version, reason=reason).version


@verb("inventory.dataset.retire")
def retire_dataset(actor: Actor, dataset_id: uuid.UUID, *, version: int | None, reason: str) -> int:
    """Take a dataset out of use whose versions are retired."""
    return retire(DATASET, actor, dataset_id, version=version, reason=reason).version


@verb("inventory.dataset_version.register")
def register_dataset_version(
    actor: Actor, *, reason: str = "", **fields: Unpack[DatasetVersionFields]
) -> uuid.UUID:
    """Add a version of a dataset: its classification, the persons and categories in it, where it may lie."""
    return insert(DATASET_VERSION, actor, fields, reason=reason).pk


@verb("inventory.dataset_version.edit")
def edit_dataset_version(
    actor: Actor,
    dataset_version_id: uuid.UUID,
    *,
    version: int | None,
    reason: str = "",
    **fields: Unpack[DatasetVersionFields],
) -> int:
    """Change what is said of a dataset version; returns the new version of the row."""
    return change(DATASET_VERSION, actor, dataset_version_id, fields, version=version, reason=reason).version


@verb("inventory.dataset_version.retire")
def retire_dataset_version(
    actor: Actor, dataset_version_id: uuid.UUID, *, version: int | None, reason: str
) -> int:
    """Take a dataset version out of use to which nothing is bound any more."""
    return retire(DATASET_VERSION, actor, dataset_version_id, version=version, reason=reason).version
