import base64

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools.image import binary_to_image

from odoo.addons.clinic_base.lib import clock
from odoo.addons.clinic_base.lib.ours import is_ours

from ..lib.document_life import KINDS, STATES, TRANSITIONS, has_blanks

REPORT = "clinic_patient.action_report_document"
#: What may still be written once a document is issued: nothing of what it says.
LATER = frozenset({"message_ids", "activity_ids", "message_follower_ids"})


class ClinicDocument(models.Model):
    """A paper that was filled in for a patient, with number and version.

    What was issued stays as it is; a change is a new version that makes the old one
    void. FHIR R4 ``DocumentReference``.
    """

    _name = "clinic.document"
    _description = "Document of a patient"
    _inherit = ["clinic.gate", "portal.mixin", "mail.thread", "mail.activity.mixin"]
    _order = "id desc"
    _rec_names_search = ["name", "title", "patient_id"]

    name = fields.Char(string="Number", readonly=True, copy=False)
    version = fields.Integer(default=1, readonly=True, copy=False)
    title = fields.Char(required=True, readonly=True)
    kind = fields.Selection(KINDS, required=True, readonly=True, default="other")
    template_id = fields.Many2one(
        "clinic.document.template",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
    )
    patient_id = fields.Many2one(
        "res.partner", required=True, readonly=True, index=True, ondelete="restrict"
    )
    company_id = fields.Many2one("res.company", required=True, readonly=True)
    lang = fields.Char(string="Language", readonly=True)
    body = fields.Html(readonly=True, sanitize=True)
    treatment = fields.Char(string="Examination or treatment", readonly=True)
    missing = fields.Text(string="Left open", readonly=True)
    confidential = fields.Boolean(string="Medical", readonly=True)
    needs_signature = fields.Boolean(string="To be signed", readonly=True)
    state = fields.Selection(
        STATES,
        required=True,
        readonly=True,
        default="issued",
        index=True,
        tracking=True,
    )
    issued_by_id = fields.Many2one(
        "res.users", readonly=True, default=lambda self: self.env.user
    )
    issued_on = fields.Datetime(readonly=True, default=fields.Datetime.now)
    previous_id = fields.Many2one(
        "clinic.document",
        string="Replaces",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
    )
    signature = fields.Image(
        readonly=True, copy=False, attachment=True, max_width=1024, max_height=1024
    )
    signed_by = fields.Char(readonly=True, copy=False)
    signed_by_id = fields.Many2one("res.partner", string="Signer", readonly=True)
    signed_on = fields.Datetime(readonly=True, copy=False)

    _patient_issued = models.Index("(patient_id, issued_on DESC)")
    _number_version = models.UniqueIndex(
        "(name, version)", "This version of the document is there already."
    )
    _one_next_version = models.UniqueIndex(
        "(previous_id) WHERE previous_id IS NOT NULL",
        "This document has a newer version already.",
    )
    _signed_whole = models.Constraint(
        "CHECK (state <> 'signed'"
        " OR (signed_by IS NOT NULL AND signed_on IS NOT NULL))",
        "A signed document needs the name of who signed and the time.",
    )

    @api.depends("name", "title", "version")
    def _compute_display_name(self):
        for document in self:
            words = [document.title or "", document.name or ""]
            if document.version > 1:
                words.append(self.env._("version %(number)s", number=document.version))
            document.display_name = " · ".join(words)

    def _compute_access_url(self):
        result = super()._compute_access_url()
        for document in self:
            document.access_url = f"/my/documents/{document.id}"
        return result

    @api.model_create_multi
    def create(self, vals_list):
        """Keep documents to what :meth:`_issue` makes of templates."""
        if not self.env.su:
            raise AccessError(
                self.env._("Documents are made from templates: use *Print documents*.")
            )
        return super().create(vals_list)

    def write(self, vals):
        """Guard what was issued: it changes by buttons only, and never in its words.

        :raises AccessError: always, but for messages and activities
        """
        if not self.env.su and not vals.keys() <= LATER:
            raise AccessError(
                self.env._("A document stays as it was issued: make a new version.")
            )
        return super().write(vals)

    # ------------------------------------------------------------
    # Issuing
    # ------------------------------------------------------------

    @api.model
    def _issue(self, templates, patient, lang=None, previous=None, **sources):
        """Fill templates from a card and keep the result, with its PDF.

        :param templates: ``clinic.document.template``, in the order of printing
        :param patient: ``res.partner``
        :param str lang: code of a language; that of the patient by default
        :param previous: the document of which this is the next version
        :raises AccessError: the user may not read the card, or not issue these
        :returns: the documents, in the same order
        """
        patient.check_access("read")
        self.check_access("create")
        lang = lang or patient.lang or self.env.lang
        filler = self.env["clinic.document.filler"].with_context(lang=lang)
        vals_list = []
        for template in templates.with_context(lang=lang):
            self._check_may_issue(template)
            body, missing = filler._fill(template.body, patient, **sources)
            # sudo: ir.sequence - whoever may issue may number
            sequence = self.env["ir.sequence"].sudo()
            vals_list.append(
                {
                    "name": previous.name
                    if previous
                    else sequence.next_by_code("clinic.document"),
                    "version": previous.version + 1 if previous else 1,
                    "previous_id": previous.id if previous else False,
                    "title": template.name,
                    "kind": template.kind,
                    "template_id": template.id,
                    "patient_id": patient.id,
                    "company_id": (patient.company_id or self.env.company).id,
                    "lang": lang,
                    "body": body,
                    "missing": "\n".join(missing),
                    "confidential": template.confidential,
                    "needs_signature": template.needs_signature,
                    "issued_by_id": self.env.uid,
                    **self._issued_vals(**sources),
                }
            )
        # sudo: clinic.document - the one way to make one; who may was checked above
        documents = self.sudo().create(vals_list).sudo(self.env.su)
        for document in documents:
            document._keep_pdf()
        return documents

    @api.model
    def _issued_vals(self, **sources):
        """Extension point: more values of documents that are issued."""
        return {"treatment": sources.get("treatment")}

    def _sources(self):
        """Extension point: what else this document was filled from."""
        return {"treatment": self.treatment}

    @api.model
    def _check_may_issue(self, template):
        if template.confidential and not (
            self.env.su
            or self.env.user.has_group("clinic_patient.group_clinic_practitioner")
        ):
            raise AccessError(
                self.env._(
                    "“%(name)s” is a medical document: a practitioner issues it.",
                    name=template.name,
                )
            )

    def _keep_pdf(self):
        """Make the PDF and store it with the document, once for each state."""
        self.ensure_one()
        if is_ours(self.env.context, "clinic_no_pdf"):
            # The demo clinic: made when somebody prints.
            return
        # sudo: ir.actions.report - of a document the user has just issued or signed
        report = self.env["ir.actions.report"].sudo()
        report._render_qweb_pdf(REPORT, self.ids)

    def _file_name(self):
        """Name of the PDF; another one for each state that changes the paper."""
        self.ensure_one()
        number = (self.name or "").replace("/", "-")
        state = "" if self.state == "issued" else f"-{self.state}"
        return f"{number}-{self.version}{state}.pdf"

    def _is_kept_file(self, name):
        """Whether a file of this name is the paper itself, which only we write."""
        number = (self.name or "").replace("/", "-")
        return name.startswith(f"{number}-{self.version}") and name.endswith(".pdf")

    def action_new_version(self):
        """Fill the template again, from the card of today; this one becomes void."""
        self.ensure_one()
        if not self.template_id:
            raise UserError(self.env._("The template of this document is gone."))
        new = self._issue(
            self.template_id,
            self.patient_id,
            self.lang,
            previous=self,
            **self._sources(),
        )
        if self.state != "void":
            self._enter("void")
        return new.action_open()

    def action_void(self):
        """Take the document back; it stays, marked as void."""
        self._enter("void")

    def action_signed_on_paper(self):
        """The patient signed the printed paper, which is kept."""
        for document in self:
            document._enter(
                "signed",
                signed_by=document.patient_id.name,
                signed_by_id=document.patient_id.id,
                signed_on=clock.now(),
            )

    def _sign(self, name, signature, partner):
        """The patient, or who may sign for the patient, signs.

        :param str name: as typed beside the signature
        :param signature: base64 image
        :param partner: ``res.partner`` who signs
        :raises UserError: not to be signed now, or no name or signature
        """
        self.ensure_one()
        name = (name or "").strip()[:200]
        if not (self.needs_signature and self.state == "issued"):
            raise UserError(self.env._("This document does not wait for a signature."))
        if self._has_blanks():
            raise UserError(
                self.env._(
                    "This document still has blank lines. The clinic completes it "
                    "first, or you sign it there on paper."
                )
            )
        if not name or not self._is_drawing(signature):
            raise UserError(self.env._("Write your name and sign in the field."))
        self._enter(
            "signed",
            signed_by=name,
            signed_by_id=partner.id,
            signed_on=clock.now(),
            signature=signature,
        )
        self._keep_pdf()

    def _has_blanks(self):
        """Whether something is left to be written by hand: nobody signs that online."""
        self.ensure_one()
        return bool(self.missing) or has_blanks(self.body)

    def _waits_for_signature(self):
        """Whether the patient can sign it in the portal now."""
        self.ensure_one()
        return (
            self.needs_signature and self.state == "issued" and not self._has_blanks()
        )

    def _enter(self, state, **vals):
        """Put documents into a state.

        :raises UserError: it cannot follow the present one
        """
        self.check_access("write")
        for document in self:
            if state not in TRANSITIONS[document.state]:
                raise UserError(
                    self.env._(
                        "%(name)s cannot change like this any more.", name=document.name
                    )
                )
        # sudo: clinic.document - the one way through the states, checked above
        self.sudo().write({"state": state, **vals})

    def action_open(self):
        """Open this document."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "views": [[False, "form"]],
        }

    def action_print(self):
        """The papers as one PDF, in this order, each from its stored one."""
        self.check_access("read")
        for document in self:
            document._keep_pdf()
        return self.env.ref(REPORT).report_action(self)

    def _get_portal_return_action(self):
        """Where staff come back to from the portal page."""
        self.ensure_one()
        return self.env.ref("clinic_patient.clinic_document_action")

    @api.model
    def _is_drawing(self, signature):
        """Whether a text from outside is a picture in base64."""
        try:
            content = base64.b64decode(signature or "", validate=True)
            return bool(content and binary_to_image(content))
        except (TypeError, ValueError, UserError):
            return False
