"""Siyu (私语): the message that understands its reader."""
