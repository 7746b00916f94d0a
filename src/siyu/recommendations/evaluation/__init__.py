"""The judge: ranked lists against what people did later. It knows no model, only lists of items."""

from siyu.recommendations.evaluation.accuracy import accuracy
from siyu.recommendations.evaluation.breadth import breadth
from siyu.recommendations.evaluation.truth import Truth

__all__ = ["Truth", "accuracy", "breadth"]
