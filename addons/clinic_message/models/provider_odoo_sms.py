from odoo import fields, models

from ..lib.port import Outcome

#: What the service answers when it has taken a message.
TAKEN = ("success", "sent", "processing", "pending", "queued", "accepted")
#: Answers that stay the same however often one asks.
LASTING = (
    "wrong_number_format",
    "sms_number_missing",
    "country_not_supported",
    "sms_blacklist",
    "sms_optout",
)


class ClinicMessageProvider(models.Model):
    """SMS by whatever Odoo sends them with: its own service, or Twilio of the company.

    What becomes of them is told to Odoo, which tells it to ``sms.tracker``.
    """

    _inherit = "clinic.message.provider"

    kind = fields.Selection(
        selection_add=[("odoo_sms", "SMS of Odoo (or Twilio)")],
        ondelete={"odoo_sms": "cascade"},
    )

    def _send_odoo_sms(self, items):
        results = {}
        companies = {}
        for item in items:
            companies.setdefault(item.extra["company_id"], []).append(item)
        for company_id, group in companies.items():
            # sudo: res.company - the account stands there
            company = self.env["res.company"].sudo().browse(company_id)
            api = company._get_sms_api_class()(self.env(su=True))
            api._set_company(company)
            batch = [
                {
                    "content": item.body,
                    "numbers": [{"number": item.address, "uuid": _bare(item.uuid)}],
                }
                for item in group
            ]
            self.env["sms.tracker"]._track_messages(
                [_bare(item.uuid) for item in group]
            )
            reports = f"{self.get_base_url()}/sms/status"
            for answer in api._send_sms_batch(batch, delivery_reports_url=reports):
                results[answer["uuid"]] = answer
        return [self._outcome_of_sms(results.get(_bare(item.uuid))) for item in items]

    def _outcome_of_sms(self, answer):
        if not answer:
            return Outcome("ambiguous", failure="answer")
        state = answer["state"]
        if state in TAKEN:
            return Outcome("sent")
        words = self.env._("The SMS service answered “%s”.", state)
        if state in LASTING:
            return Outcome("refused", failure=state, error=words)
        if state == "server_error":
            # Twilio's adapter says so for a time-out as well: it may have been taken.
            return Outcome("ambiguous", failure=state, error=words)
        return Outcome("retry", failure=state, error=words)


def _bare(uuid):
    return uuid.replace("-", "")
