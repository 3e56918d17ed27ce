from datetime import timedelta

from odoo import api, models
from odoo.exceptions import UserError

from odoo.addons.clinic_base.lib import clock
from odoo.addons.clinic_base.lib.ours import Said

from ..lib.states import AHEAD
from .clinic_appointment_allocation import SlotTaken


class ClinicBooking(models.AbstractModel):
    """What patients change themselves: moving and cancelling a visit."""

    _inherit = "clinic.booking"

    @api.model
    def _may_change(self, visit):
        """Whether the patient may still move or cancel it without calling.

        :returns: ``(bool, last moment as naive UTC)``
        """
        limit = visit.start - timedelta(hours=visit.location_id.change_notice_hours)
        allowed = visit.state in AHEAD and clock.now() <= limit
        return allowed, limit

    @api.model
    def _check_may_change(self, visit):
        allowed, limit = self._may_change(visit)
        if not allowed:
            raise UserError(
                self.env._(
                    "This visit could be changed online until %(limit)s. Please call "
                    "%(location)s.",
                    limit=visit.location_id._speak_time(limit),
                    location=visit.location_id.name,
                )
            )

    @api.model
    def _move_offers(self, visit):
        """With whom and where the patient may have the visit: same service, open to
        the public, and the coverage of the visit is accepted there.

        :returns: ``clinic.offer`` in sudo
        """
        offers = self.env["clinic.booking.catalogue"]._offers(service=visit.service_id)
        # sudo: clinic.appointment - the caller has checked whose visit it is
        coverage = visit.sudo().coverage_id
        if not coverage:
            return offers
        accepted = offers.location_id.filtered(
            lambda location: coverage._accepted_for(visit.service_id, location)
        )
        return offers.filtered(lambda offer: offer.location_id in accepted)

    @api.model
    def _reschedule(
        self,
        visit,
        start,
        practitioner_id=None,
        location_id=None,
        channel="portal",
        actor=None,
    ):
        """Move a patient's visit to another free time, also of another practitioner.

        The new time must be one that anybody could book online: the service is offered
        there, to the public, and the time is free. The visit stays the same visit.

        :param visit: ``clinic.appointment`` the caller has been authorised for
        :param datetime start: naive UTC
        :param int practitioner_id: the present one if empty
        :param int location_id: the present one if empty
        :param actor: ``res.partner`` who does it
        :raises SlotTaken: the new time is gone; the old one is kept
        :raises UserError: too late by the location's policy, or not offered there
        """
        self._check_may_change(visit)
        practitioner_id = practitioner_id or visit.practitioner_id.id
        location_id = location_id or visit.location_id.id
        if not self._move_offers(visit).filtered(
            lambda offer: (
                offer.practitioner_id.id == practitioner_id
                and offer.location_id.id == location_id
            )
        ):
            raise UserError(
                self.env._(
                    "This visit cannot be moved there online. Choose one of the free "
                    "times."
                )
            )
        slots = self.env["clinic.slot"].search_slots(
            visit.service_id.id,
            start,
            start + timedelta(seconds=1),
            practitioner_ids=[practitioner_id],
            location_ids=[location_id],
            regime=visit.regime,
            online=True,
        )
        if not slots:
            raise SlotTaken(
                self.env._("This time was just taken. Choose one of these instead."),
                "practitioner",
            )
        self._move_to(self._as_actor(visit, channel, actor), slots[0])

    @api.model
    def _move_to(self, visit, slot):
        """Move a visit to a free time, with the first room and devices that are free.

        :param dict slot: as of ``clinic.slot.search_slots``
        :raises SlotTaken: somebody was faster
        """
        self._serialise_online_share(slot)
        practitioner = visit.practitioner_id.browse(slot["practitioner_id"])
        wanted = {
            **visit._snapshot(),
            "start": slot["start"],
            "practitioner_id": practitioner.id,
            "location_id": slot["location_id"],
            "room_id": None,
            "equipment_ids": None,
        }
        visit._at_first_place(
            wanted,
            lambda room_id, device_ids: visit._move(
                slot["start"],
                stop=slot["stop"],
                practitioner=practitioner,
                room=visit.room_id.browse(room_id),
                location_id=slot["location_id"],
                equipment_ids=[(6, 0, device_ids)],
                # Calendars follow a change of the doctor alone as well.
                change_sequence=visit.change_sequence + 1,
            ),
        )

    @api.model
    def _cancel(self, visit, reason, channel="portal", actor=None):
        """Cancel a patient's visit within the location's policy.

        :raises UserError: too late
        """
        self._check_may_change(visit)
        self._as_actor(visit, channel, actor)._cancel(
            (reason or "").strip()[:200] or self.env._("No reason given"), by="patient"
        )

    @api.model
    def _confirm(self, visit, channel="portal", actor=None):
        """The patient says yes; saying it again changes nothing.

        :raises UserError: the visit is over or cancelled
        """
        if visit.state == "confirmed":
            return
        if visit.state not in ("booked", "rescheduled") or visit._is_over():
            raise UserError(self.env._("This visit cannot be confirmed any more."))
        self._as_actor(visit, channel, actor).action_confirm()

    @api.model
    def _as_actor(self, visit, channel, actor):
        # sudo: clinic.appointment - the caller has checked whose visit it is
        return visit.sudo().with_context(
            clinic_channel=Said(channel),
            clinic_actor_id=Said(actor.id if actor else False),
        )
