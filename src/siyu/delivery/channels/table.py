"""Channels by name. A new one is one file and one line here."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import ValidationError

from siyu.delivery.channels.port import Channel, ChannelFactory
from siyu.domain.errors import SettingsError
from siyu.domain.registry import Registry

CHANNELS: Registry[ChannelFactory] = Registry(
    "channel",
    "siyu.channels",
    {
        "mailbox": "siyu.delivery.channels.mailbox:MailboxChannel",
        "recording": "siyu.delivery.channels.recording:RecordingChannel",
    },
)


def open_channel(name: str, options: Mapping[str, object] | None = None) -> Channel:
    """The channel called ``name``, opened with ``options``.

    Raises:
        SettingsError: there is no such channel, or an option is unknown or of the wrong kind.

    Example:
        >>> open_channel("recording").capabilities.real
        False
    """
    factory = CHANNELS.load(name)
    try:
        chosen = factory.Options.model_validate(dict(options or {}))
    except ValidationError as error:
        first = error.errors()[0]
        raise SettingsError(
            f"The options of channel {name!r} cannot be used.",
            why=f"{'.'.join(str(part) for part in first['loc'])}: {first['msg']}.",
            next_step=f"Known options: {', '.join(factory.Options.model_fields) or 'none'}.",
            channel=name,
        ) from error
    return factory(chosen)
