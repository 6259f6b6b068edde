"""The pages of a report: what `hich.report.build` calls to have them written.

A page needs nothing but itself: styles, scripts and pictures stand in it, and its content
security policy lets in nothing else. `cases/` and `index.html` link to each other only.
"""

from __future__ import annotations

import json
from base64 import b64encode
from functools import cache, lru_cache
from hashlib import sha256
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from hich.report.model import CaseReport, CohortReport, Volumes
from hich.report.pages.case_page import case_context
from hich.report.pages.index_page import index_context
from hich.report.pages.words import Words
from hich.report.strings import Language


def render_case(case: CaseReport, volumes: Volumes | None, lang: Language) -> str:
    """Return the HTML of `cases/<id>.html`; `volumes` is None where there is no CT to show."""
    words = Words(lang)
    context = case_context(case, volumes, words)
    return _render("case.html", words, context, "case.css", ("slices.js", "viewer.js", "case.js"))


def render_index(cohort: CohortReport, lang: Language) -> str:
    """Return the HTML of `index.html`."""
    words = Words(lang)
    return _render("index.html", words, index_context(cohort, words), "index.css", ("index.js",))


def _render(
    template: str, words: Words, context: dict[str, Any], style: str, scripts: tuple[str, ...]
) -> str:
    css = _source("base.css") + _source(style)
    codes = [_source(name) for name in ("theme.js", *scripts)]
    return (
        _environment()
        .get_template(template)
        .render(
            t=words,
            css=Markup(css),
            theme=Markup(codes[0]),
            scripts=[Markup(code) for code in codes[1:]],
            policy="; ".join(
                (
                    "default-src 'none'",
                    "img-src data:",
                    f"style-src {_hash(css)}",
                    f"script-src {' '.join(map(_hash, codes))}",
                    "base-uri 'none'",
                    "form-action 'none'",
                )
            ),
            **context,
        )
    )


@lru_cache(maxsize=1)
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("hich.report.pages"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["url"] = lambda path: quote(path, safe="/")
    environment.filters["json"] = _json
    return environment


@cache
def _source(name: str) -> str:
    """Return a style sheet or script, the way a browser sees it between its tags."""
    loader = _environment().loader
    assert loader is not None
    return loader.get_source(_environment(), name)[0]


def _hash(code: str) -> str:
    return f"'sha256-{b64encode(sha256(code.encode()).digest()).decode('ascii')}'"


def _json(value: Any) -> Markup:
    """Return JSON that can stand in a script element, whatever its strings hold."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return Markup(text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026"))
