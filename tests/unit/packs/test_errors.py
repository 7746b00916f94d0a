"""Every error the code can tell has its sentence in Chinese, with the same values in it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import siyu
from siyu.packs import in_words, read

SOURCE = Path(siyu.__file__).parent
TOLD = ("why", "next_step")


def template(node: ast.expr) -> str | None:
    """The text of a literal, its values numbered; ``None`` for what is worked out elsewhere."""
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else None
    if not isinstance(node, ast.JoinedStr):
        return None
    count, text = 0, ""
    for part in node.values:
        if isinstance(part, ast.Constant):
            text += str(part.value)
        else:
            text += f"{{{count}}}"
            count += 1
    return text


def told() -> Iterator[tuple[str, str]]:
    """(place, English sentence) of everything said when an error is raised."""
    for path in sorted(SOURCE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id.endswith("Error")):
                continue
            said = [keyword.value for keyword in node.keywords if keyword.arg in TOLD]
            for part in [*node.args[:1], *said] if said else []:
                for one in (part.body, part.orelse) if isinstance(part, ast.IfExp) else (part,):
                    text = template(one)
                    if text and re.search("[A-Za-z]{2}", re.sub(r"\{\d\}", "", text)):
                        yield f"{path.relative_to(SOURCE)}:{node.lineno}", text


def test_every_error_is_told_in_chinese() -> None:
    known = read("languages", "zh", "errors")
    assert [(place, text) for place, text in told() if text not in known] == []
    assert len(set(told())) > 300


def test_values_come_over() -> None:
    known = read("languages", "zh", "errors")
    slots = re.compile(r"\{\d\}")
    lost = [english for english, chinese in known.items() if set(slots.findall(english)) != set(slots.findall(chinese))]
    assert lost == []


@pytest.mark.parametrize(
    ("english", "chinese"),
    [
        ("The disk is full.", "磁盘已满。"),
        ("There is no file 'a (1).csv'.", "没有文件 'a (1).csv'。"),
        ("shop.toml does not fit: engine.memry: unknown key, did you mean 'memory'?; top: Field required.",
         "shop.toml 不合规定：engine.memry：没有这个键，是不是 'memory'？; top：必须填写。"),
        ("Something else entirely.", "Something else entirely."),
        ("", ""),
    ],
)  # fmt: skip
def test_sentences(english: str, chinese: str) -> None:
    assert in_words(english, "zh") == chinese
    assert in_words(english, "en") == english


def test_a_value_is_never_a_pattern() -> None:
    assert in_words("There is no file '.*(\\d+'.", "zh") == "没有文件 '.*(\\d+'。"
