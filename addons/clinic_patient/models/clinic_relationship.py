from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError

from odoo.addons.clinic_base.lib import clock

from ..lib import birth_dates

BY_LAW = ("parent", "guardian")
RIGHTS = ("can_book", "can_read", "can_sign")
#: What somebody may not give themselves over another person's card.
OWN_INTEREST = {*RIGHTS, "kind", "date_start", "date_end"}


class ClinicRelationship(models.Model):
    """Who is who in a family, and who may act for whom.

    A right holds from ``date_start`` to ``date_stop``, both included. Parents and
    guardians of a minor act until the day before the 18th birthday unless another
    last day is given.

    What a person says of themselves in the portal is no proof: such a relation lets
    them book, and see what they booked, until staff confirm it with a reason. When a
    card of such a relation is merged, it gives nothing any more until then. Nobody
    vouches for themselves: a colleague adds and confirms what an employee is to others.
    """

    _name = "clinic.relationship"
    _description = "Family and guardians"
    _inherit = ["clinic.gate"]
    _order = "patient_id, id"

    _clinic_sealed = frozenset(("patient_id", "guardian_id"))

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
    standing = fields.Selection(
        [
            ("confirmed", "Confirmed"),
            ("declared", "Declared by the person"),
            ("to_confirm", "To be confirmed"),
        ],
        required=True,
        default="confirmed",
        readonly=True,
        copy=False,
        help="Declared: lets book only. To be confirmed: gives no rights.",
    )
    confirmed_by_id = fields.Many2one(
        "res.users", readonly=True, copy=False, ondelete="set null"
    )
    confirmed_at = fields.Datetime(readonly=True, copy=False)
    confirm_reason = fields.Char(string="How it was checked", readonly=True, copy=False)
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
    _unproven = models.Constraint(
        "CHECK (standing = 'confirmed' OR NOT (COALESCE(can_read, FALSE)"
        " OR COALESCE(can_sign, FALSE)))",
        "This person named themselves: confirm the relation before giving the right "
        "to read or to sign.",
    )
    _suspended = models.Constraint(
        "CHECK (standing <> 'to_confirm' OR NOT COALESCE(can_book, FALSE))",
        "This relation is to be confirmed first: use “Confirm”.",
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

    # ------------------------------------------------------------
    # Who vouches for it
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        """Staff who add a relation vouch for it.

        :raises AccessError: the caller says himself that it was confirmed, or is the
            person who gets the rights
        """
        self._check_given(vals_list)
        if self._is_ours():
            return super().create(vals_list)
        vouched = self._vouched(self.env._("Written on the card by staff"))
        relations = super(ClinicRelationship, self._ours()).create(
            [vals | vouched for vals in vals_list]
        )
        relations = relations.with_env(self.env)
        relations._check_not_mine()
        return relations

    def write(self, vals):
        """Change a relation; whose it is stays, so that its proof stays true.

        :raises AccessError: the caller writes the proof, puts in another person, or
            is the person who gets the rights
        """
        if OWN_INTEREST & vals.keys():
            self._check_not_mine()
        return super().write(vals)

    def _check_not_mine(self):
        """Refuse that somebody vouches for themselves.

        :raises AccessError: one of these gives rights to who is acting
        """
        # sudo: clinic.relationship - only whether the user is meant
        persons = self.sudo().guardian_id
        if not self.env.su and self.env.user.partner_id in persons:
            raise AccessError(
                self.env._(
                    "You would give yourself rights on another person's card: ask a "
                    "colleague to do it."
                )
            )

    def _vouched(self, reason):
        return {
            "standing": "confirmed",
            "confirmed_by_id": self.env.uid,
            "confirmed_at": clock.now(),
            "confirm_reason": reason,
        }

    @api.model
    def _declare(self, patient, guardian, kind):
        """Keep what somebody says of themselves: it lets them book, nothing else.

        :param patient: res.partner, a card that this person has just made
        :param guardian: res.partner
        :param str kind: see the field
        """
        # sudo: clinic.relationship - visitors have no rights on it
        return self.sudo().create(
            {
                "patient_id": patient.id,
                "guardian_id": guardian.id,
                "kind": kind,
                "can_book": True,
                "can_read": False,
                "can_sign": False,
                "standing": "declared",
            }
        )

    def action_confirm(self):
        """Ask the staff how they checked it, and which rights it gives."""
        self.ensure_one()
        self.check_access("write")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Confirm the relation"),
            "res_model": "clinic.relationship.confirm",
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_relationship_id": self.id},
        }

    def _confirm(self, reason, rights):
        """Staff checked that the relation is true.

        :param str reason: how, in the words of who checked it
        :param set rights: of ``RIGHTS``
        :raises AccessError: the user is that person
        :raises UserError: no reason, or it is confirmed already
        """
        self.ensure_one()
        self.check_access("write")
        self._check_not_mine()
        if not (reason or "").strip():
            raise UserError(self.env._("Write how the relation was checked."))
        if self.standing == "confirmed":
            raise UserError(self.env._("This relation is confirmed already."))
        vals = self._vouched(reason.strip()) | {name: name in rights for name in RIGHTS}
        self._ours().write(vals)
        # sudo: res.partner - the note stands on the card whoever may write there
        self.patient_id.sudo().message_post(
            author_id=self.env.user.partner_id.id,
            body=self.env._(
                "%(name)s is confirmed to act for this patient. How it was checked: "
                "%(reason)s",
                name=self.display_name,
                reason=reason.strip(),
            ),
        )
