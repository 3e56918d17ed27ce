from odoo import api, models


class CalendarAttendee(models.Model):
    """Who is invited to an event must be somebody whom the inviter may see.

    Odoo copies name and e-mail of an attendee onto the event: whoever invited a number
    read whose number it is.
    """

    _inherit = "calendar.attendee"

    @api.model_create_multi
    def create(self, vals_list):
        """As Odoo's.

        :raises AccessError: somebody invited is not for the user
        """
        self._check_seen(vals_list)
        return super().create(vals_list)

    def write(self, vals):
        """As Odoo's.

        :raises AccessError: somebody invited is not for the user
        """
        self._check_seen([vals])
        return super().write(vals)

    @api.model
    def _check_seen(self, vals_list):
        ids = {vals["partner_id"] for vals in vals_list if vals.get("partner_id")}
        if ids:
            self.env["clinic.gate"]._check_linked({"res.partner": ids})
