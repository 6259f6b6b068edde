"""Valid files, damaged in ways that files are damaged, for `hypothesis`.

`make test` tries the same 4,100 files each time. To try others, 150 times as many, which takes two
cores about half an hour:

    FUZZ=150 pytest tests/fuzz -n 2 --dist worksteal

A file that fails is printed. Put what it holds beside the other `@example`s of its test, so that it
is tried each time from then on.
"""

from __future__ import annotations

import copy
import json
import os
from collections.abc import Callable, Iterator
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

TIMES = int(os.environ.get("FUZZ", "1"))

PIECES = (
    *(b"\0", b"\r", b"\n", b"\r\n", b"\n\n", b" ", b"\t", b",", b'"', b"{", b"}", b"[", b"]", b"O"),
    *(b"-", b"-1", b"0", b"1e999", b"NaN", b"null", b"9" * 5000, b"[" * 3000, b'{"a":' * 3000),
    *(b"\xef\xbb\xbf", b"\xff\xfe", b"\x1f\x8b", b"\x80", b"\xed\xa0\x80", b"\\ud800"),
    *(text.encode() for text in ("血", "😀", "\u2028", "\u00a0", "\u3000", "\u0301", "\ufeff")),
    "左侧".encode("gb18030"),
)
"""What parsers stumble over."""

TEXTS = (
    "",
    " ",
    "\n",
    "a",
    "train",
    "../x",
    "/x",
    "con",
    "\ud800",
    "😀",
    "a\0b",
    "p1",
    "O",
    "血肿",
)

leaves = (
    st.sampled_from((None, True, False, 0, 1, -1, 2, 10**30, 0.5, -0.0, float("nan"), float("inf")))
    | st.sampled_from(TEXTS)
    | st.integers()
    | st.floats()
    | st.text(max_size=6)
)
values = st.recursive(
    leaves,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=4,
)


def fuzz(examples: int) -> Callable[[Any], Any]:
    """Try so many files; the same each time but where `FUZZ` asks for others."""
    return settings(
        max_examples=examples * TIMES,
        derandomize=TIMES == 1,
        deadline=None,
        database=None,
        print_blob=True,
        suppress_health_check=[
            HealthCheck.function_scoped_fixture,  # the file is written anew each time
            HealthCheck.too_slow,
            HealthCheck.data_too_large,
        ],
    )


@st.composite
def damaged(draw: st.DrawFn, content: bytes, most: int = 3) -> bytes:
    """Return `content` with up to `most` places changed, cut out, doubled or put in."""
    for _ in range(draw(st.integers(0, most))):
        at = draw(st.integers(0, len(content)))
        until = min(len(content), at + draw(st.integers(0, 24)))
        before, piece, after = content[:at], content[at:until], content[until:]
        kind = draw(st.sampled_from(("bits", "piece", "bytes", "without", "twice", "cut")))
        if kind == "bits":
            piece = bytes(byte ^ 1 << draw(st.integers(0, 7)) for byte in piece[:2]) + piece[2:]
        elif kind == "piece":
            piece = draw(st.sampled_from(PIECES)) + piece
        elif kind == "bytes":
            piece = draw(st.binary(max_size=4))
        elif kind == "without":
            piece = b""
        elif kind == "twice":
            piece *= 2
        else:
            after = b""
        content = before + piece + after
    return content


@st.composite
def changed(draw: st.DrawFn, value: Any, most: int = 3) -> Any:
    """Return a JSON value with up to `most` of its parts changed, gone, doubled or swapped."""
    value = [copy.deepcopy(value)]
    for _ in range(draw(st.integers(0, most))):
        places = list(_places(value))
        where, key = draw(st.sampled_from(places))
        kind = draw(st.sampled_from(("value", "other", "wrapped", "gone", "named", "twice")))
        if kind == "value":
            where[key] = draw(values)
        elif kind == "other":  # of the same file, so that its type or its meaning may fit
            other, its_key = draw(st.sampled_from(places))
            where[key] = copy.deepcopy(other[its_key])
        elif kind == "wrapped":
            where[key] = draw(st.sampled_from(([where[key]], {"": where[key]}, str(where[key]))))
        elif where is value:
            continue  # the file's own value stays
        elif kind == "gone":
            del where[key]
        elif isinstance(where, dict):
            where[draw(st.sampled_from((*TEXTS, *_names(value))))] = where.pop(key)
        else:
            where.insert(key, copy.deepcopy(where[key]))
    return value[0]


@st.composite
def json_files(draw: st.DrawFn, value: Any, lines: bool = False) -> bytes:
    """Return a JSON file of a changed value, itself damaged at times; or JSONL of a list."""
    value = draw(changed(value))
    ascii_only, indent = draw(st.booleans()), draw(st.sampled_from((None, None, 1)))
    if lines and isinstance(value, list):
        text = "\n".join(json.dumps(row, ensure_ascii=ascii_only, indent=indent) for row in value)
    else:
        text = json.dumps(value, ensure_ascii=ascii_only, indent=indent)
    content = text.encode("utf-8", "surrogatepass")
    return draw(damaged(content, most=2)) if draw(st.integers(0, 3)) == 0 else content


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    for key, part in list(value.items() if isinstance(value, dict) else enumerate(value)):
        yield value, key
        if isinstance(part, (dict, list)):
            yield from _places(part)


def _names(value: Any) -> list[str]:
    return sorted({key for _, key in _places(value) if isinstance(key, str)})
