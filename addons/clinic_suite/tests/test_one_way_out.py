import ast
from pathlib import Path

from odoo.tests import BaseCase, tagged

ADDONS = Path(__file__).resolve().parents[2]
#: Calls and models by which something leaves to somebody.
MODELS = {"mail.mail", "sms.sms", "ir.mail_server", "mail.push"}
CALLS = {
    "send_mail",
    "send_mail_batch",
    "message_mail_with_source",
    "message_notify",
    "_message_sms",
    "_send_sms_batch",
    "send_email",
    "_action_send_mail",
    "action_reset_password",
    "SMTP",
}
#: ``file: why``. Whoever adds a line has to say why it is no message of the clinic.
ALLOWED = {
    "clinic_base/models/clinic_outbox.py": "the outbox, where no addon has messages",
    "clinic_message/models/mail_thread.py": "leaves Odoo's pushes to the queue",
    "clinic_message/models/provider_odoo_mail.py": "carries messages",
    "clinic_message/models/provider_odoo_mail_smtp.py": "carries messages",
    "clinic_message/models/provider_odoo_sms.py": "carries messages",
    "clinic_message/wizards/clinic_message_restart.py": "takes back Odoo's queue",
    "clinic_patient/models/clinic_erasure.py": "erases what Odoo keeps",
    "clinic_pipeline/models/crm_lead_move.py": "a notice to a colleague",
    "clinic_patient/models/clinic_emergency_access.py": "a notice to colleagues",
    "clinic_patient/models/clinic_password_request.py": "Odoo's link for a password",
    "clinic_patient/models/res_partner_portal_access.py": "Odoo's link for a password",
}


@tagged("post_install", "-at_install")
class TestOneWayOut(BaseCase):
    """MSG-01: nothing of the suite leaves but by the clinic's messages."""

    def test_nobody_sends_by_himself(self):
        """The code of all addons is read; each exception has its reason."""
        found = {}
        for path in sorted(ADDONS.glob("clinic_*/**/*.py")):
            name = str(path.relative_to(ADDONS))
            if {"tests", "demo", "migrations"} & set(path.parts):
                continue
            words = self.ways_out(ast.parse(path.read_text("utf-8")))
            if words:
                found[name] = sorted(words)
        unknown = {name: found[name] for name in found.keys() - ALLOWED.keys()}
        self.assertFalse(unknown, "Let it go by clinic.outbox or clinic.message")
        self.assertFalse(ALLOWED.keys() - found.keys(), "an exception nobody needs")

    def ways_out(self, tree):
        """Names of what sends: models that are asked for, methods that are called."""
        words = set()
        for node in ast.walk(tree):
            if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
                words |= MODELS & {node.slice.value}
            elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                words |= CALLS & {node.func.attr}
                if node.func.attr == "message_post" and any(
                    each.arg == "partner_ids" for each in node.keywords
                ):
                    words.add("message_post")
        return words
