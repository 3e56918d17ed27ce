from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..lib import letters

#: Labels on a sheet of A4: 70 × 37 mm each, as most makers sell them.
COLUMNS, ROWS = 3, 8
#: More than this is a job for a printing house.
MOST = 5000


class ClinicLetterBatch(models.TransientModel):
    """Envelopes or address labels for many patients, as one PDF.

    Minors get no mail: it goes to the guardians who may read for them.
    """

    _name = "clinic.letter.batch"
    _description = "Envelopes and labels"

    kind = fields.Selection(
        [("labels", "Address labels, A4, 3 × 8"), ("envelopes", "Envelopes, C5")],
        required=True,
        default="labels",
    )
    patient_ids = fields.Many2many(
        "res.partner", "clinic_letter_batch_patient_rel", required=True
    )
    one_per_household = fields.Boolean(
        default=True, help="People of one family name at one address get one letter."
    )
    first_label = fields.Integer(
        string="First free label",
        default=1,
        help="Of a sheet that was begun: counted from the top left, row by row.",
    )
    letter_count = fields.Integer(string="Letters", compute="_compute_counts")
    left_out_ids = fields.Many2many(
        "res.partner", string="Without an address", compute="_compute_counts"
    )

    @api.constrains("first_label")
    def _check_first_label(self):
        if not all(1 <= batch.first_label <= COLUMNS * ROWS for batch in self):
            raise ValidationError(
                self.env._(
                    "There are %(count)s labels on a sheet: choose one of them.",
                    count=COLUMNS * ROWS,
                )
            )

    @api.depends("patient_ids", "one_per_household")
    def _compute_counts(self):
        for batch in self:
            recipients, left_out = batch._recipients()
            batch.letter_count = len(recipients)
            batch.left_out_ids = left_out

    def _recipients(self):
        """Who gets a letter, and whose address is missing.

        :returns: (list of :class:`lib.letters.Recipient`, res.partner)
        """
        self.ensure_one()
        recipients, left_out = [], self.env["res.partner"]
        for patient in self.patient_ids:
            to = self._addressee(patient)
            address = self._address(patient) or self._address(to)
            if not address:
                left_out |= patient
                continue
            recipients.append(
                letters.Recipient(to.name, to.family_name or to.name, address)
            )
        if self.one_per_household:
            recipients = letters.households(
                recipients, lambda family: self.env._("Family %(name)s", name=family)
            )
        return recipients, left_out

    def _addressee(self, patient):
        """The patient, or the guardian of a minor."""
        if not patient.is_minor:
            return patient
        reading = patient.relationship_ids.filtered_domain(
            patient._clinic_relationship_domain("read")
        )
        return reading[:1].guardian_id or patient

    def _address(self, partner):
        """The lines of an address below the name; empty without a street or box."""
        if not partner.street or not (partner.city or partner.zip):
            return ()
        # The company's country goes without saying.
        here = partner.country_id == self.env.company.country_id
        text = partner._display_address(without_company=True)
        lines = [line.strip() for line in text.splitlines() if line.strip()]
        if here and lines and lines[-1] == partner.country_id.name:
            lines.pop()
        return tuple(lines)

    def action_print(self):
        """Print all of them as one file.

        :raises UserError: nobody has an address, or there are too many
        """
        self.ensure_one()
        if len(self.patient_ids) > MOST:
            raise UserError(
                self.env._(
                    "%(count)s letters are too many for one file: choose %(most)s at "
                    "most, or give the list to a printing house.",
                    count=len(self.patient_ids),
                    most=MOST,
                )
            )
        if not self.letter_count:
            raise UserError(
                self.env._(
                    "Nobody of these has an address: write street and town on the "
                    "cards first."
                )
            )
        report = f"clinic_patient.action_report_{self.kind}"
        return self.env.ref(report).report_action(self, config=False)

    def _sheets(self):
        """The labels, sheet by sheet, for the report."""
        recipients, _left_out = self._recipients()
        return letters.sheets(recipients, COLUMNS, ROWS, self.first_label)
