"""Pages that stand alone: what a page needs is in it, and its policy lets in nothing else."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Mapping
from functools import cache
from hashlib import sha256
from typing import Any
from urllib.parse import quote

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined
from markupsafe import Markup


def render(
    template: str = "frame.html",
    *,
    package: str,
    lang: str,
    styles: tuple[str, ...],
    head_scripts: tuple[str, ...] = (),
    scripts: tuple[str, ...] = (),
    policy: Mapping[str, str] | None = None,
    **context: Any,
) -> str:
    """Return a page.

    Parameters
    ----------
    template
        A template that extends `frame.html`; or that one, which shows `title` and `body`.
    package
        The package whose folder `templates` has the page's own files.
    lang
        Of the page, as HTML writes it.
    styles
        Its style sheets, which follow the theme that all pages share.
    head_scripts, scripts
        Its scripts: those that run before anything is shown, and those that run at the end.
    policy
        Parts of the content security policy that differ from the usual one.
    **context
        What the template is filled with.
    """
    environment = _environment(package)
    own = "".join(_source(package, name) for name in styles)
    css = environment.get_template("theme.css").render() + own
    codes = [[_source(package, name) for name in names] for names in (head_scripts, scripts)]
    hashes = [_hash(code) for code in (*codes[0], *codes[1])]
    rules = {
        "default-src": "'none'",
        "img-src": "data:",
        "style-src": _hash(css),
        "script-src": " ".join(hashes) or "'none'",
        "base-uri": "'none'",
        "form-action": "'none'",
    } | dict(policy or {})
    return environment.get_template(template).render(
        lang=lang,
        css=Markup(css),
        head_scripts=[Markup(code) for code in codes[0]],
        scripts=[Markup(code) for code in codes[1]],
        policy="; ".join(f"{name} {value}" for name, value in rules.items()),
        **context,
    )


@cache
def _environment(package: str) -> Environment:
    environment = Environment(
        loader=ChoiceLoader([PackageLoader(package), PackageLoader("cohort.base.html")]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["url"] = lambda path: quote(path, safe="/")
    environment.filters["json"] = _json
    return environment


@cache
def _source(package: str, name: str) -> str:
    """Return a style sheet or script, the way a browser sees it between its tags."""
    environment = _environment(package)
    assert environment.loader is not None
    return environment.loader.get_source(environment, name)[0]


def _hash(code: str) -> str:
    return f"'sha256-{b64encode(sha256(code.encode()).digest()).decode('ascii')}'"


def _json(value: Any) -> Markup:
    """Return JSON that can stand in a script element, whatever its strings hold."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return Markup(text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026"))
