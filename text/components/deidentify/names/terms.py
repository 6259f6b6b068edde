"""Words of medicine and of charts: no name begins or ends within one, and most of them are none."""

from __future__ import annotations

from collections.abc import Iterable

from ..lexicon import any_of, compiled


class TermsOfText:
    """Where a text has such words.

    Parameters
    ----------
    inner
        The places within them.
    never
        Where those of them start and end that are no names.
    """

    def __init__(self, inner: set[int], never: set[tuple[int, int]]) -> None:
        self._inner = inner
        self._ends: dict[int, int] = {}
        self._starts: dict[int, int] = {}
        for start, end in never:
            self._ends[start] = min(end, self._ends.get(start, end))
            self._starts[end] = max(start, self._starts.get(end, start))

    def forbid(self, start: int, end: int) -> bool:
        """Return whether a piece is no name: a word goes on beyond it, begins it or ends it."""
        inner = self._inner
        return (
            start in inner
            or end in inner
            or self._ends.get(start, end + 1) <= end
            or self._starts.get(end, start - 1) >= start
        )


class Terms:
    """Finds them.

    Parameters
    ----------
    terms
        Words that are no names.
    maybe
        Words that may be names all the same, as 连翘.
    drug_ends
        How names of drugs end: 沙坦, 霉素. What stands right before one belongs to it.
    """

    def __init__(self, terms: Iterable[str], maybe: Iterable[str], drug_ends: list[str]) -> None:
        self._never = frozenset(terms)
        self.words = self._never | frozenset(maybe)
        first = "".join(sorted({end[0] for end in drug_ends}))
        self._drug = compiled(rf"[HAN](?=[{first}])(?:{any_of(drug_ends)})")

    def in_text(self, text: str, found: Iterable[tuple[int, int]]) -> TermsOfText:
        """Return where a text in the form to be searched has such words.

        Parameters
        ----------
        text
            The text.
        found
            Where `words` stand in it.
        """
        inner: set[int] = set()
        never: set[tuple[int, int]] = set()
        for start, end in found:
            inner.update(range(start + 1, end))
            if text[start:end] in self._never:
                never.add((start, end))
        for match in self._drug.finditer(text):
            inner.update(range(match.start() + 1, match.end()))
        return TermsOfText(inner, never)
