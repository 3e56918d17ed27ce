from collections import defaultdict
from datetime import datetime, time, timedelta

from odoo import api, fields, models
from odoo.tools import format_amount, format_date
from odoo.tools.misc import get_lang

from odoo.addons.clinic_base.lib import clock
from odoo.addons.clinic_patient.lib import spoken_day

#: Days in the strip of the page.
STRIP = 7
#: A day on the clock of any zone of the world lies within these bounds of UTC.
AHEAD, BEHIND = timedelta(hours=14), timedelta(hours=12)


class ClinicBookingTimes(models.AbstractModel):
    """Free times as a page shows them: by day, then practitioner and location.

    Every time, price and notice comes from ``clinic.slot`` and the records; nothing
    is computed on a page.
    """

    _name = "clinic.booking.times"
    _description = "Free times for the pages"

    @api.model
    def _page(
        self,
        service,
        day=None,
        practitioners=None,
        locations=None,
        regime="private",
    ):
        """Everything the page of free times shows.

        :param service: ``product.template`` in the catalogue
        :param date day: the day the visitor wants to see; the first free one if empty
        :param practitioners: ``clinic.practitioner`` accepted; anybody if empty
        :param locations: ``clinic.location`` accepted; anywhere if empty
        :param str regime: ``private``, or ``public`` for a visit that is moved
        :returns: dict with ``days`` (the strip), ``day`` (shown), ``groups``,
            ``earliest``, ``next_day`` and ``previous_day``
        """
        who = {
            "practitioner_ids": practitioners.ids if practitioners else None,
            "location_ids": locations.ids if locations else None,
            "regime": regime,
        }
        now = clock.now()
        firsts = self._slots(
            "first_slots", service, now, now + timedelta(days=731), **who
        )
        today = self._today(firsts)
        first_day = min((slot["day"] for slot in firsts), default=None)
        wanted = max(day, today) if day else first_day or today
        monday = self._strip_start(wanted, today)
        slots = self._slots_of_days(service, monday, monday + timedelta(STRIP), who)
        by_day = defaultdict(list)
        for slot in slots:
            by_day[slot["day"]].append(slot)
        if not day and wanted not in by_day and by_day:
            wanted = min(by_day)
        next_day = first_day
        if wanted not in by_day and first_day:
            next_day = self._next_day(service, wanted, who)
        return {
            "day": wanted,
            "spoken_day": self._speak_date(wanted, spoken_day.DAY),
            "spoken_next_day": next_day and self._speak_date(next_day, spoken_day.DAY),
            "days": [
                self._strip_day(monday + timedelta(index), by_day, wanted)
                for index in range(STRIP)
            ],
            "groups": self._groups(by_day.get(wanted, [])),
            "earliest": firsts[0] if firsts else None,
            "next_day": next_day,
            "later": monday + timedelta(STRIP),
            "previous": max(monday - timedelta(STRIP), today)
            if monday > today
            else None,
        }

    @api.model
    def _today(self, slots):
        """The day it is where the visits are (the earliest, if in several zones)."""
        now = clock.now()
        locations = {slot["location"] for slot in slots}
        days = [location._local_time(now).date() for location in locations]
        return min(days, default=fields.Date.context_today(self))

    @api.model
    def _strip_start(self, wanted, today):
        """The strip begins today and goes on in whole weeks, so days keep their place
        when somebody goes to and fro."""
        return today + timedelta((wanted - today).days // STRIP * STRIP)

    @api.model
    def _slots_of_days(self, service, first, last, who):
        """Free times whose day, at their location, is from first until before last."""
        start = datetime.combine(first, time()) - AHEAD
        stop = datetime.combine(last, time()) + BEHIND
        slots = self._slots(
            "search_slots", service, max(start, clock.now()), stop, **who
        )
        return [slot for slot in slots if first <= slot["day"] < last]

    @api.model
    def _next_day(self, service, day, who):
        """The first day with free times after one without."""
        start = datetime.combine(day, time()) - AHEAD
        slots = self._slots(
            "first_slots",
            service,
            max(start, clock.now()),
            start + timedelta(days=400),
            **who,
        )
        return min((slot["day"] for slot in slots if slot["day"] > day), default=None)

    @api.model
    def _slots(self, method, service, start, stop, **who):
        """Free times with the records and words a page needs."""
        if stop <= start:
            return []
        search = getattr(self.env["clinic.slot"], method)
        slots = search(service.id, start, stop, online=True, **who)
        return self._speak(slots)

    @api.model
    def _speak(self, slots):
        """Add to slots the records and the words of their time."""
        practitioners, locations, spoken = self._speakers(slots)
        for slot in slots:
            location_id = slot["location_id"]
            day, hour, zone = spoken[location_id][slot["start"]]
            slot.update(
                practitioner=practitioners[slot["practitioner_id"]],
                location=locations[location_id],
                day=day,
                hour=hour,
                zone=zone,
            )
        return slots

    @api.model
    def _speakers(self, slots):
        """What the words of slots are made of, each read and written once.

        :returns: ``({id: practitioner}, {id: location}, {location id: {start: (day,
            hour, zone)}})``, records in sudo
        """
        # sudo: clinic.location, clinic.practitioner - of what is open to the public
        env = self.sudo().env
        moments = defaultdict(set)
        for slot in slots:
            moments[slot["location_id"]].add(slot["start"])
        staff = {slot["practitioner_id"] for slot in slots}
        practitioners = env["clinic.practitioner"].browse(staff)
        practitioners.fetch(["title", "name"])
        locations = env["clinic.location"].browse(moments)
        return (
            {each.id: each for each in practitioners},
            {each.id: each for each in locations},
            {each.id: each._speak_many(moments[each.id]) for each in locations},
        )

    @api.model
    def _tell(self, slots):
        """Slots as a program reads them: what they share is said once.

        :returns: list of ``{practitioner_id, practitioner, location_id, location,
            price, minutes, days}``, one for each practitioner and location, in order
            of the first time; ``days`` is a list of ``{day, zone, times}`` and
            ``times`` of ``[instant, hour at the location]``. A night whose clock
            changes has one entry for each zone.
        """
        practitioners, locations, spoken = self._speakers(slots)
        instants = {
            start: start.isoformat() + "Z"
            for start in {slot["start"] for slot in slots}
        }
        groups = {}
        for slot in slots:
            key = slot["practitioner_id"], slot["location_id"]
            start = slot["start"]
            if key not in groups:
                length = slot["stop"] - start
                groups[key] = {
                    "practitioner_id": key[0],
                    "practitioner": practitioners[key[0]].display_name,
                    "location_id": key[1],
                    "location": locations[key[1]].name,
                    "price": slot["price"],
                    "minutes": int(length.total_seconds() // 60),
                    "days": {},
                }
            day, hour, zone = spoken[key[1]][start]
            times = groups[key]["days"].setdefault((day, zone), [])
            times.append((instants[start], hour))
        for group in groups.values():
            group["days"] = [
                {"day": day.isoformat(), "zone": zone, "times": times}
                for (day, zone), times in group["days"].items()
            ]
        return list(groups.values())

    @api.model
    def _strip_day(self, day, by_day, wanted):
        slots = by_day.get(day, [])
        return {
            "day": day,
            "weekday": format_date(self.env, day, date_format="EEE"),
            "number": format_date(self.env, day, date_format="d"),
            "month": format_date(self.env, day, date_format="MMM"),
            "spoken": self._speak_date(day),
            "first": slots[0]["hour"] if slots else None,
            "count": len({(slot["start"], slot["location_id"]) for slot in slots}),
            "chosen": day == wanted,
        }

    @api.model
    def _speak_date(self, day, form=spoken_day.FULL):
        """A day written out in the language of the environment.

        :param date day: at the location
        :param str form: see ``clinic_patient/lib/spoken_day.py``
        """
        language = get_lang(self.env).code
        return format_date(
            self.env, day, date_format=spoken_day.pattern(form, language)
        )

    @api.model
    def _groups(self, slots):
        """The times of one day by practitioner and location, the earliest first."""
        groups = {}
        for slot in slots:
            key = (slot["practitioner_id"], slot["location_id"])
            groups.setdefault(key, []).append(slot)
        # sudo: clinic.offer - the price without the online discount is public too
        offers = (
            self.env["clinic.offer"].sudo().browse({slot["offer_id"] for slot in slots})
        )
        full = offers._prices()
        return [
            {
                "practitioner": times[0]["practitioner"],
                "location": times[0]["location"],
                "zone": times[0]["zone"],
                "slots": times,
                "minutes": int(
                    (times[0]["stop"] - times[0]["start"]).total_seconds() // 60
                ),
                **self._price_words(times[0], full[times[0]["offer_id"]]),
            }
            for times in groups.values()
        ]

    @api.model
    def _price_words(self, slot, full):
        """The price to pay online and, if higher, the one at the desk."""
        currency = slot["location"].company_id.currency_id
        cheaper = currency.compare_amounts(slot["price"], full) < 0
        return {
            "price": format_amount(self.env, slot["price"], currency),
            "full_price": format_amount(self.env, full, currency) if cheaper else None,
        }

    @api.model
    def _coverages(self, service, locations):
        """Coverages accepted for a service at any of the locations, in sudo."""
        # sudo: clinic.coverage - what is accepted is public
        coverages = (
            self.env["clinic.coverage"].sudo().search([("online_bookable", "=", True)])
        )
        accepted = coverages.browse()
        for location in locations:
            accepted |= coverages._accepted_for(service, location)
        return accepted.sorted(lambda coverage: (coverage.sequence, coverage.name))
