"""Speed and memory of `text.convert` and `text.annotate`, on one core.

Run from the project's folder: `python -m benchmarks.speed.records MODEL SOURCE`, MODEL being a
trained pipeline and SOURCE annotated records, as `text.convert` reads them. Rates are characters by
CPU-second, the best of three runs; memory is the peak of a process of its own.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import spacy
from rich.console import Console
from rich.table import Table
from spacy.tokens import DocBin

from text.annotation.annotate import annotate
from text.convert import convert
from text.corpus.annotated import MarkedRecord
from text.corpus.formats.registry import WRITERS
from text.corpus.sources import read_source

CONVERTED = 500_000  # characters
ANNOTATED = 50_000
RECORDS = (10_000, 100_000)  # of which the memory is measured
SHORT = 40  # characters of a record of those


def main() -> None:
    if len(sys.argv) != 3:
        sys.exit("python -m benchmarks.speed.records MODEL SOURCE")
    model, source = sys.argv[1], Path(sys.argv[2])
    notes = [note for part in read_source(source).parts.values() for note in part]
    say = Console(highlight=False, soft_wrap=True).print
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        say(rates_of_conversion(notes, folder))
        say(rates_of_annotation(model, notes, folder))
        say(memory(notes, folder))


def rates_of_conversion(notes: list[MarkedRecord], folder: Path) -> Table:
    table = Table("convert", "characters/CPU-second")
    many = repeated(notes, CONVERTED)
    characters = sum(len(note.text) for note in many)
    some = many[: len(notes) // 5]
    rate = sum(len(note.text) for note in some) / best(lambda: by_spacy(some))
    table.add_row("documents by spaCy's make_doc, char_span and DocBin.add", f"{rate:,.0f}")
    tag_file = folder / "tags.bio"
    write_tags(many, tag_file)
    paths = {"one tag file": tag_file}
    for name, writer_class in WRITERS.items():
        out = folder / f"as-{name}"
        out.mkdir()
        writer = writer_class(out, sorted({s.label for note in notes for s in note.entities}))
        for note in many:
            writer.add(note)
        writer.close()
        paths[name] = {
            "doccano": out / "doccano.jsonl",
            "label-studio": out / "label_studio.json",
        }.get(name, out / name)
    for name, path in paths.items():
        rate = characters / best(lambda path=path: convert(path, folder / "corpus"))  # type: ignore[misc]
        table.add_row(f"{name}, {len(many):,} records", f"{rate:,.0f}")
    return table


def rates_of_annotation(model: str, notes: list[MarkedRecord], folder: Path) -> Table:
    table = Table("annotate", "characters/CPU-second")
    some = repeated(notes, ANNOTATED)
    write_records(some, folder / "records")
    characters = sum(len(note.text) for note in some)
    nlp = spacy.load(model)
    rate = characters / best(lambda: list(nlp.pipe(note.text for note in some)))
    table.add_row("nlp.pipe alone", f"{rate:,.0f}")
    for pages in (True, False):
        seconds = best(
            lambda pages=pages: annotate(  # type: ignore[misc]
                model, [folder / "records"], folder / "out", pages=pages
            )
        )
        loading = best(lambda: spacy.load(model))
        rate = characters / (seconds - loading)
        table.add_row(f"annotate, {'with' if pages else 'without'} pages", f"{rate:,.0f}")
    return table


def memory(notes: list[MarkedRecord], folder: Path) -> Table:
    """Return the peak memory of few and of many records, by a pipeline that only finds sections."""
    table = Table("peak MB", *(f"{count:,} records" for count in RECORDS))
    nlp = spacy.blank("zh")
    nlp.add_pipe("hich_sections")
    nlp.to_disk(folder / "sections")
    short = [
        MarkedRecord(n.id, n.text[:SHORT], [s for s in n.entities if s.end <= SHORT]) for n in notes
    ]
    peaks: dict[str, list[str]] = {"convert, a tag file": [], "convert, doccano": []}
    peaks["annotate, no pages"] = []
    for count in RECORDS:
        many = [short[index % len(short)] for index in range(count)]
        write_tags(many, folder / "many.bio")
        out = folder / f"many-{count}"
        out.mkdir()
        writer = WRITERS["doccano"](out, ())
        for note in many:
            writer.add(note)
        writer.close()
        write_records(many, out / "records")
        corpus = str(folder / "corpus")
        lines = {
            "convert, a tag file": ["text.convert", str(folder / "many.bio"), corpus],
            "convert, doccano": ["text.convert", str(out / "doccano.jsonl"), corpus],
            "annotate, no pages": [
                *("text.annotate", str(folder / "sections"), str(out / "records")),
                *("--output", str(folder / "annotated"), "--no-pages"),
            ],
        }
        for name, line in lines.items():
            peaks[name].append(f"{peak(line):,.0f}")
    for name, values in peaks.items():
        table.add_row(name, *values)
    return table


def repeated(notes: list[MarkedRecord], characters: int) -> list[MarkedRecord]:
    """Return the notes over and over, until they have so many characters."""
    many = notes * -(-characters // sum(len(note.text) for note in notes))
    return [MarkedRecord(f"p{number}", n.text, n.entities) for number, n in enumerate(many)]


def by_spacy(notes: list[MarkedRecord]) -> None:
    nlp = spacy.blank("zh")
    docs = DocBin(attrs=["ENT_IOB", "ENT_TYPE"], store_user_data=True)
    for note in notes:
        doc = nlp.make_doc(note.text)
        spans = [doc.char_span(start, end, label=label) for start, end, label in note.entities]
        doc.ents = [span for span in spans if span is not None]
        docs.add(doc)
    docs.to_bytes()


def write_tags(notes: list[MarkedRecord], path: Path) -> None:
    from cohort.tags.scheme import bioes

    with path.open("w", encoding="utf-8") as file:
        for note in notes:
            pairs = zip(note.text, bioes(note.entities, len(note.text)), strict=True)
            file.write("".join(f"{c} {tag}\n" for c, tag in pairs if c not in "\r\n") + "\n")


def write_records(notes: list[MarkedRecord], folder: Path) -> None:
    folder.mkdir()
    for number, note in enumerate(notes):
        (folder / f"p{number}.txt").write_text(note.text, encoding="utf-8")


def best(work: Callable[[], object], repeats: int = 3) -> float:
    """Return the CPU-seconds of the quickest run."""
    seconds = []
    for _ in range(repeats):
        start = time.process_time()
        work()
        seconds.append(time.process_time() - start)
    return min(seconds)


def peak(line: list[str]) -> float:
    """Return the most memory, in MB, that the module and arguments `line` ever took (on Linux)."""
    run = (
        "import runpy, sys; sys.argv = sys.argv[1:]\n"
        "try: runpy.run_module(sys.argv[0], run_name='__main__')\n"
        "finally: print(open('/proc/self/status').read(), file=sys.__stderr__)"
    )
    result = subprocess.run([sys.executable, "-c", run, *line], capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    (high_water,) = re.findall(r"VmHWM:\s+(\d+) kB", result.stderr)
    return int(high_water) / 1024


if __name__ == "__main__":
    main()
