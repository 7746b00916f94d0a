"""Readers of product feeds. One file here and one line in the table make a new one."""

from siyu.catalogue.feeds.table import FEEDS, Feed

__all__ = ["FEEDS", "Feed"]
