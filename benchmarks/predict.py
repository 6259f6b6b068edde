"""Time of a prediction after the model is loaded, from a NIfTI file to masks on disk.

Run from the project's folder: `python benchmarks/predict.py [MODEL]`. Without a model it takes
an untrained network of configs/imaging/unet.yaml, which takes as long. Linux and macOS.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

SIZES = ((512, 512, 1), (512, 512, 25), (512, 512, 300))


def write_scan(path: Path, size: tuple[int, int, int]) -> None:
    from cohort.nifti import make_affine, save_volume

    x, y = np.ogrid[: size[0], : size[1]]
    inside = ((x - 256) / 190) ** 2 + ((y - 256) / 220) ** 2
    rng = np.random.default_rng(0)
    slices = np.full(size, -1000, np.int16)
    slices[inside < 1] = 1200
    brain = inside < 0.9
    slices[brain] = rng.normal(34, 6, (int(brain.sum()), size[2])).astype(np.int16)
    spacing = (0.45, 0.45, 5.0 if size[2] < 100 else 0.6)
    save_volume(path, slices, make_affine("RAS", spacing, size))


def untrained_model(folder: Path) -> Path:
    from imaging.bundle import build_network, save_bundle
    from imaging.config import DEFAULT_CONFIG, read_config

    config = read_config(DEFAULT_CONFIG)
    network = build_network(config, DEFAULT_CONFIG)
    save_bundle(folder, network, config, {"name": "untrained"})
    return folder


def time_scan(model: Path, scan: Path, output: Path) -> None:
    """Print seconds of the prediction, seconds of the bare network, and peak memory in GB."""
    import torch

    from imaging.bundle import load_bundle
    from imaging.inference import inference_transforms, slice_probabilities
    from imaging.inputs import Scan
    from imaging.predict_scan import predict_scan
    from imaging.preprocess import read_scan

    bundle = load_bundle(model)
    transforms = inference_transforms(bundle.preprocess)
    slice_probabilities(bundle.network, torch.zeros(3, 64, 64, 1))  # what torch does only once
    start = time.perf_counter()
    predict_scan(bundle, transforms, Scan("scan", scan), output)
    whole = time.perf_counter() - start
    unit = 1e9 if sys.platform == "darwin" else 1e6
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit
    image = read_scan(transforms, scan)["image"]
    start = time.perf_counter()
    slice_probabilities(bundle.network, image)
    print(f"{whole} {time.perf_counter() - start} {memory}")


def main() -> None:
    table = Table("scan", "file to masks s", "network alone s", "peak memory GB")
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        model = Path(sys.argv[1]) if len(sys.argv) > 1 else untrained_model(folder / "model")
        for size in SIZES:
            scan = folder / f"{size[2]}.nii.gz"
            write_scan(scan, size)
            # A process of its own, so that its peak memory is its own.
            code = "import sys; sys.path.insert(0, 'benchmarks'); from pathlib import Path; "
            code += "import predict; predict.time_scan(*map(Path, sys.argv[1:]))"
            line = [sys.executable, "-W", "ignore", "-c", code, model, scan, folder / "out"]
            done = subprocess.run(line, check=True, capture_output=True, text=True)
            seconds, network, memory = map(float, done.stdout.split())
            shown = (f"{seconds:.2f}", f"{network:.2f}", f"{memory:.2f}")
            table.add_row("×".join(map(str, size)), *shown)
    Console().print(table)


if __name__ == "__main__":
    main()
