"""Asking servers of the shop's choice over HTTP: addresses judged, answers bounded in time and size, tried again."""
