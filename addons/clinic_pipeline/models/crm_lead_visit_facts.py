from datetime import timedelta

from odoo import api, models
from odoo.fields import Domain

from odoo.addons.clinic_agenda.lib.states import AHEAD, HERE
from odoo.addons.clinic_base.lib import clock
from odoo.addons.clinic_base.lib.ours import said

#: ``{stage of Appointments: states of the visit it speaks of}``
VISIT_STATES = {
    "appointments.booked": AHEAD,
    "appointments.confirmed": ("confirmed",),
    "appointments.came": HERE,
    "appointments.missed": ("no_show",),
}
#: Stages a person may enter without a visit: a request that came to nothing.
GIVEN_UP = "appointments.missed"
#: A visit that was longer ago than this is not what a deal is closed with by hand.
LATELY = timedelta(days=30)


class CrmLead(models.Model):
    """Deals: the visits their stages speak of."""

    _inherit = "crm.lead"

    @api.depends("appointment_id.state")
    def _compute_against_facts(self):
        return super()._compute_against_facts()

    @api.model
    def _against_facts(self):
        domains = [super()._against_facts()]
        for key, states in VISIT_STATES.items():
            missing = Domain("appointment_id", "=", False) | Domain(
                "appointment_id.state", "not in", states
            )
            domains.append(Domain("stage_id.pipeline_key", "=", key) & missing)
        return Domain.OR(domains)

    def _facts_words(self):
        if self.sudo().stage_id.pipeline_key in VISIT_STATES:
            return self.env._("No visit behind this deal")
        return super()._facts_words()

    def _facts_missing(self, stage):
        # sudo: crm.stage - the technical key, whoever moves the deal
        key = stage.sudo().pipeline_key
        if key not in VISIT_STATES or key == GIVEN_UP or self._visit_of(key):
            return super()._facts_missing(stage)
        return (
            self.env._(
                "There is no visit behind “%(stage)s”: %(patient)s has none that was "
                "booked, confirmed or begun as this stage says. Book or mark the "
                "visit: the deal moves by itself.",
                stage=stage.name,
                patient=self.patient_id.name,
            ),
            self.action_book_visit(),
            self.env._("Open the day sheet"),
        )

    def _visit_of(self, key):
        """The visit that a stage of Appointments speaks of, for this patient.

        The deal's own first; else the next one ahead, or the latest of late that no
        other deal is about.
        """
        states = VISIT_STATES[key]
        # sudo: clinic.appointment, crm.lead - visits at every location count
        own = self.sudo().appointment_id
        if own.state in states:
            return own
        visits = own.search(
            [
                ("patient_id", "=", self.patient_id.id),
                ("state", "in", states),
                ("start", ">=", clock.now() - LATELY),
            ],
            order="start",
        )
        if states == AHEAD or key == "appointments.confirmed":
            return visits.filtered(lambda visit: visit.stop >= clock.now())[:1]
        others = self.sudo().search([("appointment_id", "in", visits.ids)]) - self
        return (visits - others.appointment_id)[-1:]

    def _after_stage(self):
        """A deal moved by hand shows the visit it was moved for."""
        if not said(self.env.context, "clinic_deal_rule"):
            for deal in self:
                key = deal.sudo().stage_id.pipeline_key
                visit = key in VISIT_STATES and deal._visit_of(key)
                if visit and visit != deal.sudo().appointment_id:
                    # sudo: crm.lead - facts of the visit have no other writer
                    deal.sudo().write(visit._deal_facts())
        return super()._after_stage()

    def _rules_that_follow(self, key):
        """Who has the next time already is not to be won back."""
        if key == "appointments.missed" and self._has_visit_ahead():
            return []
        return super()._rules_that_follow(key)

    def _has_visit_ahead(self):
        # sudo: clinic.appointment - visits at every location count
        return bool(
            self.env["clinic.appointment"]
            .sudo()
            .search_count(
                [
                    ("patient_id", "=", self.patient_id.id),
                    ("state", "in", AHEAD),
                    ("start", ">", clock.now()),
                ],
                limit=1,
            )
        )

    # ------------------------------------------------------------
    # Amounts
    # ------------------------------------------------------------

    @api.depends("appointment_id.price")
    def _compute_amount(self):
        """In Appointments: what the visit costs."""
        result = super()._compute_amount()
        # sudo: clinic.appointment - an amount of the deal, whoever may read the visit
        for deal in self:
            visit = deal.sudo().appointment_id
            if visit.price and deal.sudo().team_id.pipeline == "appointments":
                deal.amount = visit.price
        return result
