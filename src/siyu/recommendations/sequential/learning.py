"""Learning the network (PyTorch): each step foretells the next, by sampled softmax; what is held out says when to stop.

The loss estimates the full softmax without bias in its sum: products drawn against the right one weigh one over how
often they are drawn (logQ; Bengio and Senécal 2008; Yi et al., RecSys 2019), and the right one stands for itself.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import torch
from torch.nn.functional import cross_entropy

from siyu.recommendations.people import Floats, Ints
from siyu.recommendations.sequential import network
from siyu.recommendations.sequential.network import Tensor, Tensors
from siyu.recommendations.sequential.options import SequentialOptions
from siyu.recommendations.sequential.reading import Arrays
from siyu.recommendations.sequential.sequences import Sequences, padded, shuffled, windows

Watch = Callable[[int, int], None]
"""Told turns done, of how many at most."""
_ASKED: Final = 4_000
"""People whose last step is foretold after each turn."""
_FEWEST: Final = 20
"""Of fewer nothing can be told; then it learns for a quarter of the turns."""
_LUCK: Final = 0.995
_NEIGHBOURHOOD: Final = 32
"""Batches among which stretches are sorted by length."""


@dataclass(frozen=True, slots=True)
class Mark:
    """How well what was held out was foretold: mean reciprocal rank, and mean surprise (nats)."""

    rank: float
    surprise: float

    def beats(self, others: Sequence[Mark]) -> bool:
        """It ranks better than all, or surprises less than all and ranks no worse but for luck."""
        rank = max((other.rank for other in others), default=0.0)
        surprise = min((other.surprise for other in others), default=np.inf)
        return self.rank > rank or (self.surprise < surprise and self.rank > _LUCK * rank)


@dataclass(frozen=True)
class Learnt:
    """The best network found.

    Attributes:
        arrays: its numbers by name.
        turns: through all sequences until the best; ``marks``: at each turn; none where nothing was held out.
        whole: it ended by itself, within its time.
    """

    arrays: Arrays
    turns: int
    marks: tuple[Mark, ...]
    whole: bool


def learn(
    sequences: Sequences, products: int, options: SequentialOptions, watch: Watch = lambda done, all: None
) -> Learnt:
    """Learn from sequences of product numbers.

    Up to ``options.turns`` turns over all steps but the latest share ``held``, as long as these are foretold better;
    then one more turn over everything from the best on, for the latest steps say most.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(options.seed)
        lesson = _Lesson(products, options, watch)
        return lesson.learn(sequences)


@dataclass
class _Lesson:
    """One network, its optimiser, its dice and its clock."""

    products: int
    options: SequentialOptions
    watch: Watch
    tensors: Tensors = field(init=False)

    def __post_init__(self) -> None:
        self.draw = np.random.default_rng(self.options.seed)
        self.tensors = network.made(self.products, self.options, torch.Generator().manual_seed(self.options.seed))
        self.adam = torch.optim.Adam(list(self.tensors.values()), lr=self.options.rate, betas=(0.9, 0.98))
        self.begun = time.perf_counter()

    @property
    def late(self) -> bool:
        """Whether the time is over."""
        return time.perf_counter() - self.begun > self.options.seconds

    def learn(self, sequences: Sequences) -> Learnt:
        cut = float(np.quantile(sequences.second, 1 - self.options.held, method="lower"))
        asked = np.flatnonzero((sequences.second[sequences.ends[1:] - 1] > cut) & (sequences.sizes > 1))
        judged = self.options.held > 0 and len(asked) >= _FEWEST
        asked = np.sort(self.draw.permutation(asked)[:_ASKED])
        part = sequences.until(cut) if judged else sequences
        turns = self.options.turns if judged else -(-self.options.turns // 4)
        marks: list[Mark] = []
        best, kept = 0, self._copy()
        for turn in range(1, turns + 1):
            whole = self._turn(part)
            self.watch(turn, turns + judged)
            if judged:
                marks.append(self._foretold(sequences, asked))
            if not judged or marks[-1].beats(marks[:-1]):
                best, kept = turn, self._copy()
            if not whole or turn - best >= self.options.patience:
                break
        self._restore(kept)
        if judged and not self.late and self._turn(sequences):
            kept = self._copy()
        self.watch(turns + judged, turns + judged)
        arrays = {name: tensor.numpy() for name, tensor in kept.items()}
        return Learnt(arrays, best, tuple(marks), whole=not self.late)

    def _turn(self, sequences: Sequences) -> bool:
        """Learn from everything once; whether there was time for all of it."""
        item = shuffled(sequences, self.draw)
        first, end = windows(sequences, self.options.length)
        chance = self._chance(item)
        for rows in self._batches(end - first):
            if self.late:
                return False
            found, size = padded(item, first[rows], end[rows])
            self._step(found, size, chance)
        return True

    def _batches(self, size: Ints) -> Iterator[Ints]:
        """Stretches by chance, in batches of about one length."""
        order, many = self.draw.permutation(len(size)), self.options.batch
        group = np.arange(len(size)) // (many * _NEIGHBOURHOOD)
        order = order[np.lexsort((size[order], group))]
        for place in self.draw.permutation(-(-len(order) // many)):
            yield order[place * many : (place + 1) * many]

    def _chance(self, item: Ints) -> Floats:
        """How likely each product is drawn."""
        counts = np.bincount(item, minlength=self.products).astype(np.float64) ** 0.75
        mixed: Floats = self.options.popular * counts / counts.sum() + (1 - self.options.popular) / self.products
        return mixed

    def _step(self, found: Ints, size: Ints, chance: Floats) -> None:
        inside = torch.from_numpy(np.arange(found.shape[1] - 1) < (size - 1)[:, None])
        rows = torch.from_numpy(found.astype(np.int64))
        expected = network.states(self.tensors, rows[:, :-1], self.options, learning=True)[inside]
        loss = self._loss(expected, rows[:, 1:][inside], chance)
        self.adam.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.tensors.values(), 5.0)
        self.adam.step()

    def _loss(self, expected: Tensor, right: Tensor, chance: Floats) -> Tensor:
        item = self.tensors["item"]
        if self.products <= self.options.negatives:
            return cross_entropy(expected @ item.T, right)
        drawn = self.draw.random(self.options.negatives) * chance.sum()
        drawn = np.minimum(np.searchsorted(np.cumsum(chance), drawn, side="right"), self.products - 1)
        return surprise(expected, item, right, drawn, chance)

    def _foretold(self, sequences: Sequences, asked: Ints) -> Mark:
        """How the last step of people is foretold among all products; those on a par count half."""
        end = sequences.ends[1:][asked]
        first = np.maximum(sequences.ends[:-1][asked], end - self.options.length - 1)
        ranks, surprise = [], 0.0
        with torch.no_grad():
            for at in range(0, len(asked), 256):
                rows = slice(at, at + 256)
                found, size = padded(sequences.item, first[rows], end[rows])
                place = torch.arange(len(size)), torch.from_numpy(size - 2)
                items = torch.from_numpy(found.astype(np.int64))
                told = network.states(self.tensors, items[:, :-1], self.options, learning=False)[place]
                right = items[place[0], torch.from_numpy(size - 1)]
                scores = told @ self.tensors["item"].T
                surprise += float(cross_entropy(scores, right, reduction="sum"))
                own = scores.gather(1, right[:, None])
                above, level = (scores > own).sum(1), (scores == own).sum(1)
                ranks.append((above + (level + 1) / 2.0).numpy())
        return Mark(float((1.0 / np.concatenate(ranks)).mean()), surprise / len(asked))

    def _copy(self) -> Tensors:
        return {name: tensor.detach().clone() for name, tensor in self.tensors.items()}

    def _restore(self, kept: Tensors) -> None:
        with torch.no_grad():
            for name, tensor in self.tensors.items():
                tensor.copy_(kept[name])


def surprise(expected: Tensor, item: Tensor, right: Tensor, drawn: Ints, chance: Floats) -> Tensor:
    """What the full softmax would say of the right products, estimated from those ``drawn``, each with its ``chance``.

    The right one stands for itself and is left out where it was drawn.
    """
    often = torch.from_numpy(np.log(chance[drawn] * len(drawn)).astype(np.float32))
    wrong = torch.from_numpy(drawn)
    others = (expected @ item[wrong].T - often).masked_fill(right[:, None] == wrong, -torch.inf)
    own = (expected * item[right]).sum(-1, keepdim=True)
    return cross_entropy(torch.cat([own, others], 1), torch.zeros(len(right), dtype=torch.int64))
