"""A case and a cohort to show, and a browser to look at them."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cohort.schema.scores import (
    LabelScores,
    PipelineScores,
    ScoresFile,
    Spread,
    StructureSummary,
)
from cohort.space.grid import Grid
from cohort.tags.scheme import Span
from hich.report.compare.rows import compare
from hich.report.gather.predictions import measurements_of
from hich.report.gather.table import summary_of
from hich.report.messages import Message
from hich.report.model.case import CaseReport
from hich.report.model.cohort import BlandAltman, CaseSummary, CohortReport, Curve
from hich.report.model.finding import Finding
from hich.report.model.masks import CaseVoxels, MaskScore
from hich.report.pages.write import render_case, render_index
from hich.report.settings import CompareSettings
from imaging.measure.measurements import measure

SHAPE, SPACING = (96, 112, 12), (1.5, 1.5, 5.0)
BRAIN, BLOOD, BONE = 35, 65, 900
RECORD = (
    "男，61岁。\nCT报告：左侧基底节区血肿，量约29ml，中线右移约5mm。\n"
    "诊断：脑出血<script>alert(1)</script>"
)
ID = '病例 <b>1 & "x" #1%'
"""With all that a file name may hold and a page or URL must not take for its own."""


def voxels() -> CaseVoxels:
    """Return a head in LPS: a hematoma in its left half pushes the midline to the right."""
    x, y, z = np.ogrid[: SHAPE[0], : SHAPE[1], : SHAPE[2]]
    # A little off the middle in x, so that a mirrored picture is seen.
    radius = np.sqrt(((x - 50) / 36) ** 2 + ((y - 56) / 46) ** 2 + 0 * z)
    hu = np.where(radius < 0.9, BRAIN, np.where(radius < 1, BONE, -1000)).astype(np.int16)
    hematoma = ((x - 66) / 12) ** 2 + ((y - 56) / 14) ** 2 + ((z - 5) / 3) ** 2 < 1
    hu[hematoma] = BLOOD
    bulge = 50 - 5 * np.exp(-(((y - 56) / 18) ** 2)) * np.exp(-(((z - 6) / 3) ** 2))
    midline = (np.abs(x - bulge) < 1) & (y > 20) & (y < 92) & (z > 1) & (z < 10)
    right = (np.abs(x - 40) < 4) & (np.abs(y - 50) < 10) & (np.abs(z - 8) < 2)
    left = (np.abs(x - 58) < 2) & (np.abs(y - 35) < 5) & (np.abs(z - 8) < 2)
    masks = {
        "hematoma": hematoma,
        "midline": midline,
        "ventricle_left": left,
        "ventricle_right": right,
    }
    predicted = {name: mask.astype(np.uint8) for name, mask in masks.items()}
    reference = {name: np.roll(mask, 2, axis=1) for name, mask in predicted.items()}
    return CaseVoxels(hu, Grid.with_spacing(SHAPE, SPACING), predicted, reference)


def said(name: str, text: str, value: Any = None, side: str | None = None) -> Finding:
    """Return a finding of `RECORD`."""
    start = RECORD.index(text)
    end = start + len(text)
    extra = {"site": "basal_ganglia", "method": "stated"} if name == "hematoma_volume" else {}
    return Finding(name, value, None, "affirmed", side, "imaging_report", start, end, text, extra)


def report_of(case_id: str = ID, **changes: Any) -> CaseReport:
    """Return the report of a case with the voxels of `voxels`."""
    volumes = voxels()
    predicted, reference = (
        measurements_of(measure(masks, volumes.grid).rounded())
        for masks in (volumes.predicted, volumes.reference)
    )
    findings = (
        said("hematoma", "左侧基底节区血肿", side="left"),
        said("hematoma_volume", "29ml", 29.0),
        said("midline_shift", "中线右移约5mm", 5.0, "right"),
    )
    rows = compare(predicted, findings, CompareSettings(), reference)
    starts = [0, RECORD.index("CT报告"), RECORD.index("诊断")]
    labels = ("preamble", "imaging_report", "diagnosis")
    ends = [*starts[1:], len(RECORD)]
    place = RECORD.index("左侧基底节区血肿")
    case = CaseReport(
        case_id,
        part="test",
        measurements=predicted,
        reference=reference,
        scores={"hematoma": MaskScore("found", 0.91)},
        model="U-Net <0.1>",
        text=RECORD,
        # Reaches beyond one finding and ends within the next.
        spans=(
            Span(RECORD.index("61岁"), RECORD.index("61岁") + 3, "AGE"),
            Span(place, place + 6, "SITE"),
            Span(place + 6, RECORD.index("29ml") + 2, 'X"><i>'),
        ),
        sections=tuple(map(Span, starts, ends, labels)),
        findings=findings,
        rows=rows,
        looks=(Message("look.differs", {"aspects": ["volume"]}),),
        notes=(Message("note.damaged", {"what": "a <file> & more"}),),
        urgency=3.0,
    )
    return replace(case, **changes)


def cohort_of(summaries: list[CaseSummary]) -> CohortReport:
    """Return a cohort with all that its page can show."""
    return CohortReport(
        name="<cohort>",
        made_up="No patients.",
        cases=tuple(summaries),
        parts={"train": 3, "val": 1, "test": len(summaries), "none": 0},
        counts={
            "cases": len(summaries),
            **dict.fromkeys(("with_image", "with_record", "with_prediction"), 2),
            **dict.fromkeys(("with_annotation", "with_reference", "needs_look"), 1),
        },
        missing={"note.no_record": ("a", "b"), "note.no_image": tuple("abcdef")},
        notes=(Message("note.no_split"),),
        imaging_scores=ScoresFile(
            cases=43,
            part="test",
            structures={
                "hematoma": StructureSummary(
                    dice=Spread(mean=0.85, ci95=(0.8, 0.9)),
                    hd95_mm=Spread(median=2.0),
                    found=40,
                    missed=1,
                    false_alarms=2,
                )
            },
        ),
        text_scores=PipelineScores(
            ents_p=0.9, ents_r=0.8, ents_f=0.85, ents_per_type={"AGE": LabelScores(1.0, 1.0, 1.0)}
        ),
        curves=(
            Curve("imaging", "epoch", (1, 2), {"loss": (1.0, 0.5), "val_mean_dice": (0.5, None)}),
        ),
        agreements=(
            BlandAltman(
                *("volume", "record", "ml", (summaries[0].id, "b", "c")),
                *((30.0, 20.0, 12.0), (29.0, 22.0, 10.0)),
                {"bias": 0.3, "limits": [-3.0, 3.6], "ccc": 0.98, "n": 3},
            ),
        ),
    )


def many(count: int) -> list[CaseSummary]:
    """Return cases whose volumes are 0.5, 1.5, … mL; every third is in another part."""
    base = summary_of(report_of("base"), None)
    return [
        replace(
            base,
            id=f"case {i}",
            page=f"cases/case {i}.html",
            values={
                **base.values,
                "ct_hematoma_ml": i + 0.5,
                "part": "val" if i % 3 == 0 else "test",
            },
            verdicts={"volume": "differ" if i % 10 == 0 else "agree"},
            urgency=float(i % 7),
        )
        for i in range(count)
    ]


@pytest.fixture
def volumes() -> CaseVoxels:
    """Return `voxels`."""
    return voxels()


@pytest.fixture
def case() -> CaseReport:
    """Return the report of a case."""
    return report_of()


@pytest.fixture
def cohort() -> CohortReport:
    """Return the report of a small cohort."""
    return cohort_of([summary_of(report_of(), f"cases/{ID}.html"), *many(4)])


@pytest.fixture
def big_cohort() -> CohortReport:
    """Return the report of 2,000 cases."""
    return cohort_of(many(2000))


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with reports in English and Chinese, and one of 2,000 cases."""
    folder = tmp_path_factory.mktemp("site with 空格 #%")
    for lang in ("en", "zh"):
        (folder / lang / "cases").mkdir(parents=True)
        cases = [
            report_of(next="plain"),
            report_of("plain", previous=ID, looks=(), urgency=0.0),
            CaseReport("nothing", notes=(Message("note.no_image"),)),
        ]
        for case in cases:
            html = render_case(case, None if case.id == "nothing" else voxels(), lang)
            (folder / lang / f"cases/{case.id}.html").write_text(html, encoding="utf-8")
        summaries = [summary_of(case, f"cases/{case.id}.html") for case in cases]
        index = render_index(cohort_of(summaries), lang)
        (folder / lang / "index.html").write_text(index, encoding="utf-8")
    big = render_index(cohort_of(many(2000)), "en")
    (folder / "big.html").write_text(big, encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Return the system's Chromium, without a window; skip where there is none."""
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    path = next(filter(None, map(shutil.which, names)), None)
    if path is None:
        pytest.skip("no Chromium or Chrome is installed")
    # As root, as in a container, Chromium starts without its sandbox only; the pages are ours.
    arguments = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    with sync_api.sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, args=arguments)
        yield started
        started.close()


@pytest.fixture
def visit(browser: Any, site: Path) -> Iterator[Callable[..., Any]]:
    """Return a function that opens a page of `site`; at the end nothing may have gone wrong."""
    contexts, wrong = [], []

    def open_page(name: str, width: int = 1280, height: int = 900, **settings: Any) -> Any:
        context = browser.new_context(viewport={"width": width, "height": height}, **settings)
        context.set_default_timeout(90_000)  # a busy machine is no failure
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: wrong.append(f"{message.type}: {message.text}"))
        page.on("pageerror", lambda error: wrong.append(f"error: {error}"))
        page.on(
            "request",
            lambda request: (
                None
                if request.url.startswith(("file:", "data:"))
                else wrong.append(f"request: {request.url}")
            ),
        )
        page.goto((site / name).as_uri())
        if settings.get("java_script_enabled", True) and "/cases/" in name:
            wait_for_slice(page)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert not wrong


def wait_for_slice(page: Any) -> None:
    """Wait until the slice that is asked for is drawn, where there is a CT."""
    page.wait_for_function(
        "() => { const s = document.getElementById('stage');"
        " return !s || s.dataset.drawn === s.dataset.slice; }"
    )
