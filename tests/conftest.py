"""What all tests share."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from cohort.base.cli import run
from cohort.schema.problems import VERSION, VERSION_KEY, adapter, parse
from imaging.model.threads import let_threads_sleep

ROOT = Path(__file__).parents[1]

# Before torch is loaded, as the commands do it: threads that wait for each other in a busy loop
# took half of all the time of the tests.
let_threads_sleep()
if "PYTEST_XDIST_WORKER" in os.environ:
    os.environ.setdefault("OMP_NUM_THREADS", "1")  # each worker has a core of its own


def lines_run(call: Callable[[], object]) -> int:
    """Return how many lines of Python a call runs: its work, whatever the machine is doing else."""
    lines = 0

    def look(*_: object) -> Any:
        nonlocal lines
        lines += 1
        return look

    before = sys.gettrace()
    sys.settrace(look)
    try:
        call()
    finally:
        sys.settrace(before)
    return lines


def undescribed(kind: Any, written: dict[str, Any]) -> list[str]:
    """Return what of a file its model does not describe; it must state its version, too."""
    assert written[VERSION_KEY] == VERSION
    model, problems = parse(kind, written)
    if model is None:
        return problems
    described = adapter(kind).dump_python(model, mode="json")
    return list(_left_out({key: written[key] for key in written if key != VERSION_KEY}, described))


def _left_out(written: Any, described: Any, place: str = "") -> Iterator[str]:
    if isinstance(written, dict):
        for key, value in written.items():
            if key in described:
                yield from _left_out(value, described[key], f"{place}.{key}")
            else:
                yield f"{place}.{key}"
    elif isinstance(written, list):
        for number, (one, other) in enumerate(zip(written, described, strict=True)):
            yield from _left_out(one, other, f"{place}[{number}]")
    elif written != described:
        yield f"{place}: {written!r} became {described!r}"


@pytest.fixture(scope="session")
def root() -> Path:
    """Return the project's root folder."""
    return ROOT


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Return the folder of real data that stands beside the project; skip where there is none."""
    folder = ROOT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("no real data here (../shared/data)")
    return folder


@pytest.fixture
def no_room() -> Callable[[int], AbstractContextManager[None]]:
    """Return a context in which no file grows beyond some bytes, as if the disk were full."""
    resource = pytest.importorskip("resource")

    @contextmanager
    def limited(size: int) -> Iterator[None]:
        before = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
        try:
            yield
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)

    return limited


SLOWEST = ("test_project.py", "test_bleeds.py", "test_distributed.py", "test_fifth_structure.py")
"""Files of tests that begin first, in this order: no process is left with one at the end."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    order = {name: place for place, name in enumerate(SLOWEST)}
    items.sort(key=lambda item: order.get(item.path.name, len(order)))


@dataclass
class Result:
    """How a command ended."""

    exit_code: int
    stdout: str
    stderr: str


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    """Return a function that runs a command module's `main` with arguments."""

    def call(
        main: Callable[..., None], *arguments: object, extra_arguments: bool = False
    ) -> Result:
        monkeypatch.setattr(sys, "argv", ["command", *map(str, arguments)])
        capsys.readouterr()
        with pytest.raises(SystemExit) as end:
            run(main, extra_arguments=extra_arguments)
        output = capsys.readouterr()
        return Result(int(end.value.code or 0), output.out, output.err)

    return call


@pytest.fixture
def node(cluster: Any) -> Iterator[Callable[..., Any]]:
    """Return what starts another node of a test's Ray cluster; they are ended with the test."""
    before = len(cluster.nodes)
    yield cluster.start
    for one in cluster.nodes[before:]:
        one.end()
