"""Which addresses are one visitor's. Plain Python, no Odoo."""

from ipaddress import ip_address, ip_network

#: What a connection gets at home: its owner can change the rest at will.
IPV6_PREFIX = 64


#: What is kept of an address that is written down: a provider's region, no household.
COARSE = {4: 24, 6: 48}


def coarse(address):
    """Return from which network somebody came, too wide to name a household.

    For lists that people read: ``203.0.113.0/24``; "" for anything that is no address.
    """
    try:
        parsed = ip_address(address or "")
    except ValueError:
        return ""
    parsed = getattr(parsed, "ipv4_mapped", None) or parsed
    return str(ip_network((parsed, COARSE[parsed.version]), strict=False))


def network(address):
    """Return what a limit should count an address by.

    An IPv4 address as it is, also when written as IPv6; of an IPv6 address the network,
    because one visitor has 18 quintillion addresses in it. Anything else as it is.
    """
    try:
        parsed = ip_address(address or "")
    except ValueError:
        return address or ""
    if parsed.version == 4:
        return str(parsed)
    if parsed.ipv4_mapped:
        return str(parsed.ipv4_mapped)
    return str(ip_network((parsed, IPV6_PREFIX), strict=False))
