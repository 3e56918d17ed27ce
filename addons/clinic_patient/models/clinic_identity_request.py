from odoo import fields, models
from odoo.exceptions import UserError

IDENTITY = ("family_name", "given_name", "middle_name", "birth_date", "tax_code")


class ClinicIdentityRequest(models.Model):
    """A patient says that the name, birth date or tax code on the card is wrong.

    Who somebody is follows from a document, so staff compare and decide.
    """

    _name = "clinic.identity.request"
    _description = "Request to correct a card"
    _inherit = ["clinic.gate", "mail.thread"]
    _order = "state desc, id desc"
    _rec_name = "patient_id"
    #: What a patient asked for is not put into other words.
    _clinic_kept = frozenset({*IDENTITY, "patient_id", "company_id", "state", "note"})

    patient_id = fields.Many2one(
        "res.partner", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    state = fields.Selection(
        [("done", "Corrected"), ("open", "To check"), ("refused", "Refused")],
        required=True,
        default="open",
        index=True,
        tracking=True,
    )
    family_name = fields.Char(string="New family name")
    given_name = fields.Char(string="New given name")
    middle_name = fields.Char(string="New middle name")
    birth_date = fields.Date(string="New birth date")
    tax_code = fields.Char(string="New tax code")
    note = fields.Text(string="What the patient writes")
    current_name = fields.Char(related="patient_id.name", string="Name on the card")
    current_birth_date = fields.Date(
        related="patient_id.birth_date", string="Birth date on the card"
    )
    current_tax_code = fields.Char(
        related="patient_id.tax_code", string="Tax code on the card"
    )

    def action_accept(self):
        """A document was compared: write it to the card.

        :raises UserError: it is decided already, or the card refuses the data
        """
        for request in self:
            request._check_open()
            vals = {name: request[name] for name in IDENTITY if request[name]}
            request.patient_id.write(vals)
            request._ours().state = "done"

    def action_refuse(self):
        """The card is right as it is."""
        for request in self:
            request._check_open()
        self._ours().state = "refused"

    def _check_open(self):
        if self.state != "open":
            raise UserError(self.env._("This request was decided already."))

    def _ask(self, patient, vals, note):
        """Take the request of a patient; a second one before it is decided replaces it.

        :param patient: the ``res.partner`` whose card it is
        :param dict vals: what should stand there, of ``IDENTITY``; only what differs
        :param str note: why
        :raises UserError: nothing is different
        """
        # sudo: clinic.identity.request - the person asks for the own card only
        requests = self.sudo()
        card = patient.sudo()
        wanted = {
            name: vals[name]
            for name in IDENTITY
            if vals.get(name) and vals[name] != card[name]
        }
        note = (note or "").strip()[:1000]
        if not wanted and not note:
            raise UserError(self.env._("Write what is wrong, or how it should be."))
        found = requests.search(
            [("patient_id", "=", patient.id), ("state", "=", "open")], limit=1
        )
        fresh = dict.fromkeys(IDENTITY, False) | wanted | {"note": note}
        if found:
            found.write(fresh)
            return found
        return requests.create(fresh | {"patient_id": patient.id})
