from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
import spacy
from spacy.tokens import Doc, DocBin
from spacy.training import Example

from cohort.base.errors import DataError, UsageError
from cohort.schema.case import Case
from cohort.schema.manifest import Cohort
from cohort.tags.scheme import Span
from text.convert import convert, main
from text.corpus.annotated import MarkedRecord
from text.corpus.docbin import corpus_file
from text.corpus.docs import LONGEST, TRAINABLE, Repairs, pieces


def read(path: Path) -> list[Doc]:
    return list(DocBin().from_disk(path).get_docs(spacy.blank("zh").vocab))


def entities(doc: Doc) -> list[tuple[str, str]]:
    return [(entity.text, entity.label_) for entity in doc.ents]


def tag_lines(text: str, tag: str = "O") -> str:
    return "".join(f"{character} {tag}\n" for character in text)


def docs_of(
    text: str, *spans: tuple[int, int, str], max_length: int = 0, repairs: Repairs | None = None
) -> list[Doc]:
    note = MarkedRecord("p1", text, [Span(*span) for span in spans])
    with tempfile.TemporaryDirectory() as folder:
        with corpus_file(Path(folder) / "p1.spacy") as writer:
            for start, piece, entities in pieces(note, repairs or Repairs(), max_length):
                writer.add(piece, entities, {"start": start})
        return read(Path(folder) / "p1.spacy")


def test_a_cohort_becomes_its_split(cohort: Path, make_split, tmp_path: Path) -> None:
    split = make_split(p1="train", p2="train", p3="val", p4="test")
    result = convert(cohort, tmp_path / "out", split=split)
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        *("test.spacy", "train.spacy", "val.spacy"),
    ]
    train = read(tmp_path / "out" / "train.spacy")
    assert [doc.user_data["case"] for doc in train] == ["p1", "p2"]
    assert train[0].text.startswith("男，76岁。\n主诉：")
    assert entities(train[0]) == [("右侧肢体无力", "SYMPTOM"), ("左侧基底节区出血", "SITE")]
    assert [doc.user_data["case"] for doc in read(tmp_path / "out" / "test.spacy")] == ["p4"]
    assert result.parts["train"].entities == {"SYMPTOM": 2, "SITE": 2}
    assert result.parts["train"].characters == sum(len(doc.text) for doc in train)


def test_cases_without_tags_or_record_or_part_are_counted(
    make_cohort, make_split, tmp_path: Path
) -> None:
    (tmp_path / "cohort" / "records").mkdir(parents=True)
    for name in ("scan.nii.gz", "bare.txt"):
        (tmp_path / "cohort" / "records" / name).write_text("x")
    (tmp_path / "cohort" / "records").rename(tmp_path / "more")
    more = (Case("scan", image="more/scan.nii.gz"), Case("bare", record="more/bare.txt"))
    folder = make_cohort_with(make_cohort, more, tmp_path)
    split = make_split(p1="train", p2="val", p3="test", scan="train", bare="test")
    result = convert(folder, tmp_path / "out", split=split)
    assert result.source.left_out == {
        "has no record": ["scan"],
        "has a record without tags": ["bare"],
        "is not in the split": ["p4"],
    }


def make_cohort_with(make_cohort, more: tuple[Case, ...], tmp_path: Path) -> Path:
    (tmp_path / "cohort").rmdir()
    folder = make_cohort(more=more)
    (tmp_path / "more").rename(folder / "more")
    return folder


def test_an_empty_part_is_an_error_that_names_it(cohort: Path, make_split, tmp_path: Path) -> None:
    split = make_split(p1="train", p2="train", p3="train", p4="test")
    with pytest.raises(DataError, match="the part 'val' has no tagged records"):
        convert(cohort, tmp_path / "out", split=split)
    assert not (tmp_path / "out").exists()


def test_the_split_of_another_cohort_is_refused(cohort: Path, make_split, tmp_path: Path) -> None:
    split = make_split("theirs", p1="train", p2="val", p3="test")
    with pytest.raises(DataError, match="splits the cohort 'theirs', not 'mine'"):
        convert(cohort, tmp_path / "out", split=split)


def test_all_bad_tag_files_of_a_cohort_are_listed(cohort: Path, tmp_path: Path) -> None:
    (cohort / "records" / "p1.bioes").write_text("男 O\n女 O\n", encoding="utf-8")
    (cohort / "records" / "p3.bioes").write_text("男 NN O\n", encoding="utf-8")
    with pytest.raises(DataError) as caught:
        convert(cohort, tmp_path / "out")
    first, second = caught.value.problems
    assert "p1.bioes, line 2: has '女' where the record has '，'" in first
    assert "p3.bioes, line 1: has 3 columns" in second
    assert not (tmp_path / "out").exists()


def test_a_cohort_without_tags_is_refused(tmp_path: Path) -> None:
    (tmp_path / "p1.txt").write_text("头痛", encoding="utf-8")
    Cohort(tmp_path, "mine", (Case("p1", record="p1.txt"),)).save()
    with pytest.raises(DataError, match="no case has a record with tags"):
        convert(tmp_path, tmp_path / "out")


def test_line_ends_of_a_windows_record_are_one_token(make_cohort, tmp_path: Path) -> None:
    folder = make_cohort({"p1": "头痛\r\n头痛。"})
    convert(folder, tmp_path / "out")
    (doc,) = read(tmp_path / "out" / "cohort.spacy")
    assert [token.text for token in doc] == ["头", "痛", "\n", "头", "痛", "。"]


def test_a_folder_with_parts_becomes_train_val_and_test(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.mkdir()
    (source / "train.txt").write_text("头 B-A\n痛 I-A\n\n右 O\n", encoding="utf-8")
    (source / "dev.bio").write_text("左 B-A\n", encoding="utf-8")
    (source / "test.tsv").write_bytes("侧\tB-A\r\n".encode("gb18030"))
    (source / "README.md").write_text("about")
    result = convert(source, tmp_path / "out")
    assert list(result.parts) == ["train", "val", "test"]
    train = read(tmp_path / "out" / "train.spacy")
    assert [(doc.text, entities(doc)) for doc in train] == [("头痛", [("头痛", "A")]), ("右", [])]
    assert [doc.user_data["case"] for doc in train] == ["train-1", "train-2"]
    assert set(result.source.kinds) == {
        ("BIO", "space", "UTF-8"),
        ("BIO", "tab", "GB18030"),
    }
    assert ["README.md"] in result.source.left_out.values()


def test_parts_can_be_folders_with_a_document_a_file(tmp_path: Path) -> None:
    for part in ("train", "val"):
        (tmp_path / "source" / part).mkdir(parents=True)
        for name in ("a", "b"):
            path = tmp_path / "source" / part / f"{name}.txt"
            path.write_text(tag_lines("头痛", "B-A"), encoding="utf-8")
    result = convert(tmp_path / "source", tmp_path / "out")
    assert [doc.user_data["case"] for doc in read(tmp_path / "out" / "train.spacy")] == ["a", "b"]
    assert result.source.left_out == {"has no file": ["the part 'test'"]}


def test_a_part_that_the_source_lacks_does_not_stay_from_before(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.mkdir()
    for part in ("train", "val", "test"):
        (source / f"{part}.txt").write_text(tag_lines("头痛", "B-A"), encoding="utf-8")
    convert(source, tmp_path / "out")
    (source / "test.txt").unlink()
    result = convert(source, tmp_path / "out")
    assert result.removed == [tmp_path / "out" / "test.spacy"]
    assert not (tmp_path / "out" / "test.spacy").exists()


def test_two_files_of_one_part_are_refused(tmp_path: Path) -> None:
    for name in ("val.txt", "dev.txt", "train.txt", "more.txt"):
        (tmp_path / name).write_text(tag_lines("头痛"), encoding="utf-8")
    with pytest.raises(DataError) as caught:
        convert(tmp_path, tmp_path / "out")
    first, second = caught.value.problems
    assert "dev.txt, val.txt are all the part 'val'" in first
    assert "beside its parts it holds more.txt" in second


@pytest.mark.parametrize(
    ("names", "parts"),
    [
        (("Train.txt", "validation.txt", "TEST.txt"), ["train", "val", "test"]),
        (("train.char.bmes", "dev.char.bmes", "test.char.bmes"), ["train", "val", "test"]),
        (("example.train", "example.dev", "example.test"), ["train", "val", "test"]),
        (("train", "dev"), ["train", "val"]),
        (("ward-train_2.txt", "ward-test_2.txt"), ["train", "test"]),
        (("Training.bio", "Valid.bio", "Testing.bio"), ["train", "val", "test"]),
        (("trainset.txt", "devset.txt", "testset.txt"), ["train", "val", "test"]),
        (("ner_TrainData.txt", "ner_ValData.txt"), ["train", "val"]),
        (("训练集.txt", "验证集.txt", "测试集.txt"), ["train", "val", "test"]),
        (("一院训练.txt", "一院测试.txt"), ["train", "test"]),
        # One word of a part alone makes none: it is the name of a record.
        (("p1-test.txt", "p2.txt"), ["source"]),
        (("development_1.txt", "development_2.txt"), ["source"]),
        (("testset.txt", "p2.txt"), ["source"]),
        (("训练.txt", "latest.txt"), ["source"]),
    ],
)
def test_files_are_parts_by_their_names(
    names: tuple[str, ...], parts: list[str], tmp_path: Path
) -> None:
    source = tmp_path / "source"
    source.mkdir()
    for name in names:
        (source / name).write_text(tag_lines("头痛", "B-A"), encoding="utf-8")
    assert list(convert(source, tmp_path / "out").parts) == parts


@pytest.mark.parametrize("names", [("train_set", "dev-set"), ("训练集", "验证集")])
def test_folders_are_parts_by_words_inside_of_their_names(
    names: tuple[str, ...], tmp_path: Path
) -> None:
    source = tmp_path / "source"
    for name in names:
        (source / name / "more").mkdir(parents=True)
        (source / name / "p1.txt").write_text(tag_lines("头痛", "B-A"), encoding="utf-8")
    result = convert(source, tmp_path / "out")
    assert list(result.parts) == ["train", "val"]
    assert result.source.left_out["is a folder"] == [f"{name}/more" for name in names]


def test_folders_that_are_not_read_are_named(tmp_path: Path) -> None:
    (tmp_path / "source" / "ward3").mkdir(parents=True)
    with pytest.raises(DataError, match=r"Folders in it \(ward3\) are read only if"):
        convert(tmp_path / "source", tmp_path / "out")


def test_files_that_are_perhaps_parts_are_not_mixed_into_one(tmp_path: Path) -> None:
    for name in ("ward_train.txt", "ward_test.txt", "ward_more.txt"):
        (tmp_path / name).write_text(tag_lines("头痛", "B-A"), encoding="utf-8")
    with pytest.raises(DataError, match=r"ward_test\.txt, ward_train\.txt look like parts"):
        convert(tmp_path, tmp_path / "out")


@pytest.mark.parametrize("part", ["train", "val", "test"])
def test_a_part_without_an_entity_is_refused(part: str, tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.mkdir()
    for name in ("train", "val", "test"):
        tag = "O" if name == part else "B-A"
        (source / f"{name}.txt").write_text(tag_lines("头痛", tag), encoding="utf-8")
    with pytest.raises(DataError, match=f"the part '{part}' has no entity in its 1 record"):
        convert(source, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_labels_that_training_never_has_are_named(command, tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.mkdir()
    (source / "train.txt").write_text("头 B-A\n左 B-C\n", encoding="utf-8")
    (source / "val.txt").write_text("右 B-A\n", encoding="utf-8")
    (source / "test.txt").write_text("痛 B-A\n力 B-B\n无 B-B\n呕 B-D\n", encoding="utf-8")
    result = convert(source, tmp_path / "out")
    assert result.unlearnt == {"test": {"B": 2, "D": 1}}
    said = command(main, source, tmp_path / "out").stdout
    assert "In test but never in train: B: 2, D: 1. No model learns" in said
    assert "recall in test is 25.0% at most" in said
    assert "In val" not in said


def test_answers_that_contradict_are_counted(command, tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.mkdir()
    rows = '{"text": "头痛", "label": [[0, 2, "A"]]}\n{"text": "无力", "label": []}\n'
    (source / "admin.jsonl").write_text(rows, encoding="utf-8")
    (source / "nurse.jsonl").write_text(rows.replace("A", "B"), encoding="utf-8")
    assert convert(source, tmp_path / "out").contradicting == {"source": 1}
    said = command(main, source, tmp_path / "out").stdout
    assert "Records of source that stand there again with other entities: 1." in said


def test_records_of_training_that_are_scored_too_are_counted(command, tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.mkdir()
    (source / "train.txt").write_text("头 B-A\n痛 O\n\n右 O\n", encoding="utf-8")
    (source / "val.txt").write_text("左 B-A\n", encoding="utf-8")
    (source / "test.txt").write_text("头 B-A\n痛 I-A\n\n无 O\n\n右 O\n", encoding="utf-8")
    assert convert(source, tmp_path / "out").seen == {"test": 2}
    said = command(main, source, tmp_path / "out").stdout
    assert "Records of test that stand in train too, word for word: 2." in said


def test_a_tag_file_without_a_blank_line_is_cut_in_every_part(
    command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert LONGEST == 1_000_000  # spaCy's own limit; a tenth of it shows the same
    monkeypatch.setattr("text.corpus.docs.LONGEST", 100_000)
    source = tmp_path / "source"
    source.mkdir()
    lines = tag_lines("头", "B-A") + tag_lines("痛。" + "平" * 17)
    for part, count in (("train", 3_000), ("val", 5_010), ("test", 5_000)):
        (source / f"{part}.txt").write_text(lines * count, encoding="utf-8")
    result = convert(source, tmp_path / "out")
    assert {name: (p.documents, p.characters) for name, p in result.parts.items()} == {
        **{"train": (2, 60_000), "val": (3, 100_200), "test": (1, 100_000)},
    }
    assert {name: len(part.repairs.cut) for name, part in result.parts.items()} == {
        **{"train": 1, "val": 1, "test": 0},
    }
    docs = read(tmp_path / "out" / "train.spacy")
    assert [len(doc.text) for doc in docs] == [49_983, 10_017]
    assert "".join(doc.text for doc in docs) == ("头痛。" + "平" * 17) * 3_000
    assert sum(len(doc.ents) for doc in docs) == 3_000
    said = command(main, source, tmp_path / "out").stdout
    assert "Cut in train, since longer than 50,000 characters: 1 record (train)." in said
    assert "Cut in val, since longer than 100,000 characters: 1 record (val)." in said
    assert "Cut in test" not in said


def test_a_sentence_that_spacy_cannot_take_is_cut_outside_of_its_entities() -> None:
    text, repairs = "平" * 120_000, Repairs()
    note = MarkedRecord("p1", text, [Span(49_990, 50_010, "A"), Span(99_999, 110_000, "A")])
    cut = list(pieces(note, repairs, longest=TRAINABLE))
    assert [(piece.start, len(piece.text)) for piece in cut] == [
        *((0, 50_010), (50_010, 59_990), (110_000, 10_000)),
    ]
    assert [piece.entities for piece in cut] == [
        *([Span(49_990, 50_010, "A")], [Span(49_989, 59_990, "A")], []),
    ]
    assert (repairs.cut, repairs.cut_sentences) == (["p1"], 1)
    commas = list(
        pieces(MarkedRecord("p1", ("平" * 9 + "，") * 6_000, []), repairs, longest=TRAINABLE)
    )
    assert [len(piece.text) for piece in commas] == [50_000, 10_000]


def test_an_entity_longer_than_any_document_is_refused(tmp_path: Path) -> None:
    (tmp_path / "p1.bio").write_text("头 B-A\n" + "痛 I-A\n" * LONGEST, encoding="utf-8")
    with pytest.raises(DataError, match="p1 has an entity of about 1,000,001 characters"):
        convert(tmp_path / "p1.bio", tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_long_record_that_may_be_trained_on_is_named(command, tmp_path: Path) -> None:
    (tmp_path / "p1.bio").write_text(tag_lines("平" * 60_000), encoding="utf-8")
    said = command(main, tmp_path / "p1.bio", tmp_path / "out").stdout
    assert "Documents of p1 with more than 50,000 characters: 1." in said
    assert "--max-length 50000" in said


def test_why_a_part_has_no_records_is_said(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"text": "头痛", "note": "x"}', encoding="utf-8")
    with pytest.raises(DataError, match=r"has no annotated records \(rows without annotations"):
        convert(tmp_path / "a.jsonl", tmp_path / "out")


def test_a_folder_without_parts_becomes_one_file_of_its_name(tmp_path: Path) -> None:
    source = tmp_path / "ward3"
    source.mkdir()
    (source / "a.txt").write_text(tag_lines("头痛"), encoding="utf-8")
    (source / "b.txt").write_text(tag_lines("无力"), encoding="utf-8")
    convert(source, tmp_path / "out")
    docs = read(tmp_path / "out" / "ward3.spacy")
    assert [(doc.user_data["case"], doc.text) for doc in docs] == [("a", "头痛"), ("b", "无力")]


def test_a_file_becomes_one_file_of_its_name(tmp_path: Path) -> None:
    (tmp_path / "notes.bmes").write_text("头 B-A\n痛 E-A\n，\n无 M-A\n力 O\n", encoding="utf-8")
    result = convert(tmp_path / "notes.bmes", tmp_path / "out")
    (doc,) = read(tmp_path / "out" / "notes.spacy")
    assert entities(doc) == [("头痛", "A"), ("无", "A")]
    assert result.source.untagged == {"notes": 1}
    assert result.source.repaired == {"notes": 1}


@pytest.mark.parametrize("make", [lambda p: p.mkdir(), lambda p: (p.mkdir(), (p / "x.md").touch())])
def test_a_folder_without_tag_files_is_refused(tmp_path: Path, make) -> None:
    make(tmp_path / "source")
    with pytest.raises(DataError, match="is empty|holds no tag files"):
        convert(tmp_path / "source", tmp_path / "out")


def test_what_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no such file or folder"):
        convert(tmp_path / "none", tmp_path / "out")


def test_a_split_needs_a_cohort(tmp_path: Path, make_split) -> None:
    (tmp_path / "a.txt").write_text(tag_lines("头痛"), encoding="utf-8")
    with pytest.raises(UsageError, match="is not a cohort"):
        convert(tmp_path / "a.txt", tmp_path / "out", split=make_split(p1="train"))


def test_all_files_are_written_or_none(tmp_path: Path, monkeypatch) -> None:
    source, out = tmp_path / "source", tmp_path / "out"
    source.mkdir()
    for part in ("train", "val"):
        (source / f"{part}.txt").write_text(tag_lines("头痛", "B-A"), encoding="utf-8")
    convert(source, out)
    before = {path.name: path.read_bytes() for path in out.iterdir()}
    (source / "train.txt").write_text(tag_lines("无力", "B-A"), encoding="utf-8")
    written = DocBin.to_disk

    def disk_full(docs: DocBin, path: Path) -> None:
        if "val" in path.parent.name:
            raise OSError(28, "No space left on device", str(path))
        written(docs, path)

    monkeypatch.setattr(DocBin, "to_disk", disk_full)
    with pytest.raises(OSError, match="No space left"):
        convert(source, out)
    assert {path.name: path.read_bytes() for path in out.iterdir()} == before


def test_the_same_records_give_the_same_bytes(cohort: Path, tmp_path: Path) -> None:
    convert(cohort, tmp_path / "a")
    convert(cohort, tmp_path / "b")
    name = "cohort.spacy"
    assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


def test_white_space_at_the_edges_of_an_entity_is_trimmed_and_counted() -> None:
    text = "见 左侧 \n出血  。"
    repairs = Repairs()
    (doc,) = docs_of(text, (1, 6, "SIDE"), (6, 10, "X"), repairs=repairs)
    assert entities(doc) == [("左侧", "SIDE"), ("出血", "X")]
    assert (repairs.trimmed, repairs.blank) == (2, 0)
    (doc,) = docs_of(text, (8, 10, "Y"), repairs=repairs)
    assert entities(doc) == []
    assert (repairs.trimmed, repairs.blank) == (2, 1)


@pytest.mark.parametrize("space", [" ", "\t", "\u3000", "\xa0", "\n", "\r\n", "\u2028", "  \n "])
def test_training_takes_entities_with_any_white_space(space: str) -> None:
    text = f"{space}头{space}痛{space}" * 60  # longer than the pieces that the oracle cuts
    step = len(text) // 60
    docs = docs_of(text, *((i * step, (i + 1) * step, "A") for i in range(60)))
    nlp = spacy.blank("zh")
    ner = nlp.add_pipe("ner")
    ner.add_label("A")
    nlp.initialize()
    nlp.update([Example(nlp.make_doc(doc.text), doc) for doc in docs])
    assert len(docs[0].ents) == 60
    assert not any(entity.text[0].isspace() or entity.text[-1].isspace() for entity in docs[0].ents)


def test_an_entity_goes_on_over_a_line_break_of_its_record(make_cohort, tmp_path: Path) -> None:
    folder = make_cohort({"p1": "头痛"})
    (folder / "records" / "p1.txt").write_text("头\n痛", encoding="utf-8")
    convert(folder, tmp_path / "out")
    (doc,) = read(tmp_path / "out" / "cohort.spacy")
    assert entities(doc) == [("头\n痛", "SYMPTOM")]


def test_long_records_are_cut_at_sentence_ends() -> None:
    text = "头痛。无力！ 呕吐；\n言语不清，一侧肢体麻木。好转"
    docs = docs_of(text, (0, 2, "A"), (11, 15, "A"), max_length=8)
    assert [doc.text for doc in docs] == [
        *("头痛。无力！ ", "呕吐；\n", "言语不清，一侧肢体麻木。", "好转"),
    ]
    assert [entities(doc) for doc in docs] == [[("头痛", "A")], [], [("言语不清", "A")], []]
    assert [doc.user_data["start"] for doc in docs] == [0, 7, 11, 23]


def test_no_entity_is_cut() -> None:
    docs = docs_of("头痛。无力。呕吐。", (1, 5, "A"), max_length=3)
    assert [doc.text for doc in docs] == ["头痛。无力。", "呕吐。"]
    assert entities(docs[0]) == [("痛。无力", "A")]


def test_only_training_records_are_cut(cohort: Path, make_split, tmp_path: Path) -> None:
    split = make_split(p1="train", p2="val", p3="test")
    result = convert(cohort, tmp_path / "out", split=split, max_length=12)
    assert {name: part.documents for name, part in result.parts.items()} == {
        **{"train": 3, "val": 1, "test": 1},
    }
    assert result.parts["train"].records == 1
    assert result.parts["train"].repairs.too_long == 2


def test_hich_it_example(shared_data: Path, tmp_path: Path) -> None:
    folder = shared_data / "hich-it-mini" / "Datasets" / "Text"
    result = convert(folder, tmp_path / "out")
    (doc,) = read(tmp_path / "out" / "Text.spacy")
    assert len(doc.text) == 561
    assert doc.ents[0].text == "76岁女性"
    assert len(doc.ents) == 12
    assert result.source.untagged == {"Text": 1}
