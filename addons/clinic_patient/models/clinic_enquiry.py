from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import email_normalize

from odoo.addons.clinic_base.lib import clock

from ..lib import person_name
from ..lib.enquiry_life import MOST_NAME, MOST_TEXT
from ..lib.roles import ENQUIRY_TEXT_GROUPS

#: States in which nobody has to get back to the person.
ENDED = ("booked", "came", "closed")
#: In how many days somebody gets back to people who may come.
FOLLOW_UP_DAYS = {"high": 1, "medium": 4}
#: What may come from outside with an enquiry.
RECEIVED = frozenset(
    {
        "date",
        "channel",
        "topic_id",
        "text",
        "intention",
        "patient_id",
        "contact_name",
        "phone",
        "email",
        "lang",
        "company_id",
        "event_id",
        "source_id",
        "medium_id",
        "campaign_id",
        "source_detail",
    }
)
#: How each channel is called where it is said that a patient got in touch.
CONTACT_KINDS = {
    "phone": "call",
    "email": "email",
    "web": "website",
    "sms": "message",
    "chat": "message",
}


class ClinicEnquiry(models.Model):
    """Somebody asked something: by telephone, on the website, at an open day.

    Who asks need not be a patient. An enquiry of nobody known keeps the name and the
    address that were given; a person of the staff says whose card it is, or makes one.
    It is never guessed, because an address may be that of a family.
    """

    _name = "clinic.enquiry"
    _description = "Enquiry"
    _inherit = ["clinic.gate", "mail.thread", "mail.activity.mixin"]
    _order = "date desc, id desc"
    _clinic_sealed = frozenset({"date", "channel"})
    _rec_names_search = ["contact_name", "patient_id", "topic_id", "email", "phone"]

    date = fields.Datetime(
        string="Asked", required=True, default=fields.Datetime.now, index=True
    )
    channel = fields.Selection(
        [
            ("phone", "Telephone"),
            ("web", "Website"),
            ("email", "E-mail"),
            ("sms", "SMS"),
            ("chat", "Chat"),
            ("event", "Event"),
            ("desk", "At the desk"),
        ],
        required=True,
        default="phone",
    )
    topic_id = fields.Many2one(
        "clinic.enquiry.topic", index="btree_not_null", ondelete="restrict"
    )
    text = fields.Text(string="Question", groups=ENQUIRY_TEXT_GROUPS)
    answer = fields.Text(groups=ENQUIRY_TEXT_GROUPS)
    intention = fields.Selection(
        [("high", "High"), ("medium", "Medium"), ("none", "None")],
        index=True,
        help="How much the person wants to come, as the conversation showed.",
    )
    patient_id = fields.Many2one(
        "res.partner",
        domain=[("is_patient", "=", True)],
        index="btree_not_null",
        ondelete="cascade",
        tracking=True,
    )
    contact_name = fields.Char(string="Name")
    phone = fields.Char(string="Telephone")
    phone_e164 = fields.Char(
        string="International number",
        compute="_compute_phone_e164",
        store=True,
        index="btree_not_null",
    )
    email = fields.Char(string="E-mail")
    lang = fields.Char(string="Language", readonly=True)
    candidate_ids = fields.Many2many(
        "res.partner",
        string="Cards with this telephone or e-mail",
        compute="_compute_candidate_ids",
    )
    responsible_id = fields.Many2one(
        "res.users",
        domain=[("share", "=", False)],
        default=lambda self: self.env.user if self.env.user._is_internal() else False,
        index="btree_not_null",
        tracking=True,
    )
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    state = fields.Selection(
        [
            ("new", "New"),
            ("answered", "Answered"),
            ("booked", "Booked"),
            ("came", "Came"),
            ("closed", "Closed"),
        ],
        compute="_compute_state",
        store=True,
        index=True,
        tracking=True,
        group_expand=True,
    )
    answered_at = fields.Datetime(string="Answered on", readonly=True, copy=False)
    booked_at = fields.Datetime(string="Booked on", readonly=True, copy=False)
    came_at = fields.Datetime(string="Came on", readonly=True, copy=False)
    closed_at = fields.Datetime(string="Closed on", readonly=True, copy=False)
    thanked_at = fields.Datetime(string="Thanked on", readonly=True, copy=False)
    close_reason = fields.Selection(
        [
            ("no_interest", "No interest"),
            ("price", "Too expensive"),
            ("elsewhere", "Went elsewhere"),
            ("not_offered", "We do not offer it"),
            ("unreachable", "Could not be reached"),
            ("mistake", "Not an enquiry"),
        ],
        tracking=True,
    )
    event_id = fields.Many2one(
        "clinic.marketing.event", index="btree_not_null", ondelete="restrict"
    )
    attended = fields.Boolean(help="The person was at the event.")
    source_id = fields.Many2one("utm.source", index="btree_not_null")
    medium_id = fields.Many2one(
        "utm.medium", string="Marketing medium", index="btree_not_null"
    )
    campaign_id = fields.Many2one("utm.campaign", index="btree_not_null")
    source_detail = fields.Char()
    form_key = fields.Char(copy=False, readonly=True, groups="base.group_system")

    _somebody = models.Constraint(
        "CHECK (patient_id IS NOT NULL OR contact_name > '')",
        "Say who asks: a patient, or at least a name.",
    )
    _form_key_unique = models.UniqueIndex("(form_key) WHERE form_key IS NOT NULL")
    _event_person_unique = models.UniqueIndex(
        "(event_id, lower(contact_name), COALESCE(phone_e164, ''),"
        " COALESCE(lower(email), ''))"
        " WHERE event_id IS NOT NULL AND contact_name > ''",
        "This person is on the list of the event already.",
    )
    _waiting = models.Index("(date) WHERE state = 'new'")

    # ------------------------------------------------------------
    # Computed fields
    # ------------------------------------------------------------

    @api.depends("topic_id", "patient_id", "contact_name")
    def _compute_display_name(self):
        for enquiry in self:
            who = enquiry.patient_id.name or enquiry.contact_name or ""
            topic = enquiry.topic_id.name
            enquiry.display_name = f"{who} · {topic}" if topic else who

    @api.depends("phone")
    def _compute_phone_e164(self):
        phones = self.env["clinic.phone"]
        for enquiry in self:
            enquiry.phone_e164 = enquiry.phone and phones._normalize(enquiry.phone)

    @api.depends("phone_e164", "email", "patient_id")
    def _compute_candidate_ids(self):
        cards = self.env["res.partner"]
        for enquiry in self:
            domain = []
            if enquiry.phone_e164:
                domain = [("phone_ids.e164", "=", enquiry.phone_e164)]
            if email := email_normalize(enquiry.email or ""):
                domain = ["|"] * bool(domain) + domain
                domain += [("email_normalized", "=", email)]
            enquiry.candidate_ids = (
                cards.search([("is_patient", "=", True), *domain], limit=20)
                if domain and not enquiry.patient_id
                else cards
            )

    @api.depends("answered_at", "booked_at", "came_at", "closed_at")
    def _compute_state(self):
        for enquiry in self:
            enquiry.state = (
                "came"
                if enquiry.came_at
                else "booked"
                if enquiry.booked_at
                else "closed"
                if enquiry.closed_at
                else "answered"
                if enquiry.answered_at
                else "new"
            )

    # ------------------------------------------------------------
    # Checks
    # ------------------------------------------------------------

    @api.constrains("contact_name", "text", "answer")
    def _check_lengths(self):
        for enquiry in self.sudo():
            if len(enquiry.contact_name or "") > MOST_NAME:
                raise ValidationError(
                    self.env._(
                        "The name is too long: %(limit)s characters at most are "
                        "stored.",
                        limit=MOST_NAME,
                    )
                )
            if max(len(enquiry.text or ""), len(enquiry.answer or "")) > MOST_TEXT:
                raise ValidationError(
                    self.env._(
                        "The text is too long: %(limit)s characters at most are "
                        "stored.",
                        limit=MOST_TEXT,
                    )
                )

    @api.constrains("email")
    def _check_email(self):
        for enquiry in self:
            if enquiry.email and not email_normalize(enquiry.email):
                raise ValidationError(
                    self.env._(
                        "Write a complete e-mail address, for example name@example.com."
                    )
                )

    @api.constrains("patient_id", "contact_name", "phone", "email")
    def _check_reachable(self):
        for enquiry in self:
            if not (enquiry.patient_id or enquiry.phone or enquiry.email):
                raise ValidationError(
                    self.env._("Give a telephone number or an e-mail address as well.")
                )

    # ------------------------------------------------------------
    # Creating and writing
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        enquiries = super().create(vals_list)
        enquiries._tell_contact()
        enquiries.filtered("intention")._plan_follow_up()
        return enquiries

    def _sealed_fields(self):
        """When and how somebody asked stands; so do the words that came from outside,
        and those that were answered."""
        words = any(
            each.channel not in ("phone", "desk") or each.answered_at for each in self
        )
        return super()._sealed_fields() | ({"text"} if words else set())

    def write(self, vals):
        known = self.filtered("patient_id") if vals.get("patient_id") else self
        meant = {enquiry: enquiry.intention for enquiry in self}
        result = super().write(vals)
        (self - known)._tell_contact()
        if "intention" in vals:
            changed = self.filtered(lambda each: each.intention != meant[each])
            changed._plan_follow_up()
        ended = {"booked_at", "came_at", "closed_at"} & vals.keys()
        if ended:
            self.filtered(lambda each: each.state in ENDED)._drop_follow_up()
        return result

    def _plan_follow_up(self):
        """Have somebody get back to those who may come, the sooner the more they mean
        it; a task that is planned already is moved."""
        self._drop_follow_up()
        today = fields.Date.context_today(self)
        for enquiry in self.filtered(lambda each: each.state not in ENDED):
            days = FOLLOW_UP_DAYS.get(enquiry.intention)
            if days and enquiry.responsible_id:
                enquiry.activity_schedule(
                    "mail.mail_activity_data_call",
                    date_deadline=fields.Date.add(today, days=days),
                    summary=self.env._("Get back to this person"),
                    user_id=enquiry.responsible_id.id,
                )

    def _drop_follow_up(self):
        """Nobody has to get back to them any more."""
        self.activity_unlink(["mail.mail_activity_data_call"])

    def _tell_contact(self):
        """The patients got in touch."""
        for enquiry in self.filtered("patient_id"):
            enquiry.patient_id._contacted(
                CONTACT_KINDS.get(enquiry.channel, "other"), enquiry.topic_id.name
            )

    @api.model
    def _receive(self, vals, form_key=None):
        """Take an enquiry from outside: a form of the website, a chat, a mail.

        A repeat (the same form sent twice, the same person on the list of an event)
        gives the enquiry that is there and changes nothing.

        :param dict vals: fields of the enquiry; ``patient_id`` only where the sender
            is known for certain
        :param str form_key: secret of the form that was filled in, once each
        :returns: ``clinic.enquiry`` in sudo
        :raises ValidationError: says what is missing or wrong
        :raises AccessError: the values hold more than what may come from outside
        :raises UserError: the event is full, over or called off
        """
        # sudo: clinic.enquiry - who asks has no rights and gets none here
        enquiries = self.sudo()
        self.env["clinic.gate"].sudo()._admit([vals], RECEIVED, self)
        if form_key:
            known = enquiries.search([("form_key", "=", form_key)])
            if known:
                return known
        event = enquiries.env["clinic.marketing.event"].browse(vals.get("event_id"))
        if event:
            event._lock_for_registration()
            known = enquiries._registered(event, vals)
            if known:
                return known
            event._check_open()
        enquiry = enquiries.create(
            {"responsible_id": event.responsible_id.id, **vals, "form_key": form_key}
        )
        enquiry._thank()
        return enquiry

    @api.model
    def _registered(self, event, vals):
        """The same person on the list of the event, or empty."""
        phone = self.env["clinic.phone"]._try_normalize(vals.get("phone"))
        name = (vals.get("contact_name") or "").lower()
        email = (vals.get("email") or "").lower()
        return self.search([("event_id", "=", event.id)]).filtered(
            lambda each: (
                (each.contact_name or "").lower() == name
                and (each.phone_e164 or False) == phone
                and (each.email or "").lower() == email
            )
        )

    # ------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------

    def action_answer(self):
        """Say that the person got an answer; once."""
        self.filtered(lambda each: not each.answered_at)._ours().write(
            {"answered_at": clock.now(), "closed_at": False}
        )

    def action_close(self):
        """Nothing will come of these enquiries.

        :raises UserError: no reason was given
        """
        if not all(enquiry.close_reason for enquiry in self):
            raise UserError(
                self.env._("Say first why it is closed, so that the clinic learns.")
            )
        self._ours().write({"closed_at": clock.now()})

    def action_reopen(self):
        """Work on closed enquiries again."""
        self._ours().write({"closed_at": False, "close_reason": False})

    def action_make_card(self):
        """Make a patient card of what is known, and open it to be completed.

        People write their given name first; the last word is taken for the family's.

        :raises UserError: the enquiry has a card already, or no name
        """
        self.ensure_one()
        if self.patient_id:
            raise UserError(self.env._("This enquiry has a card already."))
        given, _blank, family = person_name.clean(self.contact_name).rpartition(" ")
        card = self.env["res.partner"].create(
            {
                "is_patient": True,
                "given_name": given,
                "family_name": family,
                "phone": self.phone,
                "email": self.email,
                "lang": self._known_lang(),
                "company_id": self.company_id.id if self._one_of_several() else False,
                "source_id": self.source_id.id,
                "medium_id": self.medium_id.id,
                "campaign_id": self.campaign_id.id,
                "source_detail": self.source_detail,
            }
        )
        self.patient_id = card
        return self.action_open_patient()

    def _one_of_several(self):
        """Whether cards belong to one company each, as those of the staff do."""
        return bool(self.env.user.partner_id.company_id)

    def _known_lang(self):
        return (
            self.lang if self.env["res.lang"]._get_data(code=self.lang or "") else False
        )

    def action_open_patient(self):
        """Open the card of who asked."""
        self.ensure_one()
        form = self.env.ref("clinic_patient.res_partner_view_form_patient")
        return {
            "type": "ir.actions.act_window",
            "res_model": "res.partner",
            "res_id": self.patient_id.id,
            "views": [(form.id, "form")],
            "view_mode": "form",
        }

    # ------------------------------------------------------------
    # Thanks
    # ------------------------------------------------------------

    def _thanks_subject(self):
        """The subject of the thanks, in the language of the environment."""
        self.ensure_one()
        if not self.event_id:
            return self.env._("Thank you for your message")
        return self.env._("You are registered: %(event)s", event=self.event_id.name)

    def _thank(self):
        """Send a mail that says that the question has arrived; once, and never what
        was asked."""
        # sudo: ir.config_parameter - a setting of the clinic
        settings = self.env["ir.config_parameter"].sudo()
        if settings.get_param("clinic_patient.enquiry_thanks", "1") == "0":
            return
        # sudo: mail.template - the text is the clinic's, whoever asked
        template = self.env.ref("clinic_patient.mail_template_enquiry_thanks").sudo()
        for enquiry in self.filtered(lambda each: each.email and not each.thanked_at):
            self.env["clinic.outbox"]._tell(
                "enquiry_thanks", enquiry, template, address=enquiry.email
            )
            enquiry._ours().thanked_at = clock.now()
