"""The pages of a report: what `report.build` calls to have them written."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from report.model import CaseReport, CohortReport, Volumes

Language = Literal["en", "zh"]


def render_case(case: CaseReport, volumes: Volumes | None, lang: Language) -> str:
    """Return the HTML of `cases/<id>.html`; `volumes` is None where there is no CT to show."""
    raise NotImplementedError  # on branch `pages`


def render_index(cohort: CohortReport, lang: Language) -> str:
    """Return the HTML of `index.html`."""
    raise NotImplementedError  # on branch `pages`


def static_files() -> Mapping[str, bytes]:
    """Return the files that pages share: path relative to the report's folder, to content."""
    return {}
