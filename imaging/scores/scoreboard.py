"""A summary of scores for the terminal, 80 columns wide."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.markup import escape

from cohort.base.cli import counted
from cohort.base.note_lines import note_lines
from cohort.facts.structures import BY_ID


def print_summary(
    summary: Mapping[str, Any],
    notes: Mapping[str, Sequence[tuple[str, str]]] | None = None,
    place: str = "",
) -> None:
    """Print what `imaging.evaluate` found: a table of structures, and what concerns one alone.

    Parameters
    ----------
    summary
        What stands in `<part>.json`.
    notes, place
        Notes on the cases, and where all of them stand (`cohort.base.note_lines`).
    """
    from rich import box
    from rich.table import Table

    title = f"{counted(summary['cases'], 'case')} of the part {summary['part']!r}, means over cases"
    # Narrow enough for a terminal of 80 columns; the rest stands in the files.
    table = Table(title=title, box=box.SIMPLE_HEAD, title_justify="left", padding=0)
    table.add_column("structure", no_wrap=True)
    headings = ("Dice", "95% CI", "NSD", "HD95", "prec.", "recall", "mL", "%", "miss.")
    for heading in (*headings, "false"):
        table.add_column(heading, justify="right", no_wrap=True)
    # What counts in no mean stands apart, below a line.
    rows = sorted(summary["structures"].items(), key=lambda row: not BY_ID[row[0]].in_means)
    for structure, value in rows:
        if not BY_ID[structure].in_means:
            table.add_section()
        table.add_row(
            structure,
            _shown(value["dice"]["mean"], 3),
            _interval(value["dice"]["ci95"], 2),
            _shown(value["nsd_1mm"]["mean"], 2),
            _shown(value["hd95_mm"]["mean"], 1),
            _shown(value["precision"]["mean"], 2),
            _shown(value["recall"]["mean"], 2),
            _shown(value["volume_abs_error_ml"]["mean"], 1),
            _shown(value["volume_error_percent"]["median"], 1),
            str(value["missed"]),
            str(value["false_alarms"]),
        )
    console = Console(highlight=False)
    console.print(table)
    console.print("NSD: surface Dice at 1 mm; HD95 in mm; mL: absolute error of the volume;")
    console.print("%: the same, relative, median; miss., false: missed and false alarms.")
    for line in _findings(summary["structures"], summary.get("measurements", {})):
        console.print(line)
    for structure, reason in summary.get("not_learnt", {}).items():
        console.print(f"{structure}: not scored; {reason}")
    of_model = [note["what"] for note in summary.get("notes", ()) if note["case"] is None]
    for line in [*of_model, *note_lines(notes or {}, place)]:
        console.print(f"[yellow]Note:[/yellow] {escape(line)}", soft_wrap=True)
    for reason, number in summary["left_out"].items():
        console.print(f"Left out: {counted(number, 'case')} {reason}.")
    if summary["split_by"] == "slice":
        console.print(
            "[red]Split by slice:[/red] slices of these patients were in training as well, "
            "so these scores are too good."
        )
    apart = [
        name
        for name, of in summary["structures"].items()
        if not BY_ID[name].in_means or (of["false_alarms"] and not of["found"] + of["missed"])
    ]
    without = f" (without {', '.join(apart)})" if apart else ""
    console.print(f"Mean Dice over structures{without}: {_shown(summary['mean_dice'], 3)}")


def _findings(structures: Mapping[str, Any], measurements: Mapping[str, Any]) -> list[str]:
    """Return a line for each finding that one structure alone has."""
    lines = []
    hematoma, midline = structures.get("hematoma"), structures.get("midline")
    if hematoma:
        lines += _agreement("Hematoma volume", hematoma["volume_agreement"], "mL")
        lines += _agreement("ABC/2", measurements.get("hematoma_abc2_ml"), "mL")
        lines += _agreement("Tada's formula", measurements.get("hematoma_tada_ml"), "mL")
        lesions = hematoma["lesions"]
        if lesions["reference"] or lesions["predicted"]:
            lines.append(
                f"Lesions: {lesions['detected']} of {lesions['reference']} found (sensitivity "
                f"{_shown(lesions['sensitivity'], 2)}), {lesions['false']} false (precision "
                f"{_shown(lesions['precision'], 2)})"
            )
        quiet = hematoma["bleed_free"]
        if quiet["cases"]:
            lines.append(
                f"Bleed-free: no hematoma reported in {quiet['without_report']} of "
                f"{quiet['cases']} cases (95% CI {_interval(quiet['ci95'], 2)})"
            )
    if midline and midline["shift"]["error_mm"]["n"]:
        shift, error = midline["shift"], midline["shift"]["error_mm"]
        missed = f", {shift['not_predicted']} not predicted" if shift["not_predicted"] else ""
        lines.append(
            f"Midline shift: median error {error['median']:.1f} mm "
            f"(95% CI {_interval(error['median_ci95'], 1)}), {counted(error['n'], 'case')}{missed}"
        )
        lines += _agreement("Midline shift", shift["agreement"], "mm")
    for told in (
        {"side of the bleed": "hematoma_side", "site": "hematoma_site"},
        {"way of the shift": "midline_toward", "compressed side": "ventricle_compressed"},
        {"whether blood is in the ventricles": "ventricular_blood"},
    ):
        asked = {name: measurements.get(key) for name, key in told.items()}
        same = [
            f"{n} in {v['agree']} of {v['cases']}" for n, v in asked.items() if v and v["cases"]
        ]
        lines += [f"As the reference: {', '.join(same)}"] if same else []
    return lines


def _agreement(name: str, found: Mapping[str, Any] | None, unit: str) -> list[str]:
    """Return a line on how a measurement agrees with that of the reference; none if unknown."""
    if not found or not found["limits"]:
        return []
    lower, upper = found["limits"]
    return [
        f"{name}: bias {found['bias']:+.1f} {unit} (95% limits {lower:+.1f} to {upper:+.1f}), "
        f"ICC {_shown(found['icc'], 2)}"
    ]


def _interval(bounds: Sequence[float] | None, digits: int) -> str:
    return "–".join(_shown(bound, digits) for bound in bounds) if bounds else "–"


def _shown(value: float | None, digits: int) -> str:
    return "–" if value is None else f"{value:.{digits}f}"
