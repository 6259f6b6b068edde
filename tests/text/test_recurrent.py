from __future__ import annotations

import numpy as np
from thinc.api import fix_random_seed

from text.recurrent import beside_qrnn, window_qrnn_encoder

LENGTHS = (3, 0, 5, 1)
WIDTH, HIDDEN = 4, 3


def inputs(seed: int = 0, width: int = WIDTH) -> list[np.ndarray]:
    rng = np.random.default_rng(seed)
    return [rng.normal(size=(length, width)).astype("float32") for length in LENGTHS]


def units() -> tuple:
    fix_random_seed(0)
    model = beside_qrnn(WIDTH, HIDDEN)
    model.initialize()
    return model, model.get_param("W"), model.get_param("b")


def sigmoid(x: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-x))


def test_it_computes_the_units_of_the_paper_step_by_step() -> None:
    model, weights, bias = units()
    for sequence, found in zip(inputs(), model.predict(inputs()), strict=True):
        new, keep, show = np.split(sequence @ weights.T + bias, 3, axis=1)
        new, keep, show = np.tanh(new), sigmoid(keep), sigmoid(show)
        expected = np.zeros((len(sequence), 2 * HIDDEN))
        for columns, order in (
            (slice(0, HIDDEN), range(len(sequence))),
            (slice(HIDDEN, None), range(len(sequence) - 1, -1, -1)),
        ):
            held = np.zeros(HIDDEN)
            for t in order:
                held = keep[t, columns] * held + (1 - keep[t, columns]) * new[t, columns]
                expected[t, columns] = show[t, columns] * held
        np.testing.assert_array_equal(found[:, :WIDTH], sequence)
        np.testing.assert_allclose(found[:, WIDTH:], expected, atol=1e-6)


def test_its_gradients_are_those_of_its_output() -> None:
    model, weights, bias = units()
    arrays = inputs()
    outputs, backprop = model.begin_update(arrays)
    slopes = [np.random.default_rng(1).normal(size=out.shape).astype("float32") for out in outputs]

    def loss() -> float:
        return sum((out * d).sum() for out, d in zip(model.predict(arrays), slopes, strict=True))

    gradients = backprop([slope.copy() for slope in slopes])
    rng = np.random.default_rng(2)
    pairs = [*zip(arrays, gradients, strict=True)]
    pairs += [(weights, model.get_grad("W")), (bias, model.get_grad("b"))]
    for array, gradient in pairs:
        for _ in range(min(array.size, 12)):
            place = tuple(rng.integers(size) for size in array.shape)
            array[place] += 0.01
            above = loss()
            array[place] -= 0.02
            below = loss()
            array[place] += 0.01
            np.testing.assert_allclose(gradient[place], (above - below) / 0.02, atol=2e-3)


def test_the_encoder_sees_the_whole_text_and_nothing_of_others() -> None:
    fix_random_seed(0)
    model = window_qrnn_encoder(8, 1, 1, 2, 4)
    arrays = inputs(width=8)
    model.initialize(X=arrays, Y=arrays)
    together = model.predict(arrays)
    for array, found in zip(arrays, together, strict=True):
        np.testing.assert_allclose(model.predict([array])[0], found, atol=1e-5)
    changed = [array.copy() for array in arrays]
    changed[2][0] += 1
    assert (model.predict(changed)[2][-1] != together[2][-1]).any()
