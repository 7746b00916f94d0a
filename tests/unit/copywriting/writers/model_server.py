"""A real server on this machine that speaks chat completions, and answers as told: well, badly, or not at all."""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

DATA = re.compile(r"<data>\n(.*?)\n</data>", re.DOTALL)


@dataclass
class Said:
    """One answer. ``cut``: bytes after which the connection ends; ``drip``: seconds between bytes."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    wait: float = 0.0
    cut: int | None = None
    drip: float = 0.0


Reply = Callable[[dict[str, Any]], Said]

LINES = json.loads(Path(__file__).with_name("good_lines.json").read_text("utf-8"))
"""What a good model might write: in other words than our banks, and true."""


def orders_in(request: dict[str, Any]) -> list[dict[str, Any]]:
    """The orders a request asks for."""
    return list(json.loads(DATA.findall(request["messages"][-1]["content"])[0]))


def language_of(request: dict[str, Any]) -> str:
    return "zh" if "你为一家网店" in request["messages"][0]["content"] else "en"


def is_repair(request: dict[str, Any]) -> bool:
    return len(DATA.findall(request["messages"][-1]["content"])) > 1


def good_lines(order: dict[str, Any], language: str) -> list[dict[str, str]]:
    lines = {part: list(texts) for part, texts in LINES[language][order["kind"]].items()}
    for slot in order["slots"]:
        if slot.startswith("{attr.") and "point" in lines:
            lines["point"].append(f"细看{slot}。" if language == "zh" else f"A word about it: {slot}.")
    if "point" in lines and "{brand}" in order["slots"]:
        lines["point"].append("来自{brand}。" if language == "zh" else "It is from {brand}.")
    return [{"part": part, "text": text} for part, texts in lines.items() if part in order["lines"] for text in texts]


def answer(request: dict[str, Any], lines: Callable[[dict[str, Any], str], Any] = good_lines, **more: Any) -> Said:
    language = language_of(request)
    told = {"orders": [{"id": order["id"], "lines": lines(order, language)} for order in orders_in(request)]}
    return saying(json.dumps(told, ensure_ascii=False), **more)


def saying(content: str | None, *, finish: str = "stop", usage: Any = "some", **message: Any) -> Said:
    counted = {"prompt_tokens": 1000, "completion_tokens": 100, "prompt_tokens_details": {"cached_tokens": 400}}
    said = {"role": "assistant", "content": content, **message}
    told = {
        "choices": [{"index": 0, "finish_reason": finish, "message": said}],
        "usage": counted if usage == "some" else usage,
    }
    return Said(200, json.dumps(told, ensure_ascii=False).encode())


class Server:
    """Answers by ``replies`` in turn, and by ``usual`` when they are used up; keeps what it was asked."""

    def __init__(self) -> None:
        self.usual: Reply = answer
        self.replies: list[Reply] = []
        self.asked: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.at_once = 0
        self._running = 0
        self._lock = threading.Lock()
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                with server._lock:
                    server.asked.append(body)
                    server.headers.append(dict(self.headers))
                    reply = server.replies.pop(0) if server.replies else server.usual
                    server._running += 1
                    server.at_once = max(server.at_once, server._running)
                said = reply(body)
                time.sleep(said.wait)
                with server._lock:
                    server._running -= 1
                with suppress(OSError):  # the other side did not wait
                    self._say(said)

            def _say(self, said: Said) -> None:
                self.send_response(said.status)
                for name, value in said.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(said.body)))
                self.end_headers()
                body = said.body if said.cut is None else said.body[: said.cut]
                for at in range(0, len(body), 1 if said.drip else len(body) or 1):
                    self.wfile.write(body[at : at + (1 if said.drip else len(body))])
                    self.wfile.flush()
                    time.sleep(said.drip)

            def log_message(self, *args: object) -> None:
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.http.server_address[1]}/v1"
        threading.Thread(target=self.http.serve_forever, args=(0.05,), daemon=True).start()

    def close(self) -> None:
        self.http.shutdown()
        self.http.server_close()
