"""The page of a pipeline's errors: plain HTML that stands alone and shows text as text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from markupsafe import Markup

from cohort.base.html.page import render
from cohort.base.learning_curve import PICTURE
from cohort.tags.scheme import Span
from text.scores.alignment import (
    BOUNDARY,
    BOUNDARY_AND_LABEL,
    CORRECT,
    KINDS,
    LABEL,
    MISSED,
    SPURIOUS,
)
from text.scores.charts import CONFUSION, SCORES, confusion_array
from text.scores.error_groups import CONTEXT, Error, Group

if TYPE_CHECKING:
    from text.errors import Errors
    from text.scores.scores import EntityScore, Tally

EXAMPLES = 3
"""Examples of a group that are shown."""

_KINDS = {
    BOUNDARY: "other boundaries",
    LABEL: "other label",
    BOUNDARY_AND_LABEL: "other boundaries and label",
    MISSED: "missed",
    SPURIOUS: "spurious",
}


def error_page(
    result: Errors, model: str, corpus: Path, *, top: int, numbered: Mapping[str, str]
) -> str:
    """Return the page.

    Parameters
    ----------
    result
        What was counted.
    model, corpus
        Where it comes from, as given.
    top
        How many groups of errors to show.
    numbered
        Label to its number in the pictures, for labels that could not be written there.
    """
    sections = ["scores", "errors", "confusion", *(["training"] if result.log else [])]
    links = " · ".join(f'<a href="#{name}">{name.capitalize()}</a>' for name in sections)
    parts = [
        f"<h1>Errors of {escape(model)}</h1>",
        f"<nav>{links}</nav>",
        f"<p>{result.documents:,} documents of {escape(str(corpus))}; an entity is correct if span "
        "and label are exact."
        + (f" Left out, not annotated: {result.unannotated:,}." * bool(result.unannotated))
        + "</p>",
        *_scores(result, numbered),
        *_errors(result.groups, top),
        *_confusion(result.tally),
    ]
    if result.log:
        what = "Training loss and validation scores over the batches of the training"
        parts += ['<h2 id="training">Training</h2>', _figure(PICTURE, what)]
    return render(
        package="text.scores",
        lang="en",
        styles=("errors.css",),
        # Its pictures lie beside it; a cell of the confusion says in its style how dark it is.
        policy={"img-src": "'self' data:", "style-src": "'unsafe-inline'"},
        title=f"Errors of {model}",
        body=Markup("\n".join(parts)),
    )


def _scores(result: Errors, numbered: Mapping[str, str]) -> Iterator[str]:
    tally = result.tally
    names = ("precision", "recall", "F1", "annotated", "found", "correct")
    yield '<h2 id="scores">Scores by label, the lowest first</h2>'
    if result.unlearnt:
        yield f"<p><strong>{escape(result.unlearnt_note)}</strong></p>"
    yield '<div class="wide"><table>'
    head = '<th scope="col">in pictures</th>' if numbered else ""
    cells = "".join(f'<th scope="col">{name}</th>' for name in names)
    yield f'<tr><th scope="col">label</th>{head}{cells}</tr>'
    for label in tally.worst_first():
        number = f"<td>{numbered[label]}</td>" if numbered else ""
        row = _score_cells(tally.labels[label])
        yield f'<tr><th scope="row" lang="zh">{escape(label)}</th>{number}{row}</tr>'
    number = "<td></td>" if numbered else ""
    yield f'<tr class="all"><th scope="row">all</th>{number}{_score_cells(tally.all)}</tr>'
    if result.unlearnt and result.learnt.gold:
        row = _score_cells(result.learnt)
        yield f'<tr class="all"><th scope="row">all that were learnt</th>{number}{row}</tr>'
    yield "</table></div>"
    yield _figure(SCORES, "Precision, recall and F1 of each label as bars, as in the table")


def _score_cells(score: EntityScore) -> str:
    shares = ("–" if x is None else f"{x:.3f}" for x in (score.precision, score.recall, score.f1))
    counts = (f"{n:,}" for n in (score.gold, score.predicted, score.correct))
    return "".join(f"<td>{cell}</td>" for cell in (*shares, *counts))


def _confusion(tally: Tally) -> Iterator[str]:
    labels = tally.worst_first()
    counts = confusion_array(tally, labels)
    yield '<h2 id="confusion">Confusion</h2>'
    yield (
        '<p class="soft">Rows: annotated label; columns: what was predicted in its place. On the '
        "diagonal are the correct ones; those of the right label with other boundaries have a "
        "column of their own. An annotated and a predicted entity answer to each other if they "
        "share a character; the pair that shares most goes first. The darker, the larger the "
        "share of its row.</p>"
    )
    columns = "".join(
        f'<th scope="col" lang="zh">{escape(name)}</th>'
        for name in (*labels, _KINDS[BOUNDARY], _KINDS[MISSED])
    )
    yield f'<div class="wide"><table class="matrix"><thead><tr><th></th>{columns}</tr></thead>'
    for name, row in zip(labels, counts[:-1].tolist(), strict=True):
        cells = "".join(_count_cell(n, n / sum(row) if n else 0.0) for n in row)
        yield f'<tr><th scope="row" lang="zh">{escape(name)}</th>{cells}</tr>'
    cells = "".join(_count_cell(n, 0.0) for n in counts[-1].tolist())
    yield f'<tr class="all"><th scope="row">{_KINDS[SPURIOUS]}</th>{cells}</tr>'
    yield "</table></div>"
    yield _figure(CONFUSION, "The same matrix as a picture")


def _count_cell(count: int, share: float) -> str:
    style = f' style="--share: {share:.2f}"' if share else ""
    return f"<td{style}>{count or ''}</td>"


def _errors(groups: Sequence[Group], top: int) -> Iterator[str]:
    number = sum(len(group.errors) for group in groups)
    shown = groups[:top]
    covered = sum(len(group.errors) for group in shown)
    kinds = {kind: 0 for kind in KINDS if kind != CORRECT}
    for group in groups:
        kinds[group.key.kind] += len(group.errors)
    yield '<h2 id="errors">Most frequent errors</h2>'
    counted = "; ".join(f"{_KINDS[kind]} {count:,}" for kind, count in kinds.items())
    yield (
        f"<p>{number:,} errors: {counted}. The {len(shown)} most frequent groups of like errors, "
        f"{covered:,} errors, are shown; <code>errors.csv</code> lists all.</p>"
    )
    yield "<ol>"
    for group in shown:
        yield f"<li><h3>{_title(group)}</h3>"
        yield f'<p class="soft">{_hint(group)}</p>'
        yield from map(_example, group.examples(EXAMPLES))
        yield "</li>"
    yield "</ol>"


def _title(group: Group) -> str:
    """Return the heading of a group: kind, labels, texts, count."""
    key = group.key
    labels = [label for label in (key.gold_label, key.predicted_label) if label]
    texts = [_quoted(text) for text in (key.gold_text, key.predicted_text) if text]
    # Said once where annotation and prediction agree.
    words = [" → ".join(dict.fromkeys(map(escape, labels))), " → ".join(dict.fromkeys(texts))]
    return (
        f'{_KINDS[key.kind]}: {words[0]} <span lang="zh">{words[1]}</span> '
        f'<span class="count">×{len(group.errors)}</span>'
    )


def _hint(group: Group) -> str:
    label, text = group.key.entity
    what = f'<span lang="zh">{_quoted(text)}</span> as {escape(label)}'
    if not group.annotated:
        return f"The corpus never annotates {what}."
    often = "once" if group.annotated == 1 else f"{group.annotated:,} times"
    return f"The corpus annotates {what} {often}; found exactly: {group.found:,}."


def _example(error: Error) -> str:
    pair, document = error.pair, error.document
    where = f"{escape(document.record)}, character {pair.start + document.offset:,}"
    rows = "".join(
        f'<div><dt>{name}</dt><dd lang="zh">{_marked(error, spans, focus, style)}</dd></div>'
        for name, spans, focus, style in (
            ("annotated", document.gold, pair.gold, "gold"),
            ("predicted", document.predicted, pair.predicted, "model"),
        )
    )
    return f'<div class="example"><p class="soft">{where}</p><dl>{rows}</dl></div>'


def _marked(error: Error, spans: Sequence[Span], focus: Span | None, style: str) -> str:
    """Return the text around an error with `spans` marked, those at its edges cut."""
    text = error.document.text
    low, high = max(error.pair.start - CONTEXT, 0), min(error.pair.end + CONTEXT, len(text))
    parts, last = ["…" if low else ""], low
    for span in spans:
        start, end = max(span.start, low), min(span.end, high)
        if start >= end:
            continue
        look = f"{style} focus" if span == focus else style
        label = f"<small>{escape(span.label)}</small>"
        parts.append(_shown(text[last:start]))
        parts.append(f'<mark class="{look}">{_shown(text[start:end])}{label}</mark>')
        last = end
    return "".join([*parts, _shown(text[last:high]), "…" if high < len(text) else ""])


def _figure(name: str, what: str) -> str:
    return f'<figure><img src="{name}" alt="{what}."></figure>'


def _quoted(text: str) -> str:
    return f"“{_shown(text)}”"


def _shown(text: str) -> str:
    """Return `text` escaped, with signs for what a browser would not show."""
    visible = "".join(_SIGNS.get(c, c if c.isprintable() or c == "\u3000" else "�") for c in text)
    return escape(visible)


_SIGNS = {"\n": "⏎", "\r": "", "\t": "⇥"}
