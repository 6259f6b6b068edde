"""Work in several processes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest

from cohort.base.errors import DataError, raise_all
from cohort.base.processes import cores, interrupt_held, process_pool


def test_a_killed_process_is_said() -> None:
    with (
        pytest.raises(DataError, match="ended from outside.*--processes 1"),
        process_pool(1) as pool,
    ):
        pool.submit(os.abort).result()


def test_an_error_for_people_comes_back_from_a_process_whole() -> None:
    with pytest.raises(DataError) as caught, process_pool(1) as pool:
        pool.submit(raise_all, ["a.txt: is empty.", "b.txt: is empty."]).result()
    assert caught.value.problems == ("a.txt: is empty.", "b.txt: is empty.")


def test_cores_are_those_that_may_be_used() -> None:
    assert 1 <= cores() <= (os.cpu_count() or 1)


def test_threads_of_all_processes_together_are_no_more_than_cores(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("OPENBLAS_NUM_THREADS", raising=False)
    with process_pool(2 * cores()) as pool:
        assert pool.submit(os.getenv, "OPENBLAS_NUM_THREADS").result() == "1"
    assert "OPENBLAS_NUM_THREADS" not in os.environ


@pytest.mark.skipif(not hasattr(signal, "pthread_sigmask"), reason="signals of another kind")
def test_ctrl_c_is_held_while_a_process_is_started_and_never_reaches_it() -> None:
    ask = "import signal; print(signal.SIGINT in signal.pthread_sigmask(signal.SIG_BLOCK, []))"
    said = ""
    with pytest.raises(KeyboardInterrupt), interrupt_held():
        signal.raise_signal(signal.SIGINT)
        said = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True).stdout
    assert said == "True\n"
