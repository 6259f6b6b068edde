"""Pages without a browser: text stays text, and nothing is needed from outside."""

from __future__ import annotations

import json
import re
from base64 import b64encode
from dataclasses import replace
from hashlib import sha256
from html.parser import HTMLParser
from urllib.parse import quote

import numpy as np
import pytest

from cohort.facts.doubts import SIDES, SIZES
from cohort.schema.scores import LabelScores, PipelineScores, ScoresFile, StructureSummary
from cohort.space.grid import Grid
from hich.report.messages import CheckSentence
from hich.report.model.case import CaseReport
from hich.report.model.cohort import CohortReport
from hich.report.model.masks import CaseVoxels
from hich.report.pages.write import render_case, render_index
from hich.report.strings import LANGUAGES, Language


class Page(HTMLParser):
    """The elements of a page, and what stands in its scripts and styles."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.code: list[tuple[str, dict[str, str], str]] = []
        self.in_code = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        self.elements.append((tag, found))
        if tag in ("script", "style"):
            self.code.append((tag, found, ""))
            self.in_code = True

    def handle_endtag(self, tag: str) -> None:
        self.in_code = self.in_code and tag not in ("script", "style")

    def handle_data(self, data: str) -> None:
        if self.in_code:
            tag, found, text = self.code[-1]
            self.code[-1] = tag, found, text + data


@pytest.fixture(params=LANGUAGES)
def lang(request: pytest.FixtureRequest) -> Language:
    """Return each language."""
    return request.param


@pytest.fixture
def pages(
    case: CaseReport, volumes: CaseVoxels, cohort: CohortReport, lang: Language
) -> dict[str, str]:
    """Return a case's and the cohort's page."""
    return {"case": render_case(case, volumes, lang), "index": render_index(cohort, lang)}


def test_nothing_is_loaded_from_outside(pages: dict[str, str]) -> None:
    for html in pages.values():
        for tag, attributes in Page(html).elements:
            for name in ("src", "href", "action", "poster", "data"):
                url = attributes.get(name, "")
                assert not re.match(r"(?!data:)[a-z]+:|//|/", url, re.I), (tag, url)
        assert "@import" not in html
        assert "url(" not in "".join(text for tag, _, text in Page(html).code if tag == "style")


def test_the_policy_lets_in_the_pages_own_code_only(pages: dict[str, str]) -> None:
    for html in pages.values():
        page = Page(html)
        policy = next(a["content"] for t, a in page.elements if "http-equiv" in a)
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        for tag, attributes, text in page.code:
            if attributes.get("type") == "application/json":
                continue
            digest = b64encode(sha256(text.encode()).digest()).decode()
            source = next(p for p in policy.split("; ") if p.startswith(f"{tag}-src"))
            assert digest in source
        # What the policy would refuse anyway.
        assert not [a for _, a in page.elements if "style" in a or any(n[:2] == "on" for n in a)]


def test_what_looks_like_markup_is_shown_as_text(pages: dict[str, str], case: CaseReport) -> None:
    for html in pages.values():
        page = Page(html)
        assert "alert(1)" not in "".join(text for _, _, text in page.code)
        assert not [tag for tag, _ in page.elements if tag in ("b", "i", "file", "cohort")]
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in pages["case"]
    assert case.id not in pages["index"]  # with its `<`, anywhere
    assert quote(f"cases/{case.id}.html") in pages["index"]


def test_sides_and_lengths_that_cannot_be_told_are_not_drawn_as_if_they_were(
    case: CaseReport, volumes: CaseVoxels
) -> None:
    assert case.measurements is not None
    sure = render_case(case, volumes, "en")
    assert ">R</span>" in sure and 'id="scale-bar"' in sure and '"sized":true' in sure
    said = CheckSentence("orientation", "may be mirrored.")
    doubted = replace(case.measurements, untold=dict.fromkeys((SIDES, SIZES), said))
    page = render_case(replace(case, measurements=doubted), volumes, "en")
    assert ">R</span>" not in page and ">L</span>" not in page and ">R?</span>" in page
    assert "patient&#39;s right is on the left" in sure
    assert "patient&#39;s right is on the left" not in page
    assert 'id="scale-bar"' not in page and '"sized":false' in page


def test_an_empty_record_is_not_said_to_be_missing() -> None:
    said = {text: render_case(CaseReport("x", text=text), None, "en") for text in (None, "")}
    assert "There is no record." in said[None] and "There is no record." not in said[""]


def test_evidence_that_turns_text_around_is_quoted_with_signs(case: CaseReport) -> None:
    turned = replace(case.rows[0], evidence=(replace(case.findings[0], text="血肿\u202e14ml"),))
    html = render_case(replace(case, rows=(turned,)), None, "en")
    assert "血肿␦14ml" in html and "\u202e" not in html


def test_of_very_much_evidence_the_first_is_quoted_and_the_rest_counted(case: CaseReport) -> None:
    text = "血肿，" * 500
    places = range(0, len(text), 3)
    said = tuple(replace(case.findings[0], start=i, end=i + 2, text="血肿") for i in places)
    row = replace(case.rows[0], evidence=said)
    html = render_case(replace(case, text=text, rows=(row,), spans=(), sections=()), None, "en")
    assert html.count('class="quote" href="#evidence-') == html.count('id="evidence-') == 20
    assert "and 480 more" in html


def test_scores_that_there_are_none_of_are_dashes(cohort: CohortReport) -> None:
    imaging = ScoresFile(cases=1, part="test", structures={"hematoma": StructureSummary()})
    text = PipelineScores(ents_f=1.0, ents_per_type={"AGE": LabelScores(f=0.5)})
    html = render_index(replace(cohort, imaging_scores=imaging, text_scores=text), "en")
    table = html[html.index('<table class="scores">') :]
    for name, expected in (("Hematoma", ["–"] * 6), ("AGE", ["–", "–", "0.500"])):
        row = re.search(rf"<tr><th[^>]*>{name}</th>(.*?)</tr>", table)
        assert row and re.findall(r"<td>(.*?)</td>", row[1]) == expected


def test_data_in_scripts_cannot_end_them(case: CaseReport, cohort: CohortReport) -> None:
    html = render_index(cohort, "en")
    data = next(t for _, a, t in Page(html).code if a.get("type") == "application/json")
    assert "<" not in data
    assert json.loads(data)["cases"][0][0] == case.id


def test_ids_of_elements_are_unique_and_links_within_the_page_lead_somewhere(
    pages: dict[str, str],
) -> None:
    for html in pages.values():
        elements = Page(html).elements
        ids = [a["id"] for _, a in elements if "id" in a]
        assert len(ids) == len(set(ids))
        for _, attributes in elements:
            for target in (attributes.get("href", ""), "#" + attributes.get("aria-labelledby", "")):
                if target.startswith("#") and len(target) > 1:
                    assert target[1:] in {*ids, "i-agree"}


def test_pictures_have_words_for_those_who_cannot_see_them(pages: dict[str, str]) -> None:
    for html in pages.values():
        for tag, attributes in Page(html).elements:
            if tag == "img":
                assert attributes["alt"]
            if tag == "svg":
                assert attributes.get("aria-hidden") == "true" or attributes.get("aria-label")


@pytest.mark.parametrize("noise", [0, 6])
def test_a_page_of_thirty_large_slices_stays_below_3_mb(case: CaseReport, noise: int) -> None:
    shape = (512, 512, 30)
    rng = np.random.default_rng(0)
    hu = np.full(shape, -1000, np.int16)
    hu[60:450, 40:470] = 35
    hu += (rng.standard_normal(shape) * noise).astype(np.int16)
    mask = np.zeros(shape, np.uint8)
    mask[200:260, 200:260, 8:20] = 1
    volumes = CaseVoxels(hu, Grid.with_spacing(shape, (0.45, 0.45, 5.0)), {"hematoma": mask})
    html = render_case(case, volumes, "zh")
    assert len(html.encode()) < 3_000_000
    assert ("compressed for this page" in render_case(case, volumes, "en")) == (noise > 0)


def test_the_cohorts_page_of_two_thousand_cases_stays_small(big_cohort: CohortReport) -> None:
    assert len(render_index(big_cohort, "zh").encode()) < 1_000_000


@pytest.mark.parametrize(
    "changes",
    [
        {"text": None, "spans": (), "sections": (), "findings": (), "rows": ()},
        {"text": ""},
        {"measurements": None},
        {"reference": None, "scores": {}},
        {"sections": ()},
        {"part": None},
    ],
)
def test_what_a_case_lacks_is_left_out(
    case: CaseReport, volumes: CaseVoxels, lang: Language, changes: dict[str, object]
) -> None:
    from dataclasses import replace

    lacking = replace(case, **changes)  # type: ignore[arg-type]
    if changes.get("text") == "":
        lacking = replace(lacking, spans=(), sections=(), findings=(), rows=())
    for shown in (volumes, None, CaseVoxels(volumes.image, volumes.grid)):
        assert "<main" in render_case(lacking, shown, lang)


def test_a_cohort_without_anything_has_a_page(lang: Language) -> None:
    from hich.report.pages.write import render_index

    counts = dict.fromkeys(
        (
            *("cases", "with_image", "with_record", "with_prediction", "with_annotation"),
            *("with_reference", "needs_look"),
        ),
        0,
    )
    assert "<main" in render_index(CohortReport("x", None, (), {}, counts, {}), lang)
