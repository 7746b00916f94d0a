"""The hybrid of a shop that names no model: which models, how much each counts, and a ranker learnt over them.

:mod:`.ladder` holds the blends that are tried, as data; :mod:`.sample` says whose past is looked at and where it is
cut. In a :mod:`.rehearsal` models learn from before the cut; the :mod:`.bench` holds what they found side by side and
rates blends; :mod:`.choosing` chooses, :mod:`.choice` is the record of it. :mod:`.learned` orders what a blend found.
"""
