"""Campaigns and offers as records: the dataclasses of :mod:`siyu.domain.campaigns`, validated on the way in and out."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final, TypeVar

from pydantic import TypeAdapter, ValidationError
from sqlalchemy import Column, Connection, Index, Integer, String, Table, Text, delete, select, update

from siyu.domain.campaigns import Campaign, Offer
from siyu.domain.errors import MissingDataError, SettingsError, StorageError
from siyu.store.conflict import insert
from siyu.store.tables import METADATA, Moment

T = TypeVar("T")

STATUSES: Final = ("draft", "approved", "running", "paused", "finished", "cancelled")

CAMPAIGNS = Table(
    "campaigns",
    METADATA,
    Column("name", String(64), primary_key=True),
    Column("revision", Integer, nullable=False),  # 1, 2 ... grows with every change of the body
    Column("status", String(16), nullable=False),
    Column("channel", String(32), nullable=False),
    Column("start", Moment, nullable=False),
    Column("end", Moment, nullable=False),
    Column("body", Text, nullable=False),  # the whole dataclass as JSON
    Column("updated_at", Moment, nullable=False),
)

OFFERS = Table(
    "offers",
    METADATA,
    Column("name", String(64), primary_key=True),
    Column("item", String(256)),
    Column("category", String(256)),
    Column("start", Moment, nullable=False),
    Column("end", Moment, nullable=False),
    Column("body", Text, nullable=False),
    Column("updated_at", Moment, nullable=False),
    Index(None, "end"),
)

_CAMPAIGN: TypeAdapter[Campaign] = TypeAdapter(Campaign)
_OFFER: TypeAdapter[Offer] = TypeAdapter(Offer)


def put_campaign(connection: Connection, campaign: Campaign, at: datetime) -> int:
    """Keep a campaign, new (as a draft) or changed, and return its revision. The same body again changes nothing.

    A change to one that was approved makes it a draft again: what was approved is not what it now says.
    """
    body = _CAMPAIGN.dump_json(campaign).decode()
    found = connection.execute(_one(CAMPAIGNS, campaign.name)).first()
    if found is not None and found.body == body:
        return int(found.revision)
    revision = int(found.revision) + 1 if found else 1
    values: dict[str, Any] = {
        "revision": revision,
        "status": found.status if found and found.status != "approved" else "draft",
        "channel": campaign.channel,
        "start": campaign.start,
        "end": campaign.end,
        "body": body,
        "updated_at": at,
    }
    statement = insert(connection, CAMPAIGNS).values(name=campaign.name, **values)
    connection.execute(statement.on_conflict_do_update(index_elements=["name"], set_=values))
    return revision


def campaign(connection: Connection, name: str) -> Campaign:
    """The campaign called ``name``.

    Raises:
        MissingDataError: there is none.
        StorageError: its record is damaged.
    """
    return _read(_CAMPAIGN, _body(connection, CAMPAIGNS, name), f"Campaign {name!r}")


def campaigns(connection: Connection, status: str | None = None) -> list[tuple[Campaign, str]]:
    """Every campaign with its status, in order of name; only those of one status where it is given."""
    asked = select(CAMPAIGNS).order_by(CAMPAIGNS.c.name)
    rows = connection.execute(asked if status is None else asked.where(CAMPAIGNS.c.status == status))
    return [(_read(_CAMPAIGN, row.body, f"Campaign {row.name!r}"), row.status) for row in rows]


def status(connection: Connection, name: str) -> str:
    """The status of a campaign.

    Raises:
        MissingDataError: there is none of that name.
    """
    found = connection.execute(select(CAMPAIGNS.c.status).where(CAMPAIGNS.c.name == name)).scalar_one_or_none()
    if found is None:
        raise _missing("campaign", name)
    return str(found)


def move(connection: Connection, name: str, *, expected: str, to: str, at: datetime) -> bool:
    """Move a campaign from one status to another; ``False`` where it is no longer in ``expected``.

    Of two schedulers that start the same campaign at once exactly one gets ``True``.

    Raises:
        SettingsError: ``to`` is no status.
    """
    if to not in STATUSES:
        raise SettingsError(
            f"{to!r} is no status of a campaign.", why=f"Known: {', '.join(STATUSES)}.", next_step="Use one."
        )
    same = (CAMPAIGNS.c.name == name) & (CAMPAIGNS.c.status == expected)
    return connection.execute(update(CAMPAIGNS).where(same).values(status=to, updated_at=at)).rowcount == 1


def put_offer(connection: Connection, offer: Offer, at: datetime) -> None:
    """Keep an offer, new or changed."""
    values: dict[str, Any] = {
        "item": offer.item,
        "category": offer.category,
        "start": offer.start,
        "end": offer.end,
        "body": _OFFER.dump_json(offer).decode(),
        "updated_at": at,
    }
    statement = insert(connection, OFFERS).values(name=offer.name, **values)
    connection.execute(statement.on_conflict_do_update(index_elements=["name"], set_=values))


def offer(connection: Connection, name: str) -> Offer:
    """The offer called ``name``.

    Raises:
        MissingDataError: there is none.
        StorageError: its record is damaged.
    """
    return _read(_OFFER, _body(connection, OFFERS, name), f"Offer {name!r}")


def offers(connection: Connection, now: datetime | None = None) -> list[Offer]:
    """Every offer by name; only those in force at ``now`` where it is given."""
    asked = select(OFFERS).order_by(OFFERS.c.name)
    if now is not None:
        asked = asked.where(OFFERS.c.start <= now, OFFERS.c.end > now)
    found = [_read(_OFFER, row.body, f"Offer {row.name!r}") for row in connection.execute(asked)]
    return found if now is None else [one for one in found if one.in_force(now)]


def drop_offer(connection: Connection, name: str) -> None:
    """Delete an offer."""
    connection.execute(delete(OFFERS).where(OFFERS.c.name == name))


def _one(table: Table, name: str) -> Any:
    return select(table).where(table.c.name == name)


def _body(connection: Connection, table: Table, name: str) -> str:
    found = connection.execute(_one(table, name)).first()
    if found is None:
        raise _missing(table.name.removesuffix("s"), name)
    return str(found.body)


def _missing(kind: str, name: str) -> MissingDataError:
    return MissingDataError(
        f"There is no {kind} {name!r}.", why="The store holds none of that name.", next_step="List those there are."
    )


def _read(adapter: TypeAdapter[T], body: str, what: str) -> T:
    try:
        return adapter.validate_json(body)
    except (ValidationError, SettingsError) as error:
        raise StorageError(
            f"{what} cannot be read back.", why=str(error), next_step="Save it again, or restore a backup."
        ) from error
