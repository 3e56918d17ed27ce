"""Several calls to a provider at once, in order of the messages."""

from concurrent.futures import ThreadPoolExecutor

from odoo.addons.clinic_base.lib import safe_http

from .port import Outcome


def send_all(items, send, parallel):
    """Send each item, some at the same time.

    :param send: takes an ``Item``, returns an ``Outcome``; touches nothing of Odoo
    :param int parallel: calls at once
    :returns: list of ``Outcome`` in the order of items
    """
    if len(items) == 1 or parallel <= 1:
        return [guarded(send, item) for item in items]
    with ThreadPoolExecutor(min(parallel, len(items))) as pool:
        return list(pool.map(lambda item: guarded(send, item), items))


def guarded(send, item):
    """The outcome of one item; what the network did is put into words."""
    try:
        return send(item)
    except safe_http.Forbidden as error:
        return Outcome("retry", failure="forbidden", error=str(error))
    except safe_http.NotSent as error:
        return Outcome("retry", failure="unreachable", error=str(error))
    except safe_http.Lost as error:
        return Outcome("ambiguous", failure="lost", error=str(error))


def ask_all(keys, ask, parallel):
    """Ask what became of messages, some at the same time.

    A question that gets no answer is passed over. Once a whole group gets none, the
    service is down, and the rest are not asked.

    :param keys: what names the messages at the provider
    :param ask: takes a key, returns a list; touches nothing of Odoo
    :returns: ``(list of all answers, words of the fault that ended it or None)``
    """
    heard = []
    group = max(1, parallel)
    with ThreadPoolExecutor(group) as pool:
        for first in range(0, len(keys), group):
            answers = pool.map(lambda key: asked(ask, key), keys[first : first + group])
            faults = []
            for answer, fault in answers:
                heard += answer
                faults.append(fault)
            if all(faults):
                return heard, faults[-1]
    return heard, None


def asked(ask, key):
    """``(answers, None)``, or no answers and the words of what the network did."""
    try:
        return ask(key), None
    except (safe_http.NotSent, safe_http.Lost) as error:
        return [], str(error)


def of_status(reply):
    """The outcome of an answer that says nothing but its HTTP status.

    :returns: ``Outcome``, or ``None`` for a good one
    """
    if 200 <= reply.status < 300:
        return None
    if reply.status == 429:
        return Outcome("retry", failure="rate", retry_after=retry_after(reply))
    words = f"HTTP {reply.status}"
    # A server that failed may have taken the message before it did.
    state = "ambiguous" if reply.status >= 500 else "refused"
    if reply.status in (401, 403, 404, 407, 408) or 300 <= reply.status < 400:
        state = "retry"
    if reply.status == 503:
        return Outcome(
            "retry",
            failure="unavailable",
            error=words,
            retry_after=retry_after(reply, 0),
        )
    return Outcome(state, failure=f"http_{reply.status}", error=words)


def retry_after(reply, default=5.0):
    """The seconds a provider asks to wait, an hour at most."""
    value = next(
        (v for k, v in reply.headers.items() if k.lower() == "retry-after"), default
    )
    try:
        return min(max(float(value), 0.0), 3600.0) or None
    except ValueError:
        return default or None
