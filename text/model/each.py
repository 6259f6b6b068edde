"""Documents of many records, one by one: a record that a pipeline stumbles over ends no other."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.tokens import Doc


@dataclass(frozen=True)
class Stumbled:
    """What a pipeline made of a record that it raised an exception at.

    Attributes
    ----------
    kind
        Of the exception. Its words may quote the record, and are not passed on.
    """

    kind: str

    def sentence(self, name: str) -> str:
        """Return what is wrong with the record called `name`, and what to do."""
        return (
            f"{name}: the pipeline stumbled over it ({self.kind}). Please report it, without the "
            "record."
        )


def each_doc(
    nlp: Language, texts: Iterable[str], batch_size: int | None = None, processes: int = 1
) -> Iterator[Doc | Stumbled]:
    """Yield the document of each text, in order, or that the pipeline stumbled over it.

    Parameters
    ----------
    nlp
        The pipeline.
    texts
        Of the records. What is raised by these themselves is not caught.
    batch_size, processes
        As `nlp.pipe` takes them. Texts that were in hand when it raised are read alone.
    """
    source = iter(texts)
    in_hand: deque[str] = deque()
    ended = broken = False

    def given() -> Iterator[str]:
        nonlocal ended, broken
        while True:
            try:
                text = next(source)
            except StopIteration:
                ended = True
                return
            except BaseException:
                broken = True
                raise
            in_hand.append(text)
            yield text

    while not ended:
        try:
            for doc in nlp.pipe(given(), batch_size=batch_size, n_process=processes):
                in_hand.popleft()
                yield doc
        except Exception:
            if broken or not in_hand:
                raise
        while in_hand:
            yield _alone(nlp, in_hand.popleft())


def _alone(nlp: Language, text: str) -> Doc | Stumbled:
    try:
        return nlp(text)
    except Exception as error:
        return Stumbled(type(error).__name__)
