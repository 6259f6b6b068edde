"""A pipeline component that marks identities: `doc.spans["identities"]`, `doc._.masked`.

The spans have the kinds of `text.components.deidentify.identity` as labels; `doc._.masked` is the
text with those labels in their place. Stand-ins need a key, which is no part of a pipeline:
`python -m text.deidentify`.
"""

from __future__ import annotations

import json
import warnings
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from spacy.language import Language
from spacy.tokens import Doc

if TYPE_CHECKING:
    from .finder import Finder
    from .identity import Identity

SPANS_KEY = "identities"
_LONGER = (
    "hich_deidentify: a token holds more than an identity, so that spans are longer than what they "
    "mark; make the pipeline with spacy.blank('zh'), whose tokens are characters. doc._.masked is "
    "exact."
)
LISTS = Path(__file__).with_name("lists.json")
_HELD = "identities.json"
"""Lists and network in a pipeline's folder."""


class IdentityMarker:
    """Mark the identities of a record in `doc.spans`.

    Parameters
    ----------
    spans_key
        Key in `doc.spans`.
    """

    def __init__(self, spans_key: str) -> None:
        self.spans_key = spans_key
        # A pipeline's wheel has no lists beside this file: `from_disk` brings them.
        self._finder = _finder() if LISTS.is_file() else None

    def __call__(self, doc: Doc) -> Doc:
        """Set `doc.spans[spans_key]`, in order, and `doc._.masked`.

        A span is of whole tokens. Where these are more than a character it may be longer than the
        identity, and overlap another one, of which a warning tells; `doc._.masked` is exact.
        """
        if self._finder is None:
            raise ValueError("hich_deidentify has no lists: load it from a pipeline's folder.")
        text = doc.text
        found = self._finder.find(text)
        spans = []
        for one in found:
            span = doc.char_span(one.start, one.end, label=one.kind, alignment_mode="expand")
            if span is None:
                continue
            spans.append(span)
            if span.text.strip() != text[one.start : one.end].strip():
                warnings.warn(_LONGER, stacklevel=2)
        doc.spans[self.spans_key] = spans
        doc._.masked = masked(text, found)
        return doc

    def to_disk(self, path: str | Path, *, exclude: Iterable[str] = ()) -> None:
        """Write the lists and the network to the folder `path`."""
        Path(path).mkdir(parents=True, exist_ok=True)
        (Path(path) / _HELD).write_bytes(self.to_bytes())

    def from_disk(self, path: str | Path, *, exclude: Iterable[str] = ()) -> IdentityMarker:
        """Read the lists and the network from the folder `path`."""
        held = Path(path) / _HELD
        # Earlier pipelines have it all under the name of the lists.
        return self.from_bytes((held if held.exists() else held.with_name(LISTS.name)).read_bytes())

    def to_bytes(self, *, exclude: Iterable[str] = ()) -> bytes:
        """Return the lists and the network."""
        finder = self._finder
        held = {"lists": finder.lists, "network": finder.network} if finder else {}
        return json.dumps(held, ensure_ascii=False).encode()

    def from_bytes(self, data: bytes, *, exclude: Iterable[str] = ()) -> IdentityMarker:
        """Take what `to_bytes` returned."""
        held = json.loads(data)
        # A pipeline of before the network holds the lists alone, and gets the network here.
        self._finder = _finder(held.get("lists", held), held.get("network"))
        return self


def _finder(lists: dict[str, Any] | None = None, network: dict[str, Any] | None = None) -> Finder:
    # spaCy imports this file for every pipeline, which need not find identities.
    from .finder import Finder

    return Finder(lists, network)


def masked(text: str, identities: Iterable[Identity]) -> str:
    """Return a text with labels in the place of its identities, which come in order."""
    pieces, last = [], 0
    for one in identities:
        pieces += [text[last : one.start], f"[{one.kind}]"]
        last = one.end
    return "".join([*pieces, text[last:]])


def make_deidentifier(nlp: Language, name: str, spans_key: str) -> IdentityMarker:
    """Make the component for `nlp.add_pipe("hich_deidentify")`; see `IdentityMarker`."""
    return IdentityMarker(spans_key)


if not Doc.has_extension("masked"):
    Doc.set_extension("masked", default=None)  # where the component did not run

# A pipeline's wheel brings its own copy of this file; see the end of `text/components/sections.py`.
if not Language.has_factory("hich_deidentify"):
    Language.factory(
        "hich_deidentify",
        default_config={"spans_key": SPANS_KEY},
        assigns=["doc.spans", "doc._.masked"],
        func=make_deidentifier,
    )
