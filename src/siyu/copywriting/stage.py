"""The stage: from recommendations, interests, people and facts to one message for each of the audience."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

import pyarrow as pa
from pydantic import BaseModel

from siyu.copywriting import occasions, shelf, tongues
from siyu.copywriting.angles import RULE
from siyu.copywriting.assembling import Plan
from siyu.copywriting.briefs import BriefMaker
from siyu.copywriting.choosing import CHOICES, Chooser
from siyu.copywriting.display import presenters_for
from siyu.copywriting.filling import Filler
from siyu.copywriting.layouts import layout
from siyu.copywriting.notary import Notary, rules_version
from siyu.copywriting.pausing import uncollected
from siyu.copywriting.publishing import publish
from siyu.copywriting.renewing import Renewal, digest
from siyu.copywriting.report import CopyReport, report_of
from siyu.copywriting.required import NOTE, note
from siyu.copywriting.reviewing import Reviewer, context_for
from siyu.copywriting.sensitive import Sensitive
from siyu.copywriting.settings import CopySettings
from siyu.copywriting.shelf import Shelf
from siyu.copywriting.storing import PIECES, chosen
from siyu.copywriting.terms import Terms
from siyu.copywriting.things import things
from siyu.copywriting.usable import usable
from siyu.copywriting.writers.table import made, signed
from siyu.copywriting.writing import write_briefs
from siyu.domain.campaigns import Campaign, Offer
from siyu.domain.clock import Clock
from siyu.domain.errors import MissingDataError
from siyu.domain.policy import Policy
from siyu.domain.progress import Progress, Step, silent
from siyu.engine import manifest, resolved, sql
from siyu.engine.port import Engine
from siyu.engine.schemas import EVENTS, FACTS, INTERESTS

NOTHING_SENT = pa.table({"message_id": pa.array([], pa.string())})
_ROOM = "siyu.copywriting"
_EVERYONE = 2**31 - 1
_RECENT, _LATELY = timedelta(days=90), 14  # days
_BATCH = 16_384  # readers a batch
_OWN = ("copy_addressed", "copy_audience", "copy_outdated", "copy_choices")
_SPARE = 4  # candidates beyond the items of a message, for those that fall out


def write_messages(
    engine: Engine,
    campaign: Campaign,
    *,
    settings: CopySettings,
    offers: Sequence[Offer],
    step: int,
    clock: Clock,
    policy: Policy,
    sent: pa.Table = NOTHING_SENT,
    key: bytes | None = None,
    writers: Mapping[str, BaseModel] | None = None,
    progress: Progress = silent,
) -> CopyReport:
    """Write one message for each person of the campaign's audience into the dataset ``messages``.

    Rows of other campaigns and steps stay. A campaign that was written before is renewed: a message that has left is
    never changed; of the others only those are written again whose recommendations, interests or products changed, and
    all of them where the campaign, the settings, the offers or the rules did. Pieces of briefs already written are
    reused from the dataset ``pieces``. A shop without events, interests or facts is served as far as what it has goes.

    Args:
        offers: offers known; only those the campaign names and that are in force are spoken of.
        step: position in a series, part of the message's id.
        policy: chooses among openings.
        sent: ids of messages that have left, or may have (column ``message_id``).
        writers: options of each writer, by its name.
        key: the notary's key: messages are marked, so that the gate need not read them again from the beginning.

    Raises:
        MissingDataError: there are no recommendations or people yet, or no pack for the occasion.
    """
    with uncollected():
        return _written(
            engine, _in_known_languages(campaign), settings=settings, offers=offers, step=step, clock=clock,
            policy=policy, sent=sent, key=key, writers=writers or {}, progress=progress,
        )  # fmt: skip


def _written(
    engine: Engine,
    campaign: Campaign,
    *,
    settings: CopySettings,
    offers: Sequence[Offer],
    step: int,
    clock: Clock,
    policy: Policy,
    sent: pa.Table,
    key: bytes | None,
    writers: Mapping[str, BaseModel],
    progress: Progress,
) -> CopyReport:
    now = clock.now()
    writer = made(campaign.writer or settings.writer, writers)
    told = settings.model_copy(update={"writer": signed(writer)})  # what words depend on, beside what checks do
    _register(engine)
    named = [offer for offer in offers if offer.name in campaign.offers]
    facts = shelf.load(engine, excluded=settings.exclude_slots, offers=named, now=now)
    vocabulary = shelf.vocabulary(engine)
    renewal = Renewal(engine, campaign, step=step, shelf=facts, sent=sent)
    renewal.compare(digest(campaign, told, vocabulary, offers=named, policy=policy))
    _audience(engine, campaign, everyone=renewal.everyone)
    progress(Step("copy.choose"))
    if any(batch.num_rows for batch in engine.batches("SELECT person FROM audience LIMIT 1")):
        _choose(engine, campaign, settings=told, facts=facts, clock=clock)
    else:  # nothing has changed
        engine.table("choices", CHOICES.empty_table())
    progress(Step("copy.write"))
    reviewers = {
        language: Reviewer(context_for(campaign, settings, vocabulary, language)) for language in campaign.languages
    }
    tally = write_briefs(
        engine, campaign, writer, maker=BriefMaker(campaign, told, facts), settings=settings, reviewers=reviewers,
        now=now,
    )  # fmt: skip
    progress(Step("copy.fill"))
    filler = Filler(
        campaign, settings, facts, step=step, plan=plan_for(campaign, settings, policy),
        book=chosen(engine, articles=settings.title_kind == "name"), reviewers=reviewers,
        now=now,
    )  # fmt: skip
    notary = Notary(key, rules_version(campaign, settings, vocabulary)) if key else None
    version = publish(engine, filler, notary)
    renewal.remember(unfinished=tally.usage is not None and bool(tally.usage.stopped))
    report = report_of(engine, campaign, step=step, tally=tally, version=version)
    for dataset in _OWN:
        engine.drop(dataset)
    progress(Step("copy.done", report.audience, report.audience))
    return report


def _in_known_languages(campaign: Campaign) -> Campaign:
    """The campaign in languages that have a folder: each as it is, or what its chain names."""
    found = [next(iter(tongues.chain(language)), None) for language in campaign.languages]
    known = tuple(dict.fromkeys(language for language in found if language))
    if known:
        return replace(campaign, languages=known)
    raise MissingDataError(
        f"There is no phrase bank for {', '.join(campaign.languages)}.",
        why=f"Known: {', '.join(tongues.known())}.",
        next_step="Choose one of them, or add a folder under packs/languages.",
    )


def plan_for(campaign: Campaign, settings: CopySettings, policy: Policy) -> Plan:
    """How this campaign's messages are laid out."""
    laid = layout(campaign.channel)
    parts = [part for part in laid.parts if part not in occasions.load(campaign.occasion).without]
    if any(note(campaign.place, campaign.industry, language) for language in campaign.languages):
        parts.append(NOTE)
    limits = dict(settings.limits.get(campaign.channel, {}))
    if "body" in limits:
        limits["hook"] = min(limits.get("hook", limits["body"]), limits["body"])
    return Plan(parts, limits, settings.points if laid.facts is None else laid.facts, policy)


def _register(engine: Engine) -> None:
    for name in ("recommendations", "people"):
        engine.table(name, name)
    for name, schema in (("interests", INTERESTS), ("facts", FACTS), ("products", _NO_PRODUCTS)):
        engine.table(name, name if manifest.find(engine.root, name) else schema.empty_table())
    if manifest.find(engine.root, "events"):
        resolved.events(engine, name="shop_events")
    else:
        engine.table("shop_events", EVENTS.empty_table())
    if manifest.find(engine.root, "pieces") is None:
        engine.write(PIECES.empty_table().to_reader(), "pieces")
    engine.table("pieces", "pieces")


_NO_PRODUCTS = pa.schema([("item", pa.string()), ("first_seen", pa.timestamp("us")), ("price_band", pa.string())])


def _audience(engine: Engine, campaign: Campaign, *, everyone: bool) -> None:
    """``addressed``: all of the audience; ``audience``: those of them who are written to now; ``outdated`` messages."""
    rule = campaign.audience
    asked = {"lifecycle": rule.lifecycle, "segments": rule.segments, "people": rule.people, "interests": rule.interests}
    empty = {
        name: not asked[key]
        for name, key in (
            ("any_lifecycle", "lifecycle"),
            ("any_segment", "segments"),
            ("any_person", "people"),
            ("any_interest", "interests"),
        )
    }
    limit = _EVERYONE if rule.limit is None else rule.limit
    for name, query in (
        ("addressed", sql.query(_ROOM, "audience", limit=limit, **asked, **empty)),
        ("audience", sql.query(_ROOM, "due", everyone=everyone)),
        ("outdated", sql.load(_ROOM, "outdated")),
    ):
        engine.write(query, f"copy_{name}", scratch=True)
        engine.table(name, f"copy_{name}")


def _choose(
    engine: Engine,
    campaign: Campaign,
    *,
    settings: CopySettings,
    facts: Shelf,
    clock: Clock,
) -> None:
    now = clock.now()
    occasion = occasions.load(campaign.occasion)
    lanes = occasions.lanes_of(occasion, campaign.goal)
    depth = campaign.limits.items + _SPARE
    presenters, sensitive = presenters_for(campaign, settings), Sensitive(campaign.industry)
    items = usable(facts, _recommended(engine, lanes, depth), presenters, sensitive, settings)
    terms = Terms(
        facts, items.column("item").to_pylist(), presenters, sensitive,
        things=things(engine, facts, campaign.languages),
    )  # fmt: skip
    engine.table("copy_items", items)
    engine.table("copy_terms", terms.table)
    engine.table("copy_codes", terms.codes)
    most = depth * len(lanes) if occasion.about_product else depth
    query = sql.query(
        _ROOM, "work", lanes=lanes, first=lanes[0], depth=depth, most=most, now=now, recent=now - _RECENT,
        lately=now - timedelta(days=occasion.days or _LATELY),
        named=most if occasion.about_product else campaign.limits.items, **RULE,
    )  # fmt: skip
    chooser = Chooser(campaign, settings, facts, terms=terms, presenters=presenters, now=now)
    engine.map_arrow(query, chooser, CHOICES, "copy_choices", scratch=True, rows=_BATCH)
    engine.table("choices", "copy_choices")


def _recommended(engine: Engine, lanes: Sequence[str], depth: int) -> list[str]:
    query = (
        "SELECT DISTINCT r.item FROM recommendations r JOIN audience a ON a.person = r.person "
        "WHERE r.lane IN $lanes AND r.rank <= $depth ORDER BY r.item"
    )
    return [
        item
        for batch in engine.batches(sql.fill(query, lanes=lanes, depth=depth))
        for item in batch.column(0).to_pylist()
    ]
