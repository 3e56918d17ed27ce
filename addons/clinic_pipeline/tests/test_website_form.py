import json

from odoo.tests import HttpCase, tagged


@tagged("post_install", "-at_install")
class TestWebsiteForm(HttpCase):
    """*/contactus* and other forms of the website's editor: the gate of enquiries."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["ir.config_parameter"].set_param(
            "clinic_agenda.enquiry_limit_per_ip", "0"
        )
        cls.model = cls.env["ir.model"]._get("crm.lead")
        cls.model.website_form_access = True
        fields = ["contact_name", "email_from", "name", "description", "user_id"]
        cls.env["ir.model.fields"].formbuilder_whitelist("crm.lead", fields)

    def send(self, files=None, **typed):
        """Send the form; what it answers."""
        form = {"name": "Question", "email_from": "a@example.com", **typed}
        answer = self.url_open("/website/form/crm.lead", data=form, files=files)
        return json.loads(answer.text)

    def leads(self):
        return self.env["crm.lead"].search([], order="id desc")

    def test_form(self):
        """A question arrives; whose it is, nobody outside says."""
        admin = self.env.ref("base.user_admin")
        number = self.send(contact_name="Anna Verdi", user_id=str(admin.id))["id"]
        lead = self.env["crm.lead"].browse(number)
        self.assertEqual(lead.contact_name, "Anna Verdi")
        self.assertNotEqual(lead.user_id, admin)

    def test_files_are_not_taken(self):
        """Nothing is kept of a form with a file."""
        before = self.leads()
        answer = self.send(files={"file": ("x.pdf", b"%PDF-1.4", "application/pdf")})
        self.assertIn("Files are not taken", answer["error"])
        self.assertEqual(self.leads(), before)

    def test_limit(self):
        """As many in an hour as on the page of enquiries."""
        self.env["ir.config_parameter"].set_param(
            "clinic_agenda.enquiry_limit_per_ip", "2"
        )
        answers = [self.send() for _time in range(3)]
        self.assertEqual(["id" in answer for answer in answers], [True, True, False])
        self.assertIn("too many", answers[-1]["error"])

    def test_names_that_speak(self):
        """A name with an address in it, or a novel, is refused."""
        for name in ("Mario http://evil.example", "Win at evil.example", "x" * 61):
            self.assertIn("only your name", self.send(contact_name=name)["error"])
