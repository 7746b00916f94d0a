"""A shop of four tastes: what a person buys next is of their own taste, and what sells best is what they have."""

from __future__ import annotations

from ..shop import Shop

PEOPLE = 160


def tasteful(shop: Shop, people: int = PEOPLE) -> Shop:
    """120 days: everyone has the ten hits, six products of their taste, and buys two more of it in the last week."""
    for number in range(people):
        taste, who = number % 4, f"p{number:03}"
        for week in range(12):
            shop.bought(who, f"hit-{week % 10}", days=121 - 8 * week)
        for step in range(6):
            shop.bought(who, f"t{taste}-{(number // 4 + step) % 12:02}", days=110 - 15 * step, order_id=None)
        shop.bought(who, f"hit-{number % 10}", days=20)
        for step in (6, 7):
            shop.bought(who, f"t{taste}-{(number // 4 + step) % 12:02}", days=5 - step / 4)
        shop.bought(who, f"hit-{number % 10}", days=4)
    return shop
