from odoo import api, fields, models
from odoo.exceptions import RedirectWarning, ValidationError
from odoo.fields import Domain

from odoo.addons.clinic_patient.lib.roles import MONEY_GROUPS, STAFF_GROUPS

#: Odoo's amounts of a lead: staff need a role that sees money, or one of Odoo's sales.
AMOUNTS = {
    "amount",
    "amount_paid",
    "expected_revenue",
    "prorated_revenue",
    "recurring_revenue",
    "recurring_revenue_monthly",
    "recurring_revenue_prorated",
    "recurring_revenue_monthly_prorated",
}
AMOUNT_GROUPS = f"{MONEY_GROUPS},sales_team.group_sale_salesman"


class CrmLead(models.Model):
    """A deal: what the clinic and one patient have to settle, in one pipeline.

    A lead whose team has a pipeline is a deal of the clinic; all others are Odoo's own
    and behave as if this addon were not there. A patient has one open deal in each
    pipeline at most, and the database sees to it.
    """

    _inherit = "crm.lead"

    patient_id = fields.Many2one(
        "res.partner",
        domain=[("is_patient", "=", True)],
        index="btree_not_null",
        ondelete="cascade",
        tracking=True,
        check_company=True,
        groups=STAFF_GROUPS,
    )
    pipeline = fields.Selection(
        related="team_id.pipeline", store=True, groups=STAFF_GROUPS
    )
    is_open = fields.Boolean(
        compute="_compute_is_open",
        store=True,
        help="In a clinic pipeline, neither won nor lost nor archived.",
        groups=STAFF_GROUPS,
    )
    patient_phone = fields.Char(
        related="patient_id.phone", string="Patient's phone", groups=STAFF_GROUPS
    )
    patient_age = fields.Char(related="patient_id.age_text", groups=STAFF_GROUPS)
    topic_id = fields.Many2one(
        "clinic.enquiry.topic",
        index="btree_not_null",
        ondelete="restrict",
        groups=STAFF_GROUPS,
        help="What the patient wants, as enquiries name it.",
    )
    visit_type = fields.Selection(
        [("first", "First visit"), ("repeat", "Repeat visit")], groups=STAFF_GROUPS
    )
    source_detail = fields.Char(
        help="For example the name of who recommended the clinic.", groups=STAFF_GROUPS
    )
    origin_id = fields.Many2one(
        "crm.lead",
        string="Opened by",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
        help="The deal of another pipeline that led to this one.",
        groups=STAFF_GROUPS,
    )
    amount = fields.Monetary(
        compute="_compute_amount",
        store=True,
        currency_field="company_currency",
        groups=STAFF_GROUPS,
        help="Of the treatment plan or the visit; of a deal without one the estimate.",
    )
    amount_paid = fields.Monetary(
        string="Paid",
        compute="_compute_amount",
        store=True,
        currency_field="company_currency",
        groups=STAFF_GROUPS,
        help="What was paid of the treatment plan so far.",
    )
    entry_ids = fields.One2many(
        "clinic.pipeline.entry", "lead_id", readonly=True, groups=STAFF_GROUPS
    )

    _deal_of_somebody = models.Constraint(
        "CHECK (pipeline IS NULL OR patient_id IS NOT NULL)",
        "A deal is about a patient: choose the patient.",
    )
    _one_open_deal = models.UniqueIndex(
        "(patient_id, pipeline) WHERE is_open IS TRUE AND patient_id IS NOT NULL",
        "The patient has an open deal in this pipeline already. Open that one.",
    )
    _open_column = models.Index(
        "(stage_id, priority DESC, id DESC) WHERE is_open IS TRUE"
    )
    _open_count = models.Index(
        "(pipeline, stage_id) INCLUDE (active, next_step_date, company_id, user_id)"
        " WHERE is_open IS TRUE"
    )
    _closed = models.Index(
        "(pipeline, date_closed) WHERE pipeline IS NOT NULL AND date_closed IS NOT NULL"
    )
    _open_stuck = models.Index(
        "(stage_id, date_last_stage_update) WHERE is_open IS TRUE"
    )

    @api.depends("team_id.pipeline", "active", "stage_id.is_won", "stage_id.is_lost")
    def _compute_is_open(self):
        for lead in self:
            stage = lead.stage_id
            lead.is_open = bool(
                lead.team_id.pipeline
                and lead.active
                and not (stage.is_won or stage.is_lost)
            )

    @api.constrains("patient_id", "team_id")
    def _check_patient(self):
        # sudo: crm.lead - whoever writes a lead need not know deals of the clinic
        for deal in self._deals().sudo():
            self._check_is_patient(deal.patient_id)

    @api.model
    def _check_is_patient(self, card):
        """Refuse a deal of nobody, or of a contact without a card.

        :raises ValidationError: says what to do
        """
        if not card:
            raise ValidationError(
                self.env._("A deal is about a patient: choose the patient.")
            )
        if not card.is_patient:
            raise ValidationError(
                self.env._(
                    "%(name)s has no patient card: make the card first, then the deal.",
                    name=card.name,
                )
            )

    @api.depends("expected_revenue", "team_id.pipeline")
    def _compute_amount(self):
        """Leads of sales have none; addons take the amount from what it is for."""
        # sudo: crm.team - sellers need not know which teams are of the clinic
        for lead in self:
            deal = lead.sudo().team_id.pipeline
            lead.amount = lead.expected_revenue if deal else 0
            lead.amount_paid = 0

    def _has_field_access(self, field, operation):
        """Amounts are for those who see money; who has no role sees what Odoo shows."""
        if not super()._has_field_access(field, operation):
            return False
        user = self.env.user
        return (
            field.name not in AMOUNTS
            or self.env.su
            or not user.has_group(STAFF_GROUPS)
            or user.has_groups(AMOUNT_GROUPS)
        )

    @api.model
    def _search_display_name(self, operator, value):
        """Staff find a deal by its patient, too."""
        domain = super()._search_display_name(operator, value)
        if not self.env.user.has_group(STAFF_GROUPS):
            return domain
        patients = Domain("patient_id.display_name", operator, value)
        if operator in Domain.NEGATIVE_OPERATORS:
            return Domain(domain) & patients
        return Domain(domain) | patients

    # ------------------------------------------------------------
    # What Odoo computes for sales and the clinic does not want
    # ------------------------------------------------------------

    def _deals(self):
        """Those that are deals of the clinic."""
        # sudo: crm.team - sellers need not know which teams are of the clinic
        return self.filtered(lambda lead: lead.sudo().team_id.pipeline)

    def _compute_team_id(self):
        """A deal stays in its pipeline, whoever is responsible."""
        leads = self - self._deals()
        return super(CrmLead, leads)._compute_team_id() if leads else None

    @api.depends("user_id", "team_id", "partner_id", "patient_id.company_id")
    def _compute_company_id(self):
        deals = self._deals()
        for deal in deals:
            deal.company_id = deal.patient_id.company_id or deal.company_id
        leads = self - deals
        return super(CrmLead, leads)._compute_company_id() if leads else None

    @api.depends("topic_id")
    def _compute_name(self):
        deals = self._deals()
        # sudo: crm.team, clinic.enquiry.topic - names, whoever opens the deal
        for deal in deals:
            unnamed = deal.name in (False, "", deal.sudo().team_id.name)
            if unnamed:
                topic, team = deal.sudo().topic_id, deal.sudo().team_id
                deal.name = topic.name or team.name
        leads = self - deals
        return super(CrmLead, leads)._compute_name() if leads else None

    @api.depends("patient_id")
    def _compute_display_name(self):
        # sudo: crm.lead - sellers need not know which leads are of the clinic
        deals = self.filtered(lambda lead: lead.sudo().patient_id)
        for deal in deals:
            deal.display_name = f"{deal.sudo().patient_id.name} · {deal.name}"
        leads = self - deals
        return super(CrmLead, leads)._compute_display_name() if leads else None

    def _compute_probabilities(self):
        """No prediction is made of patients."""
        deals = self._deals()
        for deal in deals:
            deal.probability = 100 if deal.stage_id.is_won else 0
            deal.automated_probability = deal.probability
        leads = self - deals
        return super(CrmLead, leads)._compute_probabilities() if leads else None

    @api.depends("stage_id.is_lost")
    def _compute_won_status(self):
        deals = self._deals()
        for deal in deals:
            stage = deal.stage_id
            deal.won_status = (
                "won" if stage.is_won else "lost" if stage.is_lost else "pending"
            )
        leads = self - deals
        return super(CrmLead, leads)._compute_won_status() if leads else None

    def _handle_won_lost(self, old_status_by_lead, new_status_by_lead):
        return super(CrmLead, self - self._deals())._handle_won_lost(
            old_status_by_lead, new_status_by_lead
        )

    @api.model
    def _read_group_stage_ids(self, stages, domain):
        """The columns of a pipeline are its own stages, those without deals too."""
        # sudo: crm.team - sellers need not know which teams are of the clinic
        team = (
            self.env["crm.team"].sudo().browse(self.env.context.get("default_team_id"))
        )
        if team.pipeline:
            return stages.search(
                ["|", ("id", "in", stages.ids), ("team_ids", "in", team.ids)]
            )
        return super()._read_group_stage_ids(stages, domain)

    def _stage_find(self, team_id=False, domain=None, order="sequence, id", limit=1):
        """A deal starts in a stage of its own pipeline."""
        teams = self.team_id | self.env["crm.team"].browse(team_id or [])
        # sudo: crm.team - sellers need not know which teams are of the clinic
        if not teams.sudo().filtered("pipeline"):
            return super()._stage_find(team_id, domain, order, limit)
        own = Domain("team_ids", "in", teams.ids) & Domain(domain or Domain.TRUE)
        return self.env["crm.stage"].search(own, order=order, limit=limit)

    def get_formview_id(self, access_uid=None):
        """A deal opens in the clinic's words, wherever it is opened from."""
        if len(self) == 1 and self._deals():
            return self.env.ref("clinic_pipeline.clinic_deal_view_form").id
        return super().get_formview_id(access_uid=access_uid)

    @api.model
    def _speaks_clinic(self):
        """Whether the user knows deals of the clinic and no opportunities of sales."""
        return self.env.user.has_group(
            "clinic_patient.group_clinic_user"
        ) and not self.env.user.has_group("sales_team.group_sale_salesman")

    @api.model
    def _get_view_cache_key(self, view_id=None, view_type="form", **options):
        key = super()._get_view_cache_key(view_id, view_type, **options)
        return key + (self._speaks_clinic(),)

    @api.model
    def _get_view(self, view_id=None, view_type="form", **options):
        """Whatever link leads to a deal, staff see it in the clinic's words: Odoo's own
        views ask for figures of sales that they may not read."""
        if not view_id and self._speaks_clinic():
            name = f"clinic_pipeline.clinic_deal_view_{view_type}"
            view_id = self.env["ir.model.data"]._xmlid_to_res_id(name) or None
        return super()._get_view(view_id, view_type, **options)

    @api.readonly
    def action_view_patient(self):
        """Open the card of the patient."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "clinic_patient.clinic_patient_action"
        )
        form = self.env.ref("clinic_patient.res_partner_view_form_patient")
        return dict(
            action,
            res_id=self.patient_id.id,
            view_mode="form",
            views=[(form.id, "form")],
            context={},
        )

    # ------------------------------------------------------------
    # Creating
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        """Open deals; a person is led to the open deal that is there already.

        :raises RedirectWarning: the patient has an open deal in that pipeline
        :raises AccessError: the user opens no leads, or names no patients
        """
        self._check_may_name_patients(vals_list)
        vals_list = [self._prepare_deal_vals(dict(vals)) for vals in vals_list]
        self._check_no_open_deal(vals_list)
        leads = super().create(vals_list)
        deals = leads._deals()
        for stage, entered in deals.grouped("stage_id").items():
            entered._check_facts(stage)
        if deals:
            deals._after_stage()
        return leads

    @api.model
    def _check_may_name_patients(self, vals_list):
        """Refuse as Odoo does, before anything is looked up of the person named."""
        self.check_access("create")
        named = "default_patient_id" in self.env.context
        if named or any("patient_id" in vals for vals in vals_list):
            self._check_field_access(self._fields["patient_id"], "write")

    @api.model
    def default_get(self, fields):
        """A deal that begins nowhere else begins among the appointments."""
        values = super().default_get(fields)
        if "team_id" in fields and self._speaks_clinic() and not values.get("team_id"):
            values["team_id"] = self._default_pipeline().id
        return values

    @api.model
    def _default_pipeline(self):
        """The pipeline of a deal for which none is said."""
        # sudo: crm.team - sellers need not know which teams are of the clinic
        return self.env["crm.team"].sudo().search([("pipeline", "=", "appointments")])

    @api.model
    def _prepare_deal_vals(self, vals):
        """Complete the values of a deal from the card of the patient.

        :raises ValidationError: nobody, or somebody without a card, is named
        """
        context = self.env.context
        patient_id = vals.get("patient_id") or context.get("default_patient_id")
        team_id = vals.get("team_id") or context.get("default_team_id")
        # sudo: crm.team - sellers need not know which teams are of the clinic
        team = self.env["crm.team"].sudo().browse(team_id)
        if patient_id and not team:
            team = self._default_pipeline()
        if not team.pipeline:
            return vals
        card = self.env["res.partner"].browse(patient_id or ())
        # Before anything is said of the card: its name, or that it has a deal.
        card.check_access("read")
        # sudo: res.partner - the deal takes over where the patient came from
        card = card.sudo()
        self._check_is_patient(card)
        vals.setdefault("team_id", team.id)
        vals["type"] = "opportunity"
        if not vals.get("name"):
            topic = self.env["clinic.enquiry.topic"].browse(vals.get("topic_id"))
            vals["name"] = topic.name or team.name
        if not (vals.get("stage_id") or context.get("default_stage_id")):
            vals["stage_id"] = self._first_stage(team, card).id
        if card.company_id or "company_id" not in vals:
            vals["company_id"] = card.company_id.id
        for name in ("source_id", "medium_id", "campaign_id", "source_detail"):
            if not vals.get(name) and not context.get(f"default_{name}"):
                value = card[name]
                vals[name] = value.id if name.endswith("_id") else value
        if "user_id" not in vals and self.env.su:
            vals["user_id"] = team._choose_owner(card, vals).id
        return vals

    @api.model
    def _first_stage(self, team, card):
        """Where a new deal of this patient begins: what the card says, not the first
        column.

        :param team: crm.team with a pipeline
        :param card: res.partner in sudo
        """
        if team.pipeline == "base":
            name = "on_treatment" if card.on_treatment else "base"
        elif team.pipeline == "reanimation":
            name = "used_to_come" if card in card._who_came() else "never_came"
        else:
            return self.env["crm.stage"].search(
                [("team_ids", "in", team.ids)], order="sequence, id", limit=1
            )
        return self.env["crm.stage"]._by_key(f"{team.pipeline}.{name}")

    @api.model
    def _check_no_open_deal(self, vals_list):
        """Say which open deal is in the way; the unique index is what guarantees."""
        for vals in vals_list:
            # sudo: crm.team - sellers need not know which teams are of the clinic
            team = self.env["crm.team"].sudo().browse(vals.get("team_id"))
            patient = self.env["res.partner"].browse(vals.get("patient_id"))
            if not (team.pipeline and patient) or not vals.get("active", True):
                continue
            stage = self.env["crm.stage"].browse(vals.get("stage_id"))
            if stage.is_won or stage.is_lost:
                continue
            deal = self._open_deals(patient, team.pipeline)
            if deal:
                raise deal._already_open()

    def _already_open(self):
        """The refusal that leads to this open deal."""
        self.ensure_one()
        return RedirectWarning(
            self.env._(
                "%(patient)s has an open deal in %(pipeline)s already: it is in "
                "“%(stage)s”.",
                patient=self.patient_id.name,
                pipeline=self.team_id.name,
                stage=self.stage_id.name,
            ),
            {
                "type": "ir.actions.act_window",
                "res_model": "crm.lead",
                "res_id": self.id,
                "views": [(False, "form")],
                "view_mode": "form",
            },
            self.env._("Open that deal"),
        )

    @api.model
    def _open_deals(self, patient, pipeline=None):
        """The open deals of a patient, in one pipeline or in all."""
        domain = [("patient_id", "=", patient.id), ("is_open", "=", True)]
        if pipeline:
            domain.append(("pipeline", "=", pipeline))
        # sudo: crm.lead - one open deal for each patient, whoever may see it
        return self.sudo().search(domain)
