"""The pages of a report: what `report.build` calls to have them written."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Literal

from report.model import CaseReport, CohortReport, Volumes

Language = Literal["en", "zh"]


def render_case(case: CaseReport, volumes: Volumes | None, lang: Language) -> str:
    """Return the HTML of `cases/<id>.html`; `volumes` is None where there is no CT to show."""
    return f"<!DOCTYPE html><title>{escape(case.id)}</title><pre>{escape(repr(case))}</pre>"


def render_index(cohort: CohortReport, lang: Language) -> str:
    """Return the HTML of `index.html`."""
    return f"<!DOCTYPE html><title>{escape(cohort.name)}</title><pre>{escape(repr(cohort))}</pre>"


def static_files() -> Mapping[str, bytes]:
    """Return the files that pages share: path relative to the report's folder, to content."""
    return {}
