from odoo import fields, models


class ClinicCoverage(models.Model):
    """Who pays for a visit besides the patient: insurance, convention, firm, state.

    FHIR R4 ``Coverage`` (the plan, not one person's contract).
    """

    _name = "clinic.coverage"
    _description = "Coverage"
    _order = "sequence, name, id"

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10)
    kind = fields.Selection(
        [
            ("insurance", "Insurance"),
            ("convention", "Convention"),
            ("corporate", "Corporate contract"),
            ("public", "Public health service"),
        ],
        required=True,
        default="insurance",
    )
    payment = fields.Selection(
        [
            ("direct", "Paid by the coverage to the clinic"),
            ("indirect", "Paid by the patient, refunded by the coverage"),
        ],
        required=True,
        default="direct",
    )
    online_bookable = fields.Boolean(string="Booking on the website", default=True)
    location_ids = fields.Many2many(
        "clinic.location", help="Where it is accepted. Empty: everywhere."
    )
    specialty_ids = fields.Many2many(
        "clinic.specialty", help="For what it is accepted. Empty: for all specialties."
    )
    note = fields.Text(
        translate=True, help="What the patient should bring or ask for beforehand."
    )

    def _accepted_for(self, service, location):
        """Coverages of ``self`` that pay for a service at a location.

        :param service: one ``product.template``
        :param location: one ``clinic.location``, or empty for any
        :returns: ``clinic.coverage`` recordset
        """
        return self.filtered(
            lambda coverage: (
                (
                    not coverage.location_ids
                    or not location
                    or location in coverage.location_ids
                )
                and (
                    not coverage.specialty_ids
                    or service.specialty_id in coverage.specialty_ids
                )
            )
        )
