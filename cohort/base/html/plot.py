"""Charts as SVG in a page: text that can be selected in any script, colours of the page's theme."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from html import escape

from markupsafe import Markup

MINUS = "\N{MINUS SIGN}"

WIDTH, HEIGHT = 400, 260
LEFT, RIGHT, TOP, BOTTOM = 48, 18, 12, 42
"""Room for the axes, in units of the view box."""


@dataclass(frozen=True)
class Scale:
    """A straight scale: values to places along an axis.

    Examples
    --------
    >>> scale = Scale.around([3, 18], 0, 100)
    >>> scale.low, scale.high, scale.ticks(), scale(10)
    (0, 20, [0, 5, 10, 15, 20], 50.0)
    """

    low: float
    high: float
    step: float
    start: float
    end: float

    @classmethod
    def around(
        cls,
        values: Iterable[float],
        start: float,
        end: float,
        *,
        zero: bool = True,
        ticks: int = 5,
        whole: bool = False,
    ) -> Scale:
        """Return a scale with round ends around `values`; with zero, in whole steps, if wanted."""
        numbers = [*values, *([0.0] if zero else [])] or [0.0, 1.0]
        low, high = min(numbers), max(numbers)
        if high - low < 1e-9:
            low, high = (low - 1, high + 1) if low else (0.0, 1.0)
        raw = (high - low) / ticks
        power = 10 ** math.floor(math.log10(raw))
        step = next(m * power for m in (1, 2, 2.5, 5, 10) if m * power >= raw * 0.999)
        step = math.ceil(step) if whole else step
        return cls(
            math.floor(low / step + 1e-9) * step,
            math.ceil(high / step - 1e-9) * step,
            step,
            start,
            end,
        )

    def __call__(self, value: float) -> float:
        """Return the place of a value."""
        share = (value - self.low) / (self.high - self.low)
        return round(self.start + share * (self.end - self.start), 2)

    def ticks(self) -> list[float]:
        """Return the round values along the scale."""
        count = round((self.high - self.low) / self.step)
        return [round(self.low + i * self.step, 10) for i in range(count + 1)]


@dataclass
class Plot:
    """A chart with two axes, to which marks are added.

    Attributes
    ----------
    title, description
        What it shows, for those who can't see it.
    x, y
        Its scales.
    x_label, y_label
        Names of the axes, with units.
    """

    title: str
    description: str
    x: Scale
    y: Scale
    x_label: str
    y_label: str
    marks: list[str] = field(default_factory=list)

    @staticmethod
    def x_scale(values: Iterable[float], *, zero: bool = True) -> Scale:
        """Return a scale across the chart."""
        return Scale.around(values, LEFT, WIDTH - RIGHT, zero=zero)

    @staticmethod
    def y_scale(values: Iterable[float], *, zero: bool = True, whole: bool = False) -> Scale:
        """Return a scale up the chart."""
        return Scale.around(values, HEIGHT - BOTTOM, TOP, zero=zero, ticks=4, whole=whole)

    def line(self, points: Sequence[tuple[float, float]], style: str) -> None:
        """Join points, in values of the axes; a single one is a dot."""
        path = "L".join(f"{self.x(x)} {self.y(y)}" for x, y in points)
        if len(points) == 1:
            style, path = f"{style} dot", f"{path}h0"
        self.marks.append(f'<path class="{style}" d="M{path}"/>')

    def level(self, value: float, style: str, label: str = "") -> None:
        """Draw a line across at a value of the y axis."""
        y = self.y(value)
        self.marks.append(f'<path class="{style}" d="M{LEFT} {y}H{WIDTH - RIGHT}"/>')
        if label:
            self.marks.append(
                f'<text class="note" x="{WIDTH - RIGHT - 2}" y="{y - 4}" text-anchor="end">'
                f"{escape(label)}</text>"
            )

    def band(self, low: float, high: float, style: str) -> None:
        """Fill what lies between two values of the y axis."""
        top, bottom = sorted((self.y(low), self.y(high)))
        self.marks.append(
            f'<rect class="{style}" x="{LEFT}" y="{top}" width="{WIDTH - LEFT - RIGHT}" '
            f'height="{bottom - top:.2f}"/>'
        )

    def points(self, points: Sequence[tuple[float, float]], style: str = "point") -> None:
        """Draw points that are only seen: as one path, so that thousands stay light."""
        path = "".join(f"M{self.x(x)} {self.y(y)}h0" for x, y in points)
        self.marks.append(f'<path class="{style}s" d="{path}"/>')

    def linked_points(self, points: Sequence[tuple[float, float, str, str]]) -> None:
        """Draw points that lead to pages: x, y, URL, and what to say of each."""
        self.marks += [
            f'<a href="{escape(url)}"><circle class="point" cx="{self.x(x)}" cy="{self.y(y)}" '
            f'r="3.6"><title>{escape(title)}</title></circle></a>'
            for x, y, url, title in points
        ]

    def bars(self, edges: Sequence[float], heights: Sequence[float], style: str) -> None:
        """Draw the bars of a histogram."""
        base = self.y(0)
        for left, right, height in zip(edges[:-1], edges[1:], heights, strict=True):
            x, top = self.x(left) + 0.5, self.y(height)
            self.marks.append(
                f'<rect class="{style}" x="{x}" y="{top}" width="{self.x(right) - x - 0.5:.2f}" '
                f'height="{base - top:.2f}"><title>{_number(left)}–{_number(right)}: {height:g}'
                "</title></rect>"
            )

    def svg(self) -> Markup:
        """Return the chart."""
        title, description = escape(self.title), escape(self.description)
        middle, centre = (LEFT + WIDTH - RIGHT) / 2, (TOP + HEIGHT - BOTTOM) / 2
        parts = [
            f'<svg class="chart" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
            f'aria-label="{title}. {description}">',
            *(self._tick_y(value) for value in self.y.ticks()),
            *(self._tick_x(value) for value in self.x.ticks()),
            f'<path class="axis" d="M{LEFT} {HEIGHT - BOTTOM}H{WIDTH - RIGHT}"/>',
            *self.marks,
            f'<text class="label" x="{middle}" y="{HEIGHT - 6}" text-anchor="middle">'
            f"{escape(self.x_label)}</text>",
            f'<text class="label" transform="translate(11 {centre}) rotate(-90)" '
            f'text-anchor="middle">{escape(self.y_label)}</text>',
            "</svg>",
        ]
        return Markup("".join(parts))

    def _tick_x(self, value: float) -> str:
        x = self.x(value)
        return (
            f'<text class="tick" x="{x}" y="{HEIGHT - BOTTOM + 15}" text-anchor="middle">'
            f"{_number(value)}</text>"
        )

    def _tick_y(self, value: float) -> str:
        y = self.y(value)
        return (
            f'<path class="grid" d="M{LEFT} {y}H{WIDTH - RIGHT}"/>'
            f'<text class="tick" x="{LEFT - 6}" y="{y + 4}" text-anchor="end">'
            f"{_number(value)}</text>"
        )


def _number(value: float) -> str:
    return f"{value:g}".replace("-", MINUS)
