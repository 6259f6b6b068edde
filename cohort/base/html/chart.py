"""Charts as figures of a page: with a heading, a legend and words. Their looks are `charts.css`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from markupsafe import Markup

from cohort.base.html.plot import Plot

LOOKS = 7
"""Lines of one chart that look different: `k0`, `k1`, … in `charts.css`."""


@dataclass(frozen=True)
class Chart:
    """A chart, its heading, and what it says in words.

    Attributes
    ----------
    title, caption
        What stands above and below it.
    svg
        The drawing.
    legend
        The look of each line (a class of `charts.css`), and its name.
    """

    title: str
    svg: Markup
    caption: str = ""
    legend: tuple[tuple[str, str], ...] = ()

    def figure(self) -> Markup:
        """Return it as it stands in a page."""
        parts = [f"<figure>\n<h3>{escape(self.title)}</h3>\n{self.svg}"]
        if self.legend:
            keys = "".join(
                f"<span>{_key(look)} {escape(name)}</span>" for look, name in self.legend
            )
            parts.append(f'<p class="series">{keys}</p>')
        if self.caption:
            parts.append(f"<figcaption>{escape(self.caption)}</figcaption>")
        return Markup("\n".join([*parts, "</figure>"]))


def line_chart(
    title: str,
    caption: str,
    places: Sequence[float],
    series: Sequence[tuple[str, Sequence[float | None]]],
    *,
    axes: tuple[str, str],
    top: float | None = None,
    looks: Sequence[str] = (),
) -> Chart:
    """Draw values along a training, or along whatever `places` count.

    Parameters
    ----------
    title, caption
        What stands above and below it.
    places
        Where the values stand along the horizontal axis.
    series
        Name and values of each line; None where there is no value.
    axes
        Names of the horizontal and the vertical axis.
    top
        A value that the vertical axis reaches at least.
    looks
        A class for each line, from the page's own style sheet; without, those of `charts.css`.
    """
    lines = [
        [(place, value) for place, value in zip(places, values, strict=True) if value is not None]
        for _, values in series
    ]
    heights = [value for line in lines for _, value in line]
    plot = Plot(
        title,
        caption,
        Plot.x_scale(places),
        Plot.y_scale([*heights, *([] if top is None else [top])]),
        *axes,
    )
    looks = looks or [f"k{number % LOOKS}" for number in range(len(series))]
    for look, line in zip(looks, lines, strict=True):
        plot.line(line, f"curve {look}")
    names = (name for name, _ in series)
    return Chart(title, plot.svg(), caption, tuple(zip(looks, names, strict=True)))


def _key(look: str) -> str:
    return (
        '<svg viewBox="0 0 18 8" width="18" height="8" aria-hidden="true">'
        f'<path class="curve {look}" d="M0 4H18"/></svg>'
    )
