"""How quick the report's pages are: to make, and to sort and filter in a browser.

`python -m benchmarks.speed.report_pages` makes the page of a case of 512×512×30 voxels and the page
of a cohort of 2,000 cases, of made-up values, and measures

- seconds of CPU to make each, reading not counted, and their sizes;
- milliseconds that a browser takes to sort the table by each column, and to filter it, drawing
  included. Needs playwright and the system's Chromium; left out where there is none.
"""

from __future__ import annotations

import json
import shutil
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

from cohort.space.affine import make_affine
from cohort.space.grid import Grid
from hich.report.compare.rows import ASPECTS
from hich.report.gather.table import CASE_COLUMNS
from hich.report.messages import VERDICTS
from hich.report.model.case import CaseReport
from hich.report.model.cohort import CaseSummary, CohortReport
from hich.report.model.masks import CaseVoxels
from hich.report.pages.write import render_case, render_index

SHAPE, SPACING = (512, 512, 30), (0.45, 0.45, 5.0)
CASES, REPEATS = 2000, 7
NUMBERS = (
    *("ct_hematoma_ml", "compared_hematoma_ml", "reference_hematoma_ml"),
    *("ct_midline_shift_mm", "compared_midline_shift_mm", "dice_hematoma"),
)

# From the event to the frame in which the browser has laid out the table anew.
CLOCK = """async ([selector, value]) => {
  const element = document.querySelector(selector);
  const start = performance.now();
  if (value === null) element.click();
  else { element.value = value; element.dispatchEvent(new Event('input', {bubbles: true})); }
  document.getElementById('scroller').getBoundingClientRect();
  return performance.now() - start;
}"""


def head() -> CaseVoxels:
    """Return a noisy head in air with four structures."""
    rng = np.random.default_rng(0)
    x, y, z = np.ogrid[: SHAPE[0], : SHAPE[1], : SHAPE[2]]
    radius = np.sqrt(((x - 256) / 165) ** 2 + ((y - 256) / 205) ** 2 + 0 * z)
    hu = np.where(radius < 0.93, 35, np.where(radius < 1, 900, -1000)).astype(np.int16)
    hu += (rng.standard_normal(SHAPE, dtype=np.float32) * 5).astype(np.int16)
    masks = {
        "hematoma": ((x - 320) / 50) ** 2 + ((y - 256) / 60) ** 2 + ((z - 15) / 5) ** 2 < 1,
        "midline": (np.abs(x - 256) < 2) & (np.abs(y - 256) < 180) & (z > 5),
        "ventricle_left": (np.abs(x - 285) < 14) & (np.abs(y - 230) < 40) & (np.abs(z - 17) < 4),
        "ventricle_right": (np.abs(x - 230) < 14) & (np.abs(y - 230) < 40) & (np.abs(z - 17) < 4),
    }
    marked = {name: mask.astype(np.uint8) for name, mask in masks.items()}
    grid = Grid(SHAPE, make_affine("LPS", SPACING, SHAPE))
    return CaseVoxels(hu, grid, marked, marked)


def cohort() -> CohortReport:
    """Return a cohort of made-up values."""
    rng = np.random.default_rng(0)
    cases = tuple(
        CaseSummary(
            f"病例-{i:04d}",
            f"cases/病例-{i:04d}.html",
            {
                **dict.fromkeys(CASE_COLUMNS),
                **{name: float(rng.gamma(2, 10)) for name in NUMBERS if rng.random() < 0.9},
                "part": "test",
            },
            {aspect: VERDICTS[rng.integers(len(VERDICTS))] for aspect in ASPECTS},
            (),
            (),
            float(rng.integers(8)),
        )
        for i in range(CASES)
    )
    counts = dict.fromkeys(
        (
            *("cases", "with_image", "with_record", "with_prediction", "with_annotation"),
            *("with_reference", "needs_look"),
        ),
        CASES,
    )
    return CohortReport("made up", None, cases, {"test": CASES}, counts, {})


def seconds(make: Any, *arguments: Any) -> tuple[float, str]:
    """Return the least CPU time of some repeats, and what was made."""
    times = []
    for _ in range(REPEATS):
        start = time.process_time()
        html = make(*arguments)
        times.append(time.process_time() - start)
    return min(times), html


def in_browser(page: Path) -> dict[str, float] | None:
    """Return milliseconds, the median of some repeats, of each thing to do with the table."""
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    path = next(filter(None, map(shutil.which, names)), None)
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        return None
    if path is None:
        return None
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        opened = browser.new_page()
        opened.goto(page.as_uri())
        headers = opened.eval_on_selector_all(
            "th[data-key]", "all => all.map(h => [h.dataset.key, h.innerText])"
        )
        tasks: dict[str, tuple[str, list[str | None]]] = {
            f"sort by {name.strip()}": (f"th[data-key='{key}'] button", [None])
            for key, name in headers
        }
        tasks["search"] = "#search", ["1", "19", "199", ""]
        tasks["filter by verdict"] = "#verdict", ["1", "4", ""]
        result = {
            name: statistics.median(
                opened.evaluate(CLOCK, [selector, value])
                for _ in range(REPEATS)
                for value in values
            )
            for name, (selector, values) in tasks.items()
        }
        browser.close()
    return result


def main() -> None:
    """Measure, and print JSON."""
    spent, case = seconds(render_case, CaseReport("case"), head(), "en")
    spent_index, index = seconds(render_index, cohort(), "en")
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder) / "index.html"
        page.write_text(index, encoding="utf-8")
        browser = in_browser(page)
    result = {
        "case of 512×512×30": {"cpu_s": round(spent, 2), "mb": round(len(case.encode()) / 1e6, 2)},
        "index of 2000 cases": {
            "cpu_s": round(spent_index, 2),
            "mb": round(len(index.encode()) / 1e6, 2),
        },
        "in the browser, ms": browser and {name: round(ms, 1) for name, ms in browser.items()},
    }
    print(json.dumps(result, ensure_ascii=False, indent=2))


if __name__ == "__main__":
    main()
