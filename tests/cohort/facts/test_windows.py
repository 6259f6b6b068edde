"""The CT windows of the viewer."""

from __future__ import annotations

from cohort.facts.windows import WINDOWS


def test_each_window_has_a_key_of_its_own() -> None:
    keys = [window.key for window in WINDOWS.values()]
    assert len(set(keys)) == len(keys)
    assert all(key.isascii() and key.isalpha() and key.isupper() for key in keys)
    assert not set(keys) & {"M", "R"}  # of the masks
