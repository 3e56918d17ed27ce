import secrets

from odoo import api, fields, models
from odoo.fields import Domain


class ClinicPractitioner(models.Model):
    """Somebody who sees patients: doctor, nurse, technician.

    FHIR R4 ``Practitioner``. May have a log-in (``user_id``), and then sees only the
    own agenda.
    """

    _name = "clinic.practitioner"
    _description = "Practitioner"
    _inherit = ["clinic.gate", "avatar.mixin"]
    _order = "sequence, name, id"

    name = fields.Char(required=True, index="trigram")
    title = fields.Char(translate=True, help="For example: Dr., Prof., Nurse")
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10)
    color = fields.Integer()
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    user_id = fields.Many2one(
        "res.users",
        string="Log-in",
        index="btree_not_null",
        ondelete="set null",
        help="The practitioner signs in as this user and sees the own agenda.",
    )
    specialty_ids = fields.Many2many(
        "clinic.specialty", "clinic_practitioner_specialty_rel"
    )
    offer_ids = fields.One2many("clinic.offer", "practitioner_id")
    schedule_ids = fields.One2many("clinic.schedule", "practitioner_id")
    location_ids = fields.Many2many(
        "clinic.location",
        compute="_compute_location_ids",
        search="_search_location_ids",
    )
    biography = fields.Html(translate=True)
    phone = fields.Char()
    email = fields.Char()
    online_bookable = fields.Boolean(string="Booking on the website", default=True)
    feed_token = fields.Char(
        copy=False,
        groups="clinic_base.group_clinic_administrator",
        help="Secret part of the calendar address; a new one stops the old address.",
    )

    _user_unique = models.UniqueIndex(
        "(user_id) WHERE user_id IS NOT NULL AND active",
        "This log-in already belongs to another practitioner.",
    )
    _feed_token_unique = models.UniqueIndex("(feed_token) WHERE feed_token IS NOT NULL")

    @api.depends("title", "name")
    def _compute_display_name(self):
        for practitioner in self:
            practitioner.display_name = " ".join(
                filter(None, [practitioner.title, practitioner.name])
            )

    @api.depends("offer_ids.location_id", "schedule_ids.location_id")
    def _compute_location_ids(self):
        for practitioner in self:
            practitioner.location_ids = (
                practitioner.offer_ids.location_id
                | practitioner.schedule_ids.location_id
            )

    def _search_location_ids(self, operator, value):
        return Domain("offer_ids.location_id", operator, value) | Domain(
            "schedule_ids.location_id", operator, value
        )

    def _new_feed_token(self):
        """Give each practitioner a fresh 256-bit secret for the calendar feed."""
        for practitioner in self:
            practitioner.feed_token = secrets.token_urlsafe(32)
