"""BG/NBD: people buy at a rate of their own until, after some purchase, they stop for good.

Fader, Hardie and Lee, "Counting your customers the easy way: an alternative to the Pareto/NBD model", Marketing Science
24 (2005). Rates are gamma(r, alpha), the chance to stop after a purchase is beta(a, b).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaln, gammaln, hyp2f1

from siyu.profiles.value.lack import LEAST_PEOPLE, NotFitted

Floats = NDArray[np.float64]

_BOUNDS = (-12.0, 12.0)
"""Of the logarithms of the parameters: beyond, the likelihood is flat and the parameters mean nothing."""


_ALIKE = 6.0
"""The same for r: beyond (400), rates differ by under 5 % between people, and the series no longer converges."""
_APART = 1e-6


@dataclass(frozen=True, slots=True)
class Buying:
    """A fitted model; times are in the unit that it was fitted in."""

    r: float
    alpha: float
    a: float
    b: float
    log_likelihood: float

    def expected(self, repeats: Floats, last: Floats, age: Floats, horizon: float) -> Floats:
        """Purchases to expect within ``horizon`` from now, given what each person did (formula 10).

        Args:
            repeats: purchases after the first.
            last: time from the first purchase to the last; 0 without repeats.
            age: time from the first purchase to now.
        """
        a = self.a if abs(self.a - 1) > _APART else 1 + _APART  # the formula has a limit at 1, but divides by 0
        tops = a + self.b + repeats - 1
        share = horizon / (self.alpha + age + horizon)
        # Euler's transformation of the paper's hypergeometric series: the plain one overflows from some 100 purchases
        series = hyp2f1(a + self.b - 1 - self.r, a - 1, tops, share)
        with np.errstate(over="ignore", invalid="ignore"):
            gone = (1 - share) ** (a - 1) * series
        gone = np.where(np.isnan(gone), 1.0, gone)  # 0 times infinite: where everybody stops at once, nothing comes
        living = tops / (a - 1) * (1 - gone)
        return np.asarray(np.maximum(living, 0) * self.alive(repeats, last, age), dtype=np.float64)

    def alive(self, repeats: Floats, last: Floats, age: Floats) -> Floats:
        """Chance that each person has not stopped; 1 without repeats, since one stops only after buying again."""
        odds = (
            self.a
            / (self.b + np.maximum(repeats, 1) - 1)
            * ((self.alpha + age) / (self.alpha + last)) ** (self.r + repeats)
        )
        return np.where(repeats > 0, 1 / (1 + odds), 1.0)


def fit_buying(repeats: Floats, last: Floats, age: Floats, *, weights: Floats | None = None) -> Buying | NotFitted:
    """Maximum likelihood over people; equal people may come as one row with a weight.

    Example:
        >>> draw = np.random.default_rng(0)
        >>> found = fit_buying(draw.poisson(2, 500) * 1.0, draw.uniform(1, 9, 500), np.full(500, 10.0))
        >>> isinstance(found, Buying)
        True
    """
    weights = np.ones(repeats.size) if weights is None else weights
    good = np.isfinite(repeats) & np.isfinite(last) & np.isfinite(age) & (age > 0) & (last >= 0) & (last <= age)
    repeats, last, age, weights = repeats[good], np.where(repeats[good] > 0, last[good], 0.0), age[good], weights[good]
    if weights.sum() < LEAST_PEOPLE:
        return NotFitted("few-people")
    if not (repeats > 0).any():
        return NotFitted("no-repeats")
    from scipy.optimize import minimize  # deferred: only a fit needs it

    rows = np.stack((repeats, last, age))
    found, where = np.unique(rows, axis=1, return_inverse=True)
    grouped = np.bincount(where.ravel(), weights)
    scale = float(age.max())  # keeps alpha near 1, whatever the unit of time
    best = min(
        (
            minimize(_loss, start, args=(found[0], found[1] / scale, found[2] / scale, grouped), method="L-BFGS-B",
                     bounds=[(_BOUNDS[0], _ALIKE), *[_BOUNDS] * 3])
            for start in (np.zeros(4), np.array([-1.0, -1.0, 0.0, 1.0]))
        ),
        key=lambda one: float(one.fun),
    )  # fmt: skip
    r, alpha, a, b = (float(value) for value in np.exp(best.x))
    total = float(grouped.sum())
    likelihood = -float(best.fun) * total - float((grouped * found[0]).sum()) * np.log(scale)
    return Buying(r, alpha * scale, a, b, float(likelihood))


def _loss(logs: Floats, repeats: Floats, last: Floats, age: Floats, weights: Floats) -> float:
    """Mean negative log-likelihood (formula 6)."""
    r, alpha, a, b = np.exp(logs)
    start = gammaln(r + repeats) - gammaln(r) + r * np.log(alpha)
    here = betaln(a, b + repeats) - betaln(a, b) - (r + repeats) * np.log(alpha + age)
    gone = np.where(
        repeats > 0,
        betaln(a + 1, b + np.maximum(repeats, 1) - 1) - betaln(a, b) - (r + repeats) * np.log(alpha + last),
        -np.inf,
    )
    return float(-(weights * (start + np.logaddexp(here, gone))).sum() / weights.sum())
