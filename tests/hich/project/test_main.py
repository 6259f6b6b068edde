"""`python -m hich.project`: what is mistyped is told before hours of work."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from hich.project.__main__ import main


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["all", "--vars.case", "6"], "--vars.case: no such variable; is cases meant?"),
        (["all", "--vars.max_epochs=1"], "--vars.max_epochs: no such variable"),
        (["check", "--vars.cohort"], "--vars.cohort: has no value; say --vars.cohort VALUE."),
        (["check", "--vars.gpu_id", "--vars.cases", "6"], "--vars.gpu_id: has no value"),
        (["al"], "al: no such workflow or step; is all meant? There are the workflows all,"),
        (["imaging.trian"], "imaging.trian: no such workflow or step; is imaging.train meant?"),
    ],
)
def test_what_the_project_lacks_is_refused(
    words: list[str], said: str, root: Path, command: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(root)
    result = command(main, *words, extra_arguments=True)
    assert result.exit_code == 2 and said in result.stderr
