from odoo import models
from odoo.http import request


class SmsSms(models.Model):
    """Whose account an SMS went by, when Odoo keeps no SMS of it any more."""

    _inherit = "sms.sms"

    def send(self, unlink_failed=False, unlink_sent=True, raise_exception=False):
        """Send, or leave it to Odoo's queue when somebody waits for the answer.

        Nothing leaves a database that was restored until a manager lets it go on.
        """
        # sudo: clinic.message - whether this database sends
        if self.env["clinic.message"].sudo()._is_held():
            return None
        if request:
            self.env["ir.cron"]._set_off("sms.ir_cron_sms_scheduler_action")
            return None
        return super().send(
            unlink_failed=unlink_failed,
            unlink_sent=unlink_sent,
            raise_exception=raise_exception,
        )

    def _get_sms_company(self):
        """Return the company of the SMS.

        A receipt of Twilio is signed with the key of one company. Odoo asks the SMS for
        it, which is deleted daily, and which messages of the clinic never had; then the
        message says which company sent it.
        """
        uuid = request and not self and (request.params or {}).get("uuid")
        if isinstance(uuid, str) and len(uuid) == 32:
            # sudo: clinic.message - the receipt names it, nobody is logged in
            message = self.env["clinic.message"].sudo()._of_bare_uuid(uuid)
            if message:
                return message.company_id
        return super()._get_sms_company()
