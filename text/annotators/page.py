"""The page of what two annotators differ on: plain HTML that stands alone, text shown as text."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from typing import TYPE_CHECKING

from markupsafe import Markup

from cohort.base.html.bars import Bar, side_by_side
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
from text.scores.error_examples import confusion_table, example, group_title, quoted
from text.scores.error_groups import Group, group_errors

if TYPE_CHECKING:
    from text.agreement import Agreement
    from text.scores.kappa import Kappa
    from text.scores.scores import EntityScore

_EXAMPLES = 3


def agreement_page(result: Agreement, top: int) -> str:
    """Return the page; of like disagreements `top` groups are shown."""
    first, second = result.first.name, result.second.name
    links = " · ".join(
        f'<a href="#{name}">{name.capitalize()}</a>'
        for name in ("agreement", "disagreements", "confusion")
    )
    parts = [
        f"<h1>{escape(first)} and {escape(second)}</h1>",
        f"<nav>{links}</nav>",
        f"<p>{len(result.paired.documents):,} records that both annotated; they differ on "
        f"{result.tasks:,} of them. An entity is the same if span and label are exact.</p>",
        *(f"<p><strong>{escape(note)}</strong></p>" for note in result.notes),
        *_agreement(result),
        *_disagreements(result, top),
        *_confusion(result),
    ]
    return render(
        package="text.scores",
        lang="en",
        styles=("charts.css", "errors.css"),
        # A cell of the confusion says in its style how dark it is.
        policy={"style-src": "'unsafe-inline'"},
        title=f"{first} and {second}",
        body=Markup("\n".join(parts)),
    )


def _kinds(result: Agreement) -> dict[str, str]:
    return {
        BOUNDARY: "other boundaries",
        LABEL: "other label",
        BOUNDARY_AND_LABEL: "other boundaries and label",
        MISSED: f"only {result.first.name}",
        SPURIOUS: f"only {result.second.name}",
    }


def _agreement(result: Agreement) -> Iterator[str]:
    tally = result.tally
    yield '<h2 id="agreement">Agreement by label, the lowest first</h2>'
    yield '<div class="wide"><table>'
    head = '<span class="key f1">F1</span>', result.first.name, result.second.name, "both the same"
    cells = "".join(f'<th scope="col">{name}</th>' for name in (head[0], *map(escape, head[1:])))
    yield f'<tr><th scope="col">label</th>{cells}<td class="bars"></td></tr>'
    for label in tally.worst_first():
        yield _row(label, tally.labels[label], ' lang="zh"', "")
    yield _row("all", tally.all, "", ' class="all"')
    yield "</table></div>"
    yield '<div class="wide"><table>'
    names = ("Cohen’s kappa", "characters", "agree", "by chance")
    cells = "".join(f'<th scope="col">{name}</th>' for name in names)
    yield f'<tr><th scope="col">over</th>{cells}</tr>'
    yield _kappa_row("all characters", result.over_all)
    yield _kappa_row("those that either marks", result.over_marked)
    yield "</table></div>"
    yield (
        '<p class="soft">F1 is the same whichever of both is taken for the reference (Hripcsak and '
        "Rothschild 2005, doi:10.1197/jamia.M1733). Kappa (Cohen 1960, "
        "doi:10.1177/001316446002000104) is agreement on the label of each character beyond "
        "chance; most characters are nobody’s entity, which raises it, so that it stands without "
        "those as well, where it is harsh and may be negative. – : cannot be told, since chance "
        "alone explains all.</p>"
    )


def _row(name: str, score: EntityScore, language: str, style: str) -> str:
    counts = "".join(f"<td>{n:,}</td>" for n in (score.gold, score.predicted, score.correct))
    bars = side_by_side([Bar("f1", score.f1, f"F1 {score.f1:.3f}")], f"{name}: F1 {score.f1:.3f}")
    return (
        f'<tr{style}><th scope="row"{language}>{escape(name)}</th><td>{score.f1:.3f}</td>{counts}'
        f'<td class="bars">{bars}</td></tr>'
    )


def _kappa_row(name: str, kappa: Kappa) -> str:
    shares = (kappa.value, kappa.observed, kappa.expected)
    value, observed, expected = ("–" if x is None else f"{x:.3f}" for x in shares)
    cells = "".join(f"<td>{x}</td>" for x in (value, f"{kappa.characters:,}", observed, expected))
    return f'<tr><th scope="row">{name}</th>{cells}</tr>'


def _disagreements(result: Agreement, top: int) -> Iterator[str]:
    groups = group_errors(result.paired.documents)
    kinds = _kinds(result)
    shown = groups[:top]
    number, covered = (sum(len(group.errors) for group in some) for some in (groups, shown))
    listed = "; ".join(
        f"{escape(kinds[kind])} {result.tally.kinds[kind]:,}" for kind in KINDS if kind != CORRECT
    )
    yield '<h2 id="disagreements">Disagreements</h2>'
    yield (
        f"<p>{number:,} disagreements: {listed}. The {len(shown)} most frequent groups of like "
        f"ones, {covered:,} disagreements, are shown; <code>disagreements.csv</code> lists all.</p>"
    )
    names = result.first.name, result.second.name
    yield "<ol>"
    for group in shown:
        yield f"<li><h3>{group_title(group, kinds)}</h3>"
        yield f'<p class="soft">{_hint(group, names)}</p>'
        yield from (example(error, names) for error in group.examples(_EXAMPLES))
        yield "</li>"
    yield "</ol>"


def _hint(group: Group, names: tuple[str, str]) -> str:
    label, text = group.key.entity
    first, second = map(escape, names)
    what = f'<span lang="zh">{quoted(text)}</span> as {escape(label)}'
    if not group.annotated:
        return f"{first} never marks {what}."
    often = "once" if group.annotated == 1 else f"{group.annotated:,} times"
    return f"{first} marks {what} {often}; there {second} does the same: {group.found:,}."


def _confusion(result: Agreement) -> Iterator[str]:
    first, second = escape(result.first.name), escape(result.second.name)
    yield '<h2 id="confusion">Confusion</h2>'
    yield (
        f'<p class="soft">Rows: labels of {first}; columns: what {second} has in their place. On '
        "the diagonal are the same ones; those of the same label with other boundaries have a "
        "column of their own. The stronger the colour, the larger the share of its row.</p>"
    )
    kinds = _kinds(result)
    yield from confusion_table(
        result.tally, boundary=kinds[BOUNDARY], missed=kinds[MISSED], spurious=kinds[SPURIOUS]
    )
