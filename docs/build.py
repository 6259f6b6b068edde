"""What `make docs` makes of the pages beside mkdocs: the list of schemas, and a last look.

Hooks of mkdocs (mkdocs.org/user-guide/configuration/#hooks).
"""

from __future__ import annotations

import json
import logging
import re
from pathlib import Path
from typing import Any

LOG = logging.getLogger("mkdocs.hooks.build")
SCHEMAS = "<!-- schemas -->"
# What a browser fetches by itself; a link that a reader may follow is none of it.
FETCHED = re.compile(
    r"<(?:script|img|iframe|source|audio|video)\b[^>]*\bsrc=[\"']?(?:https?:)?//[^\"' >]+"
    r"|<link\b(?=[^>]*\brel=[\"']?(?:stylesheet|preload|preconnect|icon))[^>]*"
    r"\bhref=[\"']?(?:https?:)?//[^\"' >]+"
)


def on_page_markdown(markdown: str, page: Any, config: Any, **_: Any) -> str:
    """Put the table of schemas where a page asks for it, and take links to no page away."""
    if page.file.src_uri == "project.md":  # spaCy writes it as if it lay beside project.yml
        markdown = markdown.replace("[`project.yml`](project.yml)", "`project.yml`")
    if SCHEMAS in markdown:
        markdown = markdown.replace(SCHEMAS, schema_tables(Path(config["docs_dir"]) / "schemas"))
    return markdown


def schema_tables(folder: Path) -> str:
    """Return a section for each schema: what the file is, and its keys."""
    parts = []
    for path in sorted(folder.glob("*.json")):
        schema = json.loads(path.read_text(encoding="utf-8"))
        schema |= schema.get("$defs", {}).get(schema.get("$ref", "").split("/")[-1], {})
        rows = [
            f"| `{key}` | {'yes' if key in schema.get('required', ()) else ''} | "
            f"{_cell(value.get('description', ''))} |"
            for key, value in schema.get("properties", {}).items()
        ]
        parts.append(f"## {path.stem}\n\n{_text(schema.get('description', ''))}\n")
        if rows:
            parts.append("\n".join(["| key | required | what |", "| --- | --- | --- |", *rows, ""]))
        parts.append(f"[The whole schema](../schemas/{path.name})\n")
    return "\n".join(parts)


def on_post_page(output: str, page: Any, **_: Any) -> str:
    """Warn, which fails the build, of what a page would load from outside."""
    for found in FETCHED.findall(output):
        LOG.warning("%s loads from outside: %s", page.file.src_uri, found)
    return output


def _text(text: str) -> str:
    return text.replace("<", "&lt;").replace("[", "\\[")


def _cell(text: str) -> str:
    return _text(" ".join(text.split())).replace("|", "\\|")
