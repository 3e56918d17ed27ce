from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..lib import birth_dates

BY_LAW = ("parent", "guardian")


class ClinicRelationship(models.Model):
    """Who is who in a family, and who may act for whom.

    A right holds from ``date_start`` to ``date_stop``, both included. Parents and
    guardians of a minor act until the day before the 18th birthday unless another
    last day is given.
    """

    _name = "clinic.relationship"
    _description = "Family and guardians"
    _order = "patient_id, id"

    patient_id = fields.Many2one(
        "res.partner",
        required=True,
        index=True,
        ondelete="cascade",
        domain="[('is_patient', '=', True)]",
    )
    guardian_id = fields.Many2one(
        "res.partner",
        string="Person",
        required=True,
        index=True,
        ondelete="cascade",
        domain="[('is_company', '=', False)]",
        help="Who is related to the patient, or acts for the patient.",
    )
    kind = fields.Selection(
        [
            ("parent", "Parent"),
            ("guardian", "Legal guardian"),
            ("spouse", "Spouse or partner"),
            ("child", "Child"),
            ("sibling", "Brother or sister"),
            ("relative", "Other relative"),
            ("caregiver", "Caregiver"),
            ("other", "Other"),
        ],
        required=True,
        default="parent",
    )
    can_book = fields.Boolean(
        string="May book",
        compute="_compute_rights",
        store=True,
        precompute=True,
        readonly=False,
    )
    can_read = fields.Boolean(
        string="May read",
        compute="_compute_rights",
        store=True,
        precompute=True,
        readonly=False,
    )
    can_sign = fields.Boolean(
        string="May sign",
        compute="_compute_rights",
        store=True,
        precompute=True,
        readonly=False,
    )
    date_start = fields.Date(
        string="From",
        required=True,
        default=lambda self: self.env["res.partner"]._clinic_today(),
    )
    date_end = fields.Date(
        string="Last day",
        help="Empty: no end, or the day before the 18th birthday for the parents and "
        "guardians of a minor.",
    )
    date_stop = fields.Date(
        string="Ends",
        compute="_compute_date_stop",
        store=True,
        help="The last day on which the rights hold.",
    )

    _not_oneself = models.Constraint(
        "CHECK (patient_id <> guardian_id)", "Nobody is a relative of themselves."
    )
    _once = models.UniqueIndex(
        "(patient_id, guardian_id, kind)",
        "This person is in the list already with the same relation.",
    )
    _guardian_rights = models.Index(
        "(guardian_id, patient_id) WHERE can_book OR can_read OR can_sign"
    )

    @api.depends("kind")
    def _compute_rights(self):
        """Give rights to those who have them by law; others get them by hand."""
        for relationship in self:
            by_law = relationship.kind in BY_LAW
            relationship.can_book = by_law
            relationship.can_read = by_law
            relationship.can_sign = by_law

    @api.depends("date_start", "date_end", "kind", "patient_id.birth_date")
    def _compute_date_stop(self):
        for relationship in self:
            stop = relationship.date_end
            # sudo: res.partner - the date follows from the card whoever looks at it
            born = relationship.patient_id.sudo().birth_date
            if not stop and born and relationship.kind in BY_LAW:
                adult = birth_dates.birthday(born, 18)
                start = relationship.date_start
                if not start or start < adult:
                    stop = adult - timedelta(days=1)
            relationship.date_stop = stop

    @api.constrains("date_start", "date_end")
    def _check_dates(self):
        for relationship in self:
            end = relationship.date_end
            if end and end < relationship.date_start:
                raise ValidationError(
                    self.env._("The last day lies before the first day.")
                )

    @api.depends("guardian_id", "kind")
    def _compute_display_name(self):
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        for relationship in self:
            name = relationship.guardian_id.display_name or ""
            relationship.display_name = f"{name} ({kinds.get(relationship.kind)})"
