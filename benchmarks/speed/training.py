"""Speed of the imaging training: slices a second, and how much of it is the bare network.

Run from the project's folder: `python -m benchmarks.speed.training [CORPUS]`, CORPUS being what
`python -m imaging.export` wrote. It trains three epochs with configs/imaging/unet.yaml, then
times forward pass, loss and backward pass alone on one batch of the same size.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from pathlib import Path

from rich.console import Console

EPOCHS = 3


def main() -> None:
    from imaging.model.config import DEFAULT_CONFIG, read_config
    from imaging.training.run import Training

    import torch  # isort: skip  (after imaging, which says how its threads wait)

    corpus = Path(sys.argv[1] if len(sys.argv) > 1 else "corpus/imaging")
    config = read_config(DEFAULT_CONFIG, {"train.max_epochs": EPOCHS})
    ends: list[tuple[int, float]] = []

    def observe(step: int, *_: object) -> None:
        ends.append((step, time.perf_counter()))

    with tempfile.TemporaryDirectory() as folder:
        device = torch.device("cpu")
        start = time.perf_counter()
        training = Training(config, corpus, Path(folder) / "out", device, observe)
        loading = time.perf_counter() - start
        history = training.run()
    size, steps = training.settings.batch_size, len(training.loader)
    # Within an epoch only: between two there are validation and saving.
    seconds = [
        after - before
        for (step, before), (_, after) in zip(ends, ends[1:], strict=False)
        if step % steps
    ]
    step = statistics.fmean(seconds)
    epoch = statistics.fmean(e.seconds for e in history.epochs[1:])
    bare = time_bare_step(training)
    say = Console(highlight=False).print
    say(f"reading {len(training.patches)} slices {loading:.1f} s; an epoch of {steps} steps "
        f"{epoch:.1f} s, of which validation and saving {epoch - step * steps:.1f} s")  # fmt: skip
    say(f"a step of {size}: {1000 * step:.0f} ms ({size / step:.0f} slices/s); "
        f"forward and backward alone {1000 * bare:.0f} ms ({100 * bare / step:.0f} %)")  # fmt: skip


def time_bare_step(training, repeats: int = 60) -> float:  # type: ignore[no-untyped-def]
    import torch

    batch = next(iter(training.loader))
    image, label = training.trainer.prepare_batch(batch, torch.device("cpu"), False)
    network, loss = training.network.train(), training.trainer.loss_function
    for repeat in range(repeats + 5):
        if repeat == 5:
            start = time.perf_counter()
        training.optimizer.zero_grad()
        loss(training.trainer.inferer(image, network), label).backward()
        training.optimizer.step()
    return (time.perf_counter() - start) / repeats


if __name__ == "__main__":
    main()
