"""Feedback: what became of messages, and what they earned."""

from typing import TYPE_CHECKING

from siyu.domain.deferred import deferred

if TYPE_CHECKING:
    from siyu.feedback.attribution import OUTCOMES, AttributionReport, attribute
    from siyu.feedback.exposures import Chooser
    from siyu.feedback.hits import read_jsonl
    from siyu.feedback.judging import Intake, intake, sent_events
    from siyu.feedback.settings import FeedbackSettings

__all__ = [
    "OUTCOMES",
    "AttributionReport",
    "Chooser",
    "FeedbackSettings",
    "Intake",
    "attribute",
    "intake",
    "read_jsonl",
    "sent_events",
]

__getattr__ = deferred(
    __name__,
    {
        "attribution": (
            "OUTCOMES",
            "AttributionReport",
            "attribute",
        ),
        "exposures": ("Chooser",),
        "hits": ("read_jsonl",),
        "judging": (
            "Intake",
            "intake",
            "sent_events",
        ),
        "settings": ("FeedbackSettings",),
    },
)
