"""Briefs: what a writer may know, and the hash that says two of them are the same."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from siyu.copywriting.settings import CopySettings
from siyu.copywriting.shelf import Shelf
from siyu.domain.campaigns import Campaign
from siyu.domain.copy import Brief
from siyu.domain.facts import Fact
from siyu.domain.ids import ItemId


@dataclass(frozen=True, slots=True)
class Matter:
    """What tells the briefs of one campaign apart."""

    item: str
    angle_facet: str
    angle_value: str
    reason: str
    occasion: str
    language: str


_BANKS = ("copy", "glossary", "hooks", "language", "posts")


@cache
def pack_version(language: str) -> str:
    """Hash of a language's phrase banks: a changed bank is a new brief, so that old pieces are not reused."""
    digest = hashlib.sha256()
    for name in _BANKS:
        bank = files("siyu.packs").joinpath("languages", language, f"{name}.toml")
        digest.update(bank.read_bytes() if bank.is_file() else b"-")
    return digest.hexdigest()[:12]


class BriefMaker:
    """Makes briefs of one campaign from the facts in force."""

    def __init__(self, campaign: Campaign, settings: CopySettings, shelf: Shelf) -> None:
        self._campaign = campaign
        self._settings = settings
        self._shelf = shelf
        self._ids: dict[Matter, str] = {}
        self._said: dict[tuple[str, str], str] = {}
        self._last: tuple[tuple[str, str], tuple[Fact, ...]] = (("", ""), ())

    def brief_id(self, matter: Matter) -> str:
        """Hash of everything a writer may know: product facts, angle, reason, occasion, channel, tone, voice, banks."""
        found = self._ids.get(matter)
        if found is None:
            found = self._ids[matter] = self._hash(matter)
        return found

    def _hash(self, matter: Matter) -> str:
        campaign, settings = self._campaign, self._settings
        content = [
            matter.item, matter.angle_facet, matter.angle_value, matter.reason, matter.occasion, matter.language,
            campaign.channel, campaign.tone, campaign.industry, campaign.place,
            settings.brand_voice, settings.writer, settings.title_kind, settings.limits.get(campaign.channel),
            pack_version(matter.language), self._facts_said(matter.item, matter.language),
        ]  # fmt: skip
        return hashlib.blake2b(json.dumps(content, ensure_ascii=False).encode(), digest_size=16).hexdigest()

    def _facts_said(self, item: str, language: str) -> str:
        found = self._said.get((item, language))
        if found is None:
            card = self._shelf.card(item, language)
            known = sorted((fact.slot, fact.value, fact.unit) for fact in card.values() if fact.slot != "stock")
            found = self._said[(item, language)] = json.dumps(known, ensure_ascii=False)
        return found

    def brief(self, brief_id: str, matter: Matter) -> Brief:
        """The brief itself."""
        campaign = self._campaign
        return Brief(
            brief_id=brief_id,
            item=ItemId(matter.item),
            facts=self._facts(matter.item, matter.language),
            angle_facet=matter.angle_facet,
            angle_value=matter.angle_value,
            reason=matter.reason,
            occasion=matter.occasion,
            channel=campaign.channel,
            language=matter.language,
            tone=campaign.tone,
            industry=campaign.industry,
            place=campaign.place,
            brand_voice=self._settings.brand_voice,
        )

    def _facts(self, item: str, language: str) -> tuple[Fact, ...]:
        """Facts a writer may know; briefs of one product come one after another, so one is remembered."""
        if self._last[0] != (item, language):
            known = self._shelf.facts(item, language)
            self._last = (item, language), tuple(fact for fact in known if fact.slot != "stock")
        return self._last[1]
