"""A job of which nothing is missing: what its last step, or `hich merge`, goes by."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from cohort.base.cli import counted
from cohort.base.errors import DataError, few
from cohort.work.ledger import Entry, Noted, by_item, of_latest_input, read_entries, work_folder
from cohort.work.packs import ItemFiles


class Completed(NamedTuple):
    """A job of which nothing is missing: its entries in order, what failed, and the files."""

    noted: Noted
    entries: list[Entry]
    failures: dict[str, tuple[str, ...]]
    files: ItemFiles


def completed(output: Path) -> Completed:
    """Return what was done for `output`, if that is all.

    Raises
    ------
    DataError
        If nothing was begun, something is missing, was made with other options, by another model
        or program, or its files are not as they were made.
    """
    work = work_folder(output)
    noted = Noted.read(output)
    if noted is None:
        raise DataError(f"{output}: there is no {work}, so no shard was done for it.")
    files = ItemFiles(output, work if noted.keeps == "work" else output)
    made_of = noted.identity.whole
    by_id = by_item(read_entries(output))
    entries, failures, missing, other, changed = [], {}, [], [], []
    for item in noted.items:
        of_this = [one for one in by_id.get(item, ()) if one.made_of == made_of]
        # What was made of an input that it had before is not merged, be it there.
        done = [one for one in of_latest_input(of_this) if not one.failed]
        whole = next((one for one in reversed(done) if files.stands(one)), None)
        if whole is not None:
            entries.append(whole)
        elif done:
            changed.append(item)
        elif of_this:
            failures[item] = of_this[-1].failed
        elif item in by_id:
            other.append(f"{item} of shard {by_id[item][-1].shard}")
        else:
            missing.append(item)
    problems = []
    if missing:
        problems.append(
            f"{work}: {counted(len(missing), 'item')} of {len(noted.items)} not done yet "
            f"({few(missing)}); run the shards that are missing, then merge."
        )
    if other:
        problems.append(
            f"{work}: {counted(len(other), 'item')} made with other options, another model or "
            f"another version of this program ({few(other)}); run these shards again with --resume."
        )
    if changed:
        problems.append(
            f"{output}: files of {counted(len(changed), 'item')} are missing or were changed since "
            f"they were made ({few(changed)}); run the command again with --resume."
        )
    if problems:
        raise DataError(*problems)
    return Completed(noted, entries, failures, files)
