"""Annotated documents, with what a pipeline finds in them."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from cohort.base.cli import progress
from cohort.base.errors import DataError
from cohort.tags.scheme import Span
from text.model.pipeline import finders, known_labels
from text.scores.alignment import EntityPair, align

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.tokens import Doc
    from spacy.training import Example


@dataclass
class Checked:
    """A document with its annotated and its predicted entities.

    Attributes
    ----------
    record
        The record it is, or is a piece of.
    offset
        Where in the record it starts, in characters.
    text
        Its text.
    gold, predicted
        Entities; offsets in `text`.
    pairs
        Which of them answer to each other, in text order.
    """

    record: str
    offset: int
    text: str
    gold: list[Span]
    predicted: list[Span]
    pairs: list[EntityPair] = field(init=False)

    def __post_init__(self) -> None:
        self.pairs = align(self.gold, self.predicted)


def require_corpus(corpus: Path) -> None:
    """Refuse what is neither a `.spacy` file nor a folder of them (`text.corpus.docbin`).

    Raises
    ------
    DataError
        If there is nothing of that name, or it is something else.
    """
    if not corpus.exists():
        raise DataError(f"{corpus}: no such file; make one with `hich convert`.")
    if corpus.suffix != ".spacy" and not (corpus.is_dir() and any(corpus.glob("*.spacy"))):
        raise DataError(f"{corpus}: is not a .spacy file; make one with `hich convert`.")


def check_documents(nlp: Language, model: str, corpus: Path) -> tuple[list[Checked], int]:
    """Let `nlp` find the entities of the documents in `corpus`.

    Parameters
    ----------
    nlp
        The pipeline.
    model
        Its name, for messages.
    corpus
        A `.spacy` file or a folder of them; see `require_corpus`.

    Returns
    -------
    tuple of list of Checked, int
        The annotated documents, and the number of those that are not: spaCy tells a document
        without entities from one that nobody annotated, and scores the first kind alone.

    Raises
    ------
    DataError
        If no component of the pipeline finds entities, the corpus cannot be read or has none, or
        its entities don't fit the pipeline's tokens.
    """
    examples = _examples(nlp, corpus)
    annotated = [one for one in examples if one.reference.has_annotation("ENT_IOB")]
    if not any(one.reference.ents for one in annotated):
        raise DataError(f"{corpus}: holds no annotated entities, so there is nothing to compare.")
    _refuse_other_tokens(annotated, model, corpus)
    docs = nlp.pipe(one.predicted for one in annotated)
    checked: list[Checked] = []
    for one, doc in zip(annotated, progress(docs, "Tagging", len(annotated)), strict=True):
        data = one.reference.user_data
        name, offset = data.get("case", f"document {len(checked) + 1}"), data.get("start", 0)
        gold = list(_spans(one.reference))
        # As in spaCy's scorer: neither right nor wrong where nobody annotated.
        found = [span for span in _spans(doc) if _is_annotated(one.reference, span)]
        checked.append(Checked(str(name), int(offset), one.reference.text, gold, found))
    if not any(one.predicted for one in checked):
        _refuse_without_recogniser(nlp, model)
    return checked, len(examples) - len(annotated)


def unlearnt(nlp: Language, annotated: Iterable[str]) -> list[str]:
    """Return which of the `annotated` labels the pipeline does not know, so that it misses them.

    A component that finds entities but names no labels may know any: then there are none.
    """
    if not all(nlp.pipe_labels.get(name) for name in finders(nlp)):
        return []
    return sorted(set(annotated) - set(known_labels(nlp)))


def _refuse_without_recogniser(nlp: Language, model: str) -> None:
    """Tell a pipeline that cannot find entities from one that learnt to find none."""
    if not finders(nlp):
        names = ", ".join(nlp.pipe_names) or "it has none"
        raise DataError(f"{model}: no component of this pipeline finds entities ({names}).")


def _examples(nlp: Language, corpus: Path) -> list[Example]:
    """Read `corpus` as `spacy evaluate` does: the text cut anew by the pipeline's tokenizer."""
    from spacy.training import Corpus

    nlp.max_length = sys.maxsize  # a guard of spaCy's against parsing what is no single document
    try:
        examples = list(Corpus(corpus)(nlp))
    except Exception as error:  # zlib, msgpack and spaCy each raise errors of their own kind
        reason = " ".join(str(error).split())[:200]
        raise DataError(f"{corpus}: is damaged, or no file of spaCy's ({reason}).") from error
    if not examples:
        raise DataError(f"{corpus}: holds no documents.")
    return examples


def _refuse_other_tokens(examples: list[Example], model: str, corpus: Path) -> None:
    unfit = [
        entity
        for one in examples
        for entity in one.reference.ents
        if one.predicted.char_span(entity.start_char, entity.end_char) is None
    ]
    if unfit:
        raise DataError(
            f"{corpus}: {len(unfit)} of its entities begin or end inside a token of {model} "
            f"(the first: {unfit[0].text!r}), which therefore cannot find them; "
            "pipeline and corpus need the same tokenizer (`text.convert` writes characters)."
        )


def _spans(doc: Doc) -> Iterator[Span]:
    for entity in doc.ents:
        yield Span(entity.start_char, entity.end_char, entity.label_)


def _is_annotated(reference: Doc, span: Span) -> bool:
    covered = reference.char_span(span.start, span.end, alignment_mode="expand")
    return covered is not None and all(token.ent_iob for token in covered)
