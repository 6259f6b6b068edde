"""What a model's docstring says of its fields, for those who read a file and not the code."""

from __future__ import annotations

import inspect


def first_sentence(kind: type) -> str:
    """Return what a class is, as its docstring begins."""
    return _lines(kind)[0]


def explained(kind: type) -> dict[str, str]:
    """Return what the section Attributes says of each field, of a class or of what it is made from.

    Examples
    --------
    >>> class Band:
    ...     '''When two agree.
    ...
    ...     Attributes
    ...     ----------
    ...     least, most
    ...         In mL,
    ...         both included.
    ...     '''
    >>> explained(Band)
    {'least': 'In mL, both included.', 'most': 'In mL, both included.'}
    """
    found: dict[str, str] = {}
    for base in reversed(kind.__mro__):
        found |= _attributes(_lines(base))
    return found


def _attributes(lines: list[str]) -> dict[str, str]:
    if "Attributes" not in lines:
        return {}
    found: dict[str, str] = {}
    names: list[str] = []
    for line in lines[lines.index("Attributes") + 2 :]:
        if line.startswith("---"):  # the next section: the line before was its title
            for name in names:
                del found[name]
            break
        if line and not line.startswith(" "):
            names = [name.strip() for name in line.split(",")]
            found |= dict.fromkeys(names, "")
        elif line:
            found |= {name: f"{found[name]} {line.strip()}".strip() for name in names}
    return found


def _lines(kind: type) -> list[str]:
    return inspect.cleandoc(kind.__doc__ or "").splitlines() or [""]
