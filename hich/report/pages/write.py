"""The pages of a report: what `hich.report.build` calls to have them written.

A page needs nothing but itself (`cohort.base.html.page`). `cases/` and `index.html` link to each
other only.
"""

from __future__ import annotations

from typing import Any

from cohort.base.html.page import render
from hich.report.model.case import CaseReport
from hich.report.model.cohort import CohortReport
from hich.report.model.masks import CaseVoxels
from hich.report.pages.case_page import INDEX, case_context
from hich.report.pages.index_page import index_context
from hich.report.pages.side_by_side import SideBySide, side_context
from hich.report.pages.words import Words
from hich.report.strings import Language


def render_case(
    case: CaseReport,
    volumes: CaseVoxels | None,
    lang: Language,
    index: str | None = INDEX,
    side: SideBySide | None = None,
) -> str:
    """Return the HTML of `cases/<id>.html`, or of a page that stands alone.

    Parameters
    ----------
    volumes
        None where there is no CT to show.
    index
        Where the page of all cases lies; None if there is none.
    side
        Several scans of the patient, if there are.
    """
    words = Words(lang)
    context = case_context(case, volumes, words, index)
    context["side"] = side_context(side) if side else None
    styles = ("charts.css", "follow_up.css") if case.follow_up else ()
    return _render(
        "case", styles, ("slices.js", "viewer.js", "follow_up.js", "case.js"), words, context
    )


def render_index(cohort: CohortReport, lang: Language) -> str:
    """Return the HTML of `index.html`."""
    words = Words(lang)
    return _render("index", ("charts.css",), ("index.js",), words, index_context(cohort, words))


def _render(
    name: str,
    styles: tuple[str, ...],
    scripts: tuple[str, ...],
    words: Words,
    context: dict[str, Any],
) -> str:
    return render(
        f"{name}.html",
        package="hich.report.pages",
        lang="zh-CN" if words.lang == "zh" else "en",
        styles=("report.css", *styles, f"{name}.css"),
        head_scripts=("theme.js",),
        scripts=scripts,
        t=words,
        **context,
    )
