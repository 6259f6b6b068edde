from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
import spacy
from thinc.api import fix_random_seed

from text.components.ner.char_grams import ATTRIBUTES, char_gram_embed, gram_keys

GRAMS = [[0], [-1, 0], [0, 1], [-1, 0, 1]]
NLP = spacy.blank("zh")


def keys(text: str) -> np.ndarray:
    return gram_keys(NLP.make_doc(text).to_array(ATTRIBUTES), GRAMS)


def test_a_key_is_the_same_where_the_gram_is_the_same_and_nowhere_else() -> None:
    text = "头痛，头晕，头痛"
    found = keys(text)
    padded = f"^{text}$"
    grams = [
        (padded[i], padded[i - 1 : i + 1], padded[i : i + 2], padded[i - 1 : i + 2])
        for i in range(1, len(text) + 1)
    ]
    for i in range(len(text)):
        for j in range(len(text)):
            for column in range(len(GRAMS)):
                same = grams[i][column].replace("^", "$") == grams[j][column].replace("^", "$")
                assert (found[i, column + 1] == found[j, column + 1]) == same, (i, j, column)


def test_digits_look_alike_in_grams_but_not_alone() -> None:
    a, b = keys("体温36.5度"), keys("体温37.1度")
    assert (a[:, 1:] == b[:, 1:]).all()
    assert (a[:, 0] == b[:, 0]).tolist() == [True, True, True, False, True, False, True]


def test_grams_of_the_same_characters_in_another_order_differ() -> None:
    assert keys("左右")[1, 2] != keys("右左")[1, 2]
    assert len({*keys("左")[0, 1:].tolist()}) == len(GRAMS)


def test_a_space_between_characters_is_seen() -> None:
    assert keys("头 痛")[0, 3] != keys("头痛")[0, 3]


def test_upper_case_and_lower_case_are_one() -> None:
    assert (keys("CT") == keys("ct")).all()


def test_full_width_and_half_width_are_one() -> None:
    assert (keys("ＢＰ：１８０／９５ｍｍＨｇ（左）") == keys("BP:180/95mmHg(左)")).all()
    assert (keys("。") != keys(".")).any()


def test_texts_do_not_see_each_other() -> None:
    fix_random_seed(0)
    embed = char_gram_embed(8, GRAMS, [50, 60, 60, 60], gram_width=4, dropout=0.5)
    docs = [NLP.make_doc(text) for text in ("头痛", "", "右侧肢体无力", "晕")]
    embed.initialize(X=docs)
    together = embed.predict(docs)
    assert [array.shape for array in together] == [(2, 8), (0, 8), (6, 8), (1, 8)]
    for doc, array in zip(docs, together, strict=True):
        np.testing.assert_allclose(embed.predict([doc])[0], array, atol=1e-6)


def test_dropout_is_for_training_only() -> None:
    fix_random_seed(0)
    embed = char_gram_embed(8, GRAMS, [50, 60, 60, 60], gram_width=4, dropout=0.5)
    docs = [NLP.make_doc("右侧肢体无力")]
    embed.initialize(X=docs)
    first, second = embed.predict(docs)[0], embed.predict(docs)[0]
    assert (first == second).all()
    trained = [embed(docs, is_train=True)[0][0] for _ in range(2)]
    assert all((a != b).any() for a, b in pairwise([first, *trained]))


def test_each_gram_has_its_own_rows() -> None:
    with pytest.raises(ValueError, match="4 grams want as many rows, not 1"):
        char_gram_embed(8, GRAMS, [50], gram_width=4, dropout=0.0)
