"""One client for all that speak OpenAI's chat completions: OpenAI, DeepSeek, DashScope, vLLM, Ollama, llama.cpp.

What a server does not know it refuses with 400, 404, 415 or 422; then the next simpler form is tried, once a run:
an answer by JSON schema, a JSON object, plain text; ``max_completion_tokens`` where ``max_tokens`` is unknown.
"""

from __future__ import annotations

import json
import math
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from siyu.copywriting.writers.prompting import SCHEMA, Message
from siyu.copywriting.writers.spending import Prices, Purse
from siyu.domain.errors import InputError
from siyu.net.posting import Answer, Poster

FORMS: Final = ("json_schema", "json_object", "text")
_UNKNOWN: Final = frozenset({400, 404, 415, 422, 501})
_PER_MESSAGE: Final = 16  # tokens around each message, at most


@dataclass(frozen=True, slots=True)
class Reply:
    """What a model said, and what the server counted.

    Attributes:
        refused: it would not answer.
    """

    content: str
    tokens_in: int
    tokens_cached: int
    tokens_out: int
    refused: bool = False


class Chat:
    """One model on one server; may be used by several threads.

    Args:
        most: tokens of an answer at most.
        extra: further fields of a request's body.
        form: the first form of answer to ask for.
    """

    def __init__(
        self, poster: Poster, purse: Purse, prices: Prices, *, model: str, most: int, extra: Mapping[str, Any],
        form: str = FORMS[0],
    ) -> None:  # fmt: skip
        self._poster, self._purse, self._prices = poster, purse, prices
        self._model, self._most, self._extra = model, most, dict(extra)
        self._lock = threading.Lock()
        self._form = FORMS.index(form)
        self._limit = "max_tokens"
        self.retries = 0

    def ask(self, messages: Sequence[Message]) -> Reply:
        """The model's reply.

        Raises:
            InputError: the server is of no use. BudgetSpentError: the request might pass the budget.
        """
        while True:
            form, limit = self._form, self._limit
            answer, most = self._posted(self._body(messages, form, limit))
            if answer.status == 200:
                return self._read(answer, most)
            self._purse.settle(most, 0.0)
            if not (answer.status in _UNKNOWN and self._simpler(form, limit, answer.body)):
                raise self._poster.failed(f"It answers {answer.status}.", status=answer.status)

    def _simpler(self, form: int, limit: str, body: bytes) -> bool:
        """Whether there is a simpler form to try; the next requests begin with it."""
        with self._lock:
            if (form, limit) != (self._form, self._limit):
                return True  # another thread has seen to it
            if limit == "max_tokens" and b"max_completion_tokens" in body:
                self._limit = "max_completion_tokens"
                return True
            if form + 1 < len(FORMS):
                self._form = form + 1
                return True
            return False

    def _body(self, messages: Sequence[Message], form: int, limit: str) -> bytes:
        asked: dict[str, Any] = {"model": self._model, "messages": list(messages), limit: self._most, "stream": False}
        if FORMS[form] == "json_schema":
            schema = {"name": "lines", "strict": True, "schema": SCHEMA}
            asked["response_format"] = {"type": "json_schema", "json_schema": schema}
        elif FORMS[form] == "json_object":
            asked["response_format"] = {"type": "json_object"}
        return json.dumps({**asked, **self._extra}, ensure_ascii=False).encode()

    def _posted(self, body: bytes) -> tuple[Answer, float]:
        """The answer, and what was set aside for the request that got it."""
        # No tokeniser makes more tokens than bytes.
        most = self._prices.of(len(body) + _PER_MESSAGE * 2, 0, self._most)

        def tried(before: Answer | None) -> None:
            if before is not None:
                self._purse.settle(most, 0.0 if before.status else None)
                with self._lock:
                    self.retries += 1
            self._purse.take(most)

        try:
            return self._poster.post("/chat/completions", body, tried=tried), most
        except InputError as error:
            self._purse.settle(most, 0.0 if error.facts.get("status") else None)
            raise

    def _read(self, answer: Answer, most: float) -> Reply:
        try:
            told = json.loads(answer.body)
            choice = told["choices"][0]
            message = choice["message"]
            content, refusal = message.get("content"), message.get("refusal")
            usage = told.get("usage")
        except (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError):
            self._purse.settle(most, None)
            return Reply("", 0, 0, 0)
        counted = usage if isinstance(usage, Mapping) else {}
        tokens = [_count(counted.get(name)) for name in ("prompt_tokens", "completion_tokens")]
        cached = _count(counted.get("prompt_cache_hit_tokens"))  # DeepSeek
        details = counted.get("prompt_tokens_details")
        if isinstance(details, Mapping):  # OpenAI, DashScope, vLLM
            cached = max(cached, _count(details.get("cached_tokens")))
        cost = self._prices.of(tokens[0], min(cached, tokens[0]), tokens[1]) if any(tokens) else None
        self._purse.settle(most, cost)
        refused = bool(refusal) or choice.get("finish_reason") == "content_filter"
        text = content if isinstance(content, str) else ""
        return Reply("" if refused else text, tokens[0], min(cached, tokens[0]), tokens[1], refused)


def _count(value: Any) -> int:
    """A count of tokens as servers write it; what is none counts nothing."""
    good = isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value) and 0 <= value < 1e9
    return int(value) if good else 0
