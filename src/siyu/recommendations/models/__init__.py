"""Models, one a file; named in :mod:`siyu.recommendations.table`."""
