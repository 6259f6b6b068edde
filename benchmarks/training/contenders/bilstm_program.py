"""A BiLSTM-CRF in PyTorch (Huang, Xu and Yu 2015, arXiv 1508.01991), as it is usually written.

Characters 128, 256 hidden units a direction, dropout 0.5, Adam at 0.001, 16 records a step, at
most 15 passes; the pass that is best on the validation part is kept. With BIGRAMS=1 in the
environment the character's bigram with the one before it is embedded beside it (64).
"""

from __future__ import annotations

import copy
import os
import random
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import torch
from torch import Tensor, nn

from benchmarks.training.contenders.ner_data import Span, Text, score, spans_of, tags_of
from benchmarks.training.contenders.ner_program import Tagger, main

BIGRAMS = bool(int(os.environ.get("BIGRAMS", "0")))
CHARACTERS, BIGRAM, HIDDEN, DROPOUT = 128, 64, 256, 0.5
BATCH, PASSES, RATE, SEED = 16, 15, 0.001, 0
START = "\x02"


class BiLstmCrf(nn.Module):
    """The network; index 0 of a vocabulary is the padding, 1 what is unknown."""

    def __init__(self, characters: list[str], bigrams: list[str], tags: list[str]) -> None:
        super().__init__()
        self.tags = tags
        self.characters = {c: i for i, c in enumerate(characters, 2)}
        self.bigrams = {b: i for i, b in enumerate(bigrams, 2)}
        self.embed = nn.Embedding(len(characters) + 2, CHARACTERS, padding_idx=0)
        self.embed_bigrams = nn.Embedding(len(bigrams) + 2, BIGRAM, padding_idx=0)
        width = CHARACTERS + (BIGRAM if BIGRAMS else 0)
        self.lstm = nn.LSTM(width, HIDDEN, bidirectional=True, batch_first=True)
        self.dropout = nn.Dropout(DROPOUT)
        self.output = nn.Linear(2 * HIDDEN, len(tags))
        self.transitions = nn.Parameter(torch.zeros(len(tags), len(tags)))
        self.first = nn.Parameter(torch.zeros(len(tags)))
        self.last = nn.Parameter(torch.zeros(len(tags)))

    def forward(self, texts: Sequence[str]) -> tuple[Tensor, Tensor]:
        """Return scores (batch, length, tags) and which are of a character (batch, length)."""
        ids = [torch.tensor([self.characters.get(c, 1) for c in text]) for text in texts]
        padded = nn.utils.rnn.pad_sequence(ids, batch_first=True)
        embedded = self.embed(padded)
        if BIGRAMS:
            pairs = [
                torch.tensor([self.bigrams.get(pair, 1) for pair in bigrams_of(text)])
                for text in texts
            ]
            pairs_padded = nn.utils.rnn.pad_sequence(pairs, batch_first=True)
            embedded = torch.cat([embedded, self.embed_bigrams(pairs_padded)], dim=2)
        lengths = torch.tensor([len(text) for text in texts])
        packed = nn.utils.rnn.pack_padded_sequence(
            self.dropout(embedded), lengths, batch_first=True, enforce_sorted=False
        )
        hidden, _ = nn.utils.rnn.pad_packed_sequence(self.lstm(packed)[0], batch_first=True)
        return self.output(self.dropout(hidden)), padded > 0

    def loss(self, texts: Sequence[str], tags: Sequence[list[int]]) -> Tensor:
        """Return the mean negative log-likelihood of the right tags."""
        scores, mask = self(texts)
        right = nn.utils.rnn.pad_sequence([torch.tensor(t) for t in tags], batch_first=True)
        on = mask.float()
        ends = mask.sum(1) - 1
        path = (scores.gather(2, right[:, :, None])[:, :, 0] * on).sum(1)
        path = path + (self.transitions[right[:, :-1], right[:, 1:]] * on[:, 1:]).sum(1)
        last = right.gather(1, ends[:, None])[:, 0]
        path = path + self.first[right[:, 0]] + self.last[last]
        total = self.first + scores[:, 0]
        for t in range(1, scores.shape[1]):
            step = torch.logsumexp(total[:, :, None] + self.transitions, dim=1) + scores[:, t]
            total = torch.where(mask[:, t, None], step, total)
        return (torch.logsumexp(total + self.last, dim=1) - path).mean()

    @torch.no_grad()
    def decode(self, texts: Sequence[str]) -> list[list[str]]:
        """Return the best-scored tags of each text."""
        scores, mask = self(texts)
        total = self.first + scores[:, 0]
        back = []
        for t in range(1, scores.shape[1]):
            best, come_from = (total[:, :, None] + self.transitions).max(dim=1)
            back.append(come_from)
            total = torch.where(mask[:, t, None], best + scores[:, t], total)
        found = []
        for i, length in enumerate(mask.sum(1).tolist()):
            tag = int((total[i] + self.last).argmax())
            path = [tag]
            for t in range(length - 2, -1, -1):
                tag = int(back[t][i, tag])
                path.append(tag)
            found.append([self.tags[tag] for tag in reversed(path)])
        return found


def bigrams_of(text: str) -> list[str]:
    return [a + b for a, b in pairwise(START + text)]


def train(texts: list[Text], val: list[Text], model: Path) -> None:
    random.seed(SEED)
    torch.manual_seed(SEED)
    texts = [(text, spans) for text, spans in texts if text]
    characters = Counter(c for text, _ in texts for c in text)
    bigrams = Counter(pair for text, _ in texts for pair in bigrams_of(text))
    tags = sorted({tag for text, spans in texts for tag in tags_of(text, spans)})
    often, pairs = ([key for key, n in c.items() if n > 1] for c in (characters, bigrams))
    network = BiLstmCrf(often, pairs, tags)
    optimizer = torch.optim.Adam(network.parameters(), RATE)
    number = {tag: i for i, tag in enumerate(tags)}
    best, kept = -1.0, {}
    for _ in range(PASSES):
        network.train()
        random.shuffle(texts)
        for i in range(0, len(texts), BATCH):
            batch = texts[i : i + BATCH]
            right = [[number[tag] for tag in tags_of(*text)] for text in batch]
            loss = network.loss([text for text, _ in batch], right)
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(network.parameters(), 5.0)
            optimizer.step()
        found = _tagger(network)([text for text, _ in val])
        f1 = score(val, [(text, spans) for (text, _), spans in zip(val, found, strict=True)])["f1"]
        print(f"loss {loss.item():.2f}, validation F1 {f1:.4f}", flush=True)
        if f1 > best:
            best, kept = f1, copy.deepcopy(network.state_dict())
    saved = {"vocabularies": [often, pairs], "tags": tags, "state": kept}
    torch.save(saved, model / "bilstm.pt")


def load(model: Path) -> Tagger:
    saved = torch.load(model / "bilstm.pt", weights_only=True)
    characters, bigrams = saved["vocabularies"]
    network = BiLstmCrf(characters, bigrams, saved["tags"])
    network.load_state_dict(saved["state"])
    return _tagger(network)


def _tagger(network: BiLstmCrf) -> Tagger:
    def tag(texts: Sequence[str]) -> list[list[Span]]:
        network.eval()
        # Texts of like length together, so that little is padded.
        order = sorted((i for i, text in enumerate(texts) if text), key=lambda i: len(texts[i]))
        found: list[list[Span]] = [[] for _ in texts]
        for start in range(0, len(order), 2 * BATCH):
            chosen = order[start : start + 2 * BATCH]
            decoded = network.decode([texts[i] for i in chosen])
            for i, tags in zip(chosen, decoded, strict=True):
                found[i] = spans_of(tags)
        return found

    return tag


if __name__ == "__main__":
    torch.set_num_threads(1)
    main(train, load)
