import ipaddress

from django.conf import settings


def client_address(request):
    """The address a request came from: the peer's, or behind N trusted proxies the Nth of X-Forwarded-For from the right.

    An address that a client put further left is never believed. Empty where there is none that is an address.
    """
    count = settings.TRUSTED_PROXY_COUNT
    address = request.META.get("REMOTE_ADDR", "")
    if count:
        hops = [hop.strip() for hop in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if hop.strip()]
        address = hops[-count] if len(hops) >= count else address
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return ""
    return str(getattr(found, "ipv4_mapped", None) or found)


def network_of(address):
    """What stands for everybody behind an address: itself, or the /64 of an IPv6 address, which one household may fill."""
    try:
        if ipaddress.ip_address(address).version == 6:
            return str(ipaddress.ip_network(f"{address}/64", strict=False).network_address)
    except ValueError:
        pass
    return address
