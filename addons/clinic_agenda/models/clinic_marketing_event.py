from odoo import api, fields, models
from odoo.exceptions import ValidationError

from odoo.addons.clinic_base.lib import clock


class ClinicMarketingEvent(models.Model):
    """Events at a location, on the website."""

    _inherit = "clinic.marketing.event"

    location_id = fields.Many2one(
        "clinic.location", index="btree_not_null", ondelete="restrict"
    )
    is_published = fields.Boolean(
        string="On the website",
        copy=False,
        tracking=True,
        help="Shown at /clinic/events, where people register.",
    )

    @api.constrains("is_published", "location_id")
    def _check_published(self):
        for event in self:
            if event.is_published and not event.location_id:
                raise ValidationError(
                    self.env._(
                        "Choose the location first: its time is what visitors read."
                    )
                )

    def _zone(self):
        # sudo: clinic.location - where it takes place is public
        return self.sudo().location_id.tz or super()._zone()

    def _when(self):
        """As every time of a location is spoken."""
        self.ensure_one()
        # sudo: clinic.location - where it takes place is public
        location = self.sudo().location_id
        return location._speak_time(self.date_start) if location else super()._when()

    def _where(self):
        self.ensure_one()
        # sudo: clinic.location - where it takes place is public
        parts = [self.sudo().location_id.name, super()._where()]
        return ", ".join(filter(None, parts))

    @api.model
    def _public(self, event_id=None):
        """Events of this site's company that visitors may register for, in sudo.

        :param event_id: as it came from outside; all events if ``None``
        """
        domain = [
            ("is_published", "=", True),
            ("called_off", "=", False),
            ("date_stop", ">", clock.now()),
            ("company_id", "=", self.env.company.id),
        ]
        if event_id is not None:
            domain.append(("id", "=", event_id))
        # sudo: clinic.marketing.event - what is published is for everybody
        return self.sudo().search(domain, order="date_start, id", limit=100)
