"""Recommendations: candidates of several models, filtered, blended, ranked and explained, for everyone at once."""

from siyu.recommendations.report import RecommendationReport
from siyu.recommendations.settings import RecommendationSettings
from siyu.recommendations.stage import recommend

__all__ = ["RecommendationReport", "RecommendationSettings", "recommend"]
