"""The model of `hich_ner`: scores of each token's tags and of their transitions.

Registered as `hich.CrfTagger.v1`; what the scores mean is said in `text/components/ner/crf.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

from spacy.pipeline.tok2vec import Tok2VecListener
from spacy.tokens import Doc
from spacy.util import registry
from thinc.api import Linear, Model, NumpyOps, chain, list2array, zero_init
from thinc.types import Floats2d, Floats3d


@dataclass
class Scores:
    """What the model says of a batch of texts, or the gradient of it.

    Attributes
    ----------
    tags
        `(members, n, tags)`, of the concatenated texts' tokens.
    transitions
        `(members, tags, tags)`, from a tag to the next.
    """

    tags: Floats3d
    transitions: Floats3d


@registry.architectures("hich.CrfTagger.v1")
def crf_tagger(tok2vec: Model[list[Doc], list[Floats2d]], members: int) -> Model[list[Doc], Scores]:
    """Score the tags of texts by one or several networks of the same kind.

    Several differ by their random start and dropout. Averaging their scores makes fewer
    errors than any of them (Hansen and Salamon 1990, doi:10.1109/34.58871), for as many times
    the work.

    Parameters
    ----------
    tok2vec
        Network of a member; others get a copy of it.
    members
        How many there are.

    Raises
    ------
    ValueError
        If there are several members and `tok2vec` listens to another component's.
    """
    if members > 1 and any(isinstance(node, Tok2VecListener) for node in tok2vec.walk()):
        raise ValueError("members that listen to one tok2vec are all the same; let there be 1")
    networks = [tok2vec, *(tok2vec.copy() for _ in range(members - 1))]
    model: Model[list[Doc], Scores] = Model(
        "crf_tagger",
        _forward,
        init=_initialize,
        layers=[chain(network, list2array(), Linear(init_W=zero_init)) for network in networks],
        dims={"nO": None},
        params={"transitions": None},
        # Where spaCy looks for a listener.
        refs={"tok2vec": tok2vec},
    )
    if isinstance(model.ops, NumpyOps):
        # NumPy's matrix product is up to three times as fast as thinc's own, the BLIS library's,
        # which knows no AVX-512. It may use several threads: OMP_NUM_THREADS says how many.
        ops = NumpyOps(use_blis=False)
        for node in model.walk():
            node.ops = ops
    return model


def _forward(
    model: Model[list[Doc], Scores], docs: list[Doc], is_train: bool
) -> tuple[Scores, Callable[[Scores], list[Doc]]]:
    outputs = [member(docs, is_train) for member in model.layers]
    tags = model.ops.xp.stack([output for output, _ in outputs])

    def backprop(gradient: Scores) -> list[Doc]:
        model.inc_grad("transitions", gradient.transitions)
        for (_, backward), d_tags in zip(outputs, gradient.tags, strict=True):
            backward(d_tags)
        return docs

    return Scores(tags, cast(Floats3d, model.get_param("transitions"))), backprop


def _initialize(
    model: Model[list[Doc], Scores], X: list[Doc] | None = None, Y: Scores | None = None
) -> None:
    n_tags = model.get_dim("nO")
    for member in model.layers:
        member.layers[-1].set_dim("nO", n_tags)
        member.initialize(X=X)
    model.set_param("transitions", model.ops.alloc3f(len(model.layers), n_tags, n_tags))
