"""`python -m hich.trace FILE`: the chain from a result back to the raw files."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from cohort.base.cli import counted, print_json, run
from cohort.base.errors import DataError
from cohort.provenance.chain import Chain, ChainLink, trace_back
from cohort.provenance.program import this_code
from cohort.schema.provenance import CodeUsed, MadeBy


def main(
    result: Annotated[
        Path,
        typer.Argument(
            metavar="FILE", help="What a command made: a model, scores, a report, a corpus, …"
        ),
    ],
    cohort: Annotated[
        Path | None,
        typer.Option(
            help="Folder of the cohort, where it is not where it was.", show_default=False
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print all of it as JSON.")] = False,
) -> None:
    """Show how a result was made, back to the raw files, and what has changed since.

    The first link of the chain that has changed is named last, and the exit code is 1 then. What
    each command noted stands in provenance.json beside what it made.
    """
    chain = trace_back(result, cohort)
    if as_json:
        print_json(_plain(chain))
    else:
        console = Console(soft_wrap=True, highlight=False, markup=False)
        for line in chain_lines(chain, this_code()):
            console.print(line)
        for name in chain.unseen:
            console.print(f"Cannot be compared, as it is elsewhere: {name}")
        for change in chain.changes[1:]:
            console.print(f"Also: {change}.")
    if chain.changes:
        raise DataError(f"The first link that has changed: {chain.changes[0]}.")
    if not as_json:
        console.print("✔ Nothing of it has changed since, as far as it can be compared.")


def chain_lines(chain: Chain, now: CodeUsed) -> Iterator[str]:
    """Yield the chain as lines, the result first and what it was made of indented below it."""
    shown: set[int] = set()

    def lines(link: ChainLink, depth: int) -> Iterator[str]:
        indent = "  " * depth
        if id(link) in shown:
            yield f"{indent}{link.name} (see above)"
            return
        shown.add(id(link))
        yield f"{indent}{link.name}"
        yield f"{indent}  by {' '.join(link.run.command or ['a program that called it'])}"
        yield f"{indent}  {how(link.run, now)}"
        for name in link.raw:
            yield f"{indent}  {name}"
        for before in link.before:
            yield from lines(before, depth + 1)

    for link in chain.links:
        yield from lines(link, 0)


def how(run: MadeBy, now: CodeUsed) -> str:
    """Say when, by which code and on what something was made."""
    code = f"version {run.code.version or 'unknown'}"
    if run.code.commit:
        code += f", commit {run.code.commit[:12]}"
        code += " with changes that are in no commit" if run.code.dirty else ""
    if run.code != now:
        code += " (not the code that is here)"
    took = f"in {counted(round(run.seconds), 'second')}" if run.seconds is not None else None
    seeds = ", ".join(f"{name} {value}" for name, value in run.seeds.items())
    parts = (
        run.finished,
        took,
        run.device and f"on {run.device}",
        code,
        seeds and f"seed of {seeds}",
    )
    return "; ".join(part for part in parts if part)


def _plain(chain: Chain) -> dict[str, object]:
    def link(one: ChainLink) -> dict[str, object]:
        return {
            "name": one.name,
            "command": one.run.command,
            "finished": one.run.finished,
            "raw": one.raw,
            "before": [link(before) for before in one.before],
        }

    return {
        "links": [link(one) for one in chain.links],
        "changed": [{"name": c.name, "gone": c.gone, "made_of_it": c.of_it} for c in chain.changes],
        "unseen": chain.unseen,
    }


if __name__ == "__main__":
    run(main)
