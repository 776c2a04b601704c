"""Nothing here ever asks the network: not for a list of suffixes, not for a model."""

from __future__ import annotations

import functools
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tldextract import TLDExtract

_OFFLINE = {"HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1", "HF_HUB_DISABLE_TELEMETRY": "1"}


def close_the_door() -> None:
    """Keep the libraries under Presidio from the network. Call before Presidio is imported; harmless afterwards.

    Without it, `tldextract` asks two hosts for the list of public suffixes at the first e-mail address it sees.
    """
    os.environ.update(_OFFLINE)
    import tldextract
    import tldextract.tldextract as inner

    extractor = _suffixes()
    tldextract.extract = extractor  # type: ignore[assignment]  # a wrapped call of the same extractor
    inner.TLD_EXTRACTOR = extractor


@functools.cache
def _suffixes() -> TLDExtract:
    from tldextract import TLDExtract

    return TLDExtract(suffix_list_urls=(), cache_dir=None, fallback_to_snapshot=True)


@functools.lru_cache(maxsize=4096)
def has_public_suffix(domain: str) -> bool:
    """Whether a domain ends in a suffix under which names are given out, by the list that the package carries."""
    found = _suffixes()(domain)
    return bool(found.suffix and found.domain)
