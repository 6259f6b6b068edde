"""A network that reads windows and then the whole text, registered as `hich.WindowQrnnEncoder.v1`.

Windows see a few characters to either side. How an annotator cuts entities, and what a record is
about, stands further away. Quasi-recurrent units (Bradbury et al. 2017, arXiv 1611.01576) carry
it along in both directions: all their gates are computed at once, as in a convolution, and only
one product and one sum a character are left to do one after the other. So they are many times
faster on a CPU than an LSTM.
"""

# Without `from __future__ import annotations`: spaCy checks the configuration by the types.
from collections.abc import Callable
from typing import Any

from spacy.ml.models.tok2vec import MaxoutWindowEncoder
from spacy.util import registry
from thinc.api import (
    Maxout,
    Model,
    chain,
    glorot_uniform_init,
    with_array,
)
from thinc.types import Floats2d

# `spacy package --code` imports each file by its path, outside any package.
__package__ = __package__ or "text"

from .crf import Packing

FORGET_BIAS = 2.0
"""At the start a unit keeps sigmoid(2) = 88 % of what it holds from one character to the next."""


@registry.architectures("hich.WindowQrnnEncoder.v1")
def window_qrnn_encoder(
    width: int, depth: int, window_size: int, maxout_pieces: int, hidden_width: int
) -> Model[list[Floats2d], list[Floats2d]]:
    """Encode each character by its window, then by all of the text before and after it.

    Parameters
    ----------
    width
        Width of the input and the output.
    depth, window_size, maxout_pieces
        As for spaCy's `MaxoutWindowEncoder`, which comes first.
    hidden_width
        How many quasi-recurrent units read in each direction.
    """
    both = width + 2 * hidden_width
    return chain(
        MaxoutWindowEncoder(width, window_size, maxout_pieces, depth),
        beside_qrnn(width, hidden_width),
        with_array(Maxout(width, both, nP=maxout_pieces, normalize=True, dropout=0.0)),
    )


def beside_qrnn(width: int, hidden_width: int) -> Model[list[Floats2d], list[Floats2d]]:
    """Put quasi-recurrent units that read in both directions beside what they read.

    Parameters
    ----------
    width
        Width of the input; that of the output is `width + 2 * hidden_width`.
    hidden_width
        How many units read in each direction.
    """
    return Model(
        "beside_qrnn",
        _forward,
        init=_initialize,
        dims={"nI": width, "nH": 2 * hidden_width, "nO": width + 2 * hidden_width},
        params={"W": None, "b": None},
    )


def _initialize(model: Model[Any, Any], X: Any = None, Y: Any = None) -> None:
    n_hidden, n_in = model.get_dim("nH"), model.get_dim("nI")
    model.set_param("W", glorot_uniform_init(model.ops, (3 * n_hidden, n_in)))
    bias: Any = model.ops.alloc1f(3 * n_hidden)
    bias[n_hidden : 2 * n_hidden] = FORGET_BIAS
    model.set_param("b", bias)


def _forward(
    model: Model[list[Floats2d], list[Floats2d]], inputs: list[Floats2d], is_train: bool
) -> tuple[list[Floats2d], Callable[[list[Floats2d]], list[Floats2d]]]:
    ops: Any = model.ops
    lengths = [len(array) for array in inputs]
    packing = Packing(lengths)
    flat = ops.flatten(inputs)
    weights: Any = model.get_param("W")
    # Of each character: what is new, how much of the old is kept, and how much is shown.
    gates = ops.gemm(flat, weights, trans2=True) + model.get_param("b")
    new, keep, show = ops.xp.split(_packed(ops, gates, packing, 3), 3, axis=1)
    new, keep, show = ops.xp.tanh(new), ops.sigmoid(keep), ops.sigmoid(show)
    held = (1 - keep) * new
    before = 0
    for start, end in packing.steps[1:]:
        held[start:end] += keep[start:end] * held[before : before + end - start]
        before = start
    output = ops.xp.concatenate([flat, _unpacked(ops, show * held, packing, 1)], axis=1)

    def backprop(d_outputs: list[Floats2d]) -> list[Floats2d]:
        d_flat, d_units = ops.xp.split(ops.flatten(d_outputs), [flat.shape[1]], axis=1)
        d_units = _packed(ops, d_units, packing, 1)
        d_show = d_units * held
        d_held = d_units * show
        for (before, _), (start, end) in zip(
            packing.steps[-2::-1], packing.steps[:0:-1], strict=True
        ):
            d_held[before : before + end - start] += keep[start:end] * d_held[start:end]
        d_keep = -d_held * new
        d_keep[~packing.first] += d_held[~packing.first] * held[packing.before]
        d_packed = ops.xp.concatenate(
            [
                d_held * (1 - keep) * (1 - new**2),
                d_keep * keep * (1 - keep),
                d_show * show * (1 - show),
            ],
            axis=1,
        )
        d_gates = _unpacked(ops, d_packed, packing, 3)
        model.inc_grad("W", ops.gemm(d_gates, flat, trans1=True))
        model.inc_grad("b", d_gates.sum(axis=0))
        return ops.unflatten(d_flat + ops.gemm(d_gates, weights), lengths)

    return ops.unflatten(output, lengths), backprop


def _packed(ops: Any, flat: Any, packing: Packing, parts: int) -> Any:
    """Pack an array of `parts` parts, in each the forward units first, then the backward ones."""
    split = ops.xp.split(flat, 2 * parts, axis=1)
    rows = (packing.rows, packing.mirrored)
    return ops.xp.concatenate([part[rows[i % 2]] for i, part in enumerate(split)], axis=1)


def _unpacked(ops: Any, packed: Any, packing: Packing, parts: int) -> Any:
    """Undo `_packed`."""
    flat = ops.xp.empty_like(packed)
    width = packed.shape[1] // (2 * parts)
    for i in range(2 * parts):
        rows = (packing.rows, packing.mirrored)[i % 2]
        flat[rows, i * width : (i + 1) * width] = packed[:, i * width : (i + 1) * width]
    return flat
