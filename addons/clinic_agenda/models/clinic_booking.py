import random
from datetime import timedelta

from odoo import api, models
from odoo.exceptions import UserError

from odoo.addons.clinic_base.lib import clock
from odoo.addons.clinic_base.lib.ours import Said, said

from ..lib.states import AHEAD, NEVER_BOOKED
from .clinic_appointment_allocation import SlotTaken


class ClinicBooking(models.AbstractModel):
    """What patients do themselves, on the website and in the portal.

    Controllers only speak HTTP; every rule is here. Nothing is guessed by a page:
    times, prices and policies come from these methods.
    """

    _name = "clinic.booking"
    _description = "Online booking"

    @api.model
    def _hold(
        self,
        service_id,
        start,
        practitioner_ids=None,
        location_ids=None,
        regime="private",
        channel="website",
    ):
        """Reserve a time while the patient fills in the form.

        With several practitioners any of them who is free gets the visit; they are
        tried in random order, so that a rush spreads instead of queueing.

        :param int service_id: healthcare service
        :param datetime start: naive UTC, as the page showed it
        :param list practitioner_ids: whom the patient accepts; anybody if ``None``
        :param list location_ids: where the patient would go; anywhere if ``None``
        :returns: ``clinic.appointment`` in state *held*; expires by itself
        :raises SlotTaken: nobody is free then (any more)
        """
        slots = self.env["clinic.slot"].search_slots(
            service_id,
            start,
            start + timedelta(seconds=1),
            practitioner_ids=practitioner_ids,
            location_ids=location_ids,
            regime=regime,
            online=True,
        )
        random.shuffle(slots)
        # sudo: clinic.appointment - visitors have no rights; this method is the gate
        visits = self.env["clinic.appointment"].sudo()
        visits = visits.with_context(clinic_channel=Said(channel))
        # One column of the place, not all of them: a rush waits for each statement.
        places = visits.env["clinic.location"].with_context(prefetch_fields=False)
        for slot in slots:
            location = places.browse(slot["location_id"])
            self._serialise_online_share(slot)
            try:
                return visits._book(
                    {
                        "service_id": service_id,
                        "practitioner_id": slot["practitioner_id"],
                        "location_id": location.id,
                        "start": slot["start"],
                        "stop": slot["stop"],
                        "price": slot["price"],
                        "regime": regime or "private",
                        "state": "held",
                        "hold_expires_at": clock.now()
                        + timedelta(minutes=location.hold_minutes),
                        "channel": channel,
                    }
                )
            except SlotTaken:
                continue
        raise SlotTaken(
            self.env._("This time was just taken. Choose one of these instead."),
            "practitioner",
        )

    @api.model
    def _serialise_online_share(self, slot):
        """Two online bookings at once must not both take the last of a share.

        Touching the session's row makes the later transaction start again with fresh
        eyes (Odoo repeats it). Sessions without a share are not touched.
        """
        self.env.cr.execute(
            "UPDATE clinic_session SET online_share = online_share"
            " WHERE practitioner_id = %s AND start <= %s AND stop > %s"
            " AND online_share < 100",
            [slot["practitioner_id"], slot["start"], slot["start"]],
        )

    @api.model
    def _alternatives(self, service_id, start, limit=3, **who):
        """Free times close to one that was taken, the next ones first.

        Reads in a transaction of its own: the one that just lost still sees the past.

        :returns: list of slot dicts as of ``clinic.slot.search_slots``
        """
        with self.env.registry.cursor() as cursor:
            slots = self.with_env(self.env(cr=cursor)).env["clinic.slot"]
            return slots.search_slots(
                service_id,
                start,
                start + timedelta(days=60),
                limit=limit,
                online=True,
                **who,
            )

    @api.model
    def _book_held(
        self,
        visit,
        patient,
        note=None,
        booked_by=None,
        coverage=None,
        policy_number=None,
        **identity,
    ):
        """Turn a hold into a booking for a patient.

        A repeat (double click, reload) finds the visit booked and changes nothing.

        :param visit: held ``clinic.appointment``
        :param patient: ``res.partner`` that is a patient
        :param str note: what the patient wants to say
        :param booked_by: ``res.partner`` who books for somebody else
        :param coverage: ``clinic.coverage`` that pays
        :param str policy_number: of the patient with the coverage
        :param identity: as of ``clinic.appointment._identity_vals``
        :raises SlotTaken: the hold expired and the time is gone
        """
        visit.ensure_one()
        if visit.state in AHEAD and visit.patient_id == patient:
            return
        if visit.state not in NEVER_BOOKED:
            raise UserError(self.env._("This booking is already finished."))
        if visit.state == "expired" or visit.hold_expires_at <= clock.now():
            raise SlotTaken(
                self.env._(
                    "The time was kept for you for %(minutes)s minutes and is free "
                    "again. Choose it once more.",
                    minutes=visit.location_id.hold_minutes,
                ),
                "practitioner",
            )
        channel = said(visit.env.context, "clinic_channel") or visit.channel
        visit._ours().with_context(clinic_channel=Said(channel)).write(
            {
                **identity,
                "state": "booked",
                "patient_id": patient.id,
                "booked_by_id": booked_by.id if booked_by else False,
                "patient_note": (note or "")[:1000],
                "coverage_id": coverage.id if coverage else False,
                "policy_number": bool(coverage) and (policy_number or "").strip()[:60],
                "visit_type": self._visit_type(patient),
            }
        )

    @api.model
    def _visit_type(self, patient):
        """First or repeat visit, by whether the patient has been seen before."""
        seen = (
            self.env["clinic.appointment"]
            .sudo()
            .search_count(
                [("patient_id", "=", patient.id), ("state", "in", ("done", "closed"))],
                limit=1,
            )
        )
        return "repeat" if seen else "first"
