"""The page: one HTML file with its style, its scripts and its data inside, and a policy that lets nothing else in."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from functools import cache, partial
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from markupsafe import Markup

from siyu.reports import foreseen, formats, phrases, settings_shown, words
from siyu.reports.charts import Charts, embedded
from siyu.reports.sections.table import SECTIONS
from siyu.reports.settings import ReportSettings
from siyu.reports.source import Figures
from siyu.reports.summary import summary
from siyu.reports.verdicts import verdict_lines


def render(figures: Figures, settings: ReportSettings) -> str:
    """The page for ``figures``, opening in the language of ``settings``."""
    charts = Charts()
    template = _environment().get_template("page.html.j2")
    style, library, script = asset("report.css"), asset("echarts"), asset("report.js")
    body = {key: Markup(_section(key, figures, charts)) for key in SECTIONS}  # noqa: S704 - from our own templates
    return template.render(
        campaign=figures["campaign"],
        language=settings.language,
        summary=summary(figures),
        moment=_clock(figures),
        body=body,
        style=Markup(style),  # noqa: S704 - our own files, not input
        library=Markup(library),  # noqa: S704
        script=Markup(script),  # noqa: S704
        data=embedded(charts.data),
        policy=policy(style, [library, script]),
    )


def _section(key: str, figures: Figures, charts: Charts) -> str:
    currency = str(figures["campaign"]["currency"])
    context: dict[str, Any] = {
        "f": figures[key],
        "campaign": figures["campaign"],
        "charts": charts,
        "cash_writer": lambda value: formats.money(value, currency),
        "signed_cash_writer": lambda value: formats.money(value, currency, signed=True),
        "moment": _clock(figures),
    }
    return _environment().get_template(f"sections/{key}.html.j2").render(**context)


def _clock(figures: Figures) -> Callable[..., words.Both]:
    """Moments as the clocks of the report's zone show them."""
    return partial(formats.moment, zone=str(figures["campaign"]["timezone"]))


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("siyu.reports"),
        autoescape=select_autoescape(default=True, default_for_string=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(
        say=words.say,
        word=words.word,
        has_word=words.has_word,
        join=words.join,
        same=words.same,
        money=formats.money,
        price=formats.price,
        number=formats.number,
        percent=formats.percent,
        p_value=formats.p_value,
        p_phrase=formats.p_phrase,
        interval=formats.interval,
        share_writer=lambda value: formats.percent(value, 2 if 0 < value < 0.01 else 1),
        points_interval=formats.points_interval,
        percent_writer=lambda value: formats.percent(value, signed=True),
        count_writer=lambda value: formats.number(value, signed=True),
        hundredfold=formats.hundredfold,
        facet_value=phrases.facet_value,
        loss_label=phrases.loss_label,
        segment_names=phrases.segment_names,
        portrait=phrases.portrait,
        firmness=phrases.firmness,
        aspect=phrases.aspect,
        moves_named=phrases.moves_named,
        evidence=phrases.evidence,
        need_word=foreseen.need_word,
        need_finding=foreseen.need_finding,
        finding=foreseen.told,
        calibration=foreseen.calibration,
        lifts=foreseen.lifts,
        two=partial(formats.number, digits=2),
        three=partial(formats.number, digits=3),
        four=partial(formats.number, digits=4),
        provenance=phrases.provenance,
        verdict_lines=verdict_lines,
        line=phrases.line,
        readable=phrases.readable,
        slot_name=phrases.slot_name,
        claim=phrases.claim,
        origin=phrases.origin,
        settings_shown=settings_shown.shown,
        footing=phrases.footing,
    )
    environment.filters["because"] = phrases.because
    return environment


@cache
def asset(name: str) -> str:
    """``report.css``, ``report.js`` or ``echarts``, to be put into a page."""
    place = files("siyu.reports")
    path = place / "vendor" / "echarts.common.min.js" if name == "echarts" else place / "assets" / name
    return path.read_text("utf-8")


def policy(style: str, scripts: list[str]) -> str:
    """Content security policy: only these very scripts and this very style, no network, no forms, no frames."""
    allowed = " ".join(_hash(script) for script in scripts)
    return (
        f"default-src 'none'; script-src {allowed}; style-src-elem {_hash(style)}; style-src-attr 'unsafe-inline'; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
