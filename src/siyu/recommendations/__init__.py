"""Recommendations: candidates of several models, filtered, blended, ranked and explained, for everyone at once."""

from typing import TYPE_CHECKING

from siyu.domain.deferred import deferred

if TYPE_CHECKING:
    from siyu.recommendations.report import RecommendationReport
    from siyu.recommendations.settings import RecommendationSettings
    from siyu.recommendations.stage import recommend

__all__ = ["RecommendationReport", "RecommendationSettings", "recommend"]

__getattr__ = deferred(
    __name__,
    {
        "report": ("RecommendationReport",),
        "settings": ("RecommendationSettings",),
        "stage": ("recommend",),
    },
)
