"""A named-entity recogniser with a conditional random field, `hich_ner`, as a spaCy component.

spaCy's own recogniser decides from left to right; this one weighs all taggings of the text against
each other (`text/components/ner/crf.py`) and marks the entities that are likelier than not
(`likely.py`). Its model, `hich.CrfTagger.v1`, has any number of members, each with its own
`tok2vec`: all learn from the same texts, and their scores are averaged.

This file imports spaCy, thinc and its neighbours only, all of which `spacy package --code`
carries in the pipeline's wheel, to where this project isn't installed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np
from spacy.errors import Errors
from spacy.language import Language
from spacy.pipeline import TrainablePipe
from spacy.tokens import Doc, Span
from spacy.training import Example, validate_examples, validate_get_examples
from spacy.vocab import Vocab
from thinc.api import Config, Model

from . import char_grams  # noqa: F401 - it registers what configurations name
from .biluo import Biluo
from .crf import IMPOSSIBLE, Array, Packing, expectations, marginals
from .crf_tagger import Scores
from .likely import likely_entities

DEFAULT_MODEL = Config().from_str(
    """
[model]
@architectures = "hich.CrfTagger.v1"
members = 1

[model.tok2vec]
@architectures = "spacy.Tok2Vec.v2"

[model.tok2vec.embed]
@architectures = "hich.CharGramEmbed.v1"
width = 128
grams = [[0],[-1,0],[0,1],[-1,0,1]]
rows = [5000,20000,20000,20000]
gram_width = 32
dropout = 0.3

[model.tok2vec.encode]
@architectures = "spacy.MaxoutWindowEncoder.v2"
width = 128
depth = 4
window_size = 1
maxout_pieces = 2
"""
)["model"]

MOST_TOKENS = 50_000
"""Tokens of the documents that are tagged at once, unless one has more: some 150 MB."""


class CrfRecognizer(TrainablePipe):
    """Set `doc.ents`; those that stand there already are kept.

    Parameters
    ----------
    vocab
        The pipeline's vocabulary.
    model
        Texts to `Scores`.
    name
        Name of the component.
    scorer
        Scores examples.
    """

    def __init__(
        self, vocab: Vocab, model: Model[list[Doc], Scores], name: str, scorer: Callable[..., Any]
    ) -> None:
        self.vocab = vocab
        self.model = model
        self.name = name
        self.scorer = scorer
        self.cfg: dict[str, Any] = {"labels": []}
        self._scheme: Biluo | None = None

    @property
    def labels(self) -> tuple[str, ...]:
        """Labels of the entities."""
        return tuple(self.cfg["labels"])

    @property
    def label_data(self) -> list[str]:
        """What `spacy init labels` writes, for `[initialize.components.ner.labels]`."""
        return list(self.labels)

    @property
    def scheme(self) -> Biluo:
        """Tags of the labels."""
        # `cfg` changes under it when labels are added, and when a model is loaded.
        if self._scheme is None or self._scheme.labels != self.labels:
            self._scheme = Biluo(self.labels)
        return self._scheme

    def add_label(self, label: str) -> int:
        """Add a label; return 1, or 0 if it is known.

        Raises
        ------
        ValueError
            If the model is initialised: its scores have one column a tag.
        """
        if label in self.labels:
            return 0
        if self.model.has_dim("nO"):
            raise ValueError(Errors.E922.format(name=self.name, nO=len(self.labels)))
        self.cfg["labels"].append(label)
        self.vocab.strings.add(label)
        return 1

    def initialize(
        self,
        get_examples: Callable[[], Iterable[Example]],
        *,
        nlp: Language | None = None,
        labels: list[str] | None = None,
    ) -> None:
        """Read the labels from the examples, unless `labels` lists them, and set up the model."""
        validate_get_examples(get_examples, "CrfRecognizer.initialize")
        sample: list[Doc] = []
        found = set(labels or ())
        for example in get_examples():
            if len(sample) < 10:
                sample.append(example.predicted)
            if labels is None:
                found.update(entity.label_ for entity in example.reference.ents)
        for label in sorted(found):
            self.add_label(label)
        self._require_labels()
        if not sample:
            raise ValueError(Errors.E923.format(name=self.name))
        self.model.set_dim("nO", len(self.scheme.tags))
        self.model.initialize(X=sample)

    def predict(self, docs: Iterable[Doc]) -> list[list[tuple[int, int, str]]]:
        """Return start, end and label of each document's entities."""
        return [
            entities for group in _groups(docs, MOST_TOKENS) for entities in self._predict(group)
        ]

    def _predict(self, docs: list[Doc]) -> list[list[tuple[int, int, str]]]:
        if not any(len(doc) for doc in docs):
            return [[] for _ in docs]
        scores = self.model.predict(docs)
        lengths = [len(doc) for doc in docs]
        packing, ends = Packing(lengths), np.cumsum(lengths)
        found = marginals(
            self.scheme.possible(self._numpy(scores.tags).mean(axis=0)[packing.rows], packing),
            self._numpy(scores.transitions).mean(axis=0) + self.scheme.transitions,
            packing,
        )
        entities: list[list[tuple[int, int, str]]] = [[] for _ in docs]
        for start, end, label in likely_entities(found, packing, self.scheme):
            number = int(np.searchsorted(ends, start, side="right"))
            first = int(ends[number]) - lengths[number]
            entities[number].append((start - first, end - first, label))
        return entities

    def set_annotations(
        self, docs: Iterable[Doc], scores: list[list[tuple[int, int, str]]]
    ) -> None:
        """Set the documents' entities, `scores` as `predict` returns them."""
        for doc, entities in zip(docs, scores, strict=True):
            kept = list(doc.ents)
            taken = {i for entity in kept for i in range(entity.start, entity.end)}
            found = [
                Span(doc, start, end, label=label)
                for start, end, label in entities
                if taken.isdisjoint(range(start, end))
            ]
            doc.set_ents([*kept, *found])

    def get_loss(self, examples: Iterable[Example], scores: Scores) -> tuple[float, Scores]:
        """Return the negative log-likelihood of the right tags, and its gradient.

        Where an example doesn't say what a token is, all its tags are right. The gradient is
        for the mean of the examples.

        Raises
        ------
        ValueError
            If an example has a label that the component lacks.
        """
        examples = list(examples)
        validate_examples(examples, "CrfRecognizer.get_loss")
        packing = Packing([len(example.predicted) for example in examples])
        right = self._right_tags(examples)[packing.rows]
        loss = 0.0
        d_tags: list[Any] = []
        d_transitions: list[Any] = []
        for tags, transitions in zip(
            self._numpy(scores.tags), self._numpy(scores.transitions), strict=True
        ):
            possible = self.scheme.possible(tags[packing.rows], packing)
            transitions = transitions + self.scheme.transitions
            log_all, in_all, pairs_in_all = expectations(possible, transitions, packing)
            possible[~right] = IMPOSSIBLE
            log_right, in_right, pairs_in_right = expectations(possible, transitions, packing)
            loss += (log_all - log_right) / len(scores.tags)
            d_tags.append(np.empty(tags.shape))
            d_tags[-1][packing.rows] = in_all - in_right
            d_transitions.append(pairs_in_all - pairs_in_right)
        ops = self.model.ops
        return loss, Scores(
            ops.asarray3f(d_tags, dtype="float32") / len(examples),
            ops.asarray3f(d_transitions, dtype="float32") / len(examples),
        )

    def _right_tags(self, examples: list[Example]) -> Array:
        try:
            return np.concatenate([self.scheme.allowed(e.get_aligned_ner()) for e in examples])
        except KeyError as error:
            label = str(error.args[0]).split("-", 1)[-1]
            raise ValueError(
                f"the entity label {label!r} was not among those the recogniser {self.name!r} "
                f"was initialised with ({', '.join(self.labels)})"
            ) from None

    def _numpy(self, array: Any) -> Array:
        return self.model.ops.to_numpy(array)


def _groups(docs: Iterable[Doc], most_tokens: int) -> Iterator[list[Doc]]:
    """Yield the documents in order, together those that have at most `most_tokens`."""
    group: list[Doc] = []
    tokens = 0
    for doc in docs:
        if group and tokens + len(doc) > most_tokens:
            yield group
            group, tokens = [], 0
        group.append(doc)
        tokens += len(doc)
    if group:
        yield group


def make_recognizer(
    nlp: Language, name: str, model: Model[list[Doc], Scores], scorer: Callable[..., Any]
) -> CrfRecognizer:
    """Make the component for `nlp.add_pipe("hich_ner")`; see `CrfRecognizer`."""
    return CrfRecognizer(nlp.vocab, model, name, scorer)


# A pipeline's wheel brings its own copy of this file. Where this project is installed too, both
# register the same component, and spaCy refuses the second (E004): the first one stays.
if not Language.has_factory("hich_ner"):
    Language.factory(
        "hich_ner",
        default_config={"model": DEFAULT_MODEL, "scorer": {"@scorers": "spacy.ner_scorer.v1"}},
        default_score_weights={"ents_f": 1.0, "ents_p": 0.0, "ents_r": 0.0, "ents_per_type": None},
        assigns=["doc.ents", "token.ent_iob", "token.ent_type"],
        func=make_recognizer,
    )
