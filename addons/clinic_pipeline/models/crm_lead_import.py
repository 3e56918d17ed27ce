from odoo import api, models
from odoo.tools import SQL

from odoo.addons.clinic_base.lib import clock


class CrmLead(models.Model):
    """Deals: those of patients who came before there were deals."""

    _inherit = "crm.lead"

    @api.model
    def _open_base_deals(self, where=None):
        """Put everybody who came and has no open deal there into Patient Base.

        For imports of history: set-based, nothing is planned and nobody is told.

        :param SQL where: condition on ``res_partner`` instead of *has been here*
        :returns: number of deals opened
        """
        rest, treated = (
            self.env["crm.stage"]._by_key(key)
            for key in ("base.base", "base.on_treatment")
        )
        self.env["crm.lead"].flush_model()
        self.env["res.partner"].flush_model()
        team = rest.team_ids[:1]
        self.env.cr.execute(
            SQL(
                """
                WITH opened AS (
                    INSERT INTO crm_lead (name, patient_id, team_id, pipeline, stage_id,
                        type, active, is_open, priority, won_status, probability,
                        automated_probability, user_id, company_id, source_id,
                        medium_id, campaign_id, source_detail, date_last_stage_update,
                        date_open, create_uid, create_date, write_uid, write_date)
                    SELECT %(name)s, res_partner.id, %(team)s, 'base',
                        CASE WHEN on_treatment THEN %(treated)s ELSE %(rest)s END,
                        'opportunity', TRUE, TRUE, '0', 'pending', 0, 0,
                        responsible_id, company_id, source_id, medium_id, campaign_id,
                        source_detail, %(now)s, %(now)s, %(uid)s, %(now)s, %(uid)s,
                        %(now)s
                      FROM res_partner
                     WHERE is_patient AND active AND %(where)s
                       AND NOT EXISTS (SELECT FROM crm_lead deal
                                        WHERE deal.patient_id = res_partner.id
                                          AND deal.pipeline = 'base' AND deal.is_open)
                    ON CONFLICT DO NOTHING
                    RETURNING id, stage_id, team_id, company_id, user_id
                )
                INSERT INTO clinic_pipeline_entry (lead_id, stage_id, team_id,
                    company_id, entered_at, responsible_id)
                SELECT id, stage_id, team_id, company_id, %(now)s, user_id FROM opened
                """,
                name=team.name,
                team=team.id,
                treated=treated.id,
                rest=rest.id,
                now=clock.now(),
                uid=self.env.uid,
                where=where
                or SQL(
                    "EXISTS (SELECT FROM clinic_patient_facts facts"
                    " WHERE facts.id = res_partner.id AND facts.visit_count > 0)"
                ),
            )
        )
        count = self.env.cr.rowcount
        self.env.invalidate_all()
        return count
