"""Time of predictions after the model is loaded, from NIfTI files to masks on disk.

Run from the project's folder: `python -m benchmarks.speed.prediction [MODEL]`. Without a model it
takes an untrained network of configs/imaging/unet.yaml, which takes as long; what it marks is
painted over, so that masks are as large as real ones. The bare network is the same one on the
prepared slices (twice where the model looks at the mirror image too), padded and in batches as
`imaging.model.inference` makes them, with as many threads: as it runs in predictions, which on some
CPUs is in bfloat16 (`imaging.model.precision`), and in float32. All figures of a scan are of one
process, the best and the median of some repeats. Linux and macOS.
"""

from __future__ import annotations

import dataclasses
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

SIZES = {(512, 512, 1): 7, (512, 512, 25): 7, (512, 512, 300): 1}
IN_A_ROW = 6
# Where a structure is painted: share of the slice in x and y, at its middle, from and to.
PAINTED = (
    *(((0.35, 0.55), (0.3, 0.5)), ((0.49, 0.51), (0.2, 0.8))),
    *(((0.52, 0.58), (0.4, 0.7)), ((0.42, 0.48), (0.4, 0.7))),
)


def write_scan(path: Path, size: tuple[int, int, int]) -> None:
    from cohort.space.affine import make_affine
    from cohort.space.nifti.volume import save_volume

    x, y = np.ogrid[: size[0], : size[1]]
    inside = ((x - 256) / 190) ** 2 + ((y - 256) / 220) ** 2
    rng = np.random.default_rng(0)
    slices = np.empty(size, np.int16)
    for k in range(size[2]):
        head = np.select([inside < 0.9, inside < 1], [34, 1200], -1000)
        slices[..., k] = (head + rng.normal(0, 6, head.shape)).astype(np.int16)
    spacing = (0.45, 0.45, 5.0 if size[2] < 100 else 0.6)
    save_volume(path, slices, make_affine("RAS", spacing, size))


def untrained_model(folder: Path) -> Path:
    from imaging.model.bundle import save_bundle
    from imaging.model.config import DEFAULT_CONFIG, read_config
    from imaging.model.network import build_network

    config = read_config(DEFAULT_CONFIG)
    network = build_network(config)
    save_bundle(folder, network, config, {"name": "untrained"})
    return folder


def painted(network: Any) -> Any:
    """Return `network` with its logits painted over, after all its work is done."""
    import torch

    from imaging.model.channels import own_network

    class Painted(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.network, self.strides = network, own_network(network).strides

        def forward(self, slices: torch.Tensor) -> torch.Tensor:
            logits = self.network(slices).mul_(1e-3).sub_(8)
            for channel, box in enumerate(PAINTED):
                x, y = (
                    slice(round(a * n), round(b * n))
                    for (a, b), n in zip(box, logits.shape[2:], strict=True)
                )
                logits[:, channel, x, y] += 12
            return logits

    return Painted().eval()


def timed(function: Callable[[], Any], repeats: int) -> list[float]:
    seconds = []
    for _ in range(repeats):
        start = time.perf_counter()
        function()
        seconds.append(time.perf_counter() - start)
    return sorted(seconds)


def time_scan(model: Path, scan: Path, output: Path, paint: str, repeats: str) -> None:
    """Print seconds of the whole, the bare network both ways and in a row; peak memory in GB."""
    import torch
    import torch.nn.functional as F

    from imaging.model.bundle import load_bundle
    from imaging.model.inference import PIXELS_PER_BATCH, inference_transforms
    from imaging.model.precision import in_bfloat16
    from imaging.prediction.pipeline import in_pipeline
    from imaging.prediction.scan import (
        predict_scan,
        read_to_predict,
        segment_read,
        write_prediction,
    )
    from imaging.scans.given import ScanFile
    from imaging.scans.preprocess import read_scan

    bundle = load_bundle(model)
    if paint == "paint":
        bundle = dataclasses.replace(bundle, network=painted(bundle.network))
    transforms = inference_transforms(bundle.preprocess)
    bundle.network(torch.zeros(1, 3, 64, 64))  # what torch does only once
    if int(repeats) > 1:
        predict_scan(bundle, transforms, ScanFile("scan", scan), output)
    whole = timed(
        lambda: predict_scan(bundle, transforms, ScanFile("scan", scan), output), int(repeats)
    )
    unit = 1e9 if sys.platform == "darwin" else 1e6
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit
    image = read_scan(transforms, scan)["image"].as_tensor().permute(3, 0, 1, 2).contiguous()
    slices = F.pad(image, (0, -image.shape[3] % 32, 0, -image.shape[2] % 32))
    slices = slices.contiguous(memory_format=torch.channels_last)
    batch = max(1, PIXELS_PER_BATCH["cpu"] // (image.shape[2] * image.shape[3]))

    views = 2 if bundle.postprocess.flips else 1

    def network(as_predicted: bool) -> None:
        with torch.no_grad(), in_bfloat16(torch.device("cpu"), as_predicted):
            for some in slices.split(batch) * views:
                bundle.network(some)

    bare, in_float32 = (timed(partial(network, how), int(repeats)) for how in (True, False))

    def in_a_row() -> None:
        scans = [ScanFile(f"scan{n}", scan) for n in range(IN_A_ROW)]
        for outcome in in_pipeline(
            scans,
            lambda scan: read_to_predict(bundle, transforms, scan),
            lambda read: segment_read(bundle, read),
            lambda read, masks: write_prediction(bundle, read, masks, output),
        ):
            assert isinstance(outcome, dict)

    row = timed(in_a_row, 3 if int(repeats) > 1 else 0) or [float("nan")]
    middle = len(whole) // 2
    print(whole[0], whole[middle], bare[0], in_float32[0], row[0] / IN_A_ROW, memory)


def main() -> None:
    table = Table(
        "scan",
        "file to masks s: best (median)",
        "bare network s: as predicted, float32",
        "ratio to each",
        "each of 6 in a row s",
        "peak memory GB",
    )
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        model = Path(sys.argv[1]) if len(sys.argv) > 1 else untrained_model(folder / "model")
        paint = "as it is" if len(sys.argv) > 1 else "paint"
        for size, repeats in SIZES.items():
            scan = folder / f"{size[2]}.nii.gz"
            write_scan(scan, size)
            # A process of its own, so that its peak memory is its own.
            code = "import sys; from pathlib import Path; from benchmarks.speed import prediction; "
            code += "prediction.time_scan(*map(Path, sys.argv[1:4]), *sys.argv[4:])"
            places = map(str, (model, scan, folder / "out"))
            line = [sys.executable, "-W", "ignore", "-c", code, *places]
            done = subprocess.run(
                [*line, paint, str(repeats)], check=True, stdout=subprocess.PIPE, text=True
            )
            best, median, bare, in_float32, row, memory = map(float, done.stdout.split())
            table.add_row(
                "×".join(map(str, size)),
                f"{best:.3f} ({median:.3f})",
                f"{bare:.3f}, {in_float32:.3f}",
                f"{best / bare:.2f}, {best / in_float32:.2f}",
                f"{row:.3f}",
                f"{memory:.2f}",
            )
    Console(width=120).print(table)


if __name__ == "__main__":
    main()
