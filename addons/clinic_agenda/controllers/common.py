"""What the pages of booking share: limits, gates."""

from datetime import date, datetime

from werkzeug.exceptions import TooManyRequests

from odoo.http import request
from odoo.tools.misc import hmac

from odoo.addons.clinic_base.controllers import secure_pages
from odoo.addons.clinic_base.lib import clock
from odoo.addons.clinic_base.lib.visitor_network import network

#: Options of the routes of the website: pages that are shown, and forms that are sent.
SENT = {
    "type": "http",
    "auth": "public",
    "website": True,
    "sitemap": False,
    "methods": ["POST"],
}
SHOWN = SENT | {"methods": ["GET"], "readonly": True}


#: ``{kind: (setting, hits of an address, hits of a browser, seconds)}``. Hundreds of
#: telephones share one address of a mobile network, so the browser is counted, too; a
#: setting is the number for an address, and 0 turns the limit off.
LIMITS = {
    "search": ("clinic_agenda.search_limit_per_ip", 3000, 300, 60),
    "hold": ("clinic_agenda.booking_limit_per_ip", 600, 60, 600),
    # Of one day with one practitioner, while a hold lasts: nobody blocks a morning.
    "day": ("clinic_agenda.day_holds_per_ip", 6, 6, 600),
    "form": ("clinic_agenda.form_limit_per_ip", 1200, 120, 3600),
    "enquiry": ("clinic_agenda.enquiry_limit_per_ip", 100, 10, 3600),
}

#: What guests type; it travels with the page of the code and is stored nowhere.
TYPED = (
    "given_name",
    "family_name",
    "birth_date",
    "sex",
    "number_country",
    "tax_code",
    "phone",
    "email",
    "privacy",
    "booker",
    "coverage",
    "policy_number",
    "note",
    "kind",
    "patient",
)

#: Where what was typed waits between a form that is sent and the page that follows.
LEFT = "clinic_typed"

#: How many visits a browser session remembers.
REMEMBERED = 8


def typed(form):
    """The texts of a form of details, without what cannot be text."""
    return {
        name: form[name][:12000].replace("\x00", "")
        for name in TYPED
        if isinstance(form.get(name), str)
    }


def leave_typed(visit, details):
    """Keep what was typed for the page that follows, while the hold lasts.

    :param visit: held ``clinic.appointment``
    :param dict details: as of :func:`typed`
    """
    request.session[LEFT] = {
        "visit": visit.id,
        "typed": details,
        "until": instant(visit.hold_expires_at),
    }


def take_typed(visit):
    """What was typed for this hold; in the session it is no more."""
    forget_late_typed()
    left = request.session.pop(LEFT, None) or {}
    return left.get("typed") if left.get("visit") == visit.id else None


def forget_late_typed():
    """Drop what was typed for a hold that is over."""
    left = request.session.get(LEFT)
    until = left and moment(left.get("until"))
    if left and (not until or until <= clock.now()):
        request.session.pop(LEFT)


def taken_page(service, slots, message, typed=None):
    """Somebody was faster: other times to choose from, the next ones first.

    :param dict typed: details that go along to the time that is chosen now
    """
    # It is on this page now.
    request.session.pop(LEFT, None)
    return secure_pages.page(
        "clinic_agenda.booking_taken_page",
        {
            "step": 2,
            "service": service,
            "message": message,
            "typed": typed or {},
            "slots": request.env["clinic.booking.times"]._speak(slots),
            "instant": instant,
            "hold_url": "/clinic/book/hold",
            "more_url": f"/clinic/book/times?service={service.id}",
        },
        status=409,
    )


def calendar_file(visit):
    """A visit as an answer that calendars open."""
    method = "PUBLISH" if visit.state != "cancelled" else "CANCEL"
    response = request.make_response(
        visit._calendar(method),
        headers=[
            ("Content-Type", "text/calendar; charset=utf-8"),
            ("Content-Disposition", 'attachment; filename="visit.ics"'),
        ],
    )
    return secure_pages.secure(response)


def limit(kind, detail=""):
    """Count a request of this address.

    :param str detail: what is counted apart from others of its kind
    :raises TooManyRequests: there were too many lately, over all processes
    """
    setting, hits, of_browser, seconds = LIMITS[kind]
    # sudo: ir.config_parameter - settings of the site
    value = request.env["ir.config_parameter"].sudo().get_param(setting)
    hits = int(value) if (value or "").isdigit() else hits
    if not hits:
        return
    address = network(request.httprequest.remote_addr)
    key = f"{kind}:{detail}" if detail else kind
    # The address first: beyond its limit no new browser leaves a counter.
    limits = [
        (f"booking:{key}:{_hashed('ip', address)}", hits),
        (f"booking:{key}:{_hashed('session', request.session.sid)}", of_browser),
    ]
    counter = request.env["clinic.rate.limit"]
    limits = [(name, most, seconds) for name, most in limits]
    if not all(counter._hit(*each) for each in limits):
        minutes = counter._minutes_to_wait(limits)
        raise TooManyRequests(
            request.env._(
                "There were too many requests from here. Try again in %(minutes)s "
                "minutes, or call us.",
                minutes=minutes,
            ),
            retry_after=minutes * 60,
        )


def _hashed(what, text):
    """A visitor's mark as it is counted: nobody reads who it was."""
    # sudo: ir.config_parameter - the key is the secret of the database
    return hmac(request.env(su=True), f"clinic.booking:{what}", text)


def limit_holds(start, practitioner):
    """Count a time that is held, also for its day and practitioner.

    :raises TooManyRequests: there were too many lately
    """
    limit("hold")
    # sudo: ir.config_parameter - settings of the site
    setting = request.env["ir.config_parameter"].sudo().get_param(LIMITS["hold"][0])
    if start and setting != "0":
        limit("day", f"{start.date()}:{practitioner or 0}")


def number(text):
    """A record number that came from outside; ``None`` if it is none."""
    text = str(text or "")
    if text.isascii() and text.isdigit() and len(text) <= 9:
        return int(text)
    return None


def day(text):
    """A day that came from outside; ``None`` if it is none a calendar has."""
    try:
        found = date.fromisoformat(str(text or ""))
    except ValueError:
        return None
    return found if 2000 < found.year < 2200 else None


def moment(text):
    """An instant in naive UTC that came from outside; ``None`` if it is none."""
    try:
        found = datetime.fromisoformat(str(text or "").removesuffix("Z"))
    except ValueError:
        return None
    if found.tzinfo or not 2000 < found.year < 2200:
        return None
    return found


def read_slot(text):
    """Take apart what the button of a free time sends.

    :returns: ``(start, practitioner id, location id)``; ``None`` for what is missing
    """
    parts = str(text or "").split("/")
    if len(parts) != 3:
        return None, None, None
    return moment(parts[0]), number(parts[1]), number(parts[2])


def instant(value):
    """An instant as a page sends it back."""
    return value.isoformat(timespec="seconds") + "Z"


def remember(visit, name=None):
    """Keep the secret of a visit in the visitor's session, not in addresses."""
    # sudo: clinic.appointment - the secret of a visit this visitor holds
    entry = {"token": visit.sudo().access_token, "name": name or ""}
    known = dict(request.session.get("clinic_visits") or {})
    known.pop(str(visit.id), None)
    known[str(visit.id)] = entry
    request.session["clinic_visits"] = dict(list(known.items())[-REMEMBERED:])


def remembered(visit_id):
    """The visit of this number if the visitor's session has its secret; or empty."""
    entry = (request.session.get("clinic_visits") or {}).get(str(visit_id or ""))
    token = entry and entry["token"]
    return request.env["clinic.booking"]._visit_by_token(visit_id, token)


def held_before(visit):
    """Other visits that this session held: their times are given back.

    :returns: whether there was one
    """
    booking = request.env["clinic.booking"]
    freed = False
    for visit_id in request.session.get("clinic_visits") or {}:
        other = remembered(visit_id)
        if other and other != visit:
            freed = freed or other.state == "held"
            booking._release(other)
    return freed


def portal_partner():
    """The contact of a patient who is logged in; empty for guests and for staff."""
    user = request.env.user
    if user._is_public() or user._is_internal():
        return request.env["res.partner"]
    return user.partner_id
