from markupsafe import Markup

from odoo import Command, api, fields, models
from odoo.exceptions import UserError


class ClinicDocumentPrint(models.TransientModel):
    """Choose papers for a patient, see what is missing, issue and print them."""

    _name = "clinic.document.print"
    _description = "Print documents"

    patient_id = fields.Many2one(
        "res.partner", required=True, domain=[("is_patient", "=", True)]
    )
    bundle_id = fields.Many2one("clinic.document.bundle")
    template_ids = fields.Many2many(
        "clinic.document.template",
        "clinic_document_print_template_rel",
        string="Papers",
        compute="_compute_template_ids",
        store=True,
        readonly=False,
    )
    lang = fields.Selection(
        selection=lambda self: self.env["res.lang"].get_installed(),
        string="Language",
        compute="_compute_lang",
        store=True,
        readonly=False,
    )
    asks_treatment = fields.Boolean(
        string="Asks for the treatment", compute="_compute_asks_treatment"
    )
    treatment = fields.Char(
        string="Examination or treatment",
        help="What the patient agrees to, in words for the patient.",
    )
    missing = fields.Text(compute="_compute_preview", string="To fill in first")
    preview = fields.Html(compute="_compute_preview", sanitize=False)

    @api.depends("bundle_id")
    def _compute_template_ids(self):
        for wizard in self:
            if wizard.bundle_id:
                chosen = wizard.bundle_id.line_ids.sorted().template_id
                wizard.template_ids = [Command.set(chosen.ids)]

    @api.depends("patient_id")
    def _compute_lang(self):
        installed = dict(self.env["res.lang"].get_installed())
        for wizard in self:
            lang = wizard.patient_id.lang or self.env.lang
            wizard.lang = lang if lang in installed else self.env.lang

    @api.depends("template_ids", "lang")
    def _compute_asks_treatment(self):
        filler = self.env["clinic.document.filler"]
        for wizard in self:
            templates = wizard.template_ids.with_context(lang=wizard.lang)
            wizard.asks_treatment = any(
                filler._asks(template.body, "treatment") for template in templates
            )

    @api.depends("patient_id", "template_ids", "lang", "treatment")
    def _compute_preview(self):
        for wizard in self:
            bodies, missing = [], []
            if wizard.patient_id:
                filler = self.env["clinic.document.filler"].with_context(
                    lang=wizard.lang
                )
                for template in wizard._ordered():
                    body, left = filler._fill(
                        template.with_context(lang=wizard.lang).body,
                        wizard.patient_id._origin,
                        **wizard._sources(),
                    )
                    bodies.append(Markup("<h3>{}</h3>").format(template.name) + body)
                    missing += [label for label in left if label not in missing]
            wizard.preview = Markup("<hr/>").join(bodies)
            wizard.missing = "\n".join(missing)

    def _ordered(self):
        """The chosen papers, in the order of the bundle, then of their own."""
        self.ensure_one()
        chosen = self.template_ids._origin
        order = self.bundle_id.line_ids.sorted().template_id
        return (order & chosen) + (chosen - order).sorted()

    def _sources(self):
        """Extension point: what else the papers are filled from."""
        self.ensure_one()
        return {"treatment": self.treatment}

    @api.model
    def _open(self, **defaults):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Print documents"),
            "res_model": self._name,
            "view_mode": "form",
            "views": [[False, "form"]],
            "target": "new",
            "context": {f"default_{name}": value for name, value in defaults.items()},
        }

    def action_issue(self):
        """Keep the papers on the card and print them as one file."""
        self.ensure_one()
        templates = self._ordered()
        if not templates:
            raise UserError(self.env._("Choose a bundle, or the papers to print."))
        documents = self.env["clinic.document"]._issue(
            templates, self.patient_id, self.lang, **self._sources()
        )
        return dict(documents.action_print(), close_on_report_download=True)
