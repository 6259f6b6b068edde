"""Where `lists.json` is from, and what makes the two lists in it that aren't typed by hand.

**Typed by hand for this project**, as facts and from knowledge of the language of charts, from no
file of anybody: surnames (`surnames`, `rare_surnames`, `pure_surnames`, `word_surnames`,
`compound`, `pinyin_surnames`), characters of given names (`given`, `given_first`), words of
medicine and of charts (`terms`, `terms_soft`, `drug_ends`), parts of names
of minorities (`morphemes`), provinces, cities, traditional characters, `words`, and all words that
stand around or in identities: `titles`, `kin`, `persons`, `left`, `right`, `heads`, `fields`,
`columns`, `no_names`, `cut`, `kept` and those of institutions and dates. Nobody's list says that
they are complete, and no script can make them again. The weights of `left` and `right` were chosen
on notes written for that; what a network learns of names stands in `learned`. `stand_ins` is
invented.

**Made by this script**: `ordinary_words` and `words_that_are_names`, from the dictionary of jieba
0.42.1 (dict.txt, MIT License, Copyright (c) 2013 Sun Junyi, https://github.com/fxsjy/jieba), whose
licence stands in NOTICE. `python -m text.components.deidentify.ordinary_words dict.txt` writes them
anew.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path

FILE = Path(__file__).with_name("lists.json")
_NAMES = ("nr", "ns", "nt")
"""How jieba's tags of names begin: of persons, places, institutions."""
_CALLED = ("n", "nr", "nz", "nt", "t", "a", "an", "z", "s", "b", "i", "l", "ng")
_LEAST_OF_TWO, _LEAST_OF_MORE = 20, 5
_A_LINE = 40  # words of one entry of the list


def ordinary_words(lines: Iterable[str], surnames: Collection[str]) -> Iterator[str]:
    """Yield the words of a dictionary that could be taken for names.

    Parameters
    ----------
    lines
        A word, its frequency and its tag each.
    surnames
        Characters that a name may begin with: of the words of three and four characters only those
        that do are taken, with a frequency of 5 and more; of two characters all from 20 on.

    Raises
    ------
    ValueError
        If a line is not like that.

    Examples
    --------
    >>> list(ordinary_words(["高峰 1045 n", "高峰期 140 n", "云南 3139 ns", "水平线 20 n"], "高"))
    ['高峰', '高峰期']
    """
    for line in lines:
        try:
            word, frequency, tag = line.split()
            count = int(frequency)
        except ValueError:
            raise ValueError(f"{line.strip()!r} is not a word, its frequency and its tag") from None
        if tag.startswith(_NAMES) or not all("\u4e00" <= c <= "\u9fff" for c in word):
            continue
        if len(word) == 2:
            taken = count >= _LEAST_OF_TWO
        else:
            taken = len(word) in (3, 4) and word[0] in surnames and count >= _LEAST_OF_MORE
        if taken:
            yield word


def words_that_are_names(lines: Iterable[str], surnames: Collection[str]) -> Iterator[str]:
    """Yield the words of two characters that people are called, too: nouns and adjectives.

    Verbs and adverbs are none of them: behind 护士 they say what is done, as in 护士管理.

    Examples
    --------
    >>> list(words_that_are_names(["高峰 1045 n", "管理 90 v", "湛蓝 60 z", "高云 3 n"], "高管湛"))
    ['高峰', '湛蓝']
    """
    for line in lines:
        word, frequency, tag = line.split()
        if (
            len(word) == 2
            and word[0] in surnames
            and tag in _CALLED
            and int(frequency) >= _LEAST_OF_TWO
        ):
            yield word


def main(dictionary: Path, lists: Path = FILE) -> None:
    """Put the words of a dictionary into `lists.json`."""
    held = json.loads(lists.read_text(encoding="utf-8"))
    surnames = {*held["surnames"], *held["rare_surnames"]}
    with dictionary.open(encoding="utf-8") as lines:
        known = list(lines)
    words = sorted(ordinary_words(known, surnames))
    called = sorted(words_that_are_names(known, frozenset(held["surnames"])))
    for name, made in (("ordinary_words", words), ("words_that_are_names", called)):
        held[name] = [" ".join(made[at : at + _A_LINE]) for at in range(0, len(made), _A_LINE)]
    lists.write_text(json.dumps(held, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit("Name jieba's dict.txt: its words go into lists.json.")
    try:
        main(Path(sys.argv[1]))
    except (OSError, ValueError) as error:
        raise SystemExit(f"{sys.argv[1]}: {error}.") from None
