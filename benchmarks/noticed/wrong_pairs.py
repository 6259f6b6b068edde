"""Records beside the wrong scans: how often the report says so, and how often it does wrongly.

Simulated cohorts of 20 to 200 cases with as many bleeds on each side and in none as generated
cohorts have (45 % left, 45 % right, 8 % none, 2 % both). A scan's side and presence are read right
with some probability, else as any other word; records always. Then records are right, moved by one
case, or dealt out at random. With `--truth cohort/truth.json` the same with what a generated cohort
knows. Run from the project's folder: `python -m benchmarks.noticed.wrong_pairs`.
"""

from __future__ import annotations

import argparse
import json
import random
from pathlib import Path

from hich.report.compare.pairing import PairedCase, judge_pairing

WORDS, WEIGHTS = ("left", "right", "absent", "both"), (45, 45, 8, 2)
SCANS = {"masks, 97 % right": (0.97, True), "a good model, 90 %": (0.9, False),
         "a mediocre one, 80 %": (0.8, False), "a poor one, 70 %": (0.7, False)}  # fmt: skip


def read(said: list[str], right: float, rng: random.Random) -> list[str]:
    """Return what scans of those records show, read rightly so often."""
    return [
        word if rng.random() < right else rng.choice([w for w in WORDS[:3] if w != word])
        for word in said
    ]


def alarms(way: str, said: list[str], right: float, drawn: bool, rng: random.Random) -> bool:
    """Whether a cohort paired in that way looks wrongly paired."""
    seen = read(said, right, rng)
    places = list(range(len(said)))
    if way == "one off":
        said = [*said[1:], said[0]]
    elif way == "one off, 30 % of the cases":  # as in a test part
        whole = [*said[1:], said[0]]
        places = sorted(rng.sample(places, round(0.3 * len(said))))
        said, seen = [whole[i] for i in places], [seen[i] for i in places]
    elif way == "at random":
        rng.shuffle(said)
    pairs = [PairedCase(*case, drawn) for case in zip(places, seen, said, strict=True)]
    found = judge_pairing(pairs)
    return found is not None and found.looks_wrong


def of_truth(path: Path) -> list[str]:
    """Return the words of a generated cohort."""
    cases = json.loads(path.read_text(encoding="utf-8")).values()
    return [("absent" if not case["bleeds"] else case["side"] or "both") for case in cases]


def main() -> None:
    """Print how many cohorts of each kind look wrongly paired."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n", maxsplit=1)[0])
    parser.add_argument("--truth", type=Path, nargs="*", default=[])
    parser.add_argument("--repeats", type=int, default=200)
    options = parser.parse_args()
    rng = random.Random(0)
    cohorts = {f"{n} cases": (lambda n=n: rng.choices(WORDS, WEIGHTS, k=n)) for n in (20, 48, 200)}
    cohorts |= {str(path): (lambda path=path: of_truth(path)) for path in options.truth}
    ways = ("right", "one off", "one off, 30 % of the cases", "at random")
    for name, (right, drawn) in SCANS.items():
        for cohort, said in cohorts.items():
            shares = {
                way: sum(alarms(way, said(), right, drawn, rng) for _ in range(options.repeats))
                for way in ways
            }
            figures = ", ".join(f"{w} {100 * n / options.repeats:.1f} %" for w, n in shares.items())
            print(f"{name}; {cohort}: {figures}", flush=True)


if __name__ == "__main__":
    main()
