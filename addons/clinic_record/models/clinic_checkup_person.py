from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.clinic_agenda.lib.states import FINISHED
from odoo.addons.clinic_patient.lib.roles import CARE_GROUPS


class ClinicCheckupPerson(models.Model):
    """One person of the roster of a check-up campaign."""

    _name = "clinic.checkup.person"
    _description = "Person of a check-up campaign"
    _inherit = ["clinic.gate"]
    _clinic_sealed = frozenset({"campaign_id", "patient_id"})
    _order = "campaign_id, id"
    _rec_name = "patient_id"

    campaign_id = fields.Many2one(
        "clinic.checkup.campaign", required=True, index=True, ondelete="cascade"
    )
    patient_id = fields.Many2one(
        "res.partner",
        required=True,
        index=True,
        domain=[("is_patient", "=", True)],
        ondelete="restrict",
    )
    phone = fields.Char(related="patient_id.phone")
    birth_date = fields.Date(related="patient_id.birth_date")
    examined_on = fields.Date()
    finding_ids = fields.One2many(
        "clinic.checkup.finding", "person_id", groups=CARE_GROUPS
    )
    suggestion = fields.Char(
        string="Next step",
        compute="_compute_suggestion",
        compute_sudo=True,
        help="What the rules of follow-up say to the findings, without naming them.",
    )
    due_date = fields.Date(compute="_compute_suggestion", compute_sudo=True)
    came_on = fields.Date(
        string="Came for treatment",
        compute="_compute_came_on",
        help="The first visit after the check-up, within the days of the campaign.",
    )

    _once = models.UniqueIndex(
        "(campaign_id, patient_id)", "This person is on the roster already."
    )

    @api.depends("finding_ids.condition_id", "examined_on")
    def _compute_suggestion(self):
        rules = self.env["clinic.checkup.rule"].search([("active", "=", True)])
        by_condition = {rule.condition_id: rule for rule in rules}
        for person in self:
            found = []
            for finding in person.finding_ids:
                condition = finding.condition_id
                while condition and condition not in by_condition:
                    condition = condition.parent_id
                if condition and by_condition[condition] not in found:
                    found.append(by_condition[condition])
            person.suggestion = "; ".join(rule.suggestion for rule in found) or False
            days = [rule.days for rule in found]
            person.due_date = (
                person.examined_on + timedelta(days=min(days))
                if days and person.examined_on
                else False
            )

    @api.depends("examined_on", "campaign_id.follow_days")
    def _compute_came_on(self):
        came = self._came(self)
        for person in self:
            person.came_on = came.get(person, False)

    @api.model
    def _came(self, people):
        """Who came for treatment after the check-up, in one statement.

        :param people: ``clinic.checkup.person``
        :returns: ``{person: date of the first finished visit after it}``
        """
        self.flush_model()
        self.env["clinic.checkup.campaign"].flush_model(["follow_days"])
        self.env["clinic.appointment"].flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT p.id, MIN(a.local_day)
                  FROM clinic_checkup_person p
                  JOIN clinic_checkup_campaign c ON c.id = p.campaign_id
                  JOIN clinic_appointment a
                    ON a.patient_id = p.patient_id AND a.state IN %s
                   AND a.local_day > p.examined_on
                   AND a.local_day <= p.examined_on + c.follow_days
                 WHERE p.id = ANY(%s)
                 GROUP BY p.id
                """,
                FINISHED,
                people.ids,
            )
        )
        return {self.browse(id_): day for id_, day in rows}
