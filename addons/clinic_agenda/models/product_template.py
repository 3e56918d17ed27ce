from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from odoo.addons.clinic_patient.lib.roles import STAFF_GROUPS


class ProductTemplate(models.Model):
    """A product that is a healthcare service can be booked in the agenda.

    FHIR R4 ``HealthcareService``. Prices, taxes and price lists stay Odoo's.
    """

    _inherit = "product.template"

    is_healthcare_service = fields.Boolean(
        help="Patients are seen for it: it has a duration, practitioners who offer it "
        "and free times.",
        groups=STAFF_GROUPS,
    )
    specialty_id = fields.Many2one(
        "clinic.specialty",
        index="btree_not_null",
        ondelete="restrict",
        groups=STAFF_GROUPS,
    )
    synonyms = fields.Char(
        translate=True,
        help="Words patients use for it, separated by commas: ECG, heart trace",
        groups=STAFF_GROUPS,
    )
    duration = fields.Integer(
        string="Duration (minutes)",
        default=30,
        help="Length of the visit when the practitioner's offer gives no other.",
        groups=STAFF_GROUPS,
    )
    buffer_before = fields.Integer(
        string="Preparation before (minutes)",
        help="Time in which practitioner, room and equipment are busy before the "
        "patient comes in.",
        groups=STAFF_GROUPS,
    )
    buffer_after = fields.Integer(
        string="Tidying after (minutes)",
        help="Time in which practitioner, room and equipment are busy after the "
        "patient has left.",
        groups=STAFF_GROUPS,
    )
    slot_step = fields.Integer(
        string="Start every (minutes)",
        help="Distance of possible starting times. 0: as long as the visit lasts.",
        groups=STAFF_GROUPS,
    )
    room_required = fields.Boolean(
        help="A free room is looked for when the schedule does not name one.",
        groups=STAFF_GROUPS,
    )
    equipment_category_ids = fields.Many2many(
        "clinic.equipment.category",
        "clinic_service_equipment_category_rel",
        "service_id",
        "category_id",
        string="Equipment needed",
        help="One free device of each kind is reserved with the visit.",
        groups=STAFF_GROUPS,
    )
    preparation = fields.Html(
        translate=True,
        string="How to prepare",
        help="Shown before booking and sent with the confirmation.",
        groups=STAFF_GROUPS,
    )
    age_from = fields.Integer(
        string="From age",
        help="In years on the day of the visit; 0: any age.",
        groups=STAFF_GROUPS,
    )
    age_to = fields.Integer(
        string="Up to age",
        help="In years on the day of the visit, this age included; 0: any age.",
        groups=STAFF_GROUPS,
    )
    for_sex = fields.Selection(
        [("female", "Women only"), ("male", "Men only")],
        string="For",
        help="Empty: everybody.",
        groups=STAFF_GROUPS,
    )
    online_bookable = fields.Boolean(
        string="Booking on the website", default=True, groups=STAFF_GROUPS
    )
    online_discount = fields.Float(
        string="Online discount (%)",
        help="Taken off the price of visits booked on the website.",
        groups=STAFF_GROUPS,
    )
    prepayment = fields.Selection(
        [("none", "None"), ("optional", "Optional"), ("required", "Required")],
        default="none",
        required=True,
        string="Online payment",
        groups=STAFF_GROUPS,
    )
    notice_minutes = fields.Integer(
        string="Shortest notice for this service (minutes)",
        help="0: as the location says.",
        groups=STAFF_GROUPS,
    )
    recall_months = fields.Integer(
        string="Recall after (months)",
        help="Default of recalls; 0: no recall.",
        groups=STAFF_GROUPS,
    )
    reminder_hours = fields.Integer(
        string="Reminder before (hours)",
        default=24,
        help="0: no reminder.",
        groups=STAFF_GROUPS,
    )
    offer_ids = fields.One2many("clinic.offer", "service_id", groups=STAFF_GROUPS)
    offer_count = fields.Integer(compute="_compute_offer_count", groups=STAFF_GROUPS)

    _healthcare_duration = models.Constraint(
        "CHECK (NOT is_healthcare_service OR duration BETWEEN 1 AND 720)",
        "A visit lasts between 1 and 720 minutes: correct the duration.",
    )
    _healthcare_buffers = models.Constraint(
        "CHECK (NOT is_healthcare_service OR (buffer_before BETWEEN 0 AND 240"
        " AND buffer_after BETWEEN 0 AND 240 AND slot_step BETWEEN 0 AND 720))",
        "Preparation and tidying take at most 240 minutes and are never negative.",
    )
    _healthcare_ages = models.Constraint(
        "CHECK (COALESCE(age_from, 0) BETWEEN 0 AND 125"
        " AND COALESCE(age_to, 0) BETWEEN 0 AND 125"
        " AND (COALESCE(age_to, 0) = 0 OR COALESCE(age_from, 0) <= age_to))",
        "Ages are years from 0 to 125, the lower one first.",
    )
    _online_discount_percent = models.Constraint(
        "CHECK (online_discount BETWEEN 0 AND 100)",
        "The online discount is a percentage between 0 and 100.",
    )
    _healthcare_specialty = models.Index(
        "(specialty_id) WHERE is_healthcare_service AND active"
    )

    @api.depends("offer_ids")
    def _compute_offer_count(self):
        counts = dict(
            self.env["clinic.offer"]._read_group(
                [("service_id", "in", self.ids)], ["service_id"], ["__count"]
            )
        )
        for service in self:
            service.offer_count = counts.get(service._origin, 0)

    @api.constrains("is_healthcare_service", "type")
    def _check_healthcare_type(self):
        # sudo: product.template - who keeps products need not know of the agenda
        for product in self.sudo():
            if product.is_healthcare_service and product.type != "service":
                raise ValidationError(
                    self.env._(
                        "%(name)s can be booked in the agenda, so its product type "
                        "must be Service.",
                        name=product.name,
                    )
                )

    def _person_problem(self, born, sex, day):
        """Say why the service is not for a person, and by which of the person's facts.

        The one place that knows; a fact that is not known refuses nobody.

        :param date born: birth date, if known
        :param str sex: as of the card, if known
        :param date day: of the visit
        :returns: ``("birth_date" or "sex" or None, words or None)``
        """
        self.ensure_one()
        # sudo: product.template - who may come is public
        service = self.sudo()
        if service.for_sex and sex in ("female", "male") and sex != service.for_sex:
            problem = (
                self.env._("This visit is for women only. Please choose another one.")
                if service.for_sex == "female"
                else self.env._(
                    "This visit is for men only. Please choose another one."
                )
            )
            return "sex", problem
        age = relativedelta(day, born).years if born else None
        if age is not None and age < service.age_from:
            words = self.env._(
                "This visit is for people from %(age)s years of age. Please choose "
                "another one.",
                age=service.age_from,
            )
            return "birth_date", words
        if age is not None and service.age_to and age > service.age_to:
            words = self.env._(
                "This visit is for people up to %(age)s years of age. Please choose "
                "another one.",
                age=service.age_to,
            )
            return "birth_date", words
        return None, None

    def _person_words(self):
        """For whom the service is, as the page of free times says it; empty: all."""
        self.ensure_one()
        # sudo: product.template - who may come is public
        service = self.sudo()
        sexes = dict(self._fields["for_sex"]._description_selection(self.env))
        words = [
            sexes.get(service.for_sex),
            service.age_from
            and self.env._("from %(age)s years of age", age=service.age_from),
            service.age_to
            and self.env._("up to %(age)s years of age", age=service.age_to),
        ]
        return " · ".join(filter(None, words))

    def action_view_offers(self):
        """Open who offers this service, and where."""
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id(
            "clinic_agenda.clinic_offer_action"
        )
        action["domain"] = [("service_id", "=", self.id)]
        action["context"] = {"default_service_id": self.id}
        return action
