"""Nothing leaves before the person a campaign asks for has said so; what was said is kept, and can be taken back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from tests.e2e.conftest import Project

Example = Callable[..., Project]


def statuses(found: Any) -> dict[str, int]:
    return dict(found["statuses"])


def sent(project: Project) -> tuple[int, dict[str, int]]:
    done = project.json("send")["standing"]
    return done["sent"], done["skipped"]


def written(example: Example, **settings: str) -> Project:
    """The worked example, its messages written."""
    project = example("worked_example")
    project.environment.update({f"SIYU_CAMPAIGN__{name.upper()}": value for name, value in settings.items()})
    for stage in ("import", "profile", "recommend", "write"):
        project.siyu(stage, "-q")
    return project


@pytest.mark.slow
def test_a_sample_is_looked_at_and_everything_goes(example: Example) -> None:
    project = written(example, approval="sample", approval_sample="2")
    assert sent(project) == (0, {"no-consent": 1, "awaiting-approval": 13})
    waiting = project.json("approve")
    assert statuses(waiting) == {"human": 14}
    assert len(waiting["sample"]) == 2
    assert project.json("approve")["sample"] == waiting["sample"]  # whoever looks sees the same ones
    assert "mei approved words" in project.siyu("approve", "--all", "--by", "mei")
    assert statuses(project.json("approve")) == {"approved": 14}
    assert sent(project) == (13, {"no-consent": 1})


@pytest.mark.slow
def test_each_piece_by_itself_and_a_refusal(example: Example) -> None:
    project = written(example, approval="all")
    words = project.json("approve", "--lines", "500")["words"]
    refused, others = words[0], [word["subject"] for word in words[1:]]
    done = project.json("approve", refused["subject"], "--refuse", "--by", "mei", "--note", "too cold")
    assert statuses(done)["refused"] == refused["messages"] > 1
    done = project.json("approve", *others, "--by", "mei")
    assert statuses(done) == {"approved": 14 - refused["messages"], "refused": refused["messages"]}
    count, skipped = sent(project)
    assert count + sum(skipped.values()) == 14
    assert skipped["copy-refused"] >= refused["messages"] - 1  # one person has not agreed to be written to
    # Somebody else thinks otherwise: that counts from now on, and what was decided stands.
    project.json("approve", refused["subject"], "--by", "li")
    assert statuses(project.json("approve")) == {"approved": 14}
    assert sent(project) == (count, skipped)
    assert "names no words" in project.siyu("approve", "nothing-like-this", expect=2)


@pytest.mark.slow
def test_a_place_without_a_law_pack_waits_for_a_person(example: Example) -> None:
    project = written(example, place="nowhere")
    assert statuses(project.json("approve")) == {"human": 14}
    assert sent(project)[0] == 0
    assert statuses(project.json("approve", "--all", "--by", "mei")) == {"approved": 14}
    assert sent(project)[0] == 13
