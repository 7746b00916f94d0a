"""Feedback: what became of messages, and what they earned."""

from siyu.feedback.attribution import OUTCOMES, AttributionReport, attribute
from siyu.feedback.exposures import Chooser
from siyu.feedback.hits import read_jsonl
from siyu.feedback.intake import Intake, intake, sent_events
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
