"""The models that find names, each from its package, each file held against the digest we know. Never downloaded."""

from __future__ import annotations

import functools
import hashlib
import importlib.util
import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from spacy.language import Language

EXCLUDED = ("tok2vec", "tagger", "parser", "senter", "attribute_ruler", "lemmatizer", "morphologizer")
"""Parts that name-finding does not use: `ner` has a token-to-vector layer of its own."""

_MANIFEST = Path(__file__).with_name("models.json")


class ModelUnusable(RuntimeError):
    """A model is missing or is not the one we know. Says which file, and what to do."""


@dataclass(frozen=True, slots=True)
class Model:
    """One model: its package, the folder inside, and the SHA-256 of the files that are read."""

    language: str
    package: str
    version: str
    folder: str
    files: dict[str, str]


@functools.cache
def known_models() -> tuple[Model, ...]:
    """The models of the manifest."""
    return tuple(Model(**entry) for entry in json.loads(_MANIFEST.read_text("utf-8")))


def manifest_digest() -> str:
    """Eight hexadecimal digits that change with any file of any model."""
    return hashlib.sha256(_MANIFEST.read_bytes()).hexdigest()[:8]


def folder_of(model: Model) -> Path:
    """Where the model's files are. Raises ModelUnusable where its package is not installed."""
    spec = importlib.util.find_spec(model.package)
    if spec is None or not spec.submodule_search_locations:
        raise ModelUnusable(
            f"The {model.language} model ({model.package} {model.version}) is not installed. Install it from "
            "requirements/run.lock, or set PERSONAL_DATA_TIER=regex to check without names."
        )
    return Path(next(iter(spec.submodule_search_locations))) / model.folder


def verify(model: Model, folder: Path) -> None:
    """Hold every file that will be read against its digest. Raises ModelUnusable at the first that differs."""
    for name, expected in model.files.items():
        path = folder / name
        try:
            with path.open("rb") as file:
                found = hashlib.file_digest(file, "sha256").hexdigest()
        except OSError as error:
            raise ModelUnusable(
                f"{path} of the {model.language} model cannot be read: {error.strerror}."
            ) from error
        if found != expected:
            raise ModelUnusable(
                f"{path} is not the file we know (SHA-256 {found[:16]}…, expected {expected[:16]}…). It may have been "
                f"changed. Install {model.package} {model.version} again from requirements/run.lock, with its hash."
            )


def load(model: Model) -> Language:
    """The pipeline that finds names, verified first. Raises ModelUnusable."""
    import spacy

    folder = folder_of(model)
    verify(model, folder)
    return spacy.load(folder, exclude=list(EXCLUDED))
