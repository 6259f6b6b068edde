"""The page of a pipeline's errors: plain HTML that stands alone and shows text as text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from markupsafe import Markup

from cohort.base.html.page import render
from text.scores.alignment import (
    BOUNDARY,
    BOUNDARY_AND_LABEL,
    CORRECT,
    KINDS,
    LABEL,
    MISSED,
    SPURIOUS,
)
from text.scores.charts import SHARES, score_bars, training_charts
from text.scores.error_examples import confusion_table, example, group_title, quoted
from text.scores.error_groups import Group

if TYPE_CHECKING:
    from text.errors import Errors
    from text.scores.scores import EntityScore, Tally
    from text.training.learning_curve import Step

ROWS = ("annotated", "predicted")
"""What the two rows of an example are called."""
EXAMPLES = 3
"""Examples of a group that are shown."""

_KINDS = {
    BOUNDARY: "other boundaries",
    LABEL: "other label",
    BOUNDARY_AND_LABEL: "other boundaries and label",
    MISSED: "missed",
    SPURIOUS: "spurious",
}


def error_page(result: Errors, model: str, corpus: Path, *, top: int, steps: Sequence[Step]) -> str:
    """Return the page.

    Parameters
    ----------
    result
        What was counted.
    model, corpus
        Where it comes from, as given.
    top
        How many groups of errors to show.
    steps
        The evaluations of the training, where there is a log of it.
    """
    sections = ["scores", "errors", "confusion", *(["training"] if steps else [])]
    links = " · ".join(f'<a href="#{name}">{name.capitalize()}</a>' for name in sections)
    parts = [
        f"<h1>Errors of {escape(model)}</h1>",
        f"<nav>{links}</nav>",
        f"<p>{result.documents:,} documents of {escape(str(corpus))}; an entity is correct if span "
        "and label are exact."
        + (f" Left out, not annotated: {result.unannotated:,}." * bool(result.unannotated))
        + "</p>",
        *_scores(result),
        *_errors(result.groups, top),
        *_confusion(result.tally),
    ]
    if steps:
        figures = "\n".join(chart.figure() for chart in training_charts(steps))
        parts.append(f'<h2 id="training">Training</h2>\n<div class="charts">{figures}</div>')
    return render(
        package="text.scores",
        lang="en",
        styles=("charts.css", "errors.css"),
        # A cell of the confusion says in its style how dark it is.
        policy={"style-src": "'unsafe-inline'"},
        title=f"Errors of {model}",
        body=Markup("\n".join(parts)),
    )


def _scores(result: Errors) -> Iterator[str]:
    tally = result.tally
    yield '<h2 id="scores">Scores by label, the lowest first</h2>'
    if result.unlearnt:
        yield f"<p><strong>{escape(result.unlearnt_note)}</strong></p>"
    yield '<div class="wide"><table>'
    # The names of the shares are the legend of the bars.
    shares = "".join(
        f'<th scope="col"><span class="key {name.lower()}">{name}</span></th>' for name in SHARES
    )
    counts = "".join(f'<th scope="col">{name}</th>' for name in ("annotated", "found", "correct"))
    yield f'<tr><th scope="col">label</th>{shares}<td class="bars"></td>{counts}</tr>'
    for label in tally.worst_first():
        yield _score_row(label, tally.labels[label], 'lang="zh"')
    yield _score_row("all", tally.all, "", "all")
    if result.unlearnt and result.learnt.gold:
        yield _score_row("all that were learnt", result.learnt, "", "all")
    yield "</table></div>"


def _score_row(name: str, score: EntityScore, language: str, style: str = "") -> str:
    shares = ("–" if x is None else f"{x:.3f}" for x in (score.precision, score.recall, score.f1))
    counts = (f"{n:,}" for n in (score.gold, score.predicted, score.correct))
    cells = (
        *(f"<td>{share}</td>" for share in shares),
        f'<td class="bars">{score_bars(name, score)}</td>',
        *(f"<td>{count}</td>" for count in counts),
    )
    begin = f'<tr class="{style}">' if style else "<tr>"
    head = " ".join(filter(None, ['scope="row"', language]))
    return f"{begin}<th {head}>{escape(name)}</th>{''.join(cells)}</tr>"


def _confusion(tally: Tally) -> Iterator[str]:
    yield '<h2 id="confusion">Confusion</h2>'
    yield (
        '<p class="soft">Rows: annotated label; columns: what was predicted in its place. On the '
        "diagonal are the correct ones; those of the right label with other boundaries have a "
        "column of their own. An annotated and a predicted entity answer to each other if they "
        "share a character; the pair that shares most goes first. The stronger the colour, the "
        "larger the share of its row.</p>"
    )
    yield from confusion_table(
        tally, boundary=_KINDS[BOUNDARY], missed=_KINDS[MISSED], spurious=_KINDS[SPURIOUS]
    )


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
        yield f"<li><h3>{group_title(group, _KINDS)}</h3>"
        yield f'<p class="soft">{_hint(group)}</p>'
        yield from (example(error, ROWS) for error in group.examples(EXAMPLES))
        yield "</li>"
    yield "</ol>"


def _hint(group: Group) -> str:
    label, text = group.key.entity
    what = f'<span lang="zh">{quoted(text)}</span> as {escape(label)}'
    if not group.annotated:
        return f"The corpus never annotates {what}."
    often = "once" if group.annotated == 1 else f"{group.annotated:,} times"
    return f"The corpus annotates {what} {often}; found exactly: {group.found:,}."
