from odoo import fields, models

from ..lib.roles import MONEY_GROUPS, PERSON_GROUPS, STAFF_GROUPS


class ResPartner(models.Model):
    """The patient card: numbers, preferences, origin and standing."""

    _inherit = "res.partner"

    card_number = fields.Char(
        string="Card number",
        copy=False,
        help="Number of the patient's card in this clinic.",
        groups=PERSON_GROUPS,
    )
    outpatient_number = fields.Char(
        string="Outpatient number", groups=STAFF_GROUPS, copy=False
    )
    inpatient_number = fields.Char(
        string="Inpatient number", groups=STAFF_GROUPS, copy=False
    )
    national_number = fields.Char(
        string="National health number", groups=STAFF_GROUPS, copy=False
    )
    insurance_number = fields.Char(
        string="Insurance number", groups=STAFF_GROUPS, copy=False
    )

    clinic_area = fields.Char(
        string="Area",
        groups=STAFF_GROUPS,
        help="Quarter or district, to know where patients live.",
    )
    occupation = fields.Char(groups=STAFF_GROUPS)
    employer = fields.Char(groups=STAFF_GROUPS)

    preferred_channel = fields.Selection(
        [
            ("phone", "Telephone"),
            ("sms", "SMS"),
            ("whatsapp", "WhatsApp"),
            ("email", "E-mail"),
            ("letter", "Letter"),
        ],
        string="Preferred channel",
        groups=PERSON_GROUPS,
    )
    responsible_id = fields.Many2one(
        "res.users",
        domain="[('share', '=', False)]",
        groups=STAFF_GROUPS,
        index="btree_not_null",
        help="Who in the clinic looks after this patient.",
    )
    vip_tier = fields.Selection(
        [("silver", "Silver"), ("gold", "Gold"), ("platinum", "Platinum")],
        string="VIP tier",
        groups=STAFF_GROUPS,
    )
    on_treatment = fields.Boolean(string="On treatment", groups=STAFF_GROUPS)
    patient_warning_text = fields.Text(
        string="Warning",
        groups=STAFF_GROUPS,
        help="Shown on top of the card to everyone who opens it.",
    )

    clinic_note = fields.Html(
        string="Notes of the clinic",
        groups=STAFF_GROUPS,
        help="Of the staff; Odoo's own notes on a contact are read by all employees.",
    )

    source_id = fields.Many2one("utm.source", groups=STAFF_GROUPS)
    medium_id = fields.Many2one(
        "utm.medium", string="Marketing medium", groups=STAFF_GROUPS
    )
    campaign_id = fields.Many2one("utm.campaign", groups=STAFF_GROUPS)
    source_detail = fields.Char(
        string="Source detail",
        groups=STAFF_GROUPS,
        help="For example the name of who recommended the clinic.",
    )

    patient_currency_id = fields.Many2one(
        "res.currency", compute="_compute_patient_currency", groups=MONEY_GROUPS
    )
    balance_due = fields.Monetary(
        string="Balance due",
        currency_field="patient_currency_id",
        readonly=True,
        copy=False,
        groups=MONEY_GROUPS,
    )

    _card_number_unique = models.UniqueIndex(
        "(card_number, COALESCE(company_id, 0))"
        " WHERE is_patient IS TRUE AND active IS TRUE AND card_number > ''",
        "Another patient has this card number. Look the number up and correct it on "
        "one of the two cards.",
    )

    # Whoever has such a number is looked up by it in each import.
    _outpatient_number_index = models.Index(
        "(outpatient_number) WHERE outpatient_number > ''"
    )
    _inpatient_number_index = models.Index(
        "(inpatient_number) WHERE inpatient_number > ''"
    )

    def _compute_patient_currency(self):
        for partner in self:
            company = partner.company_id or self.env.company
            partner.patient_currency_id = company.currency_id
