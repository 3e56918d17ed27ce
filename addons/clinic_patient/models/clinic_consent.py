from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError

from odoo.addons.clinic_base.lib import clock


class ClinicConsent(models.Model):
    """One decision of a patient about one kind of consent; FHIR R4 ``Consent``.

    Decisions are only added. The latest one of a patient and kind holds; since that
    follows from their order, cards may be merged, and nothing that was withdrawn
    comes alive again.
    """

    _name = "clinic.consent"
    _description = "Consent of a patient"
    _inherit = ["clinic.gate"]
    _order = "date desc, id desc"
    _rec_name = "kind_id"

    patient_id = fields.Many2one(
        "res.partner",
        required=True,
        index=True,
        ondelete="cascade",
        domain=[("is_patient", "=", True)],
    )
    kind_id = fields.Many2one("clinic.consent.kind", required=True, ondelete="restrict")
    decision = fields.Selection(
        [
            ("given", "Given"),
            ("refused", "Refused"),
            ("withdrawn", "Consent withdrawn"),
        ],
        required=True,
        default="given",
    )
    text_id = fields.Many2one(
        "clinic.consent.text",
        compute="_compute_text_id",
        store=True,
        readonly=False,
        precompute=True,
        ondelete="restrict",
        index="btree_not_null",
        domain="[('kind_id', '=', kind_id)]",
        help="The version that the patient decided about.",
    )
    date = fields.Datetime(required=True, default=fields.Datetime.now)
    channel = fields.Selection(
        [
            ("paper", "On paper"),
            ("spoken", "Spoken at the desk"),
            ("phone", "By telephone"),
            ("portal", "In the portal"),
            ("website", "On the website"),
            ("message", "By message"),
            ("import", "From another system"),
        ],
        required=True,
        default="paper",
    )
    giver_id = fields.Many2one(
        "res.partner",
        string="Decided by",
        compute="_compute_giver_id",
        store=True,
        readonly=False,
        precompute=True,
        index="btree_not_null",
        ondelete="set null",
        help="The patient, or who signs for the patient.",
    )
    set_aside = fields.Boolean(
        readonly=True,
        copy=False,
        help="Two cards of this patient were merged, and the other one said no.",
    )
    evidence = fields.Binary(attachment=True, help="For example the signed sheet.")
    evidence_name = fields.Char()
    note = fields.Char()
    is_current = fields.Boolean(
        string="Holds now", compute="_compute_is_current", search="_search_is_current"
    )

    _latest = models.Index("(patient_id, kind_id, date DESC, id DESC)")

    @api.depends("kind_id", "patient_id")
    def _compute_text_id(self):
        for consent in self:
            if consent.kind_id and consent.text_id.kind_id != consent.kind_id:
                # sudo: res.partner - the language in which the patient reads
                lang = consent.patient_id.sudo().lang
                consent.text_id = consent.kind_id._text(lang)

    @api.depends("patient_id")
    def _compute_giver_id(self):
        for consent in self:
            consent.giver_id = consent.giver_id or consent.patient_id

    @api.depends("patient_id", "kind_id", "date")
    def _compute_is_current(self):
        current = self._current_ids(self.patient_id.ids)
        for consent in self:
            consent.is_current = consent.id in current

    @api.model
    def _current_ids(self, patient_ids):
        """Return the ids of the decisions that hold for these patients."""
        self.flush_model()
        self.env.cr.execute(
            """
            SELECT DISTINCT ON (patient_id, kind_id) id FROM clinic_consent
             WHERE patient_id = ANY(%s) AND set_aside IS NOT TRUE
             ORDER BY patient_id, kind_id, date DESC, id DESC
            """,
            [list(patient_ids)],
        )
        return {row[0] for row in self.env.cr.fetchall()}

    def _search_is_current(self, operator, value):
        if operator != "in":
            return NotImplemented
        self.flush_model()
        self.env.cr.execute(
            """
            SELECT DISTINCT ON (patient_id, kind_id) id FROM clinic_consent
             WHERE set_aside IS NOT TRUE
             ORDER BY patient_id, kind_id, date DESC, id DESC
            """
        )
        current = [row[0] for row in self.env.cr.fetchall()]
        return [("id", "in" if True in value else "not in", current)]

    @api.constrains("date", "text_id", "kind_id", "decision")
    def _check_decision(self):
        for consent in self:
            if consent.date > fields.Datetime.add(clock.now(), minutes=5):
                raise ValidationError(
                    self.env._("Nobody has decided in the future: check the date.")
                )
            if consent.text_id and consent.text_id.kind_id != consent.kind_id:
                raise ValidationError(
                    self.env._("The text belongs to another kind of consent.")
                )
            if consent.kind_id.is_notice and consent.decision == "withdrawn":
                raise ValidationError(
                    self.env._(
                        "“%(kind)s” is a notice: it was read and cannot be withdrawn.",
                        kind=consent.kind_id.name,
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        """Record decisions; those by the patient alone are written by the patient.

        :raises AccessError: of staff, in the name of the portal or the website
        """
        if not self._is_ours() and any(
            vals.get("channel") in ("portal", "website", "message")
            for vals in vals_list
        ):
            raise AccessError(
                self.env._(
                    "Only the patient decides in the portal: say how you heard of it."
                )
            )
        return super().create(vals_list)

    def write(self, vals):
        """Only the evidence may be added afterwards.

        :raises UserError: the decision itself would change
        """
        if vals.keys() - {"evidence", "evidence_name", "note"}:
            raise UserError(
                self.env._(
                    "What was decided is not rewritten: record the new decision."
                )
            )
        return super().write(vals)

    @api.model
    def _decide(self, patient, code, decision, channel, giver=None, text=None):
        """Record a decision that came from outside; repeating it changes nothing.

        :param patient: res.partner
        :param str code: of the kind
        :param str decision: "given", "refused" or "withdrawn"
        :param str channel: see the field
        :param giver: who decided; the patient if left out
        :param text: the version that was read; the one in force if left out
        :return: the decision that holds now
        :raise UserError: there is no such kind
        """
        kind = self.env["clinic.consent.kind"]._by_code(code)
        if not kind:
            raise UserError(self.env._("There is no consent “%(code)s”.", code=code))
        # sudo: clinic.consent - decisions come from patients, who have no rights here
        consents = self.sudo()
        held = consents.browse(consents._current_ids(patient.ids)).filtered(
            lambda consent: consent.kind_id == kind
        )
        if held.decision == decision and (not text or held.text_id == text):
            return held
        vals = {
            "patient_id": patient.id,
            "kind_id": kind.id,
            "decision": decision,
            "channel": channel,
            "giver_id": (giver or patient).id,
        }
        if text:
            vals["text_id"] = text.id
        return consents.create(vals)

    def action_new_decision(self):
        """Record another decision about the same kind."""
        self.ensure_one()
        if not self.has_access("create"):
            raise AccessError(self.env._("You may not record consents."))
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("New decision"),
            "res_model": "clinic.consent",
            "views": [(False, "form")],
            "target": "new",
            "context": {
                "default_patient_id": self.patient_id.id,
                "default_kind_id": self.kind_id.id,
                "default_decision": "withdrawn"
                if self.decision == "given" and not self.kind_id.is_notice
                else "given",
            },
        }
