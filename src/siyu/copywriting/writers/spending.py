"""A budget of calls and money that no run can pass: what a request may cost at most is set aside before it leaves."""

from __future__ import annotations

import threading
from dataclasses import dataclass


class BudgetSpentError(Exception):
    """The next request might pass the budget. ``of``: ``calls`` or ``money``."""

    def __init__(self, of: str) -> None:
        super().__init__(of)
        self.of = of


@dataclass(frozen=True, slots=True)
class Prices:
    """Money for a million tokens."""

    tokens_in: float = 0.0
    tokens_cached: float = 0.0
    tokens_out: float = 0.0

    def of(self, tokens_in: int, tokens_cached: int, tokens_out: int) -> float:
        """What so many tokens cost; cached ones are among those in.

        Example:
            >>> Prices(2.0, 0.5, 8.0).of(1_000_000, 400_000, 100_000)
            2.2
        """
        fresh = max(tokens_in - tokens_cached, 0)
        return (fresh * self.tokens_in + tokens_cached * self.tokens_cached + tokens_out * self.tokens_out) / 1e6


class Purse:
    """Keeps count for several threads.

    Args:
        calls: requests at most. money: at most so much; None for no such limit.

    Example:
        >>> purse = Purse(calls=1, money=None)
        >>> purse.take(0.5)
        >>> purse.take(0.5)
        Traceback (most recent call last):
        siyu.copywriting.writers.spending.BudgetSpentError: calls
    """

    def __init__(self, *, calls: int, money: float | None) -> None:
        self._most_calls, self._most_money = calls, money
        self._lock = threading.Lock()
        self._held = 0.0
        self.calls = 0
        self.cost = 0.0
        self.uncertain = 0.0

    def take(self, most: float) -> None:
        """Set aside what a request may cost at most.

        Raises:
            BudgetSpentError: it might pass the budget.
        """
        with self._lock:
            if self.calls >= self._most_calls:
                raise BudgetSpentError("calls")
            if self._most_money is not None and self.cost + self.uncertain + self._held + most > self._most_money:
                raise BudgetSpentError("money")
            self.calls += 1
            self._held += most

    def settle(self, most: float, cost: float | None) -> None:
        """A request has ended.

        Args:
            most: what was set aside for it.
            cost: what it cost; None where nobody knows, so that all of it counts as spent.
        """
        with self._lock:
            self._held = max(self._held - most, 0.0)
            self.cost += cost or 0.0
            self.uncertain += most if cost is None else 0.0
