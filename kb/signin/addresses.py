"""Where a request comes from, as far as that can be believed."""

from ipaddress import IPv4Address, IPv6Address, ip_address

from django.conf import settings
from django.http import HttpRequest

Address = IPv4Address | IPv6Address


def client_address(request: HttpRequest) -> str | None:
    """The nearest address that is no proxy of ours; None if unknown, as it is over a Unix socket
    that TRUSTED_PROXIES does not name.

    ``X-Forwarded-For`` is read from its right end, and only as far as TRUSTED_PROXIES vouch for it.
    An IPv6 client is its /64 network, whose addresses are all in one hand.
    """
    peer = request.META.get("REMOTE_ADDR", "")
    forwarded = request.headers.get("X-Forwarded-For", "").split(",")
    near = [] if settings.TRUSTED_UNIX_SOCKET and _parsed(peer) is None else [peer]
    client: Address | None = None
    for hop in (*near, *reversed(forwarded)):
        address = _parsed(hop)
        if address is None:
            break
        client = address
        if not any(address in network for network in settings.TRUSTED_PROXIES):
            break
    if isinstance(client, IPv6Address):
        client = IPv6Address(int(client) >> 64 << 64)
    return str(client) if client else None


def _parsed(hop: str) -> Address | None:
    try:
        address = ip_address(hop.strip())
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address
