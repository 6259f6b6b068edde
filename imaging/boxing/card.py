"""The model card: all that a model's metadata say of it, for people.

It is made of the metadata alone, so that the two can't differ. The headings follow Mitchell 2019,
Model Cards for Model Reporting (doi:10.1145/3287560.3287596).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from cohort.facts.structures import BY_ID
from cohort.schema.scans.model_errors import ModelErrors, SizedShiftError, VolumeError
from imaging.model.bundle import errors_of

UNKNOWN = "cannot be told"


def model_card(metadata: Mapping[str, Any]) -> str:
    """Return the model card of a model, in Markdown."""
    card = metadata["card"]
    bits = metadata["weights"]
    lines = [
        f"# {metadata['name']} {metadata['version']}",
        "",
        f"{metadata.get('task', 'Segmentation of head CT')}. "
        f"Trained on {metadata['trained_on']}, for research. **This is not a medical device.**",
        "",
        "Made of `configs/metadata.json` by `python -m imaging.box`; change nothing here.",
        "",
        "## Intended use",
        *_list(card["intended_use"]),
        "",
        "## Where it fails",
        *_list(card["fails"]),
        "",
        "## What it was trained on",
        *_list(card["training"]),
        "",
        "Seeds: " + ", ".join(f"{what} {seed}" for what, seed in card["seeds"].items()) + ".",
        "",
        "The same model again:",
        "",
        "```",
        *card["commands"],
        "```",
        "",
        *_sources(card["sources"]),
        "## What it reaches",
        *_figures(card["figures"]),
        *_errors(errors_of(metadata)),
        "## Weights",
        f"{bits['bits']} bits, SHA-256 `{bits['sha256']}`. Against full weights, on "
        f"{bits['compared_on']} generated scans, voxels that differ (of those that belong to the "
        "structure by either): "
        + "; ".join(
            f"{_name(name)} {n} of {bits['of_voxels'][name]}"
            for name, n in bits["differing_voxels"].items()
        )
        + ".",
        "",
    ]
    return "\n".join(lines)


def _list(sentences: Iterable[str]) -> Iterator[str]:
    return (f"- {sentence}" for sentence in sentences)


def _sources(sources: Sequence[str]) -> Iterator[str]:
    if sources:
        yield from ("Data of others that went into it:", "", *_list(sources), "")


def _figures(figures: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    for on in dict.fromkeys(figure["on"] for figure in figures):
        yield from ("", f"**{on}**", "", "| what | figure | 95 % interval | n |")
        yield "| --- | --- | --- | --- |"
        for one in figures:
            if one["on"] == on:
                n = "–" if one["n"] is None else str(one["n"])
                yield f"| {one['what']} | {one['value']:.3f} | {_range(one['ci95'], 3)} | {n} |"
    yield ""


def _errors(errors: ModelErrors | None) -> Iterator[str]:
    if errors is None:
        return
    yield "## What to expect of a measurement"
    yield f"By the volume that was measured, on {errors.cases} cases: {errors.measured_on}"
    yield from (
        "",
        "| structure | measured, mL | n | mean absolute error, mL | bias, mL | limits |",
    )
    yield "| --- | --- | --- | --- | --- | --- |"
    for name, sizes in errors.volumes.items():
        for one in sizes:
            size = f"{one.from_ml:g} to below {one.to_ml:g}"
            yield f"| {_name(name)} | {size} | {one.n} | {_of_size(one)} |"
    yield ""
    if errors.shift is None:
        return
    shift = errors.shift
    said = (
        f"mean absolute error {shift.mae_mm:.1f} mm ({_range(shift.mae_ci95, 1)}), bias "
        f"{shift.bias_mm:.1f} mm ({_range(shift.bias_ci95, 1)}), limits of agreement "
        f"{_range(shift.limits_mm, 1)}"
        if shift.mae_mm is not None and shift.bias_mm is not None
        else UNKNOWN
    )
    yield f"Midline shift, {shift.n} cases, and {shift.not_told or 0} where it isn't told: {said}."
    yield ""
    if shift.sizes:
        yield "By the shift that was measured; positive is farther to the side it goes to:"
        yield ""
        yield "| shift, mm | n | mean absolute error, mm | bias, mm | limits |"
        yield "| --- | --- | --- | --- | --- |"
        for of_size in shift.sizes:
            end = f" to below {of_size.to_mm:g}" if of_size.to_mm else " or more"
            yield f"| {of_size.from_mm:g}{end} | {of_size.n} | {_of_shift(of_size)} |"
        yield ""


def _of_size(one: VolumeError) -> str:
    if one.mae_ml is None or one.bias_ml is None:
        return f"{UNKNOWN} | {UNKNOWN} | {UNKNOWN}"
    mae = f"{one.mae_ml:.2f} ({_range(one.mae_ci95, 2)})"
    return f"{mae} | {one.bias_ml:.2f} ({_range(one.bias_ci95, 2)}) | {_range(one.limits_ml, 2)}"


def _of_shift(one: SizedShiftError) -> str:
    if one.mae_mm is None or one.bias_mm is None:
        return f"{UNKNOWN} | {UNKNOWN} | {UNKNOWN}"
    mae = f"{one.mae_mm:.1f} ({_range(one.mae_ci95, 1)})"
    return f"{mae} | {one.bias_mm:.1f} ({_range(one.bias_ci95, 1)}) | {_range(one.limits_mm, 1)}"


def _range(bounds: Sequence[float] | None, digits: int) -> str:
    return "–" if bounds is None else f"{bounds[0]:.{digits}f} to {bounds[1]:.{digits}f}"


def _name(structure: str) -> str:
    return BY_ID[structure].name_en if structure in BY_ID else structure
