from odoo import api, models
from odoo.tools import SQL


class ClinicMessage(models.Model):
    """What waits is taken back, or given to another provider."""

    _inherit = "clinic.message"

    def _cancel_queued(self, reason=""):
        """Take back messages that have not been sent.

        :param str reason: for the history
        :returns: those that were taken back
        """
        if not self:
            return self
        self.flush_recordset()
        rows = self.env.execute_query(
            SQL(
                "UPDATE clinic_message SET state = 'cancelled', wait_reason = NULL,"
                " patience_until = NULL WHERE id = ANY(%s) AND state = 'queued'"
                " RETURNING id",
                self.ids,
            )
        )
        taken = self.browse(row[0] for row in rows)
        taken.invalidate_recordset()
        taken._record_events("cancelled", "person", detail=reason)
        return taken

    @api.model
    def _cancel_of(self, origins, kind_codes=None, reason=""):
        """Take back what waits about records that changed.

        :param origins: records of one model
        :param kind_codes: of the kinds to take back; all if empty
        """
        if not origins:
            return self.browse()
        kinds = self.env["clinic.message.kind"].sudo().with_context(active_test=False)
        domain = [
            ("res_model", "=", origins._name),
            ("res_id", "in", origins.ids),
            ("state", "=", "queued"),
        ]
        if kind_codes:
            found = kinds.search([("code", "in", list(kind_codes))])
            domain.append(("kind_id", "in", found.ids))
        # sudo: clinic.message - it follows from what the user was allowed to change
        return self.sudo().search(domain)._cancel_queued(reason).with_env(self.env)

    def _choose_provider(self):
        """Give waiting messages to the provider that carries them now."""
        for (channel, company), group in self.grouped(
            lambda each: (each.channel, each.company_id)
        ).items():
            self.env.cr.execute(
                SQL(
                    "UPDATE clinic_message reach SET provider_id = (%s)"
                    " WHERE reach.id = ANY(%s) AND reach.state = 'queued'",
                    self._provider_sql(channel, company),
                    group.ids,
                )
            )
        self.invalidate_recordset(["provider_id"])
