"""`python -m hich.doctor`: one screen on the installation and the machine, for an issue."""

from __future__ import annotations

import sys
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from cohort.base.cli import counted, print_json, run
from cohort.base.devices import DeviceOption
from cohort.schema.problems import VERSION, VERSION_KEY
from hich.doctor.diagnosis import Diagnosis
from imaging.model.threads import let_threads_sleep


def main(
    device: DeviceOption = "cpu",
    as_json: Annotated[
        bool, typer.Option("--json", help="Print all as JSON, for programs.")
    ] = False,
) -> None:
    """Look whether all is installed and works; the output is made to be pasted into an issue.

    A tiny generated scan and its record are read, and compared with what they were made from. The
    exit code is 1 if anything is wrong. Neither paths nor names of people or machines are printed.
    """
    from hich.doctor.examine import diagnose

    console = Console(stderr=True)
    if console.is_terminal:
        with console.status("Looking around, and reading a generated scan and record …"):
            found = diagnose(device)
    else:
        found = diagnose(device)
    if as_json:
        print_json(_as_json(found))
    else:
        _print(found)
    if any(one.ok is False for one in found):
        sys.exit(1)


def _as_json(found: list[Diagnosis]) -> dict[str, object]:
    return {
        VERSION_KEY: VERSION,
        "ok": all(one.ok is not False for one in found),
        "found": [
            {"name": one.name, "value": one.value, "ok": one.ok, "remedy": one.remedy}
            for one in found
        ],
    }


def _print(found: list[Diagnosis]) -> None:
    console = Console(soft_wrap=True, highlight=False)
    signs = {True: "[green]✔[/green]", False: "[red]✘[/red]", None: " "}
    width = max(len(one.name) for one in found)
    for one in found:
        console.print(f"{signs[one.ok]} {one.name:{width}}  {escape(one.value)}")
        if one.remedy:
            console.print(f"  {'':{width}}  {escape(one.remedy)}")
    wrong = sum(one.ok is False for one in found)
    if wrong:
        console.print(f"[red]✘[/red] {counted(wrong, 'thing')} to mend")
    else:
        console.print("[green]✔[/green] All works")


if __name__ == "__main__":
    let_threads_sleep()
    run(main)
