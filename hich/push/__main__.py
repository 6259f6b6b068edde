"""`python -m hich.push [REMOTE]`."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console

from cohort.base.cli import counted, run
from hich.project.sharing.asked import RemoteAndVariables, shared


def main(words: RemoteAndVariables = None) -> None:
    """Share the results of this project's steps: corpora, models, metrics, predictions, reports.

    Only what is current is pushed: what `hich run` would make again is left out, and what rests on
    it. Corpora and predictions are of patients, and so is the remote then. Variables are set as
    --vars.NAME VALUE, the same ones as for `hich run`.
    """
    from cohort.provenance.hashes import Hasher
    from hich.project.sharing.results import push_step
    from hich.project.sharing.steps import note_inputs, shared_steps

    to, project = shared(words)
    console = Console(soft_wrap=True, highlight=False, markup=False)
    for line in note_inputs(project["vars"]):
        console.print(f"Note: {line}")
    hasher, pushed, there = Hasher(Path()), 0, 0
    for step in shared_steps(project):
        if step.rests_on:
            console.print(f"{step.name}: left out, since {step.rests_on} is not current")
        elif not step.current:
            console.print(f"{step.name}: left out, since it is not current; `hich run` makes it")
        elif push_step(step, to, hasher):
            console.print(f"{step.name}: pushed {', '.join(map(str, step.results))}")
            pushed += 1
        else:
            there += 1
    hasher.save()
    console.print(f"✔ {counted(pushed, 'step')} pushed to {to.url}; {there} were there before.")


if __name__ == "__main__":
    run(main, extra_arguments=True)
