"""The Chinese calendar, computed: new moons and the sun's longitude on the day of Beijing (GB/T 33661-2017).

After Jean Meeus, Astronomical Algorithms (2nd ed., 1998), chapters 25 and 49. Good to a few minutes, so days are right
from 1901 to 2099; tests hold them against published tables.
"""

from __future__ import annotations

import math
from datetime import date, timedelta
from functools import lru_cache
from typing import Final

_EPOCH = 2451550.09766  # the new moon of 6 January 2000, in Julian days
_MONTH = 29.530588861
_ZONE = 8 / 24  # Beijing
_TERMS: Final = (
    (-0.40720, 1, (0, 1, 0)), (0.17241, 2, (1, 0, 0)), (0.01608, 1, (0, 2, 0)), (0.01039, 1, (0, 0, 2)),
    (0.00739, 2, (-1, 1, 0)), (-0.00514, 2, (1, 1, 0)), (0.00208, 3, (2, 0, 0)), (-0.00111, 1, (0, 1, -2)),
    (-0.00057, 1, (0, 1, 2)), (0.00056, 2, (1, 2, 0)), (-0.00042, 1, (0, 3, 0)), (0.00042, 2, (1, 0, 2)),
    (0.00038, 2, (1, 0, -2)), (-0.00024, 2, (-1, 2, 0)), (-0.00007, 1, (2, 1, 0)), (0.00004, 1, (0, 2, -2)),
    (0.00004, 1, (3, 0, 0)), (0.00003, 1, (1, 1, -2)), (0.00003, 1, (0, 2, 2)), (-0.00003, 1, (1, 1, 2)),
    (0.00003, 1, (-1, 1, 2)), (-0.00002, 1, (-1, 1, -2)), (-0.00002, 1, (1, 3, 0)), (0.00002, 1, (0, 4, 0)),
)  # fmt: skip
"""Size in days, power of the earth's eccentricity plus one, multiples of anomalies (sun, moon) and latitude."""
_PLANETS: Final = (
    (0.000325, 299.77, 0.107408), (0.000165, 251.88, 0.016321), (0.000164, 251.83, 26.651886),
    (0.000126, 349.42, 36.412478), (0.000110, 84.66, 18.206239), (0.000062, 141.74, 53.303771),
    (0.000060, 207.14, 2.453732), (0.000056, 154.84, 7.306860), (0.000047, 34.52, 27.261239),
    (0.000042, 207.19, 0.121824), (0.000040, 291.34, 1.844379), (0.000037, 161.72, 24.198154),
    (0.000035, 239.56, 25.513099), (0.000023, 331.55, 3.592518),
)  # fmt: skip


def _sin(degrees: float) -> float:
    return math.sin(math.radians(degrees))


def _new_moon(k: float) -> float:
    """Moment of the ``k``-th new moon since January 2000, in Julian days of Beijing."""
    t = k / 1236.85
    sun = 2.5534 + 29.10535670 * k - 0.0000014 * t * t
    moon = 201.5643 + 385.81693528 * k + 0.0107582 * t * t
    latitude = 160.7108 + 390.67050284 * k - 0.0016118 * t * t
    eccentricity = 1 - 0.002516 * t - 0.0000074 * t * t
    found = _EPOCH + _MONTH * k + 0.00015437 * t * t
    found -= 0.00017 * _sin(124.7746 - 1.56375588 * k + 0.0020672 * t * t)
    for size, power, (a, b, c) in _TERMS:
        found += size * eccentricity ** (power - 1) * _sin(a * sun + b * moon + 2 * (c // 2) * latitude)
    for size, start, speed in _PLANETS:
        found += size * _sin(start + speed * k)
    return found - _slow(t) + _ZONE


def _slow(t: float) -> float:
    """By how much the earth's turning lags behind even time, in days (Espenak and Meeus)."""
    return (62.92 + 32.217 * t + 55.89 * t * t) / 86400


def _longitude(julian: float) -> float:
    """Apparent longitude of the sun in degrees, at a moment in Julian days of Beijing."""
    t = (julian - _ZONE - 2451545.0) / 36525
    t += _slow(t) / 36525
    anomaly = 357.52911 + 35999.05029 * t - 0.0001537 * t * t
    centre = (1.914602 - 0.004817 * t) * _sin(anomaly) + 0.019993 * _sin(2 * anomaly) + 0.000289 * _sin(3 * anomaly)
    node = 125.04 - 1934.136 * t
    return (280.46646 + 36000.76983 * t + 0.0003032 * t * t + centre - 0.00569 - 0.00478 * _sin(node)) % 360


def _day(julian: float) -> date:
    return date(2000, 1, 1) + timedelta(days=math.floor(julian - 2451544.5))


def _julian(day: date) -> float:
    return 2451544.5 + (day - date(2000, 1, 1)).days


@lru_cache(maxsize=2048)
def _month_from(k: int) -> date:
    return _day(_new_moon(k))


@lru_cache(maxsize=512)
def _eleventh(year: int) -> int:
    """Number of the new moon that begins the month in which the sun stands at 270 degrees in December of ``year``."""
    low, high = _julian(date(year, 12, 18)), _julian(date(year, 12, 26))
    while high - low > 1e-6:
        middle = (low + high) / 2
        low, high = (middle, high) if (_longitude(middle) - 270) % 360 > 180 else (low, middle)
    solstice = _day(high)
    k = round((_julian(solstice) - _EPOCH) / _MONTH) + 1
    while _month_from(k) > solstice:
        k -= 1
    return k


def _holds_a_term(k: int) -> bool:
    """Whether the sun passes a multiple of thirty degrees in the month that begins with a new moon."""
    first, after = (_longitude(_julian(_month_from(n))) for n in (k, k + 1))
    return int(first // 30) != int(after // 30)


@lru_cache(maxsize=512)
def _months(year: int) -> dict[int, date]:
    """First day of each month of a Chinese year, leap months left out; the year begins in that year of ours."""
    found: dict[int, date] = {}
    for start in (year - 1, year):
        first, last = _eleventh(start), _eleventh(start + 1)
        leap = None
        if last - first == 13:
            leap = next((k for k in range(first + 1, last) if not _holds_a_term(k)), None)
        number = 11
        for k in range(first, last):
            if k == leap:
                continue
            number = number % 12 + 1 if k != first else 11
            of = start if number >= 11 else start + 1
            if of == year:
                found[number] = _month_from(k)
    return found


def lunar_day(year: int, month: int, day: int) -> date:
    """The day of ours on which a day of the Chinese year falls that begins in ``year``.

    Example:
        >>> lunar_day(2026, 1, 1).isoformat(), lunar_day(2025, 8, 15).isoformat(), lunar_day(2033, 12, 30).isoformat()
        ('2026-02-17', '2025-10-06', '2034-02-18')
    """
    return _months(year)[month] + timedelta(days=day - 1)
