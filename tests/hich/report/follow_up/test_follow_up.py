"""What changed between scans, and what it is called: by hand, with an error that is known."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest

from cohort.facts.doubts import SIDES
from cohort.schema.scans.measurements import Edema, Hematoma, Midline, Ventricles, VentricularBlood
from cohort.schema.scans.model_errors import ShiftError, SizedShiftError
from cohort.schema.scans.scan import Coverage, ExpectedErrors, Model
from hich.patient.note import annotate_note
from hich.report.follow_up.put_together import TimedScan, follow_up_of
from hich.report.gather.annotations import annotated_text
from hich.report.gather.predictions import Prediction
from hich.report.messages import CheckSentence, Message
from hich.report.model.follow_up import Change, FollowUp, FollowUpStep
from hich.report.model.masks import CaseMeasurements
from hich.report.pages.follow_up import follow_up_context, follow_up_in_words, scan_name
from hich.report.pages.words import Words
from hich.report.strings import Language


@dataclass
class Seen:
    """A scan: mL of the hematoma and of blood in the ventricles, mm of shift toward the left."""

    ml: float | None
    blood: float | None = 0.0
    shift: float = 0.0
    air: bool = False
    error: float | None = 0.3
    part: bool = False


def follow(
    *seen: Seen,
    hours: tuple[float, ...] | None = (0, 24, 48, 72),
    note: str = "",
    cut: tuple[str, ...] = (),
    first_missing: bool = False,
) -> FollowUp:
    scans = []
    for number, one in enumerate(seen):
        toward = None if abs(one.shift) < 1.5 else "left" if one.shift > 0 else "right"
        measured = CaseMeasurements(
            Hematoma(volume_ml=one.ml),
            Midline(shift_mm=abs(one.shift), toward=toward),
            Ventricles(left_ml=10, right_ml=12),
            ventricular_blood=VentricularBlood(volume_ml=one.blood),
            edema=Edema(volume_ml=4),
        )
        names = ("hematoma", "ventricular_blood", "edema", "ventricle_left", "ventricle_right")
        errors = None
        if one.error is not None:
            shift = ShiftError(20, limits_mm=(-1.0, 0.8))
            errors = ExpectedErrors("a test", {}, shift, dict.fromkeys(names, one.error))
        notes = (CheckSentence("air in skull", "shows air."),) if one.air else ()
        coverage = Coverage(20, 140.0, part=one.part)
        model = Model("m", "1")
        prediction = Prediction({}, measured, {}, model, notes, {}, coverage, (1, 1, 1), errors)
        at = hours[number] if hours else None
        scans.append(TimedScan(f"s{number}", at, prediction, frozenset(cut)))
    findings = annotated_text(annotate_note("n", note)).findings if note else ()
    return follow_up_of(
        scans,
        "hours" if hours else "order",
        note,
        findings or (),
        first_missing=first_missing,
    )


def step(*seen: Seen, **given: object) -> FollowUpStep:
    return follow(*seen, **given).steps[-1]  # type: ignore[arg-type]


def change(of: FollowUpStep, measure: str) -> Change:
    return next(one for one in of.changes if one.measure == measure)


@pytest.mark.parametrize(
    ("before", "after", "standard", "revised"),
    [
        (Seen(30), Seen(37), "yes", "yes"),  # 7 mL, less 0.42 of error
        (Seen(30), Seen(36.3), "open", "open"),  # 6.3 mL: the limit is within the error
        (Seen(30), Seen(35), "no", "no"),  # 5 mL, 17 %
        (Seen(9), Seen(13), "yes", "yes"),  # 4 mL, but 44 %
        (Seen(9), Seen(11), "no", "no"),  # 22 %
        (Seen(30), Seen(20), "no", "no"),
        (Seen(0), Seen(4), "no", "no"),  # of nothing no share can be told: 6 mL count
        (Seen(0), Seen(7), "yes", "yes"),
        (Seen(30), Seen(30, blood=0.7), "no", "yes"),  # new blood in the ventricles
        (Seen(30), Seen(30, blood=0.4), "no", "open"),  # it may be the error alone
        (Seen(30, blood=2), Seen(30, blood=2.5), "no", "no"),
        (Seen(30, blood=2), Seen(30, blood=4), "no", "yes"),  # 2 mL more
        (Seen(30), Seen(37, error=None), "open", "open"),
        (Seen(30), Seen(None), "open", "open"),
        (Seen(30), Seen(30, blood=None), "no", "open"),
    ],
)
def test_growth_by_two_definitions(before: Seen, after: Seen, standard: str, revised: str) -> None:
    found = step(before, after).growth
    assert found is not None and (found.standard, found.revised) == (standard, revised)


def test_a_change_within_the_error_of_both_scans_is_none() -> None:
    found = step(Seen(30, error=3), Seen(34, error=4))
    hematoma = change(found, "hematoma")
    assert (hematoma.difference, hematoma.error, hematoma.verdict) == (4, 5, "same")
    assert hematoma.percent == pytest.approx(100 * 4 / 30)
    assert change(step(Seen(30, error=1), Seen(34, error=1)), "hematoma").verdict == "more"
    assert change(step(Seen(30), Seen(34, error=None)), "hematoma").verdict == "unjudged"
    assert change(step(Seen(30), Seen(None)), "hematoma").verdict == "untold"


@pytest.mark.parametrize(
    ("before", "after", "difference", "verdict"),
    [(4, 7, 3, "more"), (-4, -7, 3, "more"), (4, -2, -6, "less"), (1, -5, 5, "more")],
)
def test_a_shift_grows_toward_the_side_that_it_had(
    before: float, after: float, difference: float, verdict: str
) -> None:
    found = change(step(Seen(9, shift=before), Seen(9, shift=after)), "midline_shift")
    assert (found.difference, found.verdict) == (difference, verdict)
    assert found.error == pytest.approx(2**0.5) and found.percent is None


@pytest.mark.parametrize(
    ("ml", "said"), [(35.96, "+5.96 mL; +20 %"), (36.0, "+6.0 mL; +20 %"), (35.8, "+5.8 mL; +19 %")]
)
def test_a_change_short_of_the_limit_is_not_rounded_to_it(ml: float, said: str) -> None:
    told = "\n".join(follow_up_in_words(follow(Seen(30), Seen(ml)), Words("en")))
    assert said in told
    told = "\n".join(follow_up_in_words(follow(Seen(10), Seen(13.26)), Words("en")))
    assert "+3.26 mL; +32.6 %" in told or "+3.3 mL; +32.6 %" in told


def test_a_side_that_cannot_be_told_is_no_letter_to_go_by() -> None:
    told = follow(Seen(30), Seen(30))
    one, two = told.scans
    doubted = replace(told, scans=(one, replace(two, untold=frozenset((SIDES,)))))
    letters = follow_up_context(doubted, "", Words("en"))["letters"]
    assert [(right, left) for right, left, _ in letters] == [("R", "L"), ("R?", "L?")]
    assert [said.endswith("can't be told.") for *_, said in letters] == [False, True]


def test_times_tell_whether_the_definitions_hold() -> None:
    near, far = (step(Seen(9), Seen(9), hours=(0, at)).growth for at in (72, 73))
    unknown = follow(Seen(9), Seen(9), hours=None)
    assert near and far and unknown.steps[0].growth
    assert (near.in_window, far.in_window) == (True, False)
    assert unknown.steps[0].growth.in_window is None
    assert [note.key for note in unknown.notes] == ["follow.order_only"]


def test_after_surgery_it_is_clearance_and_never_growth() -> None:
    told = follow(Seen(40), Seen(50), Seen(10, air=True), Seen(25))
    assert [scan.surgery for scan in told.scans] == [None, None, "seen", "seen"]
    grown, first, second = told.steps
    assert grown.growth and grown.growth.standard == "yes" and grown.clearance is None
    assert first.growth is None and first.clearance and first.baseline == 1
    assert (first.clearance.residual_ml, first.clearance.percent) == (10, pytest.approx(80))
    assert first.clearance.error_percent == pytest.approx(100 * 0.3 * 2**0.5 / 50)
    assert second.clearance and second.clearance.percent == pytest.approx(50)
    said = "\n".join(follow_up_in_words(told, Words("zh")))
    assert "血肿清除率: 80% ± 1%" in said and "第 3 次 CT 可见术后改变" in said


def test_without_a_scan_before_surgery_no_clearance_is_told() -> None:
    found = step(Seen(20, air=True), Seen(30))
    assert found.growth is None and found.clearance
    assert (found.clearance.residual_ml, found.clearance.percent) == (30, None)
    assert [note.key for note in found.notes] == ["follow.no_scan_before_surgery"]


@pytest.mark.parametrize(
    ("said", "surgery", "note"),
    [
        ("入院后急诊行开颅血肿清除术。", "told", "follow.surgery_told"),
        ("家属拒绝开颅血肿清除术。", None, None),
        ("拟行开颅血肿清除术。", None, "follow.surgery_planned"),
        ("既往史：5年前行开颅血肿清除术。", None, None),
    ],
)
def test_a_record_that_tells_of_surgery_ends_growth(
    said: str, surgery: str | None, note: str | None
) -> None:
    told = follow(Seen(30), Seen(20), note=f"诊疗经过：{said}\n" if "史" not in said else said)
    assert told.scans[1].surgery == surgery
    assert (told.steps[0].growth is None) == (surgery is not None)
    assert [n.key for n in told.notes] == ([note] if note else [])


GROWN = "诊疗经过：入院CT示左侧基底节出血20ml。6小时后复查头颅CT示血肿约38ml，"


@pytest.mark.parametrize(
    ("said", "hours", "surgery"),
    [
        (f"{GROWN}遂于入院后8小时行开颅血肿清除术。", (0, 6, 48), [None, None, "told"]),  # hours
        (f"{GROWN}遂行开颅血肿清除术。", (0, 6, 48), [None, None, "told"]),  # order
        ("诊疗经过：入院后8小时行开颅血肿清除术。", (0, 6, 7), [None, None, None]),
        ("诊疗经过：发病后30小时行开颅血肿清除术。", (0, 31, 48), [None, "told", "told"]),
        ("诊疗经过：行开颅血肿清除术。", (0, 6, 48), [None, "open", "told"]),
        ("诊疗经过：行开颅术，术后6小时复查CT示血肿38ml。", (0, 6, 48), [None, "open", "told"]),
        ("诊疗经过：行开颅血肿清除术。术后复查CT示血肿38ml。", (0, 6), [None, "told"]),
    ],
)
def test_growth_before_surgery_is_no_clearance(
    said: str, hours: tuple[float, ...], surgery: list[str | None]
) -> None:
    seen = (Seen(20), Seen(38), Seen(3) if surgery[-1] else Seen(40))[: len(hours)]
    told = follow(*seen, hours=hours, note=f"{said}\n")
    assert [scan.surgery for scan in told.scans] == surgery
    first, *later = told.steps
    words = "\n".join(follow_up_in_words(told, Words("en")))
    assert "Clearance: −" not in words
    if surgery[1] is None:
        assert first.growth and (first.growth.standard, first.clearance) == ("yes", None)
        if surgery[2]:
            cleared = later[0].clearance
            assert later[0].baseline == 1 and cleared
            assert cleared.percent == pytest.approx(100 * 35 / 38)
            assert "were taken before surgery" in words
        else:
            assert later[0].growth and "after the last of these scans" in words
    elif surgery[1] == "open":
        assert first.growth and (first.growth.standard, first.growth.revised) == ("open", "open")
        assert "Open: whether there was surgery" in words
        assert later[0].clearance and later[0].clearance.residual_ml == 3
        assert later[0].clearance.percent is None
        assert "Whether scan 2 was taken before surgery" in words
    else:
        assert first.clearance and first.clearance.percent is None
        assert "Clearance: None: there is more than before" in words


@pytest.mark.parametrize(
    ("lang", "signs"), [("en", ("air", "lacks a piece")), ("zh", ("积气", "缺损"))]
)
def test_surgery_is_told_by_all_that_may_show_it(lang: Language, signs: tuple[str, str]) -> None:
    said = Words(lang).say(Message("follow.surgery_seen", {"number": 2}))
    told = [Words(lang)(key) for key in ("ich.after_surgery", "follow.surgery_told")]
    assert all(sign in words for words in (said, *told) for sign in signs)


def test_what_goes_on_beyond_an_edge_is_not_compared() -> None:
    found = step(Seen(20), Seen(30, part=True), cut=("ventricle_left",))
    reasons = {c.measure: c.reason.key for c in found.changes if c.reason}
    assert reasons == {"ventricular_blood": "follow.cut", "ventricle_left": "follow.cut"}
    assert [note.key for note in found.notes] == ["follow.part_of_head"]


def test_no_share_is_told_of_what_may_be_nothing() -> None:
    little = step(Seen(20, blood=0.5, error=0.8), Seen(20, blood=7, error=0.8))
    blood = change(little, "ventricular_blood")
    assert blood.difference == 6.5 and blood.percent is None
    more = step(Seen(20, blood=2, error=0.8), Seen(20, blood=7, error=0.8))
    assert change(more, "ventricular_blood").percent == 250
    left = step(Seen(3, error=4), Seen(1, air=True, error=4)).clearance
    assert left is not None and left.residual_ml == 1 and left.percent is None


@pytest.mark.parametrize(("lang", "said"), [("en", "no error here"), ("zh", "未见误差")])
def test_an_error_of_nothing_is_not_promised(lang: Language, said: str) -> None:
    told = follow(Seen(0, error=0.0), Seen(0, error=0.0), hours=(0, 24))
    line = next(iter(follow_up_in_words(told, Words(lang))))
    assert said in line and "off by" not in line and "差值" not in line


@pytest.mark.parametrize(
    ("said", "hours", "scan", "reason"),
    [
        ("24小时后复查头颅CT示血肿约27ml，中线右移3mm", (0, 24), 1, None),
        ("次日复查CT血肿约27ml", (0, 20), 1, None),
        ("复查头颅CT示血肿量约27ml", (0, 24), 1, None),
        ("复查头颅CT示血肿量约27ml", None, 1, None),
        ("7天后复查头颅CT示血肿量约27ml", (0, 24), None, "follow.repeat_no_such"),
        ("24小时后复查头颅CT示血肿约27ml", (0, 24, 72), 1, None),
        ("72小时后复查头颅CT示血肿约27ml", (0, 24, 72), 2, None),
        ("复查头颅CT示血肿约27ml", (0, 24, 72), None, "follow.repeat_several"),
        ("次日复查头颅CT示血肿约27ml", (0, 20, 30), None, "follow.repeat_several"),
        # Hours, not HU, nor how often a drug is given, nor when the first scan was
        ("次日复查头颅CT示血肿约27ml，CT值约70HU", (0, 24, 70), 1, None),
        ("入院第2天复查CT示血肿约27ml，予甘露醇125ml q8h", (0, 8, 36), 2, None),
        ("予甘露醇q8h，入院第2天复查CT示血肿约27ml", (0, 8, 36), 2, None),
        ("发病3小时入院，次日复查头颅CT示血肿约27ml", (0, 3, 24), 2, None),
        ("每2小时测血压，48 H复查CT示血肿约27ml", (0, 2, 48), 2, None),
        ("入院后3天复查CT示血肿约27ml", (0, 3, 72), 2, None),
        ("1周后复查头颅CT示血肿约27ml", (0, 24), None, "follow.repeat_no_such"),
        ("24小时内复查CT示血肿约27ml", (0, 24), 1, None),
        # As they write in Taiwan
        ("２４小時後複查頭部電腦斷層示血腫約27ml", (0, 24, 72), 1, None),
        ("隔日追蹤電腦斷層示血腫約27ml", (0, 20, 72), 1, None),
        ("術後電腦斷層示血腫約27ml", (0, 24), 1, None),
    ],
)
def test_a_statement_on_a_repeated_scan_stands_beside_it(
    said: str, hours: tuple[float, ...] | None, scan: int | None, reason: str | None
) -> None:
    note = f"诊疗经过：入院后予降压治疗，{said}。必要时复查头颅CT。\n"
    seen = [Seen(20)] * (len(hours) if hours else 2)
    (found,) = follow(*seen, hours=hours, note=note).statements
    assert found.scan == scan and (found.reason.key if found.reason else None) == reason
    assert "27" in note[found.start : found.end] and found.end <= note.index("。")
    assert ("hematoma_volume", 27) in [(f.name, f.value) for f in found.findings]


@pytest.mark.parametrize(
    ("hours", "missing", "scans", "names"),
    [
        ((24, 72), True, [0, None], ["24 h after the first", "72 h after the first"]),
        ((24, 48), True, [0, 1], ["24 h after the first", "48 h after the first"]),
        # Nothing tells how long after the first one these were taken
        (
            (0, 48),
            True,
            [None, None],
            ["first scan that could be used", "48 h after the first that could be used"],
        ),
        (None, True, [None, None], ["first scan that could be used", "later, time not known"]),
    ],
)
def test_a_first_scan_that_could_not_be_used_stays_the_first(
    hours: tuple[float, ...] | None, missing: bool, scans: list[int | None], names: list[str]
) -> None:
    note = (
        "诊疗经过：入院CT示左侧基底节出血20ml。24小时后复查头颅CT示血肿约38ml。"
        "2天后复查CT示血肿约30ml。\n"
    )
    told = follow(Seen(38), Seen(30), hours=hours, note=note, first_missing=missing)
    assert [said.scan for said in told.statements] == scans
    assert [scan_name(number, told, Words("en"))[1] for number in (0, 1)] == names
    growth = told.steps[0].growth
    assert growth and growth.in_window is None
    assert "follow.first_missing" in [note.key for note in told.notes]


def test_with_the_first_scan_lost_a_repeated_one_may_be_any_of_the_others() -> None:
    note = "诊疗经过：复查头颅CT示血肿约38ml。\n"
    for missing, scan in ((True, None), (False, 1)):
        told = follow(Seen(38), Seen(30), hours=None, note=note, first_missing=missing)
        assert [said.scan for said in told.statements] == [scan]


@pytest.mark.parametrize("said", ["建议24小时后复查CT，警惕血肿扩大", "拟明日复查头颅CT"])
def test_a_planned_scan_states_nothing(said: str) -> None:
    note = f"头颅CT：左侧基底节区出血约14ml。{said}。\n"
    assert follow(Seen(14), Seen(14), note=note).statements == ()


def test_a_heading_holds_all_of_its_line() -> None:
    note = (
        "头颅CT：右侧丘脑出血约5ml。\n复查头颅CT：右侧丘脑血肿。量约9ml。破入脑室。\n诊断：脑出血\n"
    )
    (found,) = follow(Seen(5), Seen(9), note=note).statements
    assert note[found.start : found.end].endswith("破入脑室。")
    assert {f.name for f in found.findings} >= {"hematoma_volume", "intraventricular_extension"}


def test_each_repeated_scan_of_a_line_stands_beside_its_own() -> None:
    note = (
        "现病史：头颅CT：左侧丘脑出血约20ml。\n"
        "次日复查CT：血肿约32ml。中线右移4mm。必要时复查。第3天行脑室外引流术，术后复查CT示血肿约12ml。"
        "破入脑室。残余血肿约11ml。\n"
    )
    seen = (Seen(20), Seen(32), Seen(12, air=True))
    told = follow(*seen, hours=(0, 24, 72), note=note).statements
    assert [(s.scan, note[s.start : s.end].rpartition("。")[2]) for s in told] == [
        (1, "必要时复查"),
        (2, ""),
    ]
    volumes = [[f.value for f in s.findings if f.name == "hematoma_volume"] for s in told]
    assert volumes == [[32], [12, 11]]
    assert "破入脑室" in [f.text for f in told[1].findings]


def test_a_shift_is_as_far_off_as_the_model_s_test_tells_of_its_size() -> None:
    def error(shift: ShiftError, of_size: SizedShiftError | None = None) -> float | None:
        known = ExpectedErrors("a test", {}, shift, shift_of_size=of_size)
        return Prediction(
            *({}, None, {}, Model("m", "1"), (), {}, None, (1, 1, 1), known)
        ).shift_error_mm

    large = SizedShiftError(5.0, 10.0, 6, 3.0, limits_mm=(-6.0, 2.0))
    overall = ShiftError(47, mae_mm=0.5, limits_mm=(-1.8, 1.6))
    assert error(overall) == 1.8  # a model that doesn't tell by size
    assert error(replace(overall, sizes=(large,)), large) == 6.0
    assert error(replace(overall, sizes=(large,))) is None


@pytest.mark.parametrize(
    ("said", "hours", "told"),
    [
        (
            "6小时后复查头颅CT示血肿约28ml，3天后复查CT示血肿约25ml",
            (0, 6, 72),
            [(1, [28], "6小时"), (2, [25], "3天后")],
        ),
        (
            "复查CT（6h后）示血肿28ml，再次复查（72h）示血肿25ml",
            (0, 6, 72),
            [(1, [28], "复查CT"), (2, [25], "再次")],
        ),
        (
            "次日复查CT示血肿约21ml，一周后复查CT示血肿约10ml",
            (0, 24, 168),
            [(1, [21], "次日"), (2, [10], "一周后")],
        ),
        (
            "6小时后复查CT示血肿28ml，较前增大，3天后，复查CT示血肿25ml",
            (0, 6, 72),
            [(1, [28], "6小时"), (2, [25], "3天后")],
        ),
        ("6小时后复查CT示血肿28ml，较前增大，建议3天后复查CT", (0, 6, 72), [(1, [28], "6小时")]),
        ("6小时后复查CT示血肿28ml，复查凝血功能正常，中线居中", (0, 6, 72), [(1, [28], "6小时")]),
        ("3天后复查CT示血肿25ml，与上次复查比较缩小", (0, 6, 72), [(2, [25], "3天后")]),
        ("14:00复查头颅CT：血肿约28ml", (0, 6), [(1, [28], "14:00")]),
        ("头颅CT（2024-05-06）示血肿18ml", (0, 72), [(1, [18], "头颅CT")]),
    ],
)
def test_each_repeated_scan_of_a_sentence_stands_beside_its_own(
    said: str, hours: tuple[float, ...], told: list[tuple[int, list[float], str]]
) -> None:
    note = f"头颅CT（2024-05-03）示左侧基底节出血20ml。{said}。\n"
    found = follow(*[Seen(20)] * len(hours), hours=hours, note=note).statements
    assert [
        (s.scan, [f.value for f in s.findings if f.name == "hematoma_volume"]) for s in found
    ] == [(scan, volumes) for scan, volumes, _ in told]
    for statement, (_, _, begins) in zip(found, told, strict=True):
        assert note[statement.start : statement.end].startswith(begins)
