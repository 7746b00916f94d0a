"""Gamma-gamma: what a purchase is worth differs within a person and between people.

Fader and Hardie, "The gamma-gamma model of monetary value" (2013), after Fader, Hardie and Lee, "RFM and CLV", Journal
of Marketing Research 42 (2005). A person's mean spend is drawn towards that of all, the more so the less they bought.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln

from siyu.profiles.value.lack import LEAST_PEOPLE, NotFitted

Floats = NDArray[np.float64]

_BOUNDS = (-12.0, 12.0)


@dataclass(frozen=True, slots=True)
class Spending:
    """A fitted model; money is in the currency that it was fitted in."""

    p: float
    q: float
    v: float
    log_likelihood: float

    def expected(self, purchases: Floats, mean: Floats) -> Floats:
        """Mean spend of a purchase to come (formula 5); people without purchases get the mean of all.

        Args:
            purchases: how many purchases ``mean`` is of.
        """
        prior = self.q - 1
        seen = self.p * purchases
        return (seen * mean + self.p * self.v) / (seen + prior)


def fit_spending(purchases: Floats, mean: Floats) -> Spending | NotFitted:
    """Maximum likelihood over people with purchases of a value above 0.

    Example:
        >>> draw = np.random.default_rng(0)
        >>> found = fit_spending(draw.integers(1, 9, 500) * 1.0, draw.gamma(4, 5, 500))
        >>> isinstance(found, Spending) and found.q > 1
        True
    """
    good = np.isfinite(mean) & np.isfinite(purchases) & (purchases > 0) & (mean > 0)
    purchases, mean = purchases[good], mean[good]
    if mean.size < LEAST_PEOPLE:
        return NotFitted("few-people")
    if np.ptp(mean) == 0:
        return NotFitted("no-variance")
    from scipy.optimize import minimize  # deferred: only a fit needs it

    scale = float(np.median(mean))
    best = minimize(
        _loss, np.array([1.0, 0.7, 1.0]), args=(purchases, mean / scale), method="L-BFGS-B", bounds=[_BOUNDS] * 3
    )
    p, q, v = _natural(best.x)
    likelihood = -float(best.fun) * mean.size - mean.size * np.log(scale)
    return Spending(float(p), float(q), float(v) * scale, float(likelihood))


def _natural(logs: Floats) -> tuple[float, float, float]:
    """q beyond 1, since otherwise the mean spend of all is infinite."""
    p, q, v = np.exp(logs)
    return p, 1 + q, v


def _loss(logs: Floats, purchases: Floats, mean: Floats) -> float:
    p, q, v = _natural(logs)
    seen = p * purchases
    total = (
        gammaln(seen + q)
        - gammaln(seen)
        - gammaln(q)
        + q * np.log(v)
        + (seen - 1) * np.log(mean)
        + seen * np.log(purchases)
        - (seen + q) * np.log(purchases * mean + v)
    )
    return float(-total.mean())
