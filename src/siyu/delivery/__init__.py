"""Delivery: who is written to, when, and what became of every message. Nobody skipped, nobody twice."""

from typing import TYPE_CHECKING

from siyu.domain.deferred import deferred

if TYPE_CHECKING:
    from siyu.delivery.planner import Known, PlanReport, plan
    from siyu.delivery.sender import Desk, Sender, SendReport
    from siyu.delivery.settings import DeliverySettings, PlanSettings, SenderIdentity, SendSettings

__all__ = [
    "DeliverySettings",
    "Desk",
    "Known",
    "PlanReport",
    "PlanSettings",
    "SendReport",
    "SendSettings",
    "Sender",
    "SenderIdentity",
    "plan",
]

__getattr__ = deferred(
    __name__,
    {
        "planner": (
            "Known",
            "PlanReport",
            "plan",
        ),
        "sender": (
            "Desk",
            "Sender",
            "SendReport",
        ),
        "settings": (
            "DeliverySettings",
            "PlanSettings",
            "SenderIdentity",
            "SendSettings",
        ),
    },
)
