from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.clinic_base.lib import clock

from ..lib.change import packed, unpacked


class ClinicLocationTold(models.Model):
    """What an address of a location knew of a visit before it was last written to.

    As long as that message waits, this is what the address knows: a change of the visit
    then tells what is new compared with this. Bookings leave no row: who waits for one
    knows nothing yet.
    """

    _name = "clinic.location.told"
    _description = "What a location knew of a visit"
    _rec_name = "step"
    _log_access = False

    appointment_id = fields.Many2one(
        "clinic.appointment", required=True, ondelete="cascade"
    )
    contact_id = fields.Many2one(
        "clinic.location.contact", required=True, index=True, ondelete="cascade"
    )
    step = fields.Char(required=True, help="Of the message that was written last.")
    known = fields.Json(required=True)

    _once = models.Constraint(
        "UNIQUE (appointment_id, contact_id)", "This address is noted already."
    )

    @api.model
    def _keep(self, visit, contact, step, known):
        """Note what an address knows until a message leaves.

        :param visit: ``clinic.appointment``
        :param contact: ``clinic.location.contact``
        :param str step: of the message
        :param known: ``Facts``
        """
        vals = {"step": step, "known": packed(known)}
        row = self._of(visit).filtered(lambda each: each.contact_id == contact)
        if row:
            row.write(vals)
        else:
            self.create({"appointment_id": visit.id, "contact_id": contact.id, **vals})

    @api.model
    def _of(self, visit):
        return self.search([("appointment_id", "=", visit.id)])

    @api.model
    def _known(self, visit, message):
        """What the address of a message knew before it: ``Facts``, or ``None``.

        :param message: ``clinic.message``
        """
        row = self._of(visit).filtered(lambda each: each.step == message.step)
        return unpacked(row.known)

    @api.autovacuum
    def _gc_over(self):
        """Forget what was known of visits that are over."""
        self.env.cr.execute(
            SQL(
                "DELETE FROM clinic_location_told told USING clinic_appointment visit"
                " WHERE visit.id = told.appointment_id"
                " AND visit.stop < %s - interval '1 day'",
                clock.now(),
            )
        )
