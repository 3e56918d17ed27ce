from datetime import timedelta

from odoo import http
from odoo.exceptions import UserError
from odoo.http import request

from odoo.addons.clinic_base.controllers import secure_pages
from odoo.addons.clinic_base.lib import clock

from ..models.clinic_appointment_allocation import SlotTaken
from . import common

#: Longest period one question for free times may span.
LONGEST = timedelta(days=31)
#: Most free times that one answer may list.
MOST = 10_000


class BookingController(http.Controller):
    """Finding a visit and holding a time. The rules are in the models."""

    @http.route(
        "/clinic/book",
        type="http",
        auth="public",
        website=True,
        readonly=True,
        methods=["GET"],
    )
    def book(self, q=None, specialty=None, practitioner=None, **_unknown):
        """First page: what, or with whom. Works as plain links and one form."""
        common.forget_late_typed()
        catalogue = request.env["clinic.booking.catalogue"]
        chosen_specialty = self._open_specialty(specialty)
        chosen_practitioner = self._open_practitioner(practitioner)
        services = None
        if chosen_specialty or chosen_practitioner:
            services = catalogue._services(
                specialty=chosen_specialty, practitioner=chosen_practitioner
            )
        return secure_pages.page(
            "clinic_agenda.booking_search_page",
            {
                "step": 1,
                "question": (q or "")[:100],
                "found": catalogue._find(q) if q else None,
                "specialties": catalogue._specialties(),
                "popular": catalogue._popular_services(),
                "specialty": chosen_specialty,
                "practitioner": chosen_practitioner,
                "services": services,
                "address_of": self._address_of,
            },
        )

    def _open_specialty(self, text):
        wanted = common.number(text)
        for specialty, _count in request.env["clinic.booking.catalogue"]._specialties():
            if specialty.id == wanted:
                return specialty
        return None

    def _open_practitioner(self, text):
        """A practitioner open to the public, in sudo; ``None`` otherwise."""
        wanted = common.number(text)
        if not wanted:
            return None
        offers = request.env["clinic.booking.catalogue"]._offers(
            practitioner=request.env["clinic.practitioner"].browse(wanted)
        )
        return offers.practitioner_id or None

    def _address_of(self, entry):
        """Where a found entry leads."""
        if entry["kind"] == "service":
            return f"/clinic/book/times?service={entry['id']}"
        return f"/clinic/book?{entry['kind']}={entry['id']}"

    @http.route(
        "/clinic/book/search",
        type="jsonrpc",
        auth="public",
        website=True,
        readonly=True,
    )
    def search(self, text="", **_unknown):
        """What somebody may mean who is typing: name, detail and address of each."""
        common.limit("search")
        found = request.env["clinic.booking.catalogue"]._find(
            text if isinstance(text, str) else ""
        )
        return [
            {
                "name": entry["name"],
                "detail": entry["detail"],
                "icon": entry["icon"],
                "kind": entry["kind"],
                "url": self._address_of(entry),
            }
            for entry in found
        ]

    @http.route(
        "/clinic/book/times",
        type="http",
        auth="public",
        website=True,
        readonly=True,
        sitemap=False,
        methods=["GET"],
    )
    def times(
        self, service=None, practitioner=None, location=None, day=None, **_unknown
    ):
        """Second page: the nearest free times of a service."""
        common.forget_late_typed()
        offers = self._offers_of(service)
        if not offers:
            return self._gone()
        return secure_pages.page(
            "clinic_agenda.booking_times_page",
            self._times_values(offers, practitioner, location, common.day(day)),
        )

    def _offers_of(self, service):
        """The offers of a service that somebody names; empty if it is not open."""
        wanted = common.number(service)
        catalogue = request.env["clinic.booking.catalogue"]
        if not wanted:
            return request.env["clinic.offer"]
        return catalogue._offers(service=request.env["product.template"].browse(wanted))

    def _gone(self):
        return secure_pages.page(
            "clinic_agenda.booking_gone_page", {"step": 1}, status=404
        )

    def _times_values(self, offers, practitioner, location, day):
        service = offers.service_id
        practitioners = offers.practitioner_id.sorted("name")
        locations = offers.location_id.sorted(lambda each: (each.sequence, each.name))
        chosen = practitioners.filtered(
            lambda each: each.id == common.number(practitioner)
        )
        place = locations.filtered(lambda each: each.id == common.number(location))
        times = request.env["clinic.booking.times"]
        return {
            "step": 2,
            "service": service,
            "practitioners": practitioners,
            "locations": locations,
            "practitioner": chosen,
            "location": place,
            "times": times._page(service, day, chosen, place),
            "coverages": times._coverages(service, place or locations),
            "instant": common.instant,
            "day_url": lambda day: self._times_url(service, chosen, place, day),
            "hold_url": "/clinic/book/hold",
        }

    def _times_url(self, service, practitioner, location, day=None):
        url = f"/clinic/book/times?service={service.id}"
        if practitioner:
            url += f"&practitioner={practitioner.id}"
        if location:
            url += f"&location={location.id}"
        return f"{url}&day={day}" if day else url

    @http.route(
        "/clinic/book/slots",
        type="jsonrpc",
        auth="public",
        website=True,
        readonly=True,
    )
    def slots(
        self,
        service_id=None,
        date_from=None,
        date_to=None,
        practitioner_ids=None,
        location_ids=None,
        limit=1000,
        **_unknown,
    ):
        """Free times of a service, as the page shows them.

        :param date_from: UTC instant such as ``2026-03-02T08:00:00Z``; now if empty
        :param date_to: as above; at most 31 days later
        :param limit: at most so many times, the earliest ones; 10,000 at most
        :returns: ``{"groups": [{practitioner_id, practitioner, location_id, location,
            price, minutes, days: [{day, zone, times: [[start, hour]]}]}], "more":
            whether the limit left times out}``
        """
        common.limit("search")
        now = clock.now()
        start = max(common.moment(date_from) or now, now)
        stop = common.moment(date_to) or start + LONGEST
        service = common.number(service_id)
        if not service or stop <= start:
            return {"groups": [], "more": False}
        limit = min(common.number(limit) or 1000, MOST)
        slots = request.env["clinic.slot"].search_slots(
            service,
            start,
            min(stop, start + LONGEST),
            practitioner_ids=self._numbers(practitioner_ids),
            location_ids=self._numbers(location_ids),
            regime="private",
            limit=limit,
            online=True,
        )
        return {
            "groups": request.env["clinic.booking.times"]._tell(slots),
            "more": len(slots) == limit,
        }

    def _numbers(self, values):
        if not values or not isinstance(values, list):
            return None
        return [each for each in map(common.number, values[:1000]) if each]

    def _say_slots(self, slots):
        return [
            {
                "start": common.instant(slot["start"]),
                "stop": common.instant(slot["stop"]),
                "practitioner_id": slot["practitioner_id"],
                "practitioner": slot["practitioner"].display_name,
                "location_id": slot["location_id"],
                "location": slot["location"].name,
                "price": slot["price"],
                "day": str(slot["day"]),
                "hour": slot["hour"],
                "zone": slot["zone"],
            }
            for slot in request.env["clinic.booking.times"]._speak(slots)
        ]

    @http.route("/clinic/book/hold", **common.SENT)
    def hold(self, service=None, slot=None, **form):
        """Reserve a time. Answers with the form, or says that the time is taken.

        A program that accepts ``application/json`` gets ``{visit, token,
        expires_at, url}``, or with status 409 ``{error: "taken", message,
        alternatives}``.

        :param slot: ``start/practitioner/location`` as a page offered it; practitioner
            and location may be empty: then anybody, anywhere
        :param form: details that were typed for a time that was lost
        """
        wanted = common.number(service)
        start, practitioner, location = common.read_slot(slot)
        common.limit_holds(start, practitioner)
        if not wanted or not start:
            return self._refuse_hold()
        who = {
            "practitioner_ids": [practitioner] if practitioner else None,
            "location_ids": [location] if location else None,
        }
        channel = "portal" if common.portal_partner() else "website"
        try:
            visit = request.env["clinic.booking"]._hold(
                wanted, start, channel=channel, **who
            )
        except SlotTaken as refusal:
            offers = self._offers_of(service)
            if not offers:
                return self._refuse_hold()
            return self._say_taken(
                offers.service_id, start, str(refusal), who, common.typed(form)
            )
        except UserError:
            return self._refuse_hold()
        freed = common.held_before(visit)
        common.remember(visit)
        typed = common.typed(form)
        if typed and not self._wants_json():
            common.leave_typed(visit, typed)
        url = f"/clinic/book/details?visit={visit.id}{freed and '&freed=1' or ''}"
        if self._wants_json():
            answer = {
                "visit": visit.id,
                "token": visit.access_token,
                "expires_at": common.instant(visit.hold_expires_at),
                "url": url,
            }
            return secure_pages.secure(request.make_json_response(answer))
        return secure_pages.redirect(url)

    def _wants_json(self):
        accepted = request.httprequest.accept_mimetypes
        return accepted.best_match(["text/html", "application/json"], "text/html") == (
            "application/json"
        )

    def _refuse_hold(self):
        if self._wants_json():
            words = request.env._("Choose one of the free times.")
            answer = {"error": "invalid", "message": words}
            return secure_pages.secure(request.make_json_response(answer, status=422))
        return self._gone()

    def _say_taken(self, service, start, message, who, typed):
        """Somebody was faster: three other times, the next ones first."""
        slots = request.env["clinic.booking"]._alternatives(
            service.id, max(start, clock.now()), regime="private", **who
        )
        if self._wants_json():
            answer = {
                "error": "taken",
                "message": message,
                "alternatives": self._say_slots(slots),
            }
            return secure_pages.secure(request.make_json_response(answer, status=409))
        return common.taken_page(service, slots, message, typed)
