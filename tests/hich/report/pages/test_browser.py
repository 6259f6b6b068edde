"""Pages in a real browser, from files: what a reader does, and what they see."""

from __future__ import annotations

import io
import re
from base64 import b64decode
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from cohort.facts.windows import WINDOWS, Window
from hich.report.model.case import CaseReport
from hich.report.model.masks import CaseVoxels
from hich.report.pages.write import render_case

Visit = Callable[..., Any]

ID = '病例 <b>1 & "x" #1%'
CASE = f"en/cases/{ID}.html"


def settle(page: Any) -> None:
    page.wait_for_function(
        "() => { const s = document.getElementById('stage');"
        " return s.dataset.drawn === s.dataset.slice; }"
    )
    # The frame in which masks and window are drawn anew, and one after it.
    page.evaluate(
        "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"
    )


def pixels(page: Any, canvas: str) -> np.ndarray:
    """Return what is drawn on a canvas, [rows, columns, RGBA]."""
    settle(page)
    url = page.evaluate("id => document.getElementById(id).toDataURL()", canvas)
    with Image.open(io.BytesIO(b64decode(url.split(",")[1]))) as picture:
        return np.array(picture.convert("RGBA"))


def slice_number(page: Any) -> int:
    return int(page.inner_text("#where").split("/")[0])


def ids(page: Any) -> list[str]:
    return [cell.inner_text() for cell in page.query_selector_all("#rows th")]


def test_a_case_is_reached_through_a_link_whatever_its_id_holds(visit: Visit) -> None:
    page = visit("en/index.html")
    page.click("#rows a")
    assert page.inner_text("h1") == ID
    page.click("a[rel=next]")
    assert page.inner_text("h1") == "plain"
    page.click("text=All cases")
    assert page.inner_text("h1") == "CT beside record: <cohort>"


def test_wheel_and_keys_change_the_slice(visit: Visit) -> None:
    page = visit(CASE)
    first = slice_number(page)
    before = pixels(page, "scan")
    page.hover("#stage")
    page.mouse.wheel(0, -120)
    settle(page)
    assert slice_number(page) > first
    page.focus("#stage")
    for key, number in (("Home", 1), ("ArrowUp", 2), ("PageUp", 7), ("PageDown", 2), ("End", 12)):
        page.keyboard.press(key)
        assert slice_number(page) == number
    assert (pixels(page, "scan") != before).any()
    assert page.get_attribute("#slice", "aria-valuetext") == "12 / 12"


def test_a_slice_that_is_decoded_late_is_not_drawn_over_a_newer_one(visit: Visit) -> None:
    page = visit(CASE)
    settle(page)
    first = page.evaluate("() => hichViewer.at()")
    shown = pixels(page, "scan")
    page.evaluate(
        """first => {
            const load = hichSlices.load, late = window.late = [];
            hichSlices.load = index => index === first
                ? load(index)
                : new Promise(done => late.push(() => load(index).then(done)));
            hichViewer.go(first - 1);
            hichViewer.go(first);  // its frame comes when the other one is asked for again
            requestAnimationFrame(() => hichViewer.go(first - 1));
        }""",
        first,
    )
    a_while = "() => new Promise(done => setTimeout(done, 300))"
    page.evaluate(a_while)
    page.evaluate("first => hichViewer.go(first)", first)
    page.evaluate(a_while)
    page.evaluate("() => late.forEach(done => done())")
    page.evaluate(a_while)
    assert page.evaluate("() => hichViewer.at()") == first
    assert np.array_equal(pixels(page, "scan"), shown)


def test_dragging_changes_slice_and_with_shift_the_window(visit: Visit) -> None:
    page = visit(CASE)
    page.focus("#stage")
    page.keyboard.press("Home")
    box = page.locator("#stage").bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x, y - 120)
    page.mouse.up()
    moved = slice_number(page)
    assert moved > 1
    page.keyboard.down("Shift")
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 60, y)
    page.mouse.up()
    page.keyboard.up("Shift")
    assert slice_number(page) == moved
    assert int(page.input_value("#width")) > 80


def test_the_patients_left_is_on_the_right(visit: Visit) -> None:
    page = visit(CASE)
    for box in page.query_selector_all("input.mask:checked"):
        if box.get_attribute("data-bit") != "0":
            box.uncheck()
    page.uncheck("#lines")
    marked = pixels(page, "overlay")[..., 3] > 0
    rows, columns = np.nonzero(marked)
    assert columns.mean() > 0.55 * marked.shape[1]  # the hematoma is in the patient's left half
    sides = page.locator("#stage .side")
    assert sides.nth(0).inner_text() == "R"
    assert sides.nth(0).bounding_box()["x"] < sides.nth(1).bounding_box()["x"]


def test_masks_are_toggled_by_mouse_and_key(visit: Visit) -> None:
    page = visit(CASE)
    with_all = pixels(page, "overlay")
    page.click("input.mask[data-bit='0']")
    without = pixels(page, "overlay")
    assert np.count_nonzero(without[..., 3]) < np.count_nonzero(with_all[..., 3])
    page.focus("#stage")
    page.keyboard.press("1")
    assert (pixels(page, "overlay") == with_all).all()
    page.keyboard.press("Shift+Digit1")
    assert not page.is_checked("input.mask[data-bit='8']")
    page.keyboard.press("m")
    assert not page.is_checked("#all-predicted")
    page.keyboard.press("m")
    assert page.is_checked("#all-predicted")
    page.keyboard.press("r")  # three are left, so that all go
    assert not page.is_checked("#all-reference")


def test_all_masks_off_leave_the_scan_bare(visit: Visit) -> None:
    page = visit(CASE)
    page.uncheck("#all-predicted")
    page.uncheck("#all-reference")
    page.uncheck("#lines")
    assert not pixels(page, "overlay").any()


def test_opacity_is_that_of_the_fill(visit: Visit) -> None:
    page = visit(CASE)
    page.uncheck("#all-reference")
    page.uncheck("#lines")
    page.fill("#opacity", "100")
    solid = pixels(page, "overlay")
    assert tuple(solid[solid[..., 3] == 255][0][:3]) in {
        *((213, 94, 0), (240, 228, 66), (86, 180, 233), (0, 158, 115)),
    }
    page.fill("#opacity", "0")
    assert not pixels(page, "overlay").any()


def test_a_window_shows_each_hu_as_it_should(visit: Visit) -> None:
    page = visit(CASE)
    levels = lambda: set(np.unique(pixels(page, "scan")[..., 0]))  # noqa: E731
    # Air, brain of 35 HU, blood of 65, bone.
    assert levels() == {0, round(35 / 80 * 255), round(65 / 80 * 255), 255}
    page.click("button[data-window=stroke]")  # 20 to 60 HU
    assert levels() == {0, round(15 / 40 * 255), 255}
    assert page.get_attribute("button[data-window=stroke]", "aria-pressed") == "true"
    page.fill("#width", "160")
    page.keyboard.press("Enter")
    assert page.inner_text("#contrast") == "W 160  L 40"
    assert levels() == {0, round(75 / 160 * 255), round(105 / 160 * 255), 255}


def test_the_windows_of_the_registry_have_their_keys(
    visit: Visit,
    case: CaseReport,
    volumes: CaseVoxels,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    """One more than there are, and one less: the viewer follows."""
    liver = Window(160, 60, "V", "Liver", "肝窗")
    windows = {"brain": WINDOWS["brain"], "liver": liver, "bone": WINDOWS["bone"]}
    monkeypatch.setattr("hich.report.pages.case_page.WINDOWS", windows)
    (tmp_path / "cases").mkdir()
    page_file = tmp_path / "cases" / "p.html"
    page_file.write_text(render_case(case, volumes, "en"), encoding="utf-8")
    page = visit(str(page_file))
    said = page.text_content("#keys dl")
    assert "B V N" in said and "brain, liver, bone" in said
    page.focus("#stage")
    for key, shown in (("v", "W 160  L 60"), ("n", "W 2800  L 600"), ("b", "W 80  L 40")):
        page.keyboard.press(key)
        assert page.inner_text("#contrast") == shown
        page.keyboard.press("d")  # the key of none of these
        assert page.inner_text("#contrast") == shown


def test_the_hu_under_the_pointer_is_shown(visit: Visit) -> None:
    page = visit(CASE)
    box = page.locator("#stage").bounding_box()
    page.mouse.move(box["x"] + box["width"] * 0.3, box["y"] + box["height"] * 0.3)
    page.wait_for_function("() => document.getElementById('hu').textContent !== ''")
    assert page.inner_text("#hu") == "35 HU"
    # Air: the first code stands for all below it, too.
    page.mouse.move(box["x"] + 2, box["y"] + 2)
    page.wait_for_function("() => document.getElementById('hu').textContent !== '35 HU'")
    assert page.inner_text("#hu") == "≤ -1000 HU"


def test_a_value_of_the_ct_previews_its_slice(visit: Visit) -> None:
    page = visit(CASE)
    page.focus("#stage")
    page.keyboard.press("Home")
    value = page.locator("tr:has-text('Volume') button.value")
    value.hover()
    assert slice_number(page) == 6  # the middle of the hematoma
    page.mouse.move(5, 5)
    assert slice_number(page) == 1
    value.click()
    page.mouse.move(5, 5)
    assert slice_number(page) == 6


def test_a_quote_leads_to_its_place_in_the_record(visit: Visit) -> None:
    page = visit(CASE, height=500)
    page.click("a.quote:has-text('29ml')")
    marked = page.query_selector_all(".text .marked")
    assert "".join(piece.inner_text() for piece in marked) == "29ml"
    page.wait_for_function(
        "() => { const b = document.querySelector('.marked').getBoundingClientRect();"
        " return b.top >= 0 && b.bottom <= innerHeight; }"
    )
    page.click("a.quote:has-text('5mm')")
    marked = page.query_selector_all(".text .marked")
    assert "".join(piece.inner_text() for piece in marked) == "中线右移约5mm"


def test_the_record_reads_as_it_was_written(visit: Visit) -> None:
    page = visit(CASE)
    text = page.evaluate(
        "() => Array.from(document.querySelectorAll('.text p')).map(p => p.textContent).join('\\n')"
    )
    assert text.replace("\n", "") == (
        "男，61岁。CT报告：左侧基底节区血肿，量约29ml，中线右移约5mm。"
        "诊断：脑出血<script>alert(1)</script>"
    )


def test_the_table_sorts_by_number_and_what_is_not_known_comes_last(visit: Visit) -> None:
    page = visit("en/index.html")
    assert ids(page)[0] == ID  # needs a look
    header = page.locator("th:has-text('Volume, CT')")
    header.locator("button").click()
    assert header.get_attribute("aria-sort") == "descending"
    assert ids(page)[-1] == "nothing"
    header.locator("button").click()
    assert header.get_attribute("aria-sort") == "ascending"
    assert ids(page)[-1] == "nothing"
    page.click("th[data-key='id'] button")
    assert ids(page) == ["nothing", "plain", ID]


def test_two_thousand_cases_keep_few_rows_in_the_page(visit: Visit) -> None:
    page = visit("big.html")
    page.click("th:has-text('Volume, CT') button")
    assert ids(page)[0] == "case 1999"
    assert len(ids(page)) < 80
    page.evaluate("() => { const s = document.getElementById('scroller'); s.scrollTop = 1e6; }")
    page.wait_for_function("() => document.querySelector('#rows').textContent.includes('case 0')")
    assert ids(page)[-1] == "case 0"
    assert len(ids(page)) < 80
    height = page.evaluate("() => document.getElementById('rows').offsetHeight")
    assert height == pytest.approx(2000 * 34, rel=0.01)


def test_filters_narrow_the_table_together(visit: Visit) -> None:
    page = visit("big.html")
    page.select_option("#verdict", label="Differ")
    assert page.inner_text("#shown") == "200 of 2000"
    page.select_option("#part", label="Validation")
    assert page.inner_text("#shown") == "67 of 2000"
    page.fill("#search", "CASE 99")
    assert page.inner_text("#shown") == "1 of 2000"
    assert ids(page) == ["case 990"]
    page.fill("#search", "no such case")
    assert page.inner_text("#shown") == "0 of 2000"
    page.fill("#search", "")
    page.select_option("#aspect", label="Side")
    assert page.inner_text("#shown") == "0 of 2000"


def test_a_printed_table_holds_all_rows(visit: Visit) -> None:
    page = visit("big.html")
    page.evaluate("() => dispatchEvent(new Event('beforeprint'))")
    assert page.locator("#rows th").count() == 2000


def test_a_printed_case_shows_key_slices_instead_of_the_viewer(visit: Visit) -> None:
    page = visit(CASE)
    page.emulate_media(media="print")
    assert not page.is_visible("#viewer")
    assert page.is_visible(".key-slices img")
    page = visit("en/cases/nothing.html")
    page.emulate_media(media="print")
    assert page.is_visible("text=There is no CT to show.")


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("name", ["index.html", f"cases/{ID}.html", "cases/nothing.html"])
def test_a_narrow_screen_needs_no_scrolling_sideways(visit: Visit, lang: str, name: str) -> None:
    page = visit(f"{lang}/{name}", width=390, height=844)
    assert page.evaluate("() => document.documentElement.scrollWidth") <= 390


def brightness(page: Any) -> int:
    """Return the sum of red, green and blue of the page's ground."""
    colour = page.evaluate("() => getComputedStyle(document.body).backgroundColor")
    return sum(map(int, re.findall(r"\d+", colour)[:3]))


def test_dark_follows_the_system_until_the_reader_chooses(visit: Visit) -> None:
    page = visit("en/index.html", color_scheme="dark")
    assert brightness(page) < 150
    page.click("#theme")
    assert brightness(page) > 600
    page.reload()
    assert brightness(page) > 600


def test_chinese_pages_are_in_chinese(visit: Visit) -> None:
    page = visit(f"zh/cases/{ID}.html")
    assert page.get_attribute("html", "lang") == "zh-CN"
    assert page.inner_text("#comparison") == "CT 与病历对照"
    assert "中线移位" in page.inner_text(".comparison")
    page.click("button[data-window=bone]")
    page.goto(page.url.split("cases/")[0] + "index.html")
    assert page.inner_text("#shown") == "3 / 3"


def test_without_javascript_key_slices_and_links_are_there(visit: Visit) -> None:
    page = visit(CASE, java_script_enabled=False)
    assert page.is_visible(".key-slices img")
    assert not page.is_visible("#viewer")
    assert "needs JavaScript" in page.inner_text(".ct")
    page = visit("en/index.html", java_script_enabled=False)
    page.click(".plain a:has-text('plain')")
    assert page.inner_text("h1") == "plain"


def test_a_case_with_nothing_says_so(visit: Visit) -> None:
    page = visit("en/cases/nothing.html")
    said = page.inner_text("main")
    assert "There is no CT to show." in said
    assert "There is no record." in said
    assert "No CT." in said
