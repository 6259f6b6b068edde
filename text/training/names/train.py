"""Train the network that judges what may be a name, and write it where the component reads it.

`python -m text.training.names.train dict.txt`, with the dictionary of jieba 0.42.1. It takes two
minutes and 1.5 GB on one core. The notes hold nobody's data: see `people` and `notes`.
"""

from __future__ import annotations

import base64
import hashlib
import json
import sys
from collections import Counter
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

from cohort.base.files import write_text
from text.components.deidentify.finder import FILE, NETWORK
from text.components.deidentify.learned.candidates import LEFT, WITHIN, Candidates
from text.components.deidentify.learned.features import FIRST as OWN
from text.components.deidentify.learned.features import UNKNOWN, CharacterFeatures
from text.components.deidentify.lexicon import IdentityLists, rare_surnames

from .notes import FIRST, INSIDE, NoteWriter
from .people import People

CHARACTERS, STEPS, BATCH, SEED = 2_000_000, 4000, 1024, 22
_EMBEDDING, _HIDDEN = 12, 64
_RATE = 5e-3
_SEEN = 8  # times that a character stands in the notes to be one that the network knows
_KEPT = 0.6  # of the pieces that are far from any name
_AT_ONCE = 20_000
_APART = "\n" * 8
_READ = (
    "surnames",
    "pure_surnames",
    "word_surnames",
    "compound",
    "given",
    "given_first",
    "morphemes",
    "titles",
    "kin",
    "left",
    "right",
    "ordinary_words",
    "words",
    "terms",
    "terms_soft",
    "fields",
    "provinces",
    "cities",
    "traditional",
)
"""What of `lists.json` the notes and the network's features are made of."""


def examples(
    notes: list[tuple[str, list[int]]], candidates: Candidates, rng: np.random.Generator
) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
    """Return the characters, features and truth of the pieces of notes that may be names."""
    found: list[tuple[NDArray[Any], ...]] = []
    text, marks = "", list[int]()
    for number, (note, told) in enumerate(notes, 1):
        text += note + _APART
        marks += told + [0] * len(_APART)
        if len(text) < _AT_ONCE and number < len(notes):
            continue
        pieces = candidates.pieces(text)
        characters, features = candidates.read(text, pieces)
        start, end = np.array(pieces).T
        mark = np.array(marks)
        inside = np.flatnonzero(mark != INSIDE)
        stop = inside[np.searchsorted(inside, start + 1)]  # where a name from there would end
        true = (mark[start] == FIRST) & (stop == end)
        named = np.concatenate([[0], np.cumsum((mark == FIRST) | (mark == INSIDE))])
        kept = (named[end] > named[start]) | (rng.random(len(start)) < _KEPT)
        found.append((characters[kept], features[kept].astype(np.float16), true[kept]))
        text, marks = "", []
    return (
        np.concatenate([one[0] for one in found]),
        np.concatenate([one[1] for one in found]),
        np.concatenate([one[2] for one in found]),
    )


def train(
    characters: NDArray[Any], features: NDArray[Any], truth: NDArray[Any], vocabulary: str
) -> dict[str, torch.Tensor]:
    """Return the arrays of a network that `Judge` reads."""
    torch.manual_seed(SEED)
    draw = torch.Generator().manual_seed(SEED)
    count = OWN + len(vocabulary)
    embedding = torch.nn.Embedding(count, _EMBEDDING)
    torch.nn.init.normal_(embedding.weight, std=0.3)
    read = characters.shape[1] * _EMBEDDING + features.shape[1]
    hidden, outcome = torch.nn.Linear(read, _HIDDEN), torch.nn.Linear(_HIDDEN, 1)
    parameters = [*embedding.parameters(), *hidden.parameters(), *outcome.parameters()]
    optimizer = torch.optim.Adam(parameters, lr=_RATE)
    chinese = torch.zeros(count, dtype=torch.bool)
    chinese[[OWN + n for n, c in enumerate(vocabulary) if "\u4e00" <= c <= "\u9fff"]] = True
    # Characters are hidden at random, those of names more often: of most nobody has seen enough.
    unseen = torch.full((characters.shape[1],), 0.12)
    unseen[LEFT : LEFT + WITHIN] = 0.2
    order, at = torch.randperm(len(truth), generator=draw), 0
    for step in range(STEPS):
        optimizer.param_groups[0]["lr"] = _RATE * max(0.01, 1 - step / STEPS)
        if at + BATCH > len(truth):
            order, at = torch.randperm(len(truth), generator=draw), 0
        batch = order[at : at + BATCH].numpy()
        at += BATCH
        ids = torch.from_numpy(characters[batch].astype(np.int64))
        gone = (torch.rand(ids.shape, generator=draw) < unseen) & chinese[ids]
        ids = torch.where(gone, torch.full_like(ids, UNKNOWN), ids)
        told = functional.dropout(torch.from_numpy(features[batch].astype(np.float32)), 0.1)
        value = torch.relu(hidden(torch.cat([embedding(ids).flatten(1), told], 1)))
        odds = outcome(functional.dropout(value, 0.25))[:, 0]
        target = torch.from_numpy(truth[batch].astype(np.float32))
        loss = functional.binary_cross_entropy_with_logits(odds, target)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return {
        "embedding": embedding.weight,
        "hidden": hidden.weight.T,
        "hidden_bias": hidden.bias,
        "outcome": outcome.weight[0],
        "outcome_bias": outcome.bias,
    }


def made_of(lists: dict[str, Any]) -> str:
    """Return the SHA-256 of the lists and files in this folder that a network is trained on."""
    read = {key: lists[key] for key in _READ} | {"heads": lists["heads"]["name"]}
    read["rare_surnames"] = rare_surnames(lists)
    digest = hashlib.sha256(json.dumps(read, ensure_ascii=False, sort_keys=True).encode())
    for name in ("layouts.txt", "phrases.txt", "wording.json"):
        digest.update((Path(__file__).parent / name).read_bytes())
    return digest.hexdigest()


def main(dictionary: Path, out: Path = NETWORK, characters: int = CHARACTERS) -> None:
    """Train on notes of so many characters, and write the network.

    The same lists and dictionary make the same network again, on the same kind of processor to the
    last bit. `lists` and `dictionary` in it are the SHA-256 of the lists and
    the dictionary that it was made of; of a change of the code they don't tell.
    """
    lists = json.loads(FILE.read_text(encoding="utf-8"))
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # sums are rounded otherwise where several add them up
    try:
        network = _trained(dictionary, lists, characters)
    finally:
        torch.set_num_threads(threads)
    write_text(out, json.dumps(network, ensure_ascii=False, indent=1) + "\n")


def _trained(dictionary: Path, lists: dict[str, Any], characters: int) -> dict[str, Any]:
    lexicon = IdentityLists(lists)
    with dictionary.open(encoding="utf-8") as lines:
        people = People(lists, lines)
    writer, random = NoteWriter(lists, people, lexicon.table), Random(SEED)
    notes: list[tuple[str, list[int]]] = []
    length = 0
    while length < characters:
        notes.append(writer.note(random))
        length += len(notes[-1][0])
    seen = Counter(c for text, _ in notes for c in text)
    known = [c for c, n in seen.items() if n >= _SEEN and not c.isascii()]
    signs = [chr(n) for n in range(33, 127) if not chr(n).isalnum()]
    vocabulary = "".join(sorted([*known, *signs]))
    features = CharacterFeatures(lexicon.names, lists["fields"], vocabulary)
    found = examples(notes, Candidates(lexicon.names, features), np.random.default_rng(SEED))
    arrays = {
        name: {
            "shape": list(array.shape),
            "data": base64.b64encode(
                np.ascontiguousarray(array.detach().numpy(), "<f2").tobytes()
            ).decode(),
        }
        for name, array in train(*found, vocabulary).items()
    }
    return {
        "lists": made_of(lists),
        "dictionary": hashlib.sha256(dictionary.read_bytes()).hexdigest(),
        "vocabulary": vocabulary,
        "arrays": arrays,
    }


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit("Name jieba's dict.txt: names and words are drawn from it.")
    try:
        main(Path(sys.argv[1]))
    except (OSError, ValueError) as error:
        raise SystemExit(f"{sys.argv[1]}: {error}.") from None
