"""HTML pages of annotated records: displaCy's marks in a page that says what it shows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from html import escape
from typing import Any
from urllib.parse import quote

from markupsafe import Markup
from spacy import displacy

from cohort.base.html.page import render
from cohort.base.html.visible import VISIBLE
from text.pages.findings_table import findings_html

# By the golden angle, so that labels that come one after the other look most different.
_HUE_STEP = 137.508


class Palette:
    """A colour for each label, the same on all pages, given out in the order of asking."""

    def __init__(self, labels: list[str]) -> None:
        self._colours: dict[str, str] = {}
        for label in labels:
            self.colour(label)

    def colour(self, label: str) -> str:
        """Return the CSS colour of `label`: light, so that black text on it is easy to read."""
        number = len(self._colours)
        hue = number * _HUE_STEP % 360
        return self._colours.setdefault(label, f"hsl({hue:.0f}, 75%, {82 - number % 3 * 6}%)")


def record_page(record: dict[str, Any], palette: Palette) -> str:
    """Return the page of an annotated record (see `text.annotate`)."""
    body = (
        f'<p><a href="../index.html">All records</a></p>\n<h1>{escape(record["id"])}</h1>\n'
        f"{marked_record(record, palette)}"
    )
    return _page(record["id"], body)


def record_in_notebook(record: dict[str, Any]) -> str:
    """Return an annotated record as a notebook shows it: as its page has it, on white."""
    body = marked_record(record, Palette([])).translate(VISIBLE)
    return f'<div style="background: white; color: black; padding: 1em">{body}</div>'


def marked_record(record: dict[str, Any], palette: Palette) -> str:
    """Return an annotated record's notes, its text with marked entities, and its findings."""
    # displaCy escapes the text, but neither labels nor title; it looks colours up in upper case.
    labels = sorted({span["label"] for span in record["spans"]})
    marks = displacy.render(
        {
            "text": record["text"],
            "ents": [{**span, "label": escape(span["label"])} for span in record["spans"]],
            "title": None,
        },
        style="ent",
        manual=True,
        page=False,
        jupyter=False,
        options={"colors": {escape(label).upper(): palette.colour(label) for label in labels}},
    )
    counts = Counter(span["label"] for span in record["spans"])
    legend = " ".join(
        f'<mark style="background: {palette.colour(label)}">{escape(label)} {counts[label]}</mark>'
        for label in labels
    )
    notes = "".join(f"<p>Note: {escape(note['what'])}</p>\n" for note in record.get("notes", []))
    notes += _untold_html(record.get("cannot_be_told", {}))
    none = "" if "entities" in record.get("cannot_be_told", {}) else "No entities found."
    return (
        f'<p class="legend">{legend or none}</p>\n'
        f"{notes}{marks}\n"
        f"{findings_html(record.get('findings', []), record.get('icd10', []))}"
    )


def index_page(
    model: str | None, rows: list[tuple[str, int, int]], untold: Mapping[str, str]
) -> str:
    """Return the list of records: `rows` of id, characters and entities.

    `model` is None for rules only; `untold` is what cannot be told, with the reason.
    """
    by = "rules" if model is None else escape(model)
    lines = [
        f'<tr><td><a href="pages/{quote(record_id)}.html">{escape(record_id)}</a></td>'
        f'<td class="number">{characters}</td><td class="number">{entities}</td></tr>'
        for record_id, characters, entities in rows
    ]
    body = (
        f"<h1>Annotated records</h1>\n<p>{len(rows)} records, annotated by {by}. "
        "Annotations are to be checked; this is not a medical device.</p>\n"
        f"{_untold_html(untold)}"
        "<table>\n<tr><th>Record</th><th>Characters</th><th>Entities</th></tr>\n"
        + "\n".join(lines)
        + "\n</table>"
    )
    return _page("Annotated records", body)


def _untold_html(untold: Mapping[str, str]) -> str:
    return "".join(
        f"<p>Note: {escape(what)} cannot be told: {escape(why)}</p>\n"
        for what, why in untold.items()
    )


def _page(title: str, body: str) -> str:
    return render(
        package="text.pages",
        lang="zh",
        styles=("records.css",),
        # displaCy says the colours of its marks in their styles.
        policy={"style-src": "'unsafe-inline'"},
        title=title.translate(VISIBLE),
        body=Markup(body.translate(VISIBLE)),
    )
