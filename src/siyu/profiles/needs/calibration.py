"""How scores become chances: of people whose score is such, so many did.

Platt, "Probabilistic outputs for support vector machines" (1999); Zadrozny and Elkan, "Transforming classifier scores
into accurate multiclass probability estimates", KDD 2002 (isotonic).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
_LEAST = 1e-4
_SAME = 1e-12
"""Scores that differ by less are one score."""
_ENDS = 0.99
"""Of the way from the chance of the outermost steps to 0 and 1, so much is left at the outermost scores."""
_STEPS = 50
_DRAWN = 1e-3
"""Weight of the square of the slope of a standardised score beside all people's losses."""
_ENOUGH = 1_000
"""With fewer people, isotonic regression learns their accidents."""


@dataclass(frozen=True, slots=True)
class Curve:
    """A rising curve from scores to chances.

    Attributes:
        kind: ``platt`` (``points``: slope, start) or ``isotonic`` (``points``: scores; ``chances``: theirs, straight
            lines between them).
    """

    kind: str
    points: Floats
    chances: Floats

    def __call__(self, scores: Floats) -> Floats:
        """The chance of each score."""
        if self.kind == "platt":
            found: Floats = 1 / (1 + np.exp(-np.clip(self.points[0] * scores + self.points[1], -30, 30)))
            return found
        return np.interp(scores, self.points, self.chances)


def calibrate(scores: Floats, happened: Floats, kind: str = "auto") -> Curve:
    """The curve for these people.

    Args:
        kind: ``platt``, ``isotonic``, or ``auto``: the one that foresees the other half of the people better.

    Example:
        >>> draw = np.random.default_rng(0)
        >>> scores = draw.normal(size=4000)
        >>> curve = calibrate(scores, (draw.random(4000) < 1 / (1 + np.exp(-2 * scores))) * 1.0)
        >>> bool(abs(curve(np.array([0.0]))[0] - 0.5) < 0.06)
        True
    """
    if kind == "auto":
        kind = "isotonic" if len(scores) >= _ENOUGH and _better(scores, happened) else "platt"
    return _isotonic(scores, happened) if kind == "isotonic" and np.ptp(scores) > _SAME else _platt(scores, happened)


def crossed(scores: Floats, happened: Floats, kind: str) -> Floats:
    """Chances of people by the curve of the other half of them, so that judging them is fair."""
    half = np.arange(len(scores)) % 2 == 0
    found = np.empty(len(scores))
    for mine in (half, ~half):
        known = happened[~mine]
        found[mine] = calibrate(scores[~mine], known, kind)(scores[mine]) if np.ptp(known) else known.mean()
    return found


def _better(scores: Floats, happened: Floats) -> bool:
    """Whether the logarithmic loss of the isotonic curve is lower on people it has not seen."""
    losses = [_loss(crossed(scores, happened, kind), happened) for kind in ("isotonic", "platt")]
    return losses[0] < losses[1]


def _loss(chances: Floats, happened: Floats) -> float:
    inside = np.clip(chances, _LEAST, 1 - _LEAST)
    return float(-(happened * np.log(inside) + (1 - happened) * np.log(1 - inside)).mean())


def _platt(scores: Floats, happened: Floats) -> Curve:
    deviation = float(scores.std())
    mean = float(np.clip(happened.mean(), _LEAST, 1 - _LEAST))
    if deviation < _SAME or not np.ptp(happened):
        return Curve("platt", np.array([0.0, np.log(mean / (1 - mean))]), np.empty(0))
    centre = float(scores.mean())
    slope, start = _line((scores - centre) / deviation, happened, np.log(mean / (1 - mean)))
    slope = max(slope / deviation, 0.0)
    if slope == 0:  # a score that misleads is no score
        return Curve("platt", np.array([0.0, np.log(mean / (1 - mean))]), np.empty(0))
    return Curve("platt", np.array([slope, start - slope * centre]), np.empty(0))


def _line(scores: Floats, happened: Floats, start: float) -> tuple[float, float]:
    """Slope and start of the log-odds by maximum likelihood, the slope drawn a little to 0: Newton's steps, halved
    where they would lead astray.
    """
    found = np.array([0.0, start])
    loss = _line_loss(found, scores, happened)
    for _ in range(_STEPS):
        chances = 1 / (1 + np.exp(-np.clip(found[0] * scores + found[1], -30, 30)))
        error, spread = chances - happened, np.maximum(chances * (1 - chances), 1e-9)
        steep = np.array([float(error @ scores) + _DRAWN * found[0], float(error.sum())])
        across = float(spread @ scores)
        bends = np.array([[float(spread @ scores**2) + _DRAWN, across], [across, float(spread.sum())]])
        step = np.linalg.solve(bends, steep)
        for _ in range(_STEPS):
            new = _line_loss(found - step, scores, happened)
            if new <= loss:
                break
            step /= 2
        found, gained, loss = found - step, loss - new, new
        if gained <= _SAME * len(scores):
            break
    return float(found[0]), float(found[1])


def _line_loss(line: Floats, scores: Floats, happened: Floats) -> float:
    odds = line[0] * scores + line[1]
    return float((np.logaddexp(0, odds) - happened * odds).sum() + _DRAWN / 2 * line[0] ** 2)


def _isotonic(scores: Floats, happened: Floats) -> Curve:
    """Means of the steps of isotonic regression, joined by straight lines: equal chances stay apart by their scores."""
    from scipy.optimize import isotonic_regression  # heavy, and needed for learning only

    distinct, place, many = np.unique(scores, return_inverse=True, return_counts=True)
    steps = isotonic_regression(np.bincount(place, happened) / many, weights=many).x
    values, where = np.unique(steps, return_inverse=True)
    people = np.bincount(where, many)
    centres = np.bincount(where, distinct * many) / people
    values = np.clip(values, _LEAST, 1 - _LEAST)
    # a little slope at the ends: people beyond the outermost steps keep their order
    low, high = float(scores.min()), float(scores.max())
    points = np.concatenate(([low], np.clip(centres, low, high), [high]))
    chances = np.concatenate(([values[0] * _ENDS], values, [1 - (1 - values[-1]) * _ENDS]))
    _, apart = np.unique(np.round((points - low) / (high - low), 9), return_index=True)  # lines need a length
    return Curve("isotonic", points[apart], np.maximum.accumulate(chances[apart]))
