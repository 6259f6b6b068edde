"""Measurements, run by hand: `python -m benchmarks.GROUP.NAME` from the project's folder."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
"""The project's folder."""

REAL = ROOT.parent / "shared" / "data"
"""Where real scans and records lie, outside the repository; whatever needs them does without."""
