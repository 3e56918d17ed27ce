from datetime import date

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, HttpCase, tagged
from odoo.tests.common import JsonRpcException

from .common import ClinicPatientCommon
from .file_common import drawing


class DocumentCommon(ClinicPatientCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.receptionist = cls.user("receptionist")
        cls.doctor = cls.user("practitioner")
        cls.manager = cls.user("manager")
        cls.anna = cls.patient(birth_date=date(1980, 3, 12), email="a@example.com")
        cls.consent = cls.template(
            "Consent",
            "<p>I, {{ patient.name }}, born {{ patient.birth_date }}, code "
            "{{ patient.tax_code }}, mail {{ patient.email ||| none }}, employer "
            "{{ patient.employer ||| not given }}, agree. {{ today }}</p>",
            needs_signature=True,
        )
        cls.notice = cls.template("Notice", "<p>For {{ <b>patient.name</b> }}</p>")
        cls.certificate = cls.template(
            "Medical", "<p>{{ patient.patient_warning_text }}</p>", confidential=True
        )

    @classmethod
    def template(cls, name, body, **vals):
        return cls.env["clinic.document.template"].create(
            {"name": name, "body": body, **vals}
        )

    @classmethod
    def issue(cls, templates=None, user=None, patient=None):
        documents = cls.env["clinic.document"].with_user(user or cls.receptionist)
        return documents._issue(templates or cls.consent, patient or cls.anna)


@tagged("post_install", "-at_install")
class TestDocument(DocumentCommon):
    """Templates, gaps, issuing, versions, who may what."""

    def test_filled_from_the_card(self):
        """PAT-17: gaps are filled from the card; what is missing is seen and listed."""
        document = self.issue()
        self.assertRegex(document.name, r"^DOC/\d{4}/\d{6}$")
        for words in ("Verdi Anna", "12 March 1980", "a@example.com", "not given"):
            self.assertIn(words, document.body)
        self.assertEqual(document.missing, "The patient: Tax code")
        self.assertIn("________________", document.body)

    def test_wizard_and_bundle(self):
        """PAT-17: a bundle is previewed, issued and printed in its order, as one."""
        bundle = self.env["clinic.document.bundle"].create(
            {
                "name": "New patient",
                "line_ids": [
                    Command.create({"sequence": 1, "template_id": self.notice.id}),
                    Command.create({"sequence": 2, "template_id": self.consent.id}),
                ],
            }
        )
        Wizard = self.env["clinic.document.print"].with_user(self.receptionist)
        form = Form(Wizard.with_context(default_patient_id=self.anna.id))
        form.bundle_id = bundle
        self.assertIn("Tax code", form.missing)
        self.assertIn("For Verdi Anna", form.preview)
        action = form.save().action_issue()
        documents = self.anna.clinic_document_ids.sorted("id")
        self.assertEqual(documents.template_id, self.notice | self.consent)
        self.assertEqual(action["context"]["active_ids"], documents.ids)
        report = self.env["ir.actions.report"].with_user(self.receptionist)
        text = report._render_qweb_html(
            "clinic_patient.report_document", documents.ids
        )[0].decode()
        self.assertLess(text.index("For Verdi Anna"), text.index("I, Verdi Anna"))

    def test_languages(self):
        """A paper is in the language of the patient, dates included."""
        self.env["res.lang"]._activate_lang("it_IT")
        self.consent.with_context(
            lang="it_IT"
        ).body = "<p>Io, {{ patient.name }}, {{ patient.birth_date }}</p>"
        self.anna.lang = "it_IT"
        self.assertIn("Io, Verdi Anna, 12 marzo 1980", self.issue().body)

    def test_what_is_issued_stays(self):
        """Words never change; a new version reads the card again, the old is void."""
        document = self.issue()
        for vals in ({"body": "x"}, {"state": "signed"}, {"patient_id": 1}):
            with self.assertRaises(AccessError):
                document.write(vals)
        with self.assertRaises(AccessError):
            document.create({"title": "x", "patient_id": self.anna.id})
        self.anna.family_name = "Bianchi"
        self.assertIn("Verdi Anna", document.body)
        action = document.action_new_version()
        new = document.browse(action["res_id"])
        self.assertIn("Bianchi Anna", new.body)
        self.assertEqual((new.name, new.version), (document.name, 2))
        self.assertEqual(document.state, "void")
        with self.assertRaises(UserError):
            document.action_signed_on_paper()
        new.action_signed_on_paper()
        self.assertEqual(new.signed_by, "Bianchi Anna")

    def test_gaps_are_paths_and_never_code(self):
        """S18: what is no path of fields is refused when the template is saved."""
        for gap in (
            "patient.nothing",
            "patient.env",
            "patient._cr",
            "patient.unlink()",
            "user.password.x",
            "patient.image_1920",
            "1 + 1",
            "object.name",
            "patient",
            "patient.name.upper",
            "user.api_key_ids.key",
        ):
            with self.subTest(gap), self.assertRaises(ValidationError):
                self.template("Bad", f"<p>{{{{ {gap} }}}}</p>")

    def test_values_are_text(self):
        """S9: what somebody typed into a card is text on the paper."""
        self.anna.employer = "<script>alert(1)</script> & Sons"
        link = self.template(
            "Link", '<p><a href="{{ patient.city }}">{{ patient.employer }}</a></p>'
        )
        self.anna.city = "javascript:alert(1)"
        body = self.issue(link).body
        self.assertNotIn("<script", body)
        self.assertNotIn('href="javascript', body)
        self.assertIn("&lt;script&gt;", body)

    def test_who_may_what(self):
        """PAT-17: templates are the managers'; medical papers are the doctors'."""
        for role in ("receptionist", "practitioner", "coordinator"):
            user = self.user(role) if role == "coordinator" else None
            user = user or {
                "receptionist": self.receptionist,
                "practitioner": self.doctor,
            }.get(role)
            with self.subTest(role), self.assertRaises(AccessError):
                self.consent.with_user(user).body = "<p>Mine</p>"
        self.consent.with_user(self.manager).body = "<p>Ours</p>"
        with self.assertRaisesRegex(AccessError, "medical document"):
            self.issue(self.certificate)
        medical = self.issue(self.certificate, self.doctor)
        for user in (self.receptionist, self.manager):
            with self.assertRaises(AccessError):
                medical.with_user(user).read(["body"])
        self.assertTrue(medical.with_user(self.user("chief_doctor")).read(["body"]))
        plain = self.issue()
        for role in ("operator", "marketing", "client_representative"):
            with self.subTest(role), self.assertRaises(AccessError):
                plain.with_user(self.user(role)).read(["title"])

    def test_shipped_templates(self):
        """The shipped papers fill from a complete card without gaps."""
        self.env.company.write({"street": "Via 1", "city": "Roma", "phone": "06 1"})
        self.anna.write(
            self.verdi_vals(
                card_number="7",
                phone="+39 333 1234567",
                street="Via 2",
                zip="00100",
                city="Roma",
            )
        )
        templates = self.env["clinic.document.template"].search(
            [("id", "not in", (self.consent | self.notice | self.certificate).ids)]
        )
        self.assertGreaterEqual(len(templates), 6)
        documents = (
            self.env["clinic.document"]
            .with_user(self.doctor)
            ._issue(templates, self.anna, treatment="Removal of tooth 38")
        )
        self.assertFalse([one.missing for one in documents if one.missing])

    def test_timeline_and_merge(self):
        """Papers stand on the timeline; they move with a merge and come back."""
        other = self.patient("Verdi", "Ana")
        document = self.issue(patient=other)
        items = other.with_user(self.receptionist).timeline(["paper"])["items"]
        self.assertEqual([item["open"]["id"] for item in items], document.ids)
        merge = self.env["clinic.merge"]._merge(other, self.anna)
        self.env.invalidate_all()
        self.assertEqual(document.patient_id, self.anna)
        merge.action_undo()
        self.env.invalidate_all()
        self.assertEqual(document.patient_id, other)


@tagged("post_install", "-at_install")
class TestDocumentPortal(DocumentCommon, HttpCase):
    """Papers in the portal: one's own and the wards'."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.consent.body = "<p>I, {{ patient.name }}, agree. {{ today }}</p>"
        cls.child = cls.patient("Verdi", "Luca")
        cls.relation = cls.relate(cls.child, cls.anna)
        cls.mine = cls.issue()
        cls.wards = cls.issue(patient=cls.child)
        cls.others = cls.issue(patient=cls.patient("Rossi", "Carla"))
        user = cls.portal_user(cls.anna)
        user.password = user.login
        cls.login = user.login

    def setUp(self):
        super().setUp()
        self.authenticate(self.login, self.login)

    def sign(self, document, name="Anna Verdi", signature=None):
        return self.make_jsonrpc_request(
            f"/my/documents/{document.id}/sign",
            {"name": name, "signature": drawing() if signature is None else signature},
        )

    def test_read_and_sign(self):
        """PAT-17: a mother reads and signs her child's consent in the portal."""
        page = self.url_open("/my/documents").text
        self.assertIn("Waits for your signature", page)
        self.assertNotIn(f"/my/documents/{self.others.id}", page)
        page = self.url_open(f"/my/documents/{self.wards.id}").text
        self.assertIn("I, Verdi Luca", page)
        self.assertIn("error", self.sign(self.wards, name=" "))
        self.assertIn("error", self.sign(self.wards, signature="no picture"))
        self.assertIn("redirect_url", self.sign(self.wards))
        self.env.invalidate_all()
        self.assertEqual(self.wards.state, "signed")
        self.assertEqual(self.wards.signed_by_id, self.anna)
        self.assertIn("error", self.sign(self.wards), "once only")
        path = f"/my/documents/{self.wards.id}/pdf"
        self.assertEqual(self.url_open(path).status_code, 200)

    def test_ways_in(self):
        """S1: papers of others, void ones, a guardian who may only read."""
        self.relation.can_sign = False
        with self.assertRaises(JsonRpcException):
            self.sign(self.wards)
        self.assertEqual(
            self.url_open(f"/my/documents/{self.wards.id}").status_code, 200
        )
        self.mine.with_user(self.receptionist).action_void()
        for document in (self.others, self.mine):
            for path in ("", "/pdf"):
                url = f"/my/documents/{document.id}{path}"
                self.assertEqual(self.url_open(url).status_code, 404)
        with self.assertRaises(JsonRpcException):
            self.sign(self.others)
        self.assertIn("error", self.sign(self.mine))
        self.env.invalidate_all()
        self.assertEqual(
            (self.wards | self.others | self.mine).mapped("state"),
            ["issued", "issued", "void"],
        )
