from datetime import datetime, timedelta

from odoo import api, models
from odoo.exceptions import ValidationError

from odoo.addons.clinic_base.lib import clock

from ..tools import free_times
from . import asked

EPOCH = datetime(1970, 1, 1)


class ClinicSlot(models.AbstractModel):
    """Free times, found by PostgreSQL in one statement.

    A free time is a start on the grid of a session such that the visit *and its
    buffers* lie in the session and practitioner, room and every device needed are
    free. The grid begins where the first visit of the session can begin and has the
    step of the service (as long as the visit lasts, if the service gives none).
    FHIR R4 ``Slot`` with status ``free``.

    The offers looked at are chosen in ``clinic_slot_offer``; the SQL that finds their
    free times is in ``tools/free_times``.
    """

    _name = "clinic.slot"
    _description = "Free times"

    @api.model
    def search_slots(
        self,
        service_id,
        date_from,
        date_to,
        practitioner_ids=None,
        location_ids=None,
        regime=None,
        limit=None,
        online=False,
    ):
        """Free times of a service between two instants.

        The number of queries depends neither on the number of practitioners nor on
        the number of days.

        :param int service_id: ``product.template`` that is a healthcare service
        :param datetime date_from: naive UTC; starts before it, or past, are left out
        :param datetime date_to: naive UTC; starts at or after it are left out
        :param list practitioner_ids: only these ``clinic.practitioner``; else all
        :param list location_ids: only these ``clinic.location``; else all
        :param str regime: ``public`` or ``private``; any if ``None``
        :param int limit: at most so many, the earliest ones
        :param bool online: honour the online rules, shares, notice and horizon
        :returns: list of dicts ``{start, stop, practitioner_id, location_id, room_id,
            offer_id, price}`` sorted by start, practitioner and location; datetimes
            naive UTC, price in the company's currency
        :raises ValidationError: the period is reversed or longer than two years
        """
        who = (practitioner_ids, location_ids)
        return self._find(
            service_id, date_from, date_to, *who, regime, online, limit=limit
        )

    @api.model
    def first_slots(
        self,
        service_id,
        date_from,
        date_to,
        practitioner_ids=None,
        location_ids=None,
        regime=None,
        online=False,
    ):
        """The first free time of each offer: one row per practitioner and location.

        Arguments and errors as in :meth:`search_slots`.

        :returns: list of the same dicts, sorted by start
        """
        who = (practitioner_ids, location_ids)
        return self._find(
            service_id, date_from, date_to, *who, regime, online, first_of_each=True
        )

    @api.model
    def _find(
        self,
        service_id,
        date_from,
        date_to,
        practitioner_ids,
        location_ids,
        regime,
        online,
        first_of_each=False,
        limit=None,
    ):
        """Free times in any of the shapes; see the public methods."""
        service_id = asked.number(self.env, "service_id", service_id)
        practitioner_ids = asked.numbers(self.env, "practitioner_ids", practitioner_ids)
        location_ids = asked.numbers(self.env, "location_ids", location_ids)
        date_from, date_to = self._check_period(date_from, date_to)
        online = online or self._only_online()
        self._flush_what_slots_read()
        offers, price_rows = self._offers_asked(
            service_id, date_from, date_to, practitioner_ids, location_ids, online
        )
        if not offers:
            return []
        limit = asked.number(self.env, "limit", limit) if limit else None
        query = free_times.statement(
            free_times.FreeTimesSearch(
                service_id,
                list(offers.values()),
                regime,
                online,
                clock.now(),
            ),
            by_day=bool(limit),
            first_of_each=first_of_each,
            limit=limit,
        )
        self.env.cr.execute(query)
        runs = self.env.cr.fetchall()
        times = self._times_of_runs(runs, offers, first_of_each)[:limit]
        rows = [price_rows[offer_id] for offer_id in {each[3] for each in times}]
        # sudo: clinic.offer - prices of what is offered are public
        prices = self.env["clinic.offer"].sudo()._prices_of(rows, online)
        return self._as_dicts(times, offers, prices)

    @api.model
    def _only_online(self):
        """Whoever is not staff sees what the website offers, however they ask."""
        return not (
            self.env.su or self.env.user.has_group("clinic_patient.group_clinic_user")
        )

    @api.model
    def _check_period(self, date_from, date_to):
        date_from = asked.moment(self.env, "date_from", date_from)
        date_to = asked.moment(self.env, "date_to", date_to)
        if date_to < date_from:
            raise ValidationError(
                self.env._("Give a period that ends after it starts.")
            )
        if date_to - date_from > timedelta(days=732):
            raise ValidationError(self.env._("Search at most two years at a time."))
        return date_from, date_to

    @api.model
    def _flush_what_slots_read(self):
        """Most of the agenda is read: writing what waits is quicker than choosing."""
        self.env.flush_all()

    @api.model
    def _times_of_runs(self, runs, offers, first_of_each):
        """Time by time, sorted by start, practitioner and location.

        :returns: list of ``(seconds since 1970, practitioner id, location id,
            offer id, room id)``
        """
        times = []
        for offer_id, first, further, room_id in runs:
            offer = offers[offer_id]
            who = (offer.practitioner_id, offer.location_id, offer_id, room_id)
            times.append((first, *who))
            if further and not first_of_each:
                last = first + further * offer.step
                times += [
                    (start, *who)
                    for start in range(first + offer.step, last + 1, offer.step)
                ]
        times.sort()
        return times

    @api.model
    def _as_dicts(self, times, offers, prices):
        """What the public methods answer."""
        lengths = {
            offer.id: timedelta(seconds=offer.length) for offer in offers.values()
        }
        moments = {
            seconds: EPOCH + timedelta(seconds=seconds)
            for seconds in {each[0] for each in times}
        }
        return [
            {
                "start": moments[seconds],
                "stop": moments[seconds] + lengths[offer_id],
                "practitioner_id": practitioner_id,
                "location_id": location_id,
                "room_id": room_id,
                "offer_id": offer_id,
                "price": prices[offer_id],
            }
            for seconds, practitioner_id, location_id, offer_id, room_id in times
        ]
