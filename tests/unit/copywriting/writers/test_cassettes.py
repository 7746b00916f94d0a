"""Answers in the forms that servers document: what was said, what was counted, what it cost."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from siyu.copywriting.writers.answering import lines_of
from siyu.copywriting.writers.chatting import Chat
from siyu.copywriting.writers.spending import Prices, Purse
from siyu.net.posting import Patience, Poster

from .model_server import Said, Server

CASSETTES = json.loads(Path(__file__).with_name("cassettes.json").read_text("utf-8"))
TOKENS = {
    "openai": (1536, 1024, 42),
    "openai refusing": (900, 0, 10),
    "deepseek": (1500, 1408, 40),
    "deepseek reasoning": (1500, 0, 640),
    "dashscope": (1400, 1280, 38),
    "vllm": (1450, 0, 50),
    "ollama": (1430, 0, 36),
    "llama.cpp, cut off": (1420, 0, 40),
    "no usage": (0, 0, 0),
}
"""In, of which kept, out: read off the answers' ``usage``."""


@pytest.mark.parametrize("name", list(CASSETTES))
def test_what_a_server_says_is_understood(server: Server, name: str) -> None:
    server.usual = lambda request: Said(200, json.dumps(CASSETTES[name]).encode())
    purse, prices = Purse(calls=10, money=None), Prices(2.0, 0.5, 8.0)
    chat = Chat(Poster(server.url, called="model", patience=Patience()), purse, prices, model="m", most=100, extra={})
    reply = chat.ask([{"role": "user", "content": "Write."}])
    tokens_in, cached, out = TOKENS[name]
    assert (reply.tokens_in, reply.tokens_cached, reply.tokens_out) == TOKENS[name]
    assert reply.refused == (name == "openai refusing")
    assert lines_of(reply.content) == ({} if reply.refused else {"1": [("hook", "A few words about {angle} today.")]})
    if name == "no usage":  # what it cost nobody says, so it counts as the most it could
        assert (purse.cost, purse.uncertain > 0) == (0, True)
    else:
        assert purse.cost == pytest.approx(((tokens_in - cached) * 2.0 + cached * 0.5 + out * 8.0) / 1e6)
        assert purse.uncertain == 0
