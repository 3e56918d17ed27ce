"""From where somebody asks, also where Odoo hides the request.

Odoo takes the request away from calls of ``/jsonrpc`` and ``/xmlrpc``, and with it the
address: its own limit of log-ins never held there. The address is kept beside the
thread, with the address of the page for which it holds. Plain Python, no Odoo.
"""

import threading

#: Whoever comes by a way that leaves no address: counted together.
UNKNOWN = "unknown"


def remember(address):
    """Keep the visitor's address for the request that this thread works on."""
    thread = threading.current_thread()
    thread.clinic_remote = (getattr(thread, "url", None), address)


def current(request):
    """The visitor's address; ``None`` where nobody asks over HTTP (jobs, shell).

    :param request: Odoo's, which may be empty
    """
    if request:
        return request.httprequest.remote_addr
    thread = threading.current_thread()
    url = getattr(thread, "url", None)
    if url is None:
        return None
    seen = getattr(thread, "clinic_remote", None)
    return seen[1] if seen and seen[0] == url else UNKNOWN
