"""How pages send one-time codes: the same limits and words everywhere."""

from odoo.http import request


def send_code(phone_e164, purpose, again=True):
    """Send a code to the visitor's number, or say why not and when to ask again.

    :param str phone_e164: where to send it
    :param str purpose: what it is asked for
    :param bool again: the visitor asks for a new one; else a form that is sent once
        more (reloaded, gone back to) sends no second code while one can be used
    :returns: empty when a code is on its way; else words for the visitor
    :rtype: str
    """
    codes = request.env["clinic.one.time.code"]
    if not again and codes._is_usable(phone_e164, purpose):
        return ""
    visitor = {
        "ip": request.httprequest.remote_addr,
        "session": request.session.sid,
    }
    if codes._issue(phone_e164, purpose, lang=request.env.lang, **visitor):
        return ""
    return codes._refusal(phone_e164, purpose, **visitor)
