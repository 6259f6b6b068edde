"""The classes of scans that are judged, and what is asked for of each."""

from __future__ import annotations

from dataclasses import replace

from benchmarks.noticed.damage.off_scale import FROM_CUT as OFF_SCALE_FROM_CUT
from benchmarks.noticed.damage.off_scale import VALUES
from benchmarks.noticed.damage.places import (
    FACTORS,
    across,
    apart,
    axes,
    drawn_thin,
    field,
    flipped,
    part,
    pixel,
    squeezed,
    thin,
)
from benchmarks.noticed.damage.scans import Change, Scan
from benchmarks.noticed.damage.values import (
    cut,
    each_slice,
    equalised,
    gamma,
    values,
    whole_range,
    window,
)

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


def suits(name: str, scan: Scan) -> bool:
    """Whether a class can be made of a scan: what was cut at 0 or is one slice gives few."""
    if name.startswith(("head", "slices")):
        return scan.hu.shape[2] > 1
    full = float(scan.hu.min()) < -500 and float(scan.hu.max()) > 300
    return full or name in FROM_CUT | OFF_SCALE_FROM_CUT
