"""Who people are: interests with evidence, rhythm and value (RFM, lifecycle), segments, like-minded people."""

from siyu.profiles.build import build_profiles
from siyu.profiles.report import ProfileReport
from siyu.profiles.segment_names import segment_names
from siyu.profiles.settings import ProfileSettings
from siyu.profiles.similar import distinctive, like_minded

__all__ = ["ProfileReport", "ProfileSettings", "build_profiles", "distinctive", "like_minded", "segment_names"]
