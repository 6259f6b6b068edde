"""Parts of a page that lays two readings of the same records side by side: confusion, examples."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from html import escape

from cohort.base.html.visible import in_one_line
from cohort.tags.scheme import Span
from text.scores.error_groups import CONTEXT, Error, Group
from text.scores.scores import Tally


def confusion_table(tally: Tally, *, boundary: str, missed: str, spurious: str) -> Iterator[str]:
    """Yield the table of what one reading has in place of the other's labels.

    Parameters
    ----------
    tally
        The counts.
    boundary, missed, spurious
        What the columns of other boundaries and of nothing are called, and the row of nothing.
    """
    labels = tally.worst_first()
    counts = tally.confusion.rows(labels)
    columns = "".join(
        f'<th scope="col" lang="zh">{escape(name)}</th>' for name in (*labels, boundary, missed)
    )
    yield f'<div class="wide"><table class="matrix"><thead><tr><th></th>{columns}</tr></thead>'
    for name, row in zip(labels, counts[:-1], strict=True):
        cells = "".join(_count_cell(n, n / sum(row) if n else 0.0) for n in row)
        yield f'<tr><th scope="row" lang="zh">{escape(name)}</th>{cells}</tr>'
    cells = "".join(_count_cell(n, 0.0) for n in counts[-1])
    yield f'<tr class="all"><th scope="row">{escape(spurious)}</th>{cells}</tr>'
    yield "</table></div>"


def group_title(group: Group, kinds: Mapping[str, str]) -> str:
    """Return the heading of a group: its kind in the words of `kinds`, labels, texts, count."""
    key = group.key
    labels = [label for label in (key.gold_label, key.predicted_label) if label]
    texts = [quoted(text) for text in (key.gold_text, key.predicted_text) if text]
    # Said once where annotation and prediction agree.
    words = [" → ".join(dict.fromkeys(map(escape, labels))), " → ".join(dict.fromkeys(texts))]
    return (
        f'{escape(kinds[key.kind])}: {words[0]} <span lang="zh">{words[1]}</span> '
        f'<span class="count">×{len(group.errors)}</span>'
    )


def example(error: Error, names: Sequence[str]) -> str:
    """Return an error in its context: a row for each reading, called by its name."""
    pair, document = error.pair, error.document
    where = f"{escape(document.record)}, character {pair.start + document.offset:,}"
    rows = "".join(
        f"<div><dt>{escape(name)}</dt>"
        f'<dd lang="zh">{_marked(error, spans, focus, style)}</dd></div>'
        for name, spans, focus, style in (
            (names[0], document.gold, pair.gold, "gold"),
            (names[1], document.predicted, pair.predicted, "model"),
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


def quoted(text: str) -> str:
    """Return a text escaped and in quotation marks."""
    return f"“{_shown(text)}”"


def _shown(text: str) -> str:
    """Return `text` escaped, with signs for what a browser would not show."""
    return escape(in_one_line(text))


def _count_cell(count: int, share: float) -> str:
    style = f' style="--share: {share:.2f}"' if share else ""
    return f"<td{style}>{count or ''}</td>"
