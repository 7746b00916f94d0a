"""Who people are: interests with evidence, rhythm and value (RFM, lifecycle), segments, like-minded people."""

from typing import TYPE_CHECKING

from siyu.domain.deferred import deferred

if TYPE_CHECKING:
    from siyu.profiles.build import build_profiles
    from siyu.profiles.report import ProfileReport
    from siyu.profiles.settings import ProfileSettings
    from siyu.profiles.similar import distinctive, like_minded

__all__ = ["ProfileReport", "ProfileSettings", "build_profiles", "distinctive", "like_minded"]

__getattr__ = deferred(
    __name__,
    {
        "build": ("build_profiles",),
        "report": ("ProfileReport",),
        "settings": ("ProfileSettings",),
        "similar": (
            "distinctive",
            "like_minded",
        ),
    },
)
