"""Languages by script."""

from __future__ import annotations

import pyarrow as pa
import pytest

from siyu.text.language import detect, language_of


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("质量很好", "zh"),
        ("Apple iPhone 15 Pro Max 手机", "zh"),  # 2 Han beside 17 Latin letters: a Chinese title
        ("A book about the character 道 and its many long English commentaries", "en"),
        ("このシャツはとても良い", "ja"),
        ("아주 좋은 셔츠", "ko"),
        ("отличная рубашка", "und"),
        ("Größe und Qualität", "en"),  # by script only: any Latin text counts as English
        ("123 !!!", None),
        ("", None),
    ],
)
def test_language_of(text: str, language: str | None) -> None:
    assert language_of(text) == language


def test_detect_keeps_nulls() -> None:
    assert detect(pa.array(["hi", None, "你好"])).to_pylist() == ["en", None, "zh"]
