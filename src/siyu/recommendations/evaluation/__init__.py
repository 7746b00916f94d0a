"""The judge: models on data that was split so that they cannot see what they are asked for.

The measures (:mod:`.truth`, :mod:`.accuracy`, :mod:`.breadth`, :mod:`.intervals`) know lists of items only;
:mod:`.splitting` makes an :mod:`.exam`, :mod:`.sitting` lets a model sit it, :mod:`.judging` puts it together.
"""

from siyu.recommendations.evaluation.accuracy import accuracy
from siyu.recommendations.evaluation.breadth import breadth
from siyu.recommendations.evaluation.truth import Truth

__all__ = ["Truth", "accuracy", "breadth"]
