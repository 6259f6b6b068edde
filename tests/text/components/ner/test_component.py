from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
import spacy
from spacy.language import Language
from spacy.tokens import Span
from spacy.training import Example
from thinc.api import fix_random_seed

from text.components.ner.crf_tagger import Scores

SENTENCES = [
    ("左侧丘脑出血，约8毫升。", [(0, 4, "SITE"), (8, 11, "VOLUME")]),
    ("右侧丘脑出血。", [(0, 4, "SITE")]),
    ("血肿约21毫升，位于左侧额叶。", [(3, 7, "VOLUME"), (10, 14, "SITE")]),
    ("未见出血。", []),
    ("额叶", [(0, 2, "SITE")]),
]


def small_config(members: int = 1) -> dict:
    embed = {
        "@architectures": "hich.CharGramEmbed.v1",
        **{"width": 16, "grams": [[0], [-1, 0], [0, 1]], "rows": [100, 200, 200]},
        **{"gram_width": 8, "dropout": 0.0},
    }
    encode = {
        "@architectures": "spacy.MaxoutWindowEncoder.v2",
        **{"width": 16, "depth": 2, "window_size": 1, "maxout_pieces": 2},
    }
    tok2vec = {"@architectures": "spacy.Tok2Vec.v2", "embed": embed, "encode": encode}
    return {
        "model": {"@architectures": "hich.CrfTagger.v1", "members": members, "tok2vec": tok2vec}
    }


def examples_of(nlp: Language) -> list[Example]:
    return [
        Example.from_dict(nlp.make_doc(text), {"entities": entities})
        for text, entities in SENTENCES
    ]


def start(members: int = 1) -> tuple[Language, list[Example]]:
    fix_random_seed(0)
    nlp = spacy.blank("zh")
    nlp.add_pipe("hich_ner", config=small_config(members))
    examples = examples_of(nlp)
    nlp.initialize(lambda: examples)
    return nlp, examples


def trained(members: int = 1, steps: int = 60) -> Language:
    nlp, examples = start(members)
    optimizer = nlp.create_optimizer()
    optimizer.learn_rate = 0.02
    for _ in range(steps):
        nlp.update(examples, sgd=optimizer, drop=0.1)
    return nlp


@pytest.fixture(scope="module")
def nlp() -> Language:
    return trained()


def entities(nlp: Language, text: str) -> list[tuple[int, int, str]]:
    return [(e.start_char, e.end_char, e.label_) for e in nlp(text).ents]


def test_it_learns_its_examples(nlp: Language) -> None:
    for text, expected in SENTENCES:
        assert entities(nlp, text) == expected
    scores = nlp.evaluate(examples_of(nlp))
    assert scores["ents_f"] == 1 and set(scores["ents_per_type"]) == {"SITE", "VOLUME"}


def test_members_learn_too_and_start_apart() -> None:
    nlp = trained(members=3)
    assert [entities(nlp, text) for text, _ in SENTENCES] == [e for _, e in SENTENCES]
    model = nlp.get_pipe("hich_ner").model
    tags = model.predict([nlp.make_doc("左侧丘脑出血")]).tags
    assert tags.shape == (3, 6, 9)
    assert not np.allclose(tags[0], tags[1])


@pytest.mark.parametrize("members", [1, 2])
def test_the_gradient_is_that_of_the_loss(members: int) -> None:
    nlp, examples = start(members)
    pipe = nlp.get_pipe("hich_ner")
    rng = np.random.default_rng(0)
    n = sum(len(example.predicted) for example in examples)
    scores = Scores(
        rng.normal(size=(members, n, 9)).astype("float64"),
        rng.normal(size=(members, 9, 9)).astype("float64"),
    )
    _, gradient = pipe.get_loss(examples, scores)
    for array, slope in (
        (scores.tags, gradient.tags),
        (scores.transitions, gradient.transitions),
    ):
        for _ in range(20):
            place = tuple(rng.integers(size) for size in array.shape)
            losses = []
            for step in (1e-4, -2e-4):
                array[place] += step
                losses.append(pipe.get_loss(examples, scores)[0])
            array[place] += 1e-4
            # The loss is the members' mean and the examples' sum, the gradient the other way.
            numeric = (losses[0] - losses[1]) / 2e-4 * members / len(examples)
            assert slope[place] == pytest.approx(numeric, abs=1e-5)


def test_tokens_of_which_nothing_is_known_teach_nothing() -> None:
    nlp, _ = start()
    pipe = nlp.get_pipe("hich_ner")
    example = examples_of(nlp)[1]
    example.reference.set_ents([], default="missing")
    scores, _ = pipe.model.begin_update([example.predicted])
    loss, gradient = pipe.get_loss([example], scores)
    assert loss == pytest.approx(0, abs=1e-6)
    assert not gradient.tags.any() and not gradient.transitions.any()


def test_empty_and_short_texts(nlp: Language) -> None:
    assert entities(nlp, "") == []
    assert len(nlp("痛").ents) <= 1
    docs = list(nlp.pipe(["", "痛", SENTENCES[0][0], "", " \n"]))
    assert [len(doc.ents) for doc in docs][2] == 2
    assert [doc.text for doc in docs] == ["", "痛", SENTENCES[0][0], "", " \n"]
    assert nlp.update([Example.from_dict(nlp.make_doc(""), {})]) == {"hich_ner": 0.0}


def test_a_batch_says_what_its_texts_say_alone(nlp: Language) -> None:
    texts = [text for text, _ in SENTENCES] * 3
    together = [[(e.start, e.end, e.label_) for e in d.ents] for d in nlp.pipe(texts)]
    assert together == [[(e.start, e.end, e.label_) for e in nlp(t).ents] for t in texts]


def test_long_texts_are_tagged_a_few_at_a_time(
    nlp: Language, monkeypatch: pytest.MonkeyPatch
) -> None:
    docs = [nlp.make_doc(text) for text, _ in SENTENCES]
    pipe = nlp.get_pipe("hich_ner")
    together = pipe.predict(docs)
    monkeypatch.setattr("text.components.ner.component.MOST_TOKENS", 20)
    batches = []
    tag = pipe._predict
    monkeypatch.setattr(pipe, "_predict", lambda some: batches.append(len(some)) or tag(some))
    assert pipe.predict(docs) == together
    assert batches == [2, 2, 1]


def test_entities_that_stand_already_are_kept(nlp: Language) -> None:
    doc = nlp.make_doc(SENTENCES[0][0])
    doc.ents = [Span(doc, 2, 6, label="FINDING")]
    doc = nlp.get_pipe("hich_ner")(doc)
    assert [(e.text, e.label_) for e in doc.ents] == [("丘脑出血", "FINDING"), ("8毫升", "VOLUME")]


@pytest.mark.parametrize("members", [1, 2])
def test_it_is_the_same_after_saving_and_loading(tmp_path: Path, members: int) -> None:
    nlp = trained(members, steps=20)
    nlp.to_disk(tmp_path / "model")
    again = spacy.load(tmp_path / "model")
    assert again.get_pipe("hich_ner").labels == ("SITE", "VOLUME")
    copy = spacy.blank("zh")
    copy.add_pipe("hich_ner", config=small_config(members))
    copy.from_bytes(nlp.to_bytes())
    doc = nlp.make_doc(SENTENCES[0][0])
    expected = nlp.get_pipe("hich_ner").model.predict([doc])
    for other in (again, copy):
        found = other.get_pipe("hich_ner").model.predict([other.make_doc(doc.text)])
        np.testing.assert_array_equal(found.tags, expected.tags)
        np.testing.assert_array_equal(found.transitions, expected.transitions)


def test_labels_are_those_of_the_model_that_was_loaded_last(nlp: Language) -> None:
    other = spacy.blank("zh")
    other.add_pipe("hich_ner", config=small_config())
    entities_of = {"entities": [(0, 4, "AGE"), (4, 5, "SEX")]}
    example = Example.from_dict(other.make_doc("七十六岁男"), entities_of)
    other.initialize(lambda: [example])
    other.from_bytes(nlp.to_bytes())
    text, expected = SENTENCES[0]
    assert entities(other, text) == expected


def test_averages_are_what_is_scored() -> None:
    # spaCy scores and saves the running averages of all weights, the transitions' among them.
    nlp, examples = start()
    pipe = nlp.get_pipe("hich_ner")
    optimizer = nlp.create_optimizer()
    optimizer.averages = {}
    for _ in range(10):
        nlp.update(examples, sgd=optimizer)
    last = pipe.model.get_param("transitions").copy()
    with nlp.use_params(optimizer.averages):
        averaged = pipe.model.get_param("transitions").copy()
    assert not np.allclose(last, averaged)
    np.testing.assert_array_equal(pipe.model.get_param("transitions"), last)


def test_labels_can_be_given_and_others_are_refused() -> None:
    nlp = spacy.blank("zh")
    pipe = nlp.add_pipe("hich_ner", config=small_config())
    examples = examples_of(nlp)
    pipe.initialize(lambda: examples, nlp=nlp, labels=["VOLUME", "AGE", "SITE"])
    assert pipe.labels == ("AGE", "SITE", "VOLUME")
    assert pipe.add_label("AGE") == 0
    with pytest.raises(ValueError, match="E922"):
        pipe.add_label("SEX")
    other = Example.from_dict(nlp.make_doc("男"), {"entities": [(0, 1, "SEX")]})
    with pytest.raises(ValueError, match="'SEX' was not among .*AGE, SITE, VOLUME"):
        nlp.update([other])


def test_it_learns_from_a_shared_tok2vec() -> None:
    fix_random_seed(0)
    nlp = spacy.blank("zh")
    tok2vec = small_config()["model"]["tok2vec"]
    nlp.add_pipe("tok2vec", config={"model": tok2vec})
    listener = {"@architectures": "spacy.Tok2VecListener.v1", "width": 16, "upstream": "*"}
    model = {"@architectures": "hich.CrfTagger.v1", "members": 1, "tok2vec": listener}
    nlp.add_pipe("hich_ner", config={"model": model})
    examples = examples_of(nlp)
    optimizer = nlp.initialize(lambda: examples)
    optimizer.learn_rate = 0.02
    for _ in range(60):
        nlp.update(examples, sgd=optimizer)
    assert [entities(nlp, text) for text, _ in SENTENCES] == [e for _, e in SENTENCES]
    with pytest.raises(ValueError, match="are all the same"):
        nlp.add_pipe("hich_ner", "more", config={"model": {**model, "members": 2}})


def test_a_record_of_200_000_characters_takes_little_memory(nlp: Language) -> None:
    resource = pytest.importorskip("resource")
    text = SENTENCES[0][0] * (200_000 // len(SENTENCES[0][0]))
    doc = nlp.make_doc(text)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    doc = nlp.get_pipe("hich_ner")(doc)
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert len(doc.ents) == 2 * (200_000 // len(SENTENCES[0][0]))
    assert after - before < 500_000 * (1024 if sys.platform == "darwin" else 1)  # KB, there bytes
