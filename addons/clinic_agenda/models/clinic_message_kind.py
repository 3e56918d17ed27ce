from odoo import fields, models


class ClinicMessageKind(models.Model):
    """Messages about visits: when reminders go out, and what texts may say."""

    _inherit = "clinic.message.kind"

    lead_hours = fields.Float(
        string="Hours before the visit", help="0: not a reminder of a visit."
    )

    _lead = models.Constraint(
        "CHECK (lead_hours >= 0)", "A reminder goes out before the visit."
    )

    def _placeholders(self):
        names = super()._placeholders()
        if not self or self.code.startswith(
            ("visit_", "waitlist_", "practitioner_", "advice")
        ):
            names |= {
                "visit_time": self.env._("Day, hour and zone of the visit"),
                "visit_day": self.env._("Day of the visit"),
                "visit_hour": self.env._("Hour of the visit"),
                "practitioner": self.env._("Practitioner of the visit"),
                "service": self.env._("Service: mind who may read it"),
                "location": self.env._("Name of the location"),
                "location_address": self.env._("Address of the location"),
                "location_phone": self.env._("Telephone number of the location"),
                "reference": self.env._("Reference of the visit"),
                "preparation": self.env._("How to prepare for the visit"),
                "visit_link": self.env._("Link by which the visit is changed"),
            }
        return names
