"""Scans that no number should be made of, and scans that are as they should be: which are noticed.

Run from the project's folder: `python benchmarks/alarms.py [--heads 50] [--values]`. Each class
takes every generated head of both styles, does one thing to how it is stored, and asks
`cohort.checks.plausible` what `imaging.predict` would do: refuse it, say what cannot be told, note
it, or take it without a word. A hit is what the class asks for or more; for what is as it should
be, anything but silence is a false alarm. Real scans (`../shared/data`, one or three slices each)
are added where they are.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from alarms_values import FROM_CUT as VALUES_FROM_CUT
from alarms_values import VALUES
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import track

from cohort.checks.head.thumbnail import oriented
from cohort.checks.plausible import check_plausible
from cohort.space.nifti import Header, make_affine, read_volume
from cohort.synthetic.head import draw_head

REAL = Path(__file__).resolve().parents[1].parent / "shared" / "data" / "bhsd-dev"
OUTCOMES = ("taken", "noted", "part untold", "refused")
"""From the least to the most that is said."""


@dataclass(frozen=True)
class Scan:
    """HU [x, y, z]; its axes point to the patient's left, back and vertex, by its header at least.

    Attributes
    ----------
    hu
        What may be no HU at all.
    spacing
        In mm along x, y, z.
    style, seed
        Of a generated head.
    """

    hu: NDArray
    spacing: tuple[float, float, float]
    style: str = ""
    seed: np.random.SeedSequence | None = None


Change = Callable[[Scan], Scan]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help="classes whose names hold it")
    parser.add_argument("--heads", type=int, default=50, help="generated heads of each style")
    parser.add_argument("--values", action="store_true", help="classes of values only")
    options = parser.parse_args()
    classes = {
        name: made
        for name, made in CLASSES.items()
        if options.only in name and not (options.values and name.startswith(("head", "slices")))
    }
    scans = [*generated(options.heads), *real()]
    print("| class | expected | scans | taken | noted | part untold | refused | hits | false |")
    print("| --- | --- |" + " ---: |" * 7)
    for name, (expected, change) in track(classes.items(), console=Console(stderr=True)):
        counts = Counter(outcome(change(scan)) for scan in scans if suits(name, scan))
        n = counts.total()
        least = OUTCOMES.index(expected)
        hits = sum(counts[said] for said in OUTCOMES[least:])
        cells = [str(counts[said]) for said in OUTCOMES]
        cells += ["–", str(n - counts["taken"])] if not least else [f"{hits / n:.0%}", "–"]
        print(f"| {name} | {expected} | {n} | " + " | ".join(cells) + " |")


def generated(heads: int) -> Iterator[Scan]:
    """Yield so many heads of each style."""
    for style in ("routine", "other"):
        for number in range(heads):
            seed = np.random.SeedSequence((13, number))
            head = draw_head(seed, style=style)  # type: ignore[arg-type]
            at = _header(head.hu, head.affine)
            yield replace(_lps(head.hu, at), style=style, seed=seed)


def real() -> Iterator[Scan]:
    """Yield the real slices that are there."""
    for path in sorted(REAL.glob("*.nii.gz")):
        if "_" not in path.name:
            voxels, at = read_volume(path)
            yield _lps(voxels, at)


def suits(name: str, scan: Scan) -> bool:
    """Whether a class can be made of a scan: what was cut at 0 or is one slice gives few."""
    if name.startswith(("head", "slices")):
        return scan.hu.shape[2] > 1
    full = float(scan.hu.min()) < -500 and float(scan.hu.max()) > 300
    return full or name in FROM_CUT | VALUES_FROM_CUT


def outcome(scan: Scan) -> str:
    """Return what would be done with a scan."""
    at = _header(scan.hu, make_affine("LPS", scan.spacing, scan.hu.shape))
    found = check_plausible(Path("scan.nii.gz"), scan.hu, at)
    if found.problems:
        return "refused"
    return "part untold" if found.untold else "noted" if found.notes else "taken"


# How values are stored.


def values(change: Callable[[NDArray], NDArray]) -> Change:
    """Return a change of each voxel's value."""
    return lambda scan: replace(scan, hu=change(scan.hu.astype(np.float32)))


def cut(low: float | None, high: float | None) -> Change:
    return values(lambda hu: hu.clip(low, high).astype(np.int16))


def window(low: float, high: float, levels: int, whole: bool = True) -> Change:
    """Return a change to the grey levels, 0 to `levels`, of a window."""

    def grey(hu: NDArray) -> NDArray:
        level = (hu.clip(low, high) - low) / (high - low) * levels
        return level.round() if whole else level

    return values(grey)


def whole_range(levels: int, low: int = 0) -> Change:
    return values(lambda hu: ((hu - hu.min()) / np.ptp(hu) * levels).round() + low)


def each_slice(hu: NDArray) -> NDArray:
    low, high = (f(hu, axis=(0, 1), keepdims=True) for f in (np.min, np.max))
    scaled: NDArray = ((hu - low) / np.maximum(high - low, 1) * 255).round()
    return scaled


def equalised(hu: NDArray) -> NDArray:
    ranks: NDArray = np.searchsorted(np.sort(hu[::3, ::3].ravel()), hu)
    return (255 * ranks / ranks.max()).round()


def gamma(exponent: float) -> Change:
    return values(lambda hu: ((hu.clip(0, 80) / 80) ** exponent * 255).round())


# Where voxels lie.


def apart(factor: float) -> Change:
    """Return a change of the distance between slices that the header states."""
    return lambda scan: replace(scan, spacing=(*scan.spacing[:2], scan.spacing[2] * factor))


FACTORS = (0.6, 0.7, 0.8, 0.9, 1.25, 1.4, 1.5, 1.75)


def across(x: float = 1, y: float = 1) -> Change:
    """Return a change of one side of the pixels that the header states."""
    return lambda s: replace(s, spacing=(s.spacing[0] * x, s.spacing[1] * y, s.spacing[2]))


def squeezed(factor: float) -> Change:
    """Return a change of the array's width under an unchanged header."""

    def changed(scan: Scan) -> Scan:
        n = scan.hu.shape[0]
        return replace(scan, hu=scan.hu[np.linspace(0, n - 1, int(n * factor)).round().astype(int)])

    return changed


def field(mm: float) -> Change:
    """Return a change of the field of view, to its middle."""

    def changed(scan: Scan) -> Scan:
        x, y = (
            slice((n - round(mm / s)) // 2, (n + round(mm / s)) // 2)
            for n, s in zip(scan.hu.shape[:2], scan.spacing[:2], strict=True)
        )
        return replace(scan, hu=scan.hu[x, y])

    return changed


def flipped(scan: Scan) -> Scan:
    return replace(scan, hu=scan.hu[:, ::-1])


def pixel(factor: float) -> Change:
    def changed(scan: Scan) -> Scan:
        x, y, z = scan.spacing
        return replace(scan, spacing=(x * factor, y * factor, z))

    return changed


def axes(*order: int, flip: int | None = None, with_spacing: bool = False) -> Change:
    """Return a change of the order of the array's axes, unseen by the header."""

    def changed(scan: Scan) -> Scan:
        hu = scan.hu.transpose(order)
        hu = hu if flip is None else np.flip(hu, flip)
        spacing = tuple(scan.spacing[axis] for axis in order) if with_spacing else scan.spacing
        return Scan(hu, spacing)  # type: ignore[arg-type]

    return changed


def part(first: int, last: int) -> Change:
    return lambda scan: replace(scan, hu=scan.hu[..., first:last])


def thin(scan: Scan) -> Scan:
    """Interpolate to slices a pixel apart: an isotropic scan of every second pixel."""
    from scipy.ndimage import zoom

    x, _, z = scan.spacing
    hu = scan.hu[::2, ::2]
    thinner = zoom(hu, (1, 1, z / (2 * x)), order=3, mode="nearest")
    return Scan(thinner, (2 * x, 2 * x, 2 * x))


def drawn_thin(scan: Scan) -> Scan:
    """Draw the head again in thin slices, of half as many pixels."""
    head = draw_head(scan.seed, size=128, slices=110, style=scan.style)  # type: ignore[arg-type]
    return _lps(head.hu, _header(head.hu, head.affine))


CLASSES: dict[str, tuple[str, Change]] = {
    "as it is": ("taken", lambda scan: scan),
    "cut at 0": ("taken", cut(0, None)),
    "0..255": ("taken", cut(0, 255)),
    "0..200": ("taken", cut(0, 200)),
    "cut above 255": ("taken", cut(None, 255)),
    "cut above 200": ("taken", cut(None, 200)),
    "-200..200, by way of 256 levels": (
        "taken",
        values(lambda hu: ((hu.clip(-200, 200) + 200) / 400 * 255).round() / 255 * 400 - 200),
    ),
    "0..199": ("noted", cut(0, 199)),
    "0..150": ("noted", cut(0, 150)),
    "0..120": ("part untold", cut(0, 120)),
    "0..100": ("part untold", cut(0, 100)),
    "cut above 150": ("noted", cut(None, 150)),
    "cut above 100": ("part untold", cut(None, 100)),
    "0..99": ("refused", cut(0, 99)),
    "0..80": ("refused", cut(0, 80)),
    "0..60": ("refused", cut(0, 60)),
    "cut above 80": ("refused", cut(None, 80)),
    "0..80 as 0..255": ("refused", window(0, 80, 255)),
    "0..80 as 0..255, inverted": ("refused", window(80, 0, 255)),
    "0..80 as 0..255, gamma 0.5": ("refused", gamma(0.5)),
    "0..80 as 0..255, gamma 2": ("refused", gamma(2)),
    "0..80 as 0..100": ("refused", window(0, 80, 100)),
    "-20..100 as 0..255": ("refused", window(-20, 100, 255)),
    "-20..100 as 0..255, fractions": ("refused", window(-20, 100, 255, whole=False)),
    "-20..100 as 0..100": ("refused", window(-20, 100, 100)),
    "0..200 as 0..255": ("refused", window(0, 200, 255)),
    "-100..400 as 0..255": ("refused", window(-100, 400, 255)),
    "-200..800 as 0..255": ("refused", window(-200, 800, 255)),
    "-500..1500 (bone) as 0..255": ("refused", window(-500, 1500, 255)),
    "-1000..1000 as 0..255": ("refused", window(-1000, 1000, 255)),
    "whole range as 0..255": ("refused", whole_range(255)),
    "whole range as -128..127": ("refused", whole_range(255, -128)),
    "whole range as 0..1023": ("refused", whole_range(1023)),
    "whole range as 0..4095": ("refused", whole_range(4095)),
    "whole range as 0..65535": ("refused", whole_range(65535)),
    "whole range as -32768..32767": ("refused", whole_range(65535, -32768)),
    "each slice's range as 0..255": ("refused", values(each_slice)),
    "histogram equalised": ("refused", values(equalised)),
    "HU × 2": ("refused", values(lambda hu: hu * 2)),
    "slices 0.625 mm for 5": ("refused", apart(0.125)),
    "slices 1 mm for 5": ("refused", apart(0.2)),
    "slices 2 mm for 5": ("noted", apart(0.4)),
    "slices 2.5 mm for 5": ("noted", apart(0.5)),
    "slices 9.9 mm for 5": ("noted", apart(1.98)),
    "slices 1 mm for 5, the lower 18 of 24": ("noted", lambda s: apart(0.2)(part(0, 18)(s))),
    "slices 1 mm for 5, the upper 12 of 24": ("noted", lambda s: apart(0.2)(part(12, 24)(s))),
    "slices as they are, the lower 18 of 24": ("taken", part(0, 18)),
    "slices as they are, the upper 12 of 24": ("taken", part(12, 24)),
    "slices 9 to 12 of 24": ("taken", part(8, 12)),
    "slices, one of 24": ("taken", part(12, 13)),
    "slices of 12, every second": ("taken", lambda s: apart(2)(replace(s, hu=s.hu[..., ::2]))),
    "slices of 110, 1.1 to 1.5 mm apart": ("taken", drawn_thin),
    "head with pixels twice as large": ("refused", pixel(2.2)),
    "head with pixels half as large": ("noted", pixel(0.5)),
    "head half as wide by the spacing": ("part untold", across(x=0.5)),
    "head 0.7 times as wide": ("part untold", across(x=0.7)),
    "head 0.8 times as wide": ("part untold", across(x=0.8)),
    "head 1.25 times as long": ("part untold", across(y=1.25)),
    "head 1.5 times as long": ("part untold", across(y=1.5)),
    "head of an array squeezed to 0.7 of its width": ("part untold", squeezed(0.7)),
    **{f"head with slices {f} times as far apart": ("part untold", apart(f)) for f in FACTORS},
    "slices, the lower 18, half as far apart": (
        "part untold",
        lambda s: apart(0.5)(part(0, 18)(s)),
    ),
    "slices, the upper 12, 0.7 times as far apart": (
        "part untold",
        lambda s: apart(0.7)(part(12, 24)(s)),
    ),
    "slices, five of 24, half as far apart": ("part untold", lambda s: apart(0.5)(part(9, 14)(s))),
    "head back to front": ("part untold", axes(0, 1, 2, flip=1)),
    "head turned by 180°": ("part untold", lambda s: axes(0, 1, 2, flip=0)(flipped(s))),
    "head upside down": ("part untold", axes(0, 1, 2, flip=2)),
    "head mirrored left to right": ("part untold", axes(0, 1, 2, flip=0)),
    "slices, five of 24, turned by 180°": (
        "part untold",
        lambda s: axes(0, 1, 2, flip=0)(flipped(part(9, 14)(s))),
    ),
    "slices, five of 24, turned by 90°": (
        "part untold",
        lambda s: axes(1, 0, 2, flip=0)(part(9, 14)(s)),
    ),
    "slices, one of 24, turned by 90°": (
        "part untold",
        lambda s: axes(1, 0, 2, flip=0)(part(12, 13)(s)),
    ),
    "head in a field of view of 130 mm": ("taken", field(130)),
    "head turned by 90°": ("noted", axes(1, 0, 2, flip=0)),
    "head turned by -90°": ("noted", axes(1, 0, 2, flip=1)),
    "head transposed": ("noted", axes(1, 0, 2)),
    "head coronal under an axial header": (
        "refused",
        lambda s: axes(0, 2, 1, flip=1, with_spacing=True)(thin(s)),
    ),
    "head sagittal under an axial header": (
        "refused",
        lambda s: axes(1, 2, 0, flip=1, with_spacing=True)(thin(s)),
    ),
    "head with first and last axis exchanged": ("refused", axes(2, 1, 0)),
    "head with second and last axis exchanged": ("refused", axes(0, 2, 1)),
}
"""Class to what is asked for (at least), and how it is made."""
CLASSES |= {name: (expected, values(change)) for name, (expected, change) in VALUES.items()}

FROM_CUT = {"as it is", "cut at 0", "0..255", "0..200", "0..199", "0..150", "0..120", "0..100"} | {
    "0..99", "0..80", "0..60", "0..80 as 0..255", "0..80 as 0..255, gamma 2", "0..200 as 0..255",
}  # fmt: skip
"""Classes of values that can be made of scans that were cut to 0..255 before."""


def _header(voxels: NDArray, affine: NDArray) -> Header:
    import nibabel as nib

    i, j, k = voxels.shape
    x, y, z = (float(mm) for mm in np.linalg.norm(affine[:3, :3], axis=0))
    codes = "".join(str(code) for code in nib.aff2axcodes(affine))
    return Header((i, j, k), affine, str(voxels.dtype), (x, y, z), codes, True)


def _lps(voxels: NDArray, at: Header) -> Scan:
    order = [next(i for i, c in enumerate(at.axcodes) if c in pair) for pair in ("LR", "PA", "IS")]
    x, y, z = (at.spacing[axis] for axis in order)
    return Scan(oriented(voxels, at.axcodes), (x, y, z))


if __name__ == "__main__":
    main()
