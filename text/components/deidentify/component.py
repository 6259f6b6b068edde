"""A pipeline component that marks identities: `doc.spans["identities"]`, `doc._.masked`.

The spans have the kinds of `text.components.deidentify.identity` as labels; `doc._.masked` is the
text with those labels in their place. Stand-ins need a key, which is no part of a pipeline:
`python -m text.deidentify`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from spacy.language import Language
from spacy.tokens import Doc

if TYPE_CHECKING:
    from .finder import Finder

SPANS_KEY = "identities"
LISTS = Path(__file__).with_name("lists.json")


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
        """Set `doc.spans[spans_key]`, in order; none overlap."""
        if self._finder is None:
            raise ValueError("hich_deidentify has no lists: load it from a pipeline's folder.")
        spans = [
            doc.char_span(one.start, one.end, label=one.kind, alignment_mode="expand")
            for one in self._finder.find(doc.text)
        ]
        doc.spans[self.spans_key] = [span for span in spans if span is not None]
        doc._.masked = masked(doc, self.spans_key)
        return doc

    def to_disk(self, path: str | Path, *, exclude: Iterable[str] = ()) -> None:
        """Write the lists and the network to the folder `path`."""
        Path(path).mkdir(parents=True, exist_ok=True)
        (Path(path) / LISTS.name).write_bytes(self.to_bytes())

    def from_disk(self, path: str | Path, *, exclude: Iterable[str] = ()) -> IdentityMarker:
        """Read the lists and the network from the folder `path`."""
        return self.from_bytes((Path(path) / LISTS.name).read_bytes())

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


def masked(doc: Doc, spans_key: str = SPANS_KEY) -> str:
    """Return a document's text with labels in the place of its identities."""
    pieces, last = [], 0
    for span in doc.spans[spans_key]:
        pieces += [doc.text[last : span.start_char], f"[{span.label_}]"]
        last = span.end_char
    return "".join([*pieces, doc.text[last:]])


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
