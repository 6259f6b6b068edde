"""`python -m hich.pull [REMOTE]`."""

from __future__ import annotations

from rich.console import Console

from cohort.base.cli import counted, run, say_note
from cohort.base.errors import DataError
from hich.project.sharing.asked import RemoteAndVariables, shared


def main(words: RemoteAndVariables = None) -> None:
    """Take results of this project's steps that others have pushed, instead of making them.

    Only what was made of the same is pulled: the same code, settings and data, and the same results
    of the steps before. It takes the place of what is not current; `hich run` makes the rest.
    Variables are set as --vars.NAME VALUE, the same ones as for `hich run`. Whoever can write to a
    remote decides what you compute with: pull only from those whose code you would run.
    """
    from hich.project.sharing.results import other_libraries, pull_step
    from hich.project.sharing.steps import note_inputs, shared_steps

    source, project = shared(words)
    if not source.exists():
        raise DataError(f"{source.url}: nothing was pushed there yet.")
    console = Console(soft_wrap=True, highlight=False, markup=False)
    for line in note_inputs(project["vars"]):
        console.print(f"Note: {line}")
    pulled, current, others = 0, 0, dict[str, None]()
    for step in shared_steps(project):
        if step.rests_on:
            console.print(f"{step.name}: not pulled, since {step.rests_on} is not current")
        elif step.current:
            current += 1
        elif found := pull_step(step, source):
            console.print(f"{step.name}: pulled {', '.join(map(str, step.results))}")
            others |= dict.fromkeys(other_libraries(found))
            pulled += 1
        else:
            console.print(f"{step.name}: nobody has pushed it for these inputs")
    if others:
        say_note(f"Pulled results were made with {', '.join(others)}.")
    console.print(f"✔ {counted(pulled, 'step')} pulled from {source.url}; {current} were current.")


if __name__ == "__main__":
    run(main, extra_arguments=True)
