"""Lines compared: each by itself, counted once, nothing found where there is nothing, found where it was planted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from siyu.copywriting.storing import PIECES
from siyu.domain.clock import FixedClock
from siyu.engine import schemas
from siyu.engine.embedded import EmbeddedEngine
from siyu.reports.build import build_report
from siyu.reports.sections import variants
from siyu.reports.settings import ReportSettings
from siyu.reports.source import Source

Make = Callable[..., pa.Table]


def _section(world: Any, outcomes: pa.Table | None = None, now: datetime | None = None, **settings: Any) -> Any:
    material = world.material if outcomes is None else replace(world.material, outcomes=outcomes)
    campaign = world.campaign
    source = Source(world.engine, material, campaign, ReportSettings(**settings), now or world.now)
    return variants.build(source)


def test_every_line_is_counted_by_itself_and_all_add_up(world: Any) -> None:
    found = _section(world)
    rows = world.material.outcomes.filter(pc.field("sent"))
    assert found["people"] == rows.num_rows
    assert found["variants"] == 12
    subject, hook = found["components"]
    assert (subject["part"], subject["measure"], len(subject["pieces"])) == ("subject", "opened", 6)
    assert (hook["part"], hook["measure"], len(hook["pieces"])) == ("hook", "clicked", 4)
    for component in (subject, hook):
        assert component["rest"] is None
        assert sum(row["people"] for row in component["pieces"]) == rows.num_rows
        assert sum(row["opens"] for row in component["pieces"]) == pc.sum(rows["opened"]).as_py()
    one = next(row for row in subject["pieces"] if row["piece"] == "subject-z2")
    theirs = rows.filter(pc.starts_with(rows["variant"], "subject-z2+"))
    assert (one["people"], one["clicks"]) == (theirs.num_rows, pc.sum(theirs["clicked"]).as_py())
    assert one["text"] == "接着上次的看：{title.short}"
    # Compared with the two other Chinese subjects only: an English reader could not have got it.
    zh = rows.filter(pc.match_substring(rows["variant"], "subject-z"))
    assert one["compared_with"] == zh.num_rows - theirs.num_rows


def test_wilson_interval_of_a_line(world: Any) -> None:
    row = _section(world)["components"][0]["pieces"][0]
    n, share, z = row["people"], row["opens"] / row["people"], 1.959963985
    centre = (share + z * z / (2 * n)) / (1 + z * z / n)
    reach = z * np.sqrt(share * (1 - share) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    assert [row["opened"][key] for key in ("low", "high")] == pytest.approx([centre - reach, centre + reach], rel=1e-6)


def test_at_most_top_lines_and_the_rest_in_one_row(world: Any) -> None:
    every = _section(world)["components"][0]["pieces"]
    subject = _section(world, top=2)["components"][0]
    assert [row["piece"] for row in subject["pieces"]] == [row["piece"] for row in every[:2]]
    assert subject["rest"]["lines"] == 4
    assert subject["rest"]["people"] == sum(row["people"] for row in every[2:])
    assert subject["rest"]["clicks"] == sum(row["clicks"] for row in every[2:])
    # Lines of too few people are only in the rest; a rest of too few people is not shown.
    least = every[2]["people"]
    cut = _section(world, least_shown=least)["components"][0]
    assert all(row["people"] >= least for row in cut["pieces"])
    assert len(cut["pieces"]) >= 3
    assert _section(world, least_shown=100_000)["components"][0] == {
        **cut, "pieces": [], "rest": None,
    }  # fmt: skip


def test_planted_line_is_found_and_is_the_only_one(world: Any, make_outcomes: Make) -> None:
    found = _section(world, make_outcomes(better="subject-e2"))
    marked = [row["piece"] for one in found["components"] for row in one["pieces"] if row["stands_out"]]
    assert "subject-e2" in marked
    assert found["found"] == len(marked)
    best = found["components"][0]["pieces"][0]  # what stands out comes first
    assert best["piece"] in marked
    planted = next(row for row in found["components"][0]["pieces"] if row["piece"] == "subject-e2")
    assert planted["difference"]["low"] > 0.05
    assert not any(piece.startswith("subject-z") for piece in marked)


@pytest.mark.slow
def test_null_world_shows_nothing(world: Any, make_outcomes: Make) -> None:
    # 200 worlds without any difference: with q = 5 % at most 10 may name a line; 10 + 3 * 3.1 = 19 is the bound.
    named = sum(_section(world, make_outcomes(lift=0.0, seed=seed))["found"] > 0 for seed in range(200))
    assert named <= 19


def test_no_line_is_judged_before_the_window_is_over(world: Any, make_outcomes: Make) -> None:
    outcomes = make_outcomes(better="subject-e2")
    early = _section(world, outcomes, now=world.campaign.end)
    assert (early["judged"], early["tested"], early["found"]) == ("early", 0, 0)
    assert all(row["difference"] is None for one in early["components"] for row in one["pieces"])
    assert _section(world, outcomes)["judged"] == "yes"


def test_no_line_is_judged_where_a_policy_did_not_choose_evenly(world: Any, make_outcomes: Make, tmp_path: Any) -> None:
    engine = EmbeddedEngine(tmp_path, memory="1GB", threads=1)
    world.engine.table("messages", "messages")
    messages = pa.Table.from_batches(list(world.engine.batches("SELECT * FROM messages")))
    odd = pc.if_else(pc.equal(messages["variant"], "subject-z1+hook-z1"), 0.41, 0.1)
    place = messages.schema.get_field_index("propensity")
    engine.write(messages.set_column(place, messages.schema.field(place), odd).to_reader(), "messages")
    found = _section(replace(world, engine=engine), make_outcomes(better="subject-z1"))
    assert (found["judged"], found["found"]) == ("uneven", 0)
    # Without the dataset of pieces a line is shown as somebody read it.
    texts = {row["piece"]: row["text"] for row in found["components"][0]["pieces"]}
    assert texts["subject-z1"] == "为你挑的一只壶"


def test_variants_that_are_not_made_of_pieces_stand_as_wholes(world: Any, tmp_path: Any) -> None:
    engine = EmbeddedEngine(tmp_path, memory="1GB", threads=1)
    world.engine.table("messages", "messages")
    messages = pa.Table.from_batches(list(world.engine.batches("SELECT * FROM messages")))
    plain = pc.if_else(pc.match_substring(messages["variant"], "hook-z1"), "warm", "plain")
    place = messages.schema.get_field_index("variant")
    engine.write(messages.set_column(place, "variant", plain).to_reader(), "messages")
    rows = world.material.outcomes
    theirs = pc.if_else(pc.match_substring(rows["variant"], "hook-z1"), "warm", "plain")
    found = _section(
        replace(world, engine=engine), rows.set_column(rows.schema.get_field_index("variant"), "variant", theirs)
    )
    assert [one["part"] for one in found["components"]] == ["variant"]
    assert {row["text"] for row in found["components"][0]["pieces"]} == {"warm", "plain"}


def test_nobody_reacted(world: Any) -> None:
    rows = world.material.outcomes
    for name in ("opened", "clicked"):
        rows = rows.set_column(rows.schema.get_field_index(name), name, pa.array([False] * rows.num_rows))
    assert _section(world, rows) == {"empty": "no-reactions"}


def test_page_tells_the_verdict_and_reads_slots_as_words(world: Any, make_outcomes: Make) -> None:
    report = world.report(least_shown=2)
    assert "No line stands out" in report.html
    assert "Where you left off: [product]" in report.html
    assert "接着上次的看：〔商品〕" in report.html
    assert "{title.short}" not in report.html
    found = replace(world, material=replace(world.material, outcomes=make_outcomes(better="subject-e2"))).report()
    assert "stands out: better" in found.html
    assert "▲ Where you left off: [product]" in found.html
    early = build_report(
        world.engine, world.material, campaign=world.campaign, settings=ReportSettings(draws=500),
        clock=FixedClock(world.campaign.end),
    )  # fmt: skip
    assert "Not judged before the window is over" in early.html


def _small_shop(folder: Any, rows: list[tuple[str, str, str, str]]) -> tuple[EmbeddedEngine, pa.Table]:
    """Messages of (brief, reason, facet, subject), one a person, and outcomes in which nobody reacted yet."""
    engine = EmbeddedEngine(folder, memory="1GB", threads=1)
    messages = [
        {
            "message_id": f"m{n}", "campaign": "spring-discovery", "step": 0, "person": f"p{n:05}", "language": "en",
            "reason": reason, "angle_facet": facet, "brief_id": brief, "variant": subject, "propensity": 0.5,
            "parts": [{"part": "subject", "piece_id": subject, "text": subject}],
        }
        for n, (brief, reason, facet, subject) in enumerate(rows)
    ]  # fmt: skip
    table = pa.Table.from_pylist(messages, schema=schemas.MESSAGES)
    engine.write(table.to_reader(), "messages")
    held: dict[str, set[str]] = {}
    for brief, _, _, subject in rows:
        held.setdefault(brief, set()).add(subject)
    pieces = [
        {"brief_id": brief, "pieces": [{"piece_id": one, "part": "subject", "text": one} for one in sorted(own)]}
        for brief, own in held.items()
    ]
    engine.write(pa.Table.from_pylist(pieces, schema=PIECES).to_reader(), "pieces")
    people = pa.table({"person": table["person"], "variant": table["variant"]})
    return engine, people.append_column("arm", pa.array(["treated"] * len(rows))).append_column(
        "sent", pa.array([True] * len(rows))
    )


def _with_opens(outcomes: pa.Table, opened: np.ndarray) -> pa.Table:
    flags = pa.array(opened)
    return outcomes.append_column("opened", flags).append_column("clicked", flags)


def test_a_line_is_compared_only_among_people_who_could_have_got_it(world: Any, tmp_path: Any) -> None:
    # The eager (brief e) could get a or b and open at 60 %; the others (brief o) b or c, at 10 %. No line does a thing:
    # against everybody a would seem to win by far, among the eager it is like b.
    draw = np.random.default_rng(3)
    rows = [("e", "new", "brand", "ab"[n % 2]) for n in range(400)] + [
        ("o", "new", "brand", "bc"[n % 2]) for n in range(400)
    ]
    engine, outcomes = _small_shop(tmp_path, rows)
    opened = draw.random(800) < np.repeat([0.6, 0.1], 400)
    found = _section(replace(world, engine=engine), _with_opens(outcomes, opened))
    a = next(row for row in found["components"][0]["pieces"] if row["piece"] == "a")
    assert (a["people"], a["compared_with"]) == (200, 200)
    theirs = [opened[n] for n, row in enumerate(rows) if row[0] == "e" and row[3] == "b"]
    assert a["difference"]["value"] == pytest.approx(a["opened"]["value"] - np.mean(theirs))
    assert not a["stands_out"]


@pytest.mark.parametrize("key", ["reason", "facet"])
def test_lines_are_compared_among_likes(world: Any, tmp_path: Any, key: str) -> None:
    # One brief, two lines; 90 % of the eager got x and 10 % of the others, as a later change of the bank could do.
    draw = np.random.default_rng(5)
    rows, eager = [], []
    for n in range(1_000):
        own = n % 2 == 0
        values = {"reason": "new", "facet": "brand", key: "viewed" if own else "popular"}
        rows.append(("b", values["reason"], values["facet"], "x" if (draw.random() < 0.9) == own else "y"))
        eager.append(own)
    engine, outcomes = _small_shop(tmp_path, rows)
    opened = draw.random(1_000) < np.where(eager, 0.6, 0.1)
    found = _section(replace(world, engine=engine), _with_opens(outcomes, opened))
    x = next(row for row in found["components"][0]["pieces"] if row["piece"] == "x")
    y = next(row for row in found["components"][0]["pieces"] if row["piece"] == "y")
    assert x["opened"]["low"] > y["opened"]["high"]  # the plain rates are what they are
    assert found["found"] == 0  # and say nothing about the lines
