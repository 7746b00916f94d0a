"""The null world's reactions: the same for everybody and every message. Frozen: nothing here may be tuned.

A report on a null world must find nothing: no incremental purchase, no word or product that works better.
"""

from __future__ import annotations

from typing import Final

OPEN: Final = 0.22
"""Chance that a message is opened."""
CLICK: Final = 0.12
"""Chance that an opened message is clicked."""
UNSUBSCRIBE: Final = 0.002
"""Chance that an opened message ends in an unsubscription."""
BUY: Final = 0.0
"""Chance that a click brings a purchase that would not have been made anyway."""
