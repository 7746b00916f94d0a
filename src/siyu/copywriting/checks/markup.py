"""Nothing that a template engine, a mail client or a browser could take for more than text."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from siyu.copywriting.checks.port import Context, Line, finding
from siyu.copywriting.checks.together import Together, any_touched
from siyu.domain.copy import Finding

_PLACEHOLDER = (
    r"%%?[A-Za-z_]\w*%%?|\*\|\w+\|\*|[@#]\{|\b__\w+__\b|::\w+::"
    r"|(?<![A-Za-z])X{2,}(?![A-Za-z])|(?<![\u4e00-\u9fff])某某"
    r"|[\[【](?:[A-Z_]{3,}|[a-z]+[_ ]?name|姓名|名字|昵称|称呼|用户名?"
    r"|客户名?|商品名?|产品名?|价格|优惠|折扣|日期|品牌|链接|变量|占位)[\]】]"
    r"|(?<![A-Za-z])(?:undefined|NaN|null(?! and)|None(?! (?:of|the|other|too|so|but))"
    r"|lorem ipsum|TODO|TBD|FIXME)(?![A-Za-z])"
    r"|\[object Object\]"
)
"""What templates of other programs leave behind when a value is missing."""
_RULES = (
    ("markup.slot", re.compile(r"[{}]|<%|%>|\$\(|\[\[|\]\]"), "Fill the slot, or take the braces out."),
    (
        "markup.tag",
        re.compile(r"</?[A-Za-z!?][^>]*>?|&(?:#\d+|#x[0-9a-f]+|[a-z]+);|javascript:", re.I),
        "Plain text only.",
    ),
    (
        "markup.invisible",
        re.compile(r"[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\u00ad\x00-\x08\x0b-\x1f\x7f]"),
        "Remove it.",
    ),
    ("markup.placeholder", re.compile(_PLACEHOLDER), "Fill the slot, or take it out."),
    ("markup.line-break", re.compile(r"[\r\n\u2028\u2029]"), "One line a part."),
)
_SUSPECT = re.compile(
    r"undefined|NaN|null|None|lorem|TODO|TBD|FIXME|XX|某某|__|::|[{}<>\[\]【*&$%\x00-\x1f\x7f\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]"
)
_DOTTED = re.compile(r"\.[A-Za-z]")
"""One look that every mark or address must answer, before the closer ones."""
_ADDRESS = re.compile("://")
_APART = "\ufffc"  # stands between lines, for a line break is a fault
_URL = re.compile(
    r"(?:https?://|www\.)[^\s，。]+|\b[a-z0-9-]{2,}\.(?:com|cn|net|org|shop|top|xyz|info|io|co|uk|ru|link|club|vip)\b(?:/\S*)?",
    re.I,
)


class MarkupCheck:
    """Finds unfilled slots, tags, invisible characters, line breaks and foreign addresses."""

    name = "markup"

    def __init__(self, context: Context) -> None:
        self._own = context.own_domains

    def suspects(self, lines: Sequence[Line]) -> Collection[int]:
        """Lines with any character of a mark, or anything like an address."""
        texts = Together([line.text for line in lines], _APART)
        found = any_touched(texts, (_SUSPECT, _DOTTED, _ADDRESS))
        if "javascript:" in texts.text.lower():
            found.update(place for place, line in enumerate(lines) if "javascript:" in line.text.lower())
        return found

    def look(self, line: Line) -> list[Finding]:
        """Findings by rule, in order of place."""
        text = line.text
        found = self._marks(line) if _SUSPECT.search(text) or "javascript:" in text.lower() else []
        if not (_DOTTED.search(text) or "://" in text):
            return found
        foreign = (
            finding("markup.url", line, match.span(), remedy="Only the shop's own addresses.")
            for match in _URL.finditer(line.text)
            if not self._is_own(match.group())
        )
        return [*found, *foreign]

    def _marks(self, line: Line) -> list[Finding]:
        return [
            finding(rule, line, match.span(), remedy=remedy)
            for rule, pattern, remedy in _RULES
            for match in pattern.finditer(line.text)
        ]

    def _is_own(self, url: str) -> bool:
        host = re.sub(r"^https?://", "", url.lower()).split("/", 1)[0].split("@")[-1].split(":", 1)[0]
        return any(host == domain or host.endswith(f".{domain}") for domain in self._own)
