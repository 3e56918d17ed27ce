import psycopg2

from odoo import api, models
from odoo.exceptions import ConcurrencyError
from odoo.tools import mute_logger

from odoo.addons.clinic_agenda.lib.states import HERE
from odoo.addons.clinic_base.lib.ours import Said, said


class CrmLead(models.Model):
    """Deals: what moves them by itself."""

    _inherit = "crm.lead"

    @api.model
    def _apply_rule(self, key, patient, why, vals=None):
        """Make one automatic move, if it is switched on and there is what to move.

        Repeating it changes nothing. The chatter of the deal tells what moved it.

        :param str key: of a ``clinic.pipeline.rule``
        :param patient: res.partner
        :param str why: what happened, in words
        :param dict vals: facts to write on the deal
        :returns: the deal that this moved or opened, or nothing
        """
        rule = self.env["clinic.pipeline.rule"]._enabled(key)
        if not (rule and patient):
            return self.browse()
        deal = self._open_deals(patient, rule.pipeline)
        if deal:
            if deal.stage_id in rule.from_stage_ids:
                return deal._move_by(rule, why, vals)
            if rule.opens and deal.stage_id == rule.to_stage_id:
                deal._glue_facts(vals or {}, why)
            return self.browse()
        if rule.opens:
            return self._open_by(rule, patient, why, vals)
        return self.browse()

    def _move_by(self, rule, why, vals=None):
        """Move this deal as a rule says."""
        self.ensure_one()
        # sudo: crm.lead - moved by a rule of the clinic, not by the user
        deal = self.sudo().with_context(
            clinic_deal_rule=Said(rule.id), clinic_deal_why=why, tracking_disable=True
        )
        before = deal.stage_id.name
        vals = self._keep_owner(vals or {}, deal.team_id)
        deal.write({**vals, "stage_id": rule.to_stage_id.id})
        deal._log_move(rule, before, why)
        return self.sudo()

    def _log_move(self, rule, before, why):
        """Tell in the chatter what moved the deal, and why."""
        stage = rule.to_stage_id.name
        if before:
            text = self.env._(
                "Moved by itself from “%(before)s” to “%(stage)s”. %(why)s. "
                "(Automatic move: %(rule)s)",
                before=before,
                stage=stage,
                why=why,
                rule=rule.name,
            )
        else:
            text = self.env._(
                "Opened by itself in “%(stage)s”. %(why)s. (Automatic move: %(rule)s)",
                stage=stage,
                why=why,
                rule=rule.name,
            )
        self._message_log(body=text)

    @api.model
    def _open_by(self, rule, patient, why, vals=None):
        """Open a deal as a rule says.

        :raises ConcurrencyError: somebody else opened one a moment ago, which this
            transaction cannot see: the request or the scheduled action starts again
            and moves that one
        """
        stage = rule.to_stage_id
        self.env["crm.lead"].flush_model()
        # sudo: crm.lead - opened by a rule of the clinic, not by the user
        deals = self.sudo().with_context(
            clinic_deal_rule=Said(rule.id),
            clinic_deal_why=why,
            tracking_disable=True,
            mail_create_nolog=True,
            mail_create_nosubscribe=True,
        )
        team = stage.team_ids[:1]
        vals = {
            "patient_id": patient.id,
            "team_id": team.id,
            "stage_id": stage.id,
            **self._keep_owner(vals or {}, team),
        }
        if vals.get("origin_id") or not vals.get("user_id"):
            # A copy names who had the deal it came from: one among others here.
            vals["user_id"] = team._choose_owner(patient.sudo(), vals).id
        try:
            with mute_logger("odoo.sql_db"), self.env.cr.savepoint():
                deal = deals.create(vals)
                deal.flush_recordset()
        except psycopg2.errors.UniqueViolation as error:
            raise ConcurrencyError(
                "Another transaction opened the deal of this patient."
            ) from error
        deal._log_move(rule, None, why)
        return deal.with_env(self.sudo().env)

    def _follow_stage(self):
        """What a stage leads to in the other pipelines."""
        self.ensure_one()
        key = self.stage_id.pipeline_key
        patient = self.patient_id
        if not (key and patient):
            return
        for rule in self._rules_that_follow(key):
            self._apply_rule(
                rule,
                patient,
                self.env._(
                    "The deal in %(pipeline)s reached “%(stage)s”",
                    pipeline=self.team_id.name,
                    stage=self.stage_id.name,
                ),
                self._prepare_copy_vals(),
            )

    def _rules_that_follow(self, key):
        """Keys of the moves that follow from entering the stage ``key``."""
        # sudo: res.partner - a field for the staff, read for whoever moves the deal
        patient = self.patient_id.sudo()
        if key == "appointments.came":
            rules = [
                "came_on_treatment" if patient.on_treatment else "came_base",
                "came_reanimation",
            ]
            return rules + ["came_first"] if self._is_first_visit() else rules
        if key == "appointments.missed":
            came = patient in patient._who_came()
            return ["missed_used_to_come" if came else "missed_never_came"]
        if key.endswith(".searching") and said(self.env.context, "clinic_deal_rule"):
            # The visit is booked, or over: there is no time left to find.
            return []
        return {
            "base.searching": ["base_found_time"],
            "base.refused": ["base_refused"],
            "reanimation.searching": ["reanimation_found_time"],
        }.get(key, [])

    def _is_first_visit(self):
        """Whether the visit of this deal is the first the patient came to."""
        self.ensure_one()
        visit = self.sudo().appointment_id
        if not visit:
            return self._is_first_of_deals()
        # sudo: clinic.appointment - visits at every location count
        return (
            not self.env["clinic.appointment"]
            .sudo()
            .search_count(
                [
                    ("patient_id", "=", visit.patient_id.id),
                    ("state", "in", HERE),
                    ("id", "!=", visit.id),
                ],
                limit=1,
            )
        )

    def _is_first_of_deals(self):
        """The same of a deal that knows no visit: from what it says and other deals."""
        if self.visit_type:
            return self.visit_type == "first"
        # sudo: crm.lead, res.partner - facts of the patient, whoever moves the deal
        others = self.sudo().search_count(
            [
                ("patient_id", "=", self.patient_id.id),
                ("stage_id.pipeline_key", "=", "appointments.came"),
                ("id", "!=", self.id),
            ],
            limit=1,
        )
        return not others and self.patient_id.sudo().visit_count <= 1

    def _prepare_copy_vals(self):
        """What a deal hands on to the one it opens in another pipeline."""
        self.ensure_one()
        return {
            "origin_id": self.id,
            "user_id": self.user_id.id,
            "source_id": self.source_id.id,
            "medium_id": self.medium_id.id,
            "campaign_id": self.campaign_id.id,
            "source_detail": self.source_detail,
            "location_id": self.location_id.id,
            "service_id": self.service_id.id,
            "practitioner_id": self.practitioner_id.id,
        }

    def _take_back(self, why):
        """Withdraw the open deals this one opened and nobody has touched since.

        For a cause that turned out to be a slip of the mouse.
        """
        # sudo: crm.lead, clinic.pipeline.entry - follows a correction at the desk
        deals = self.sudo()
        # Who was here for another visit stays in Patient Base.
        deals.search(
            [
                ("origin_id", "in", self.ids),
                ("pipeline", "=", "base"),
                ("patient_id", "in", self.patient_id._who_came().ids),
            ]
        ).write({"origin_id": False})
        opened = deals.search([("origin_id", "in", self.ids), ("is_open", "=", True)])
        for deal in opened:
            if len(deal.entry_ids) == 1:
                deal.with_context(tracking_disable=True).write({"active": False})
                deal._message_log(body=why)
                deal.activity_ids.filtered("deal_stage_id").unlink()

    def _tell_responsible(self, why):
        """Notify those responsible that a patient got in touch."""
        for deal in self:
            users = deal.user_id or deal.team_id.user_id
            if users:
                deal.message_notify(
                    partner_ids=users.partner_id.ids,
                    subject=self.env._("A patient got in touch"),
                    body=self.env._("A patient got in touch: open the deal."),
                    model_description=self.env._("Deal"),
                )
                deal._plan_answer(users[:1])

    def _plan_answer(self, user):
        """A deal that somebody waits for has a step for today."""
        self.ensure_one()
        if not self.activity_ids:
            # sudo: mail.activity - planned for the responsible person
            self.sudo().with_context(mail_activity_quick_update=True).activity_schedule(
                "mail.mail_activity_data_call",
                summary=self.env._("Answer the patient"),
                user_id=user.id,
                deal_stage_id=self.stage_id.id,
            )
