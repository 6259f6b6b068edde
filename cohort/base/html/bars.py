"""Bars within a cell of a table, as wide as there is room for; their looks are `charts.css`."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import NamedTuple

from markupsafe import Markup

HEIGHT = 22


class Bar(NamedTuple):
    """A bar.

    Attributes
    ----------
    style
        Class of its look.
    value
        What it stands for.
    said
        That in words.
    """

    style: str
    value: float
    said: str


def stacked(bars: Sequence[Bar], label: str) -> Markup:
    """Draw numbers of a whole end to end, each with its number where there is room for it."""
    total = sum(bar.value for bar in bars)
    parts, x = [], 0.0
    for style, value, said in bars:
        if value:
            width, number = 100 * value / total, f"{value:g}"
            parts.append(_rect(style, said, x, width, 0, HEIGHT))
            if width > 3 + 1.5 * len(number):  # room for it at 390 pixels
                parts.append(
                    f'<g class="share {style}"><text x="{x + width / 2:.2f}%" y="15.5" '
                    f'text-anchor="middle">{number}</text></g>'
                )
            x += width
    return _svg("".join(parts), label)


def side_by_side(bars: Sequence[Bar], label: str) -> Markup:
    """Draw shares between 0 and 1 one below the other."""
    high = HEIGHT / len(bars)
    parts = [
        _rect(style, said, 0, 100 * value, number * high, high - 1)
        for number, (style, value, said) in enumerate(bars)
    ]
    track = f'<g class="track"><rect width="100%" height="{HEIGHT - 1}"/></g>'
    return _svg(track + "".join(parts), label)


def _rect(style: str, said: str, x: float, width: float, y: float, height: float) -> str:
    return (
        f'<g class="share {style}"><rect x="{x:.2f}%" y="{y:.4g}" width="{width:.2f}%" '
        f'height="{height:.4g}"><title>{escape(said)}</title></rect></g>'
    )


def _svg(content: str, label: str) -> Markup:
    return Markup(f'<svg class="shares" role="img" aria-label="{escape(label)}">{content}</svg>')
