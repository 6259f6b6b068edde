"""The top floor: CT and record of one patient side by side; `hich`; what is public for Python.

`Segmenter` reads head CTs, `Reader` medical records; docs/python.md says how. They are imported
when they are first asked for, since torch and spaCy take seconds. What type checkers are told
stands in `__init__.pyi`, not here: the code of each step is told by what its modules import.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

from cohort.base.interrupt import end_at_once_by_interrupt

end_at_once_by_interrupt()

__all__ = [
    "DataError",
    "Problem",
    "ReadRecord",
    "Reader",
    "SegmentedScan",
    "Segmenter",
    "UsageError",
    "__version__",
]

_FROM = {
    "DataError": "cohort.base.errors",
    "Problem": "cohort.base.errors",
    "UsageError": "cohort.base.errors",
    "Segmenter": "imaging.segmenter",
    "SegmentedScan": "imaging.prediction.segmented",
    "Reader": "text.reader",
    "ReadRecord": "text.reader",
}


def __getattr__(name: str) -> Any:
    """Import what is asked for (PEP 562)."""
    if name == "__version__":
        from importlib.metadata import PackageNotFoundError, version

        try:
            return version("hich-workflow")
        except PackageNotFoundError:
            return "0+unknown"
    if name not in _FROM:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(_FROM[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """List what is public, imported or not."""
    return sorted({*__all__, *(name for name in globals() if name.startswith("__"))})
