from odoo import api, fields, models

from odoo.addons.clinic_base.lib.roles import ADMINISTRATOR_GROUPS


class IrCron(models.Model):
    """A scheduled action that sends through one provider."""

    _inherit = "ir.cron"

    clinic_provider_id = fields.Many2one(
        "clinic.message.provider",
        ondelete="cascade",
        index="btree_not_null",
        groups=ADMINISTRATOR_GROUPS,
    )


class ClinicMessageProvider(models.Model):
    """Each provider has scheduled actions of its own.

    So any worker of any node sends, several at a time, and one slow provider never
    holds up another.
    """

    _inherit = "clinic.message.provider"

    @api.model_create_multi
    def create(self, vals_list):
        providers = super().create(vals_list)
        providers._keep_senders()
        return providers

    def write(self, vals):
        result = super().write(vals)
        if {"senders", "active", "name"} & vals.keys():
            self._keep_senders()
        return result

    def _keep_senders(self):
        """Have as many scheduled actions as the provider has senders."""
        # sudo: ir.cron - who sets up providers does not set up scheduled actions
        crons = self.env["ir.cron"].sudo()
        model = self.env["ir.model"]._get_id(self._name)
        for provider in self.sudo():
            mine = crons.with_context(active_test=False).search(
                [("clinic_provider_id", "=", provider.id)], order="id"
            )
            # What runs at this moment is left alone; it finds out by itself.
            mine[provider.senders :].try_lock_for_update().unlink()
            mine = mine[: provider.senders]
            other = mine.filtered_domain([("active", "!=", provider.active)])
            other.try_lock_for_update().write({"active": provider.active})
            crons.create(
                [
                    {
                        "name": f"Clinic: send through {provider.name} ({number})",
                        "model_id": model,
                        "state": "code",
                        "code": f"model.browse({provider.id})._cron_send()",
                        "interval_number": 1,
                        "interval_type": "minutes",
                        "clinic_provider_id": provider.id,
                        "active": provider.active,
                    }
                    for number in range(len(mine) + 1, provider.senders + 1)
                ]
            )

    def _wake(self):
        """Have the senders of these providers begin when this is committed."""
        if self:
            # sudo: clinic.message.provider - whoever causes a message has it sent
            self.sudo().cron_ids._begin_soon()
