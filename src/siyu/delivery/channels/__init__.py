"""Channels: how messages reach people. One port, one table, one file a channel."""

from siyu.delivery.channels.port import Capabilities, Channel, Outbound, Outcome, Receipt
from siyu.delivery.channels.table import CHANNELS, open_channel

__all__ = ["CHANNELS", "Capabilities", "Channel", "Outbound", "Outcome", "Receipt", "open_channel"]
