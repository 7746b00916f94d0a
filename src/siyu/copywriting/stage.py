"""The stage: from recommendations, interests, people and facts to one message for each of the audience."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

import pyarrow as pa

from siyu import packs
from siyu.copywriting import occasions, shelf
from siyu.copywriting.angles import RULE
from siyu.copywriting.assembling import Plan
from siyu.copywriting.briefs import BriefMaker, Matter
from siyu.copywriting.choosing import CHOICES, Chooser
from siyu.copywriting.display import presenters_for
from siyu.copywriting.drafting import Drafting, Tally
from siyu.copywriting.filling import Filler
from siyu.copywriting.report import CopyReport
from siyu.copywriting.reviewing import Reviewer, context_for
from siyu.copywriting.sensitive import Sensitive
from siyu.copywriting.settings import CopySettings
from siyu.copywriting.shelf import Shelf
from siyu.copywriting.storing import PIECES, chosen
from siyu.copywriting.terms import Terms
from siyu.copywriting.usable import usable
from siyu.copywriting.writers.table import WRITERS
from siyu.domain.campaigns import Campaign, Offer
from siyu.domain.clock import Clock
from siyu.domain.copy import Brief
from siyu.domain.errors import MissingDataError
from siyu.domain.policy import Policy
from siyu.domain.progress import Progress, Step, silent
from siyu.engine import manifest, resolved, sql
from siyu.engine.port import Engine, Sql
from siyu.engine.schemas import EVENTS, FACTS, INTERESTS, MESSAGES

_ROOM = "siyu.copywriting"
_EVERYONE = 2**31 - 1
_RECENT = timedelta(days=90)
_BATCH = 8192  # readers a batch: what is known of each is some 10 kB while it is written to
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
    progress: Progress = silent,
) -> CopyReport:
    """Write one message for each person of the campaign's audience into the dataset ``messages``.

    Rows of other campaigns and steps stay; those of this one are replaced. Pieces of briefs already written are reused
    from the dataset ``pieces``. A shop without events, interests or facts is served as far as what it has goes.

    Args:
        offers: offers known; only those the campaign names and that are in force are spoken of.
        step: position in a series, part of the message's id.
        policy: chooses among openings.

    Raises:
        MissingDataError: there are no recommendations or people yet, or no pack for the occasion.
    """
    now = clock.now()
    campaign = _in_known_languages(campaign)
    _register(engine, campaign, step)
    named = [offer for offer in offers if offer.name in campaign.offers]
    facts = shelf.load(engine, excluded=settings.exclude_slots, offers=named, now=now)
    _audience(engine, campaign)
    progress(Step("copy.choose"))
    _choose(engine, campaign, settings=settings, facts=facts, clock=clock)
    progress(Step("copy.write"))
    reviewers = {
        language: Reviewer(context_for(campaign, settings, facts, language)) for language in campaign.languages
    }
    tally = _draft(engine, campaign, settings=settings, facts=facts, reviewers=reviewers, clock=clock)
    progress(Step("copy.fill"))
    filler = Filler(
        campaign, settings, facts, step=step, plan=plan_for(campaign, settings, policy),
        book=chosen(engine, articles=settings.title_kind == "name"), reviewers=reviewers,
        now=now,
    )  # fmt: skip
    version = _fill(engine, filler)
    report = _report(engine, tally, version)
    progress(Step("copy.done", report.audience, report.audience))
    return report


def _in_known_languages(campaign: Campaign) -> Campaign:
    known = tuple(language for language in campaign.languages if language in packs.names("languages"))
    if known:
        return replace(campaign, languages=known)
    raise MissingDataError(
        f"There is no phrase bank for {', '.join(campaign.languages)}.",
        why=f"Known: {', '.join(packs.names('languages'))}.",
        next_step="Choose one of them, or add a folder under packs/languages.",
    )


def plan_for(campaign: Campaign, settings: CopySettings, policy: Policy) -> Plan:
    """How this campaign's messages are laid out."""
    channels: Mapping[str, list[str]] = packs.read("industries", "e-commerce")["channels"]
    limits = dict(settings.limits.get(campaign.channel, {}))
    if "body" in limits:
        limits["hook"] = min(limits.get("hook", limits["body"]), limits["body"])
    return Plan(channels.get(campaign.channel, channels["mailbox"]), limits, settings.points, policy)


def _register(engine: Engine, campaign: Campaign, step: int) -> None:
    for name in ("recommendations", "people"):
        engine.table(name, name)
    for name, schema in (("interests", INTERESTS), ("facts", FACTS)):
        engine.table(name, name if manifest.find(engine.root, name) else schema.empty_table())
    if manifest.find(engine.root, "products"):
        engine.table("products", "products")
    else:
        engine.table("products", _NO_PRODUCTS.empty_table())
    if manifest.find(engine.root, "events"):
        resolved.events(engine, name="shop_events")
    else:
        engine.table("shop_events", EVENTS.empty_table())
    _keep_others(engine, campaign, step)
    if manifest.find(engine.root, "pieces") is None:
        engine.write(PIECES.empty_table().to_reader(), "pieces")
    engine.table("pieces", "pieces")


_NO_PRODUCTS = pa.schema([("item", pa.string()), ("first_seen", pa.timestamp("us")), ("price_band", pa.string())])


def _keep_others(engine: Engine, campaign: Campaign, step: int) -> None:
    """``earlier``: messages of other campaigns and steps, which stay."""
    if manifest.find(engine.root, "messages") is None:
        engine.table("earlier", MESSAGES.empty_table())
        return
    engine.table("messages", "messages")
    query = "SELECT * FROM messages WHERE NOT (campaign = $campaign AND step = $step)"
    engine.table("earlier", Sql(sql.fill(query, campaign=campaign.name, step=step)))


def _audience(engine: Engine, campaign: Campaign) -> None:
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
    engine.write(sql.query(_ROOM, "audience", limit=limit, **asked, **empty), "copy_audience")
    engine.table("audience", "copy_audience")


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
    terms = Terms(facts, items.column("item").to_pylist(), presenters, sensitive)
    engine.table("copy_items", items)
    engine.table("copy_terms", terms.table)
    engine.table("copy_codes", terms.codes)
    most = depth * len(lanes) if occasion.about_product else depth
    query = sql.query(
        _ROOM, "work", lanes=lanes, first=lanes[0], depth=depth, most=most, now=now, recent=now - _RECENT,
        named=most if occasion.about_product else campaign.limits.items, **RULE,
    )  # fmt: skip
    chooser = Chooser(campaign, settings, facts, terms=terms, presenters=presenters, now=now)
    engine.map_arrow(query, chooser, CHOICES, "copy_choices")
    engine.table("choices", "copy_choices")


def _recommended(engine: Engine, lanes: Sequence[str], depth: int) -> list[str]:
    query = "SELECT DISTINCT item FROM recommendations WHERE lane IN $lanes AND rank <= $depth ORDER BY item"
    return [
        item
        for batch in engine.batches(sql.fill(query, lanes=lanes, depth=depth))
        for item in batch.column(0).to_pylist()
    ]


def _draft(
    engine: Engine,
    campaign: Campaign,
    *,
    settings: CopySettings,
    facts: Shelf,
    reviewers: dict[str, Reviewer],
    clock: Clock,
) -> Tally:
    maker = BriefMaker(campaign, settings, facts)
    drafting = Drafting(WRITERS.load(settings.writer)(), reviewers, max_repairs=settings.max_repairs, now=clock.now())
    batches = drafting.rows(_new_briefs(engine, maker))
    first = next(batches, None)
    if first is not None:
        engine.write(pa.RecordBatchReader.from_batches(PIECES, _chain(first, batches)), "pieces", append=True)
        engine.table("pieces", "pieces")
    return drafting.tally


def _chain(first: pa.RecordBatch, rest: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    yield first
    yield from rest


def _new_briefs(engine: Engine, maker: BriefMaker) -> Iterator[Brief]:
    names = ("item", "angle_facet", "angle_value", "reason", "occasion", "language")
    for batch in engine.batches(sql.load(_ROOM, "new_briefs")):
        columns = [batch.column(name).to_pylist() for name in ("brief_id", *names)]
        for brief_id, *matter in zip(*columns, strict=True):
            yield maker.brief(brief_id, Matter(*matter))


def _fill(engine: Engine, filler: Filler) -> int:
    """Write the messages aside, then publish them together with those of other campaigns in one step."""
    engine.map_arrow(sql.load(_ROOM, "relations"), filler, MESSAGES, "copy_messages", scratch=True, rows=_BATCH)
    engine.table("written", "copy_messages")
    return engine.write("SELECT * FROM earlier UNION ALL SELECT * FROM written", "messages")


def _report(engine: Engine, tally: Tally, version: int) -> CopyReport:
    by_status: Counter[str] = Counter()
    rules: Counter[str] = Counter()
    briefs: set[str] = set()
    variants: set[str] = set()
    for batch in engine.batches("SELECT status, brief_id, variant, findings FROM written"):
        statuses, ids, names, findings = (column.to_pylist() for column in batch.columns)
        by_status.update(statuses)
        briefs.update(filter(None, ids))
        variants.update(filter(None, names))
        rules.update(
            next(f["rule"] for f in found if f["severity"] == "block")
            for outcome, found in zip(statuses, findings, strict=True)
            if outcome == "refused"
        )
    return CopyReport(
        audience=by_status.total(), approved=by_status["approved"], human=by_status["human"],
        refused=by_status["refused"], no_product=by_status["no-product"], briefs=len(briefs),
        cache_hits=len(briefs) - tally.briefs, pieces=tally.pieces,
        writer_calls=tally.writer_calls, repairs=tally.repairs, fallbacks=tally.fallbacks, variants=len(variants),
        version=version, refused_by_rule=dict(rules.most_common()),
    )  # fmt: skip
