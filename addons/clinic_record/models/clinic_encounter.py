from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError

from odoo.addons.clinic_base.lib import clock
from odoo.addons.clinic_base.models.fields import MeasuredFloat, MeasuredInteger

from ..lib.encounter_life import CONTENT, LIFE, STATES, VITALS

CHIEF_DOCTOR = "clinic_patient.group_clinic_chief_doctor"


def _within(field):
    low, high, _unit = VITALS[field]
    return f"CHECK ({field} IS NULL OR {field} BETWEEN {low} AND {high})"


class ClinicEncounter(models.Model):
    """What a practitioner found, thought and ordered when a patient came.

    FHIR R4 ``Encounter``. Written by the one who saw the patient, who signs it; from
    then on nothing of it changes, for anyone: what is added is an amendment with its
    author and time. The chief doctor reviews what was signed.
    """

    _name = "clinic.encounter"
    _description = "Encounter"
    _inherit = ["clinic.gate", "mail.thread", "mail.activity.mixin"]
    _order = "start desc, id desc"
    _rec_names_search = ["name", "patient_id"]
    _check_company_auto = True
    _mail_post_access = "read"

    name = fields.Char(string="Number", readonly=True, copy=False)
    patient_id = fields.Many2one(
        "res.partner",
        required=True,
        index=True,
        domain=[("is_patient", "=", True)],
        ondelete="restrict",
    )
    practitioner_id = fields.Many2one(
        "res.users",
        required=True,
        index=True,
        readonly=True,
        default=lambda self: self.env.user,
        help="Who saw the patient, writes this and signs it.",
    )
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    state = fields.Selection(
        STATES,
        required=True,
        readonly=True,
        default="draft",
        copy=False,
        index=True,
        tracking=True,
    )
    start = fields.Datetime(required=True, default=fields.Datetime.now)
    stop = fields.Datetime(string="End", help="Empty: the moment of signing.")
    template_id = fields.Many2one(
        "clinic.encounter.template", ondelete="set null", index="btree_not_null"
    )
    complaint = fields.Text(
        string="Chief complaint",
        help="What the patient comes with, in the patient's words.",
    )
    history = fields.Text(string="Medical history")
    examination = fields.Text(string="Findings")
    plan = fields.Text(help="What is to be done, by whom and when.")
    systolic = MeasuredInteger(string="Systolic (mmHg)", aggregator=None)
    diastolic = MeasuredInteger(string="Diastolic (mmHg)", aggregator=None)
    heart_rate = MeasuredInteger(string="Pulse (/min)", aggregator=None)
    respiratory_rate = MeasuredInteger(string="Breaths (/min)", aggregator=None)
    temperature = MeasuredFloat(
        string="Temperature (°C)", digits=(4, 1), aggregator=None
    )
    oxygen_saturation = MeasuredInteger(string="Oxygen (%)", aggregator=None)
    height = MeasuredFloat(string="Height (cm)", digits=(5, 1), aggregator=None)
    weight = MeasuredFloat(string="Weight (kg)", digits=(6, 2), aggregator=None)
    body_mass_index = fields.Float(
        string="BMI (kg/m²)", compute="_compute_body_mass_index", digits=(5, 1)
    )
    diagnosis_ids = fields.One2many("clinic.encounter.diagnosis", "encounter_id")
    main_condition_id = fields.Many2one(
        "clinic.condition",
        string="Main diagnosis",
        compute="_compute_main_condition_id",
        store=True,
        index="btree_not_null",
    )
    medication_ids = fields.One2many(
        "clinic.medication.request", "encounter_id", string="Prescriptions"
    )
    amendment_ids = fields.One2many("clinic.encounter.amendment", "encounter_id")
    signed_on = fields.Datetime(readonly=True, copy=False)
    reviewed_by_id = fields.Many2one("res.users", readonly=True, copy=False)
    reviewed_on = fields.Datetime(readonly=True, copy=False)
    review_comment = fields.Text(
        string="Remark of the chief doctor",
        copy=False,
        help="Needed to return an encounter; the practitioner answers by an amendment.",
    )
    previous_ids = fields.Many2many(
        "clinic.encounter", string="Before", compute="_compute_previous_ids"
    )
    allergies = fields.Text(related="patient_id.allergies", readonly=False)
    patient_warning_text = fields.Text(related="patient_id.patient_warning_text")
    condition_ids = fields.Many2many(
        related="patient_id.condition_ids", string="Known conditions"
    )
    age_text = fields.Char(related="patient_id.age_text")
    sex = fields.Selection(related="patient_id.sex")

    _patient_start = models.Index("(patient_id, start DESC)")
    _period = models.Constraint(
        "CHECK (stop IS NULL OR stop >= start)", "An encounter ends after it begins."
    )
    _signed_whole = models.Constraint(
        "CHECK (state = 'draft' OR signed_on IS NOT NULL)",
        "A signed encounter has the time of its signature.",
    )
    _systolic_sane = models.Constraint(
        _within("systolic"), "The systolic pressure lies between 40 and 300 mmHg."
    )
    _diastolic_sane = models.Constraint(
        _within("diastolic"), "The diastolic pressure lies between 20 and 200 mmHg."
    )
    _pressure_sane = models.Constraint(
        "CHECK (systolic IS NULL OR diastolic IS NULL OR systolic > diastolic)",
        "The systolic pressure is the higher one.",
    )
    _heart_rate_sane = models.Constraint(
        _within("heart_rate"), "The pulse lies between 20 and 300 a minute."
    )
    _respiratory_rate_sane = models.Constraint(
        _within("respiratory_rate"), "Breaths lie between 4 and 100 a minute."
    )
    _temperature_sane = models.Constraint(
        _within("temperature"), "The temperature lies between 25 and 45 °C."
    )
    _oxygen_saturation_sane = models.Constraint(
        _within("oxygen_saturation"), "The oxygen saturation lies between 30 and 100 %."
    )
    _height_sane = models.Constraint(
        _within("height"), "The height lies between 20 and 260 cm."
    )
    _weight_sane = models.Constraint(
        _within("weight"), "The weight lies between 0.2 and 500 kg."
    )

    @api.depends("height", "weight")
    def _compute_body_mass_index(self):
        for encounter in self:
            metres = (encounter.height or 0) / 100
            encounter.body_mass_index = (
                encounter.weight / metres**2 if metres and encounter.weight else 0
            )

    @api.depends("diagnosis_ids.rank", "diagnosis_ids.condition_id")
    def _compute_main_condition_id(self):
        for encounter in self:
            main = encounter.diagnosis_ids.filtered(lambda line: line.rank == "main")
            encounter.main_condition_id = main[:1].condition_id

    @api.depends("patient_id")
    def _compute_previous_ids(self):
        for encounter in self:
            encounter.previous_ids = encounter._previous(limit=6)

    @api.depends("name", "start")
    @api.depends_context("tz", "lang")
    def _compute_display_name(self):
        for encounter in self:
            day = fields.Datetime.context_timestamp(
                self, encounter.start or clock.now()
            ).date()
            encounter.display_name = " · ".join(
                (
                    encounter.name or self.env._("New encounter"),
                    self.env["ir.qweb.field.date"].value_to_html(day, {}),
                )
            )

    @api.constrains("patient_id")
    def _check_patient(self):
        for encounter in self:
            if not encounter.patient_id.is_patient:
                raise ValidationError(
                    self.env._("Choose a patient: an encounter stands on a card.")
                )

    @api.model_create_multi
    def create(self, vals_list):
        """Begin encounters, each as a draft of who writes it.

        :raises AccessError: in the name of a colleague, signed already, or for
            somebody whom the user does not treat
        """
        vals_list = [dict(vals) for vals in vals_list]
        for vals in vals_list:
            if not self.env.su and (
                vals.get("practitioner_id", self.env.uid) != self.env.uid
                or vals.get("state", "draft") != "draft"
                or (LIFE - {"state", "name"}) & vals.keys()
            ):
                raise AccessError(
                    self.env._("An encounter is begun by who sees the patient.")
                )
            if not self.env.su:
                for name in ("practitioner_id", "state", "name"):
                    vals.pop(name, None)
        self._check_given(vals_list)
        for vals in vals_list:
            # sudo: ir.sequence - whoever may write an encounter may number it
            sequence = self.env["ir.sequence"].sudo()
            vals["name"] = sequence.next_by_code("clinic.encounter")
        encounters = super(ClinicEncounter, self._ours()).create(vals_list)
        encounters = encounters.with_env(self.env)
        encounters._check_treated()
        encounters.patient_id._log_opening("encounter")
        return encounters

    def write(self, vals):
        """Guard what was signed, and who writes.

        :raises UserError: it is signed
        :raises AccessError: it is a colleague's, a matter of the chief doctor, or of
            a patient whom the user does not treat
        """
        if CONTENT & vals.keys():
            self._check_editable()
        if not self.env.su:
            if LIFE & vals.keys():
                raise AccessError(self.env._("Use the buttons to sign and to review."))
            if "review_comment" in vals and not self.env.user.has_group(CHIEF_DOCTOR):
                raise AccessError(self.env._("Only the chief doctor writes remarks."))
        result = super().write(vals)
        if "patient_id" in vals:
            self._check_treated()
            self.patient_id._log_opening("encounter")
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_signed(self):
        self._check_editable()

    def _check_editable(self):
        """Whether the encounter may still be written, and by this user.

        :raises UserError: it is signed
        :raises AccessError: it is a colleague's
        """
        for encounter in self:
            if encounter.state != "draft":
                raise UserError(
                    self.env._(
                        "%(number)s is signed and stays as it is: add an amendment.",
                        number=encounter.name,
                    )
                )
            if not self.env.su and encounter.practitioner_id != self.env.user:
                raise AccessError(
                    self.env._("Only who saw the patient writes this encounter.")
                )

    def _previous(self, limit):
        """The signed encounters of the patient that the reader may see, latest first.

        :param int limit: how many
        """
        self.ensure_one()
        if not self.patient_id:
            return self.browse()
        return self.search(
            [
                ("patient_id", "=", self.patient_id._origin.id),
                ("state", "!=", "draft"),
                ("id", "!=", self._origin.id),
            ],
            limit=limit,
        )
