"""Power: what a test of a given size can see, and how large it must be. Two-sided, normal approximation."""

from __future__ import annotations

from math import ceil, sqrt

from scipy.special import ndtr, ndtri

from siyu.stats.estimate import Lack, NotEnough


def power(effect: float, *, deviation: float, treated: int, control: int, level: float = 0.95) -> float:
    """Chance that a true difference of ``effect`` is found significant at ``1 - level``.

    Example:
        >>> round(power(0.5, deviation=1.0, treated=64, control=64), 3)
        0.807
    """
    if min(treated, control) < 1 or deviation <= 0:
        return 0.0
    shift = abs(effect) / (deviation * sqrt(1 / treated + 1 / control))
    z = float(ndtri((1 + level) / 2))
    return float(ndtr(shift - z) + ndtr(-shift - z))


def detectable_effect(
    *, deviation: float, treated: int, control: int, level: float = 0.95, wanted: float = 0.8
) -> float | NotEnough:
    """Smallest true difference that is found with chance ``wanted``: anything smaller may be there, unseen.

    Raises:
        ValueError: ``wanted`` is not above the false-alarm rate and below 1.
    """
    if not 1 - level < wanted < 1:
        raise ValueError(f"a power of {wanted} cannot be asked for at level {level}")
    if min(treated, control) < 2:
        return NotEnough(Lack.EMPTY if min(treated, control) == 0 else Lack.SINGLE)
    if deviation <= 0:
        return NotEnough(Lack.NO_VARIANCE)
    unit = deviation * sqrt(1 / treated + 1 / control)
    far = float(ndtri((1 + level) / 2) + ndtri(wanted)) + 1.0
    return _shift(float(ndtri((1 + level) / 2)), wanted, far) * unit


def _shift(z: float, wanted: float, far: float) -> float:
    """Where the power reaches ``wanted``, between 0 and ``far``: halved until nothing is left between the two.

    A root finder would do it in ten steps instead of fifty, and bring all of scipy.optimize into every report.
    """
    low, high = 0.0, far
    while low < (middle := (low + high) / 2) < high:
        if float(ndtr(middle - z) + ndtr(-middle - z)) < wanted:
            low = middle
        else:
            high = middle
    return high


def people_needed(
    effect: float, *, deviation: float, hold_out: float, level: float = 0.95, wanted: float = 0.8
) -> int | NotEnough:
    """People in both arms together, ``hold_out`` of them held out, to find ``effect`` with chance ``wanted``.

    Example:
        >>> people_needed(0.5, deviation=1.0, hold_out=0.5)
        126
    """
    if effect == 0 or deviation <= 0:
        return NotEnough(Lack.NO_VARIANCE)
    if not 0 < hold_out < 1:
        return NotEnough(Lack.EMPTY)
    z = float(ndtri((1 + level) / 2) + ndtri(wanted))
    return ceil((z * deviation / effect) ** 2 * (1 / hold_out + 1 / (1 - hold_out)))
