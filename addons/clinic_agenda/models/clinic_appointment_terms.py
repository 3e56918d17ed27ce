from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import SQL

from odoo.addons.clinic_base.lib import clock
from odoo.addons.clinic_base.lib.ours import is_ours

from ..lib.time_band import time_band
from ..tools.free_times import service_allowed

#: What a booking has from its service, offer, location and schedule, as read from the
#: database. ``in_session``: whether visit and buffers lie within one session that takes
#: the service in this regime. ``local_start``: by the clock of the location.
TERMS = (
    "stop",
    "buffer_before",
    "buffer_after",
    "in_session",
    "specialty_id",
    "company_id",
    "local_start",
)
#: The fields that follow from these and that nobody gives.
FOLLOWING = ("specialty_id", "company_id", "local_day", "time_band", "duration")


class ClinicAppointment(models.Model):
    """What a visit follows from: length, buffers and price, and whether it may be.

    Everything that a booking takes from service, offer, location and schedule is read
    in one statement, for any number of bookings.
    """

    _inherit = "clinic.appointment"

    @api.depends("service_id", "practitioner_id", "location_id", "channel")
    def _compute_price(self):
        wishes = [
            {
                "service_id": visit.service_id._origin.id,
                "practitioner_id": visit.practitioner_id._origin.id,
                "location_id": visit.location_id._origin.id,
                "channel": visit.channel,
            }
            for visit in self
        ]
        for visit, terms in zip(self, self._terms(wishes), strict=True):
            visit.price = terms["price"] if terms else 0

    @api.model
    def _terms(self, wishes):
        """What bookings would be like, in one statement for all of them.

        :param list wishes: dicts as for ``create``; what they give is kept
        :returns: list in the same order of dicts with :data:`TERMS` and ``price``, or
            ``None`` where service or location are missing
        """
        self.env["clinic.slot"]._flush_what_slots_read()
        now = clock.now()
        asked = SQL(", ").join(
            SQL(
                "(%s, %s::int, %s::int, %s::int, %s::timestamp, %s::timestamp, %s::int,"
                " %s::int, %s, %s)",
                number,
                wish.get("service_id") or None,
                wish.get("practitioner_id") or None,
                wish.get("location_id") or None,
                fields.Datetime.to_datetime(wish.get("start")) or now,
                fields.Datetime.to_datetime(wish.get("stop")) or None,
                wish.get("buffer_before"),
                wish.get("buffer_after"),
                wish.get("regime") or "private",
                wish.get("channel") in ("website", "portal"),
            )
            for number, wish in enumerate(wishes)
        )
        offers = self.env["clinic.offer"]
        rows = self.env.execute_query(
            SQL(
                """
                WITH asked(number, service_id, practitioner_id, location_id, start,
                           stop, buffer_before, buffer_after, regime, online)
                  AS (VALUES %(asked)s)
                SELECT wish.stop, wish.before, wish.after,
                       EXISTS (SELECT FROM clinic_session s
                                WHERE s.practitioner_id = asked.practitioner_id
                                  AND s.location_id = asked.location_id
                                  AND s.start
                                      <= asked.start - wish.before * interval '1 minute'
                                  AND s.stop
                                      >= wish.stop + wish.after * interval '1 minute'
                                  AND s.regime IN ('any', asked.regime)
                                  AND %(allowed)s),
                       t.specialty_id, l.company_id,
                       asked.start AT TIME ZONE 'UTC' AT TIME ZONE l.tz,
                       asked.online, %(made_of)s
                  FROM asked
                  JOIN product_template t ON t.id = asked.service_id
                  JOIN clinic_location l ON l.id = asked.location_id
                  JOIN res_company company ON company.id = l.company_id
                  JOIN res_currency c ON c.id = company.currency_id
                  LEFT JOIN clinic_offer o ON o.service_id = t.id
                       AND o.location_id = l.id AND o.active
                       AND o.practitioner_id = asked.practitioner_id
                 CROSS JOIN LATERAL (
                       SELECT COALESCE(asked.stop, asked.start + interval '1 minute'
                                  * COALESCE(NULLIF(o.duration, 0), t.duration, 0)),
                              COALESCE(asked.buffer_before, t.buffer_before, 0),
                              COALESCE(asked.buffer_after, t.buffer_after, 0)
                       ) wish(stop, before, after)
                """,
                asked=asked,
                allowed=service_allowed(SQL("asked.service_id")),
                made_of=offers._sql_price("asked.number"),
            )
        )
        prices, width = {}, len(TERMS)
        for online in (False, True):
            made_of = [row[width + 1 :] for row in rows if row[width] == online]
            prices |= offers._prices_of(made_of, online)
        terms = {
            row[width + 1]: dict(zip(TERMS, row, strict=False))
            | {"price": prices[row[width + 1]]}
            for row in rows
        }
        return [terms.get(number) for number in range(len(wishes))]

    @api.model
    def _prepare_bookings(self, vals_list):
        """Complete the values of new visits from their services and offers, and check.

        :param list vals_list: as for ``create``: at least service_id,
            practitioner_id, location_id and start in each
        :returns: list of new dicts with stop, buffers, price, reference and
            :data:`FOLLOWING`
        :raises ValidationError: the service is missing, or the visit may not be
        """
        if not all(vals.get("service_id") and vals.get("start") for vals in vals_list):
            raise ValidationError(self.env._("Choose a service and a time."))
        prepared = []
        for given, terms in zip(vals_list, self._terms(vals_list), strict=True):
            if not terms:
                raise ValidationError(self.env._("Choose a service and a location."))
            in_session, local = terms.pop("in_session"), terms.pop("local_start")
            vals = terms | {"reference": self._new_reference()} | given
            vals["stop"] = given.get("stop") or terms["stop"]
            start, stop = map(
                fields.Datetime.to_datetime, (vals["start"], vals["stop"])
            )
            vals |= {
                "specialty_id": terms["specialty_id"],
                "company_id": terms["company_id"],
                "local_day": local.date(),
                "time_band": time_band(local.hour),
                "duration": (stop - start).total_seconds() // 60,
            }
            if vals.get("overbooked"):
                vals["overbooked_by_id"] = self.env.uid
            self._check_booking(vals, in_session)
            prepared.append(vals)
        return prepared

    @api.model
    def _add_precomputed_values(self, vals_list):
        """What follows from the terms of a booking is not read once more.

        Odoo drops the values of such fields, because whoever creates could give
        anything, and reads service and location again; a booking waits for that.
        """
        for vals, following in zip(
            vals_list, self.env.context["clinic_following"], strict=True
        ):
            # These first: the price is rounded in the currency of the company.
            given = {name: vals[name] for name in vals if name not in following}
            vals.clear()
            vals.update(following | given)
        return super()._add_precomputed_values(vals_list)

    @api.model
    def _check_booking(self, vals, in_session):
        """Rules that are not about time already taken: schedule, regime, rights.

        A visit outside the practitioner's sessions is an overbooking: it needs the
        right and a reason. Imports of history run as superuser with
        ``clinic_history`` in the context.

        :param dict vals: complete values of the visit
        :param bool in_session: as of :meth:`_terms`
        :raises ValidationError: says what to do
        """
        stop = fields.Datetime.to_datetime(vals["stop"])
        if stop <= fields.Datetime.to_datetime(vals["start"]):
            raise ValidationError(
                self.env._("A visit must end after it starts: correct the end.")
            )
        if self._is_history():
            return
        if vals.get("overbooked"):
            self._check_may_overbook(vals.get("overbook_reason"))
            return
        if stop <= clock.now():
            raise ValidationError(
                self.env._("This time is in the past: choose a later one.")
            )
        if not in_session:
            raise ValidationError(
                self.env._(
                    "The practitioner does not work then, or not for this service or "
                    "regime. Choose a free time, or book it on purpose with the right "
                    "to overbook and a reason."
                )
            )

    @api.model
    def _is_history(self):
        """Whether what already happened is being entered (imports, as superuser)."""
        return self.env.su and is_ours(self.env.context, "clinic_history")

    @api.model
    def _check_may_overbook(self, reason):
        if not (
            self.env.su
            or self.env.user.has_group("clinic_patient.group_clinic_overbook")
        ):
            raise UserError(
                self.env._(
                    "You may not book outside the free times. Ask somebody who may "
                    "overbook."
                )
            )
        if not (reason or "").strip():
            raise ValidationError(
                self.env._("Say why this visit is booked outside the free times.")
            )
