"""Embeddings from a server: a real one on this machine that answers, stalls, refuses and lies."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from siyu.domain.errors import InputError, SettingsError
from siyu.recommendations.vectors.asking import Asker, Endpoints

from ..shop import Shop

Answer = tuple[int, bytes]


def vectors(texts: list[str], width: int = 3) -> list[dict[str, Any]]:
    """Last first, as a server may; mugs one way, everything else another."""
    rows = [{"index": at, "embedding": [1.0, 0.2, 0.0][:width] if "mug" in text else [0.0, 0.1, 1.0][:width]}
            for at, text in enumerate(texts)]  # fmt: skip
    return rows[::-1]


class Server:
    """Answers by a list of functions, the last of them for ever; keeps what it was asked."""

    def __init__(self) -> None:
        self.answers: list[Callable[[list[str]], Answer]] = [lambda texts: (200, _told(vectors(texts)))]
        self.asked: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                server.asked.append(body)
                server.headers.append(dict(self.headers))
                answer = server.answers.pop(0) if len(server.answers) > 1 else server.answers[0]
                status, content = answer(body["input"])
                try:
                    self.send_response(status)
                    self.send_header("Content-Length", str(len(content)))
                    self.send_header("Location", "http://169.254.169.254/")
                    self.end_headers()
                    self.wfile.write(content)
                except OSError:
                    pass  # the other side did not wait

            def log_message(self, *args: object) -> None:
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.http.server_address[1]}/v1"
        threading.Thread(target=self.http.serve_forever, args=(0.05,), daemon=True).start()


def _told(rows: list[dict[str, Any]]) -> bytes:
    return json.dumps({"data": rows}).encode()


@pytest.fixture
def server() -> Iterator[Server]:
    made = Server()
    yield made
    made.http.shutdown()
    made.http.server_close()


def ask(server: Server, texts: dict[str, str], **options: Any) -> dict[str, Any]:
    chosen = {"url": server.url, "model": "small", "wait": 0.001, "retries": 2} | options
    found: dict[str, Any] = {}
    Asker(Endpoints(**chosen)).vectors(texts, found)
    return found


def test_it_asks_in_batches_and_puts_answers_in_order(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("THE_KEY", "s3cret")
    found = ask(server, {"a": "mug", "b": "rope", "c": "mug"}, batch=2, key_env="THE_KEY")
    assert [round(float(found[key][0])) for key in "abc"] == [1, 0, 1]
    assert [one["input"] for one in server.asked] == [["mug", "rope"], ["mug"]]
    assert {one["model"] for one in server.asked} == {"small"}
    assert {one["Authorization"] for one in server.headers} == {"Bearer s3cret"}


@pytest.mark.parametrize("status", [429, 500, 503])
def test_it_tries_again_where_that_can_help(server: Server, status: int) -> None:
    server.answers.insert(0, lambda texts: (status, b"no"))
    assert set(ask(server, {"a": "mug"})) == {"a"}
    assert len(server.asked) == 2


@pytest.mark.parametrize(("answer", "asked", "retry"), [
    ((500, b""), 3, True),
    ((401, b""), 1, False),
    ((302, b""), 1, False),  # is not followed
    ((200, b"{broken"), 1, False),
    ((200, b'{"data": null}'), 1, False),
    ((200, b"[" * 100_000), 1, False),
    ((200, _told([])), 1, False),
    ((200, _told([{"index": 1, "embedding": [1.0, 2.0]}])), 1, False),
    ((200, _told([{"index": 0, "embedding": "text"}])), 1, False),
    ((200, b'{"data": [{"index": 0, "embedding": [NaN, 1]}]}'), 1, False),
    ((200, _told([{"index": 0, "embedding": [0.0, 0.0]}])), 1, False),
])  # fmt: skip
def test_what_is_no_answer_is_told(server: Server, answer: Answer, asked: int, retry: bool) -> None:
    server.answers = [lambda texts: answer]
    with pytest.raises(InputError, match="of no use") as told:
        ask(server, {"a": "mug"})
    assert (len(server.asked), told.value.retry) == (asked, retry)


def test_vectors_of_another_width_are_refused_and_the_first_kept(server: Server) -> None:
    server.answers.append(lambda texts: (200, _told(vectors(texts, 2))))
    found: dict[str, Any] = {}
    with pytest.raises(InputError, match="2 numbers, where 3"):
        Asker(Endpoints(url=server.url, model="m", batch=1)).vectors({"a": "mug", "b": "rope"}, found)
    assert set(found) == {"a"}


def test_it_does_not_wait_for_ever(server: Server) -> None:
    never = threading.Event()
    server.answers = [lambda texts: (200, str(never.wait(1)).encode())]
    with pytest.raises(InputError) as told:
        ask(server, {"a": "mug"}, timeout=0.05, retries=1)
    assert told.value.retry
    never.set()


@pytest.mark.parametrize("url", [
    "", "ftp://a/v1", "https://user:pass@a/v1", "https://a/v1?key=1", "https://a\r\nX: y/v1", "http://a:99999/v1",
])  # fmt: skip
def test_urls_that_cannot_be_used(url: str) -> None:
    with pytest.raises(SettingsError, match="cannot be used"):
        Asker(Endpoints(url=url, model="m"))


@pytest.mark.parametrize("url", [
    "http://169.254.169.254/v1", "https://[fe80::1]/v1", "https://10.0.0.1/v1", "http://8.8.8.8/v1", "https://0.0.0.0/v1",
    "https://[::ffff:169.254.169.254]/v1",
])  # fmt: skip
def test_addresses_that_may_not_be_asked(url: str) -> None:
    with pytest.raises(SettingsError, match="may not be asked"):
        Asker(Endpoints(url=url, model="m")).vectors({"a": "mug"}, {})


@pytest.mark.parametrize("key", ["", "two words", "line\r\nX-Other: 1", "键"])
def test_a_key_that_is_no_header_is_refused(key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("THE_KEY", key)
    with pytest.raises(SettingsError, match="THE_KEY holds no key") as told:
        Asker(Endpoints(url="https://a/v1", model="m", key_env="THE_KEY"))
    assert not key or key not in str(told.value)


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    shop = Shop(tmp_path / "tables")
    shop.stock(*({"item": f"m{n}", "title": f"mug {n}a"} for n in range(3)), {"item": "r", "title": "rope"})
    shop.bought("someone@example.invalid", "m0")
    return shop


def options(server: Server, **more: Any) -> dict[str, Any]:
    embedding = {"url": server.url, "model": "small", "wait": 0.001, "retries": 0} | more
    return {"vectors": {"embedder": "endpoint", "embedding": embedding}}


def test_texts_are_asked_for_once_and_nothing_of_people_is_sent(server: Server, shop: Shop) -> None:
    shop.run(weights={"vectors": 1.0}, options=options(server), refit={"days": 0})
    assert set(shop.items("someone@example.invalid")) == {"m1", "m2"}
    assert sorted(text for one in server.asked for text in one["input"]) == ["mug 0a", "mug 1a", "mug 2a", "rope"]
    assert "someone" not in json.dumps([server.asked, server.headers])
    shop.stock({"item": "m3", "title": "mug new"})
    server.asked.clear()
    shop.run(weights={"vectors": 1.0}, options=options(server), refit={"days": 0})
    assert [one["input"] for one in server.asked] == [["mug new"]]
    assert "m3" in shop.items("someone@example.invalid")


def test_the_budget_is_kept_and_what_came_before_an_error_stays(server: Server, shop: Shop) -> None:
    shop.run(weights={"vectors": 1.0}, options=options(server, budget=12), refit={"days": 0})
    assert [one["input"] for one in server.asked] == [["mug 0a", "mug 1a"]]
    server.asked.clear()
    server.answers = [server.answers[0], lambda texts: (401, b"")]
    with pytest.raises(InputError):
        shop.run(weights={"vectors": 1.0}, options=options(server, batch=1), refit={"days": 0})
    server.answers = [lambda texts: (200, _told(vectors(texts)))]
    server.asked.clear()
    shop.run(weights={"vectors": 1.0}, options=options(server), refit={"days": 0})
    assert [one["input"] for one in server.asked] == [["rope"]]
