"""Pages stand alone, and state each colour of the dark theme once."""

from __future__ import annotations

import re
from base64 import b64encode
from hashlib import sha256
from html import unescape
from pathlib import Path

from markupsafe import Markup

from cohort.base.html.page import render

PAGE = render(
    package="text.pages",
    lang="en",
    styles=("records.css",),
    title="<b>A & B</b>",
    body=Markup("<p>shown</p>"),
)


def test_the_policy_lets_in_the_style_of_the_page_and_nothing_else() -> None:
    policy = unescape(re.findall(r'Content-Security-Policy" content="(.*?)"', PAGE)[0])
    rules = dict(rule.split(" ", 1) for rule in policy.split("; "))
    assert rules["default-src"] == rules["script-src"] == "'none'"
    style = re.findall(r"<style>(.*?)</style>", PAGE, re.DOTALL)[0]
    digest = b64encode(sha256(style.encode()).digest()).decode()
    assert rules["style-src"] == f"'sha256-{digest}'"


def test_a_title_is_shown_as_text_and_a_body_as_html() -> None:
    assert "<title>&lt;b&gt;A &amp; B&lt;/b&gt;</title>" in PAGE
    assert "<p>shown</p>" in PAGE


def test_both_ways_to_the_dark_theme_have_the_same_colours(root: Path) -> None:
    by_system, by_reader = re.findall(r"\{\s*(color-scheme: dark;.*?)\}", PAGE, re.DOTALL)
    assert by_system.split() == by_reader.split()
    theme = root / "cohort" / "base" / "html" / "templates" / "theme.css"
    assert theme.read_text("utf-8").count("color-scheme: dark;") == 1
