"""A language model writes: any server that speaks OpenAI's chat completions.

Nothing about a person is sent: orders hold product facts and what many readers share. What the model writes goes out
only if every check finds it true and lawful; of everything else the offline writer's lines stand in.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, ClassVar, Final

from pydantic import BaseModel, ConfigDict, Field

from siyu.copywriting.slots import ANGLES, PERSON_SLOTS
from siyu.copywriting.writers import wording
from siyu.copywriting.writers.chatting import Chat
from siyu.copywriting.writers.commissioning import Commission, Judge
from siyu.copywriting.writers.keeping import Drafts
from siyu.copywriting.writers.offline import OfflineWriter
from siyu.copywriting.writers.orders import PROMPT, Order, OrderBook
from siyu.copywriting.writers.port import Asked, Desk, Usage
from siyu.copywriting.writers.spending import Prices, Purse
from siyu.domain.copy import Brief, Finding, Piece
from siyu.domain.errors import SettingsError
from siyu.net.posting import Patience, Poster, key_of

_CALLED: Final = "language model"
_CHOICE: Final = 2
"""Good lines of a model for one place in a message, from which on the offline writer's are not needed there."""
_FEWEST: Final = 50
"""An angle that fewer readers share is never told to a server."""


class ModelOptions(BaseModel):
    """Section ``[writers.openai_compatible]`` of siyu.toml."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: str = Field("", description="Base URL, up to and with /v1; https, or http on this machine.")
    model: str = Field("", description="Model by the server's name for it.")
    key_env: str = Field("", description="Variable of the environment that holds the key; none is sent where empty.")
    private: bool = Field(False, description="The server may have an address of a private network.")
    price_in: float = Field(0.0, ge=0, description="Money for a million tokens sent.")
    price_cached: float | None = Field(
        None, ge=0, description="Money for a million tokens sent that the server had kept; as price_in where empty."
    )
    price_out: float = Field(0.0, ge=0, description="Money for a million tokens written.")
    currency: str = Field("", pattern=r"^([A-Z]{3})?$", description="ISO 4217 code of that money, for reports.")
    budget: float | None = Field(None, ge=0, description="Money a run may spend at most; empty for no such limit.")
    calls: int = Field(2_000, ge=0, description="Requests a run may send at most, further tries and repairs counted.")
    threads: int = Field(4, ge=1, le=64, description="Requests at a time.")
    together: int = Field(12, ge=1, le=40, description="Things to be written that go into one request.")
    tokens: int = Field(4_000, ge=64, le=64_000, description="Tokens of an answer at most.")
    angle_readers: int = Field(
        _FEWEST, ge=_FEWEST, description="An angle that fewer readers share is written offline and told to nobody."
    )
    readers: int = Field(
        10, ge=1, description="Whatever else fewer readers share is written offline too: a request would hardly pay."
    )
    words: tuple[str, ...] = Field((), description="Words beyond those of the packs that a model may use.")
    timeout: float = Field(60.0, gt=0, le=3600, description="Seconds to connect and for each piece of an answer.")
    whole: float = Field(300.0, gt=0, le=7200, description="Seconds for a whole answer, however slowly it comes.")
    retries: int = Field(3, ge=0, le=20, description="Further tries of a request that failed for a while.")
    wait: float = Field(1.0, ge=0, le=60, description="Seconds before the first of them; doubled for each, jittered.")
    extra: dict[str, Any] = Field(
        default_factory=dict, description="Further fields of a request, such as temperature or enable_thinking."
    )


class OpenAICompatibleWriter:
    """Asks a model for what briefs share, and lets the offline writer fill in the rest.

    Raises:
        SettingsError: the server, the model or the key cannot be used.
    """

    name = "openai_compatible"
    Options: ClassVar[type[BaseModel]] = ModelOptions

    def __init__(self, options: ModelOptions | None = None) -> None:
        self._options = options or ModelOptions()
        self._offline = OfflineWriter()
        self._book = OrderBook(lambda language: "")
        self._pieces: dict[str, tuple[Piece, ...]] = {}
        self.usage = Usage(model=self._options.model, currency=self._options.currency)
        self.waiting: set[str] = set()

    @property
    def version(self) -> str:
        """Digest of what words depend on beside the brief: server, model, further fields, allowed words, prompt."""
        options = self._options
        told = [PROMPT, options.url, options.model, options.extra, sorted(options.words), options.tokens]
        return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:16]

    def prepare(self, asked: Iterable[Asked], desk: Desk) -> None:
        """Ask for everything the briefs share, what most readers share first."""
        options = self._options
        chat, purse = self._chat()
        self._book = OrderBook(lambda language: f"{self.version}:{desk.rules(language)}")
        readers: Counter[str] = Counter()
        sharing: dict[str, int] = {}
        orders: dict[str, Order] = {}
        briefs: dict[str, tuple[str, ...]] = {}
        for one in asked:
            if one.brief.language not in wording.languages():
                continue
            made = self._book.of(one.brief)
            briefs[one.brief.brief_id] = tuple(order.key for order in made)
            for order in made:
                orders[order.key] = order
                readers[order.key] += one.readers
                if order.kind == "angle":
                    sharing[order.key] = one.angle_readers
        judge = Judge(desk, self.name, frozenset(options.words))
        drafts = Drafts(desk.engine)
        commission = Commission(
            chat, drafts, judge, self.usage, together=options.together, threads=options.threads
        )  # fmt: skip
        try:
            self._pieces = commission.run(
                sorted(orders.values(), key=lambda order: (-readers[order.key], order.key)),
                lambda order: (
                    readers[order.key] >= options.readers
                    and (order.kind != "angle" or sharing[order.key] >= options.angle_readers)
                ),
            )
        finally:
            usage = self.usage
            usage.calls, usage.retries = purse.calls, chat.retries
            usage.cost, usage.uncertain = purse.cost, purse.uncertain
        self.waiting = {brief for brief, keys in briefs.items() if any(key not in self._pieces for key in keys)}

    def _chat(self) -> tuple[Chat, Purse]:
        options = self._options
        if not (options.url and options.model):
            raise SettingsError(
                "No language model is named.",
                why="The writer openai_compatible needs writers.openai_compatible.url and .model.",
                next_step='Set them, for example url = "http://127.0.0.1:11434/v1", or use the writer "offline".',
            )
        if options.budget is not None and not (options.price_in or options.price_out):
            raise SettingsError(
                "A budget of money needs prices.",
                why="budget is set, and price_in and price_out are 0.",
                next_step="Set price_in and price_out (money for a million tokens), or leave budget out.",
            )
        poster = Poster(
            options.url, called=_CALLED, key=key_of(options.key_env), private=options.private, most=2 * 1024 * 1024,
            patience=Patience(options.timeout, options.whole, options.retries, options.wait),
        )  # fmt: skip
        cached = options.price_in if options.price_cached is None else options.price_cached
        prices = Prices(options.price_in, cached, options.price_out)
        purse = Purse(calls=options.calls, money=options.budget)
        chat = Chat(poster, purse, prices, model=options.model, most=options.tokens, extra=options.extra)
        return chat, purse

    def write(self, briefs: Sequence[Brief]) -> list[tuple[Piece, ...]]:
        """The model's pieces, and the offline writer's for whatever the model has no good line."""
        return [self._together(brief, own) for brief, own in zip(briefs, self._offline.write(briefs), strict=True)]

    def repair(self, brief: Brief, pieces: Sequence[Piece], findings: Sequence[Finding]) -> tuple[Piece, ...]:
        """Leave out what was objected to; what a model could mend was mended when it was asked for."""
        return self._offline.repair(brief, pieces, findings)

    def _together(self, brief: Brief, own: tuple[Piece, ...]) -> tuple[Piece, ...]:
        if not self._pieces or brief.language not in wording.languages():
            return own
        made = [piece for order in self._book.of(brief) for piece in self._pieces.get(order.key, ())]
        told = Counter(map(_place, made))
        kept = [piece for piece in own if told[_place(piece)] < (1 if piece.part == "point" else _CHOICE)]
        return tuple({piece.piece_id: piece for piece in (*made, *kept)}.values())


def _place(piece: Piece) -> tuple[object, ...]:
    """What a line is there for: its part and kind, and what it claims of a reader; of a selling point, its facts."""
    if piece.part == "point":
        return piece.part, frozenset(slot for slot in piece.slots if not slot.endswith((".name", ".unit")))
    kind = piece.piece_id.split("-", 1)[1].rpartition("-")[0]
    claim = next((slot for slot in piece.slots if slot in ANGLES or slot in PERSON_SLOTS), "")
    return piece.part, kind, claim.removesuffix(".short"), any(slot.startswith("price") for slot in piece.slots)
