"""Which servers may be asked: URLs that are whole, addresses that lie where a server of the shop's choice may lie.

The address is looked up once for each connection, judged, and that very address is connected to, so that a name cannot
point elsewhere afterwards. Redirects are not followed and proxies of the environment not used.
"""

from __future__ import annotations

import http.client
import ipaddress
import socket
import ssl
from urllib.parse import SplitResult, urlsplit

from siyu.domain.errors import SettingsError


def usable(text: str, *, called: str) -> SplitResult:
    """A base URL, taken apart.

    Args:
        called: what the server is, for the error ("server of embeddings").

    Raises:
        SettingsError: it is none, or holds more than host, port and path.

    Example:
        >>> usable("http://127.0.0.1:8080/v1", called="server").port
        8080
    """
    try:
        url = urlsplit(text)
        sane = url.scheme in ("https", "http") and url.hostname and not (url.username or url.password)
        sane = sane and not url.query and not url.fragment and (url.port is None or url.port > 0)
    except ValueError:
        sane = False
    if not sane or not is_plain(text):
        raise SettingsError(
            f"The URL of the {called} cannot be used.",
            why="It must be http(s)://host[:port]/path, without user, password or query.",
            next_step="Mend url; the key goes into a variable of the environment named by key_env.",
        )
    return url


def is_plain(text: str) -> bool:
    """Whether a text may stand in a request line or header: visible ASCII only."""
    return all(32 < ord(sign) < 127 for sign in text)


def connected(url: SplitResult, *, called: str, private: bool, timeout: float) -> http.client.HTTPConnection:
    """A connection to an address that was looked at.

    Args:
        private: whether an address of a private network will do.
        timeout: seconds to connect, and for each piece of an answer.

    Raises:
        SettingsError: the address may not be asked. OSError: nobody answers there.
    """
    host, port = str(url.hostname), url.port or (443 if url.scheme == "https" else 80)
    address = _judged(url, host, port, called=called, private=private)
    connection = http.client.HTTPConnection(host, port, timeout=timeout)
    plain = socket.create_connection((address, port), timeout=timeout)
    try:
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.sock = (
            ssl.create_default_context().wrap_socket(plain, server_hostname=host) if url.scheme == "https" else plain
        )
    except BaseException:
        plain.close()
        raise
    return connection


def _judged(url: SplitResult, host: str, port: int, *, called: str, private: bool) -> str:
    """The address of a host, if it may be asked.

    Raises:
        SettingsError: it lies where no server of the shop's choice should: link-local (where clouds keep credentials),
            a private network without leave, plain http beyond this machine.
    """
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    address = str(found[0][4][0])
    seen = ipaddress.ip_address(address.split("%")[0])
    place = getattr(seen, "ipv4_mapped", None) or seen
    local = place.is_loopback
    barred = place.is_link_local or place.is_multicast or place.is_unspecified
    barred = barred or not (local or place.is_global or (private and place.is_private))
    if barred or (url.scheme == "http" and not (local or (private and place.is_private))):
        raise SettingsError(
            f"The {called} at {host} may not be asked.",
            why="Its address is link-local or private, or it is asked by http beyond this machine.",
            next_step="Use https and a public address; private = true allows a private network.",
            address=str(place),
        )
    return address
