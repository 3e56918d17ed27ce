import base64
import io
import json
import zipfile
from datetime import date, timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, tagged
from odoo.tools import SQL

from .common import ROLES, make_code
from .import_common import ImportCommon

FAMILY, GIVEN = "Quarantotti", "Zefirina"
BORN = date(1980, 3, 12)


class RightsCommon(ImportCommon):
    """A patient of whom something is everywhere, and a namesake."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.code = make_code(FAMILY, GIVEN, BORN, "female")
        cls.vals = {
            "birth_date": BORN,
            "sex": "female",
            "tax_code": cls.code,
            "email": "zefirina@quaranta.example",
            "card_number": "Q-4040",
            "street": "Via dei Quaranta 40",
            "patient_warning_text": f"{GIVEN} faints",
            "clinic_note": f"<p>Note about {FAMILY}</p>",
            "phone_ids": [(0, 0, {"number": "+39 333 4040404", "is_preferred": True})],
        }

    def make_traces(self):
        """A card with everything that a card can have."""
        self.zefirina = zefirina = self.patient(FAMILY, GIVEN, **self.vals)
        self.namesake = self.patient(
            FAMILY, "Ugo", clinic_note=f"<p>{FAMILY} is here</p>"
        )
        self.portal = self.portal_user(zefirina)
        self.portal.login = "zefirina@quaranta.example"
        self.relate(self.namesake, zefirina, kind="spouse")
        self.job = self.imported(
            [
                ("Cognome", "Nome", "Codice fiscale", "Cellulare"),
                (FAMILY, GIVEN, self.code, "333 4040404"),
            ],
            duplicates="fill",
        )
        second = self.patient(FAMILY, GIVEN, birth_date=BORN)
        self.env["clinic.duplicate"]._find_for(zefirina)
        self.env["clinic.merge"]._merge(second, zefirina)
        zefirina.message_post(body=f"{GIVEN} {FAMILY} called from 3334040404")
        self.attach(zefirina, "document of Zefirina.txt", b"Zefirina Quarantotti")
        self.env["clinic.consent"]._decide(zefirina, "marketing", "given", "paper")
        self.env["clinic.consent"].search(
            [("patient_id", "=", zefirina.id)]
        ).note = f"signed by {GIVEN}"
        self.env["sms.sms"].create(
            {"partner_id": zefirina.id, "number": "+393334040404", "body": GIVEN}
        )
        zefirina.with_user(self.user("receptionist")).web_read({"birth_date": {}})
        self.namesake.message_post(body="Brother of nobody here")
        self.env.flush_all()
        return zefirina

    def attach(self, record, name, content):
        return self.env["ir.attachment"].create(
            {
                "name": name,
                "res_model": record._name,
                "res_id": record.id,
                "raw": content,
            }
        )

    def copy_of(self, patient):
        """A copy of the patient's data: kinds of records and the page."""
        patient.with_user(self.user("manager")).action_export_data()
        self.env.flush_all()
        with self.enter_registry_test_mode():
            job = self.env.ref("clinic_patient.ir_cron_access_exports")
            job.method_direct_trigger()
        self.env.invalidate_all()
        export = self.env["clinic.access.export"].search(
            [("patient_id", "=", patient.id)]
        )
        with zipfile.ZipFile(io.BytesIO(base64.b64decode(export.data))) as archive:
            bundle = json.loads(archive.read("data.json"))
            page = archive.read("data.html").decode()
        resources = [each["resource"] for each in bundle["entry"]]
        return {(each.get("model"), each["resourceType"]) for each in resources}, page

    def places_of(self, *words):
        """Every table and column of the database where one of the words stands."""
        self.env.flush_all()
        found = []
        for table, columns in self.env["clinic.merge.relations"]._columns().items():
            texts = [
                name
                for name, kind in columns.items()
                if kind in ("varchar", "text", "json", "jsonb", "bpchar")
            ]
            for name in texts:
                rows = self.env.execute_query(
                    SQL(
                        "SELECT left(%(c)s::text, 90) FROM %(t)s"
                        " WHERE %(c)s::text ~* %(w)s",
                        c=SQL.identifier(name),
                        t=SQL.identifier(table),
                        w="|".join(words),
                    )
                )
                found += [(table, name, *row) for row in rows]
        return found


@tagged("post_install", "-at_install", "slow")
class TestErase(RightsCommon):
    def test_nothing_is_found_afterwards(self):
        """PAT-10, S17: after an erasure no table knows name, phone, mail or code."""
        zefirina = self.make_traces()
        words = (GIVEN, "quaranta", self.code, "4040404", "Q-4040")
        self.assertGreater(len(self.places_of(*words)), 20)
        self.erase(zefirina)
        self.maxDiff = None
        self.assertEqual(self.places_of(*words), [])
        self.assertEqual(zefirina.name, f"Erased {zefirina.id}")
        self.assertFalse(zefirina.active)
        self.assertFalse(zefirina.birth_date)
        self.assertFalse(self.portal.active)
        self.assertFalse(
            self.env["ir.attachment"].search([("name", "like", GIVEN)]),
        )

    def test_what_stays(self):
        """Consents and the access log stay, without the name."""
        zefirina = self.make_traces()
        self.erase(zefirina)
        self.assertTrue(
            self.env["clinic.consent"].search([("patient_id", "=", zefirina.id)])
        )
        actions = self.env["clinic.access.log"].search(
            [("patient_id", "=", zefirina.id)]
        )
        self.assertIn("open", actions.mapped("action"))

    def test_others_keep_their_names(self):
        """A namesake, and everything that leads to her, is not touched."""
        zefirina = self.make_traces()
        self.erase(zefirina)
        self.assertEqual(self.namesake.name, f"{FAMILY} Ugo")
        self.assertIn(FAMILY, self.namesake.clinic_note)
        self.assertIn(
            "Brother of nobody here", str(self.namesake.message_ids.mapped("body"))
        )

    def test_preview_and_confirmation(self):
        """One sees what goes and what stays, and types the name."""
        zefirina = self.make_traces()
        wizard = self.env["clinic.erase"].create({"patient_id": zefirina.id})
        for words in ("Goes for good", "Phone number", "Stays without the name"):
            self.assertIn(words, wizard.preview)
        for wrong in (False, "", "quarantotti"):
            wizard.confirmation = wrong
            with self.assertRaises(UserError):
                wizard.action_erase()
        wizard.confirmation = FAMILY
        wizard.action_erase()
        self.assertTrue(zefirina.erased_at)
        with self.assertRaises(UserError):
            wizard.action_erase()

    def test_not_under_treatment(self):
        """Whoever is treated is not erased."""
        anna = self.patient(on_treatment=True)
        wizard = self.env["clinic.erase"].create(
            {"patient_id": anna.id, "confirmation": "Verdi"}
        )
        with self.assertRaisesRegex(UserError, "under treatment"):
            wizard.action_erase()

    def erase(self, patient):
        self.env["clinic.erase"].create(
            {"patient_id": patient.id, "confirmation": patient.family_name}
        ).action_erase()

    def test_roles(self):
        """OPS-01: managers erase and export, nobody else."""
        anna = self.patient()
        for role in ROLES:
            user = self.user(role)
            allowed = role in ("manager", "administrator")
            with self.subTest(role):
                for model in ("clinic.erase", "clinic.access.export"):
                    self.assertEqual(
                        self.env[model].with_user(user).has_access("read"), allowed
                    )
                if not allowed:
                    with self.assertRaises(AccessError):
                        anna.with_user(user).action_export_data()

    def test_retention_proposes(self):
        """A rule shows whose time is over, and erases nobody."""
        old, treated, fresh = (
            self.patient(name, "Card") for name in ("Old", "Treated", "Fresh")
        )
        treated.on_treatment = True
        gone = fields.Datetime.now() - timedelta(days=365 * 11)
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE res_partner SET create_date = %s WHERE id = ANY(%s)",
            (gone, (old | treated).ids),
        )
        self.write_facts(fresh, last_visit_date=fields.Date.today())
        rule = self.env.ref("clinic_patient.clinic_retention_rule_gone")
        found = self.Partner.search(rule.action_open_proposed()["domain"])
        self.assertIn(old, found)
        self.assertFalse(found & (treated | fresh))
        self.assertTrue(old.active)


@tagged("post_install", "-at_install", "slow")
class TestAccessExport(RightsCommon, HttpCase):
    def made(self, patient, user):
        patient.with_user(user).action_export_data()
        self.env.ref("clinic_patient.ir_cron_access_exports").method_direct_trigger()
        return self.env["clinic.access.export"].search(
            [("patient_id", "=", patient.id)], limit=1
        )

    def test_copy_holds_everything(self):
        """PAT-10, S17: the copy holds the card and all that leads to it."""
        zefirina = self.make_traces()
        manager = self.user("manager", password="test_manager")
        export = self.made(zefirina, manager)
        self.assertEqual(export.state, "ready")
        self.authenticate(manager.login, "test_manager")
        answer = self.url_open(f"/clinic/access-export/{export.id}/download")
        self.assertEqual(answer.headers["Cache-Control"], "no-store")
        with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
            bundle = json.loads(archive.read("data.json"))
            page = archive.read("data.html").decode()
            files = [name for name in archive.namelist() if "files/" in name]
            self.assertEqual(archive.read(files[0]), b"Zefirina Quarantotti")
        resources = [entry["resource"] for entry in bundle["entry"]]
        card = resources[0]
        self.assertEqual(card["resourceType"], "Patient")
        self.assertEqual(card["name"][0]["family"], FAMILY)
        self.assertEqual(card["birthDate"], "1980-03-12")
        self.assertIn(self.code, [each["value"] for each in card["identifier"]])
        kinds = {resource["resourceType"] for resource in resources}
        self.assertLessEqual(
            {"Consent", "AuditEvent", "Communication", "RelatedPerson"},
            kinds,
        )
        for words in (FAMILY, self.code, "4040404"):
            self.assertIn(words, page.replace(" 404 0404", "4040404"))
        self.assertNotIn("password", json.dumps(bundle))
        log = self.env["clinic.access.log"].search(
            [("patient_id", "=", zefirina.id), ("user_id", "=", manager.id)]
        )
        self.assertEqual(set(log.mapped("action")), {"export", "download"})
        self.assertEqual(export.download_count, 1)

    def test_who_may_download(self):
        """S3: managers; in the portal its reader, once asked for; until it is over."""
        anna = self.patient()
        portal = self.portal_user(anna)
        portal.password = portal.login
        stranger = self.portal_user(self.patient("Rossi", "Carla"))
        stranger.password = stranger.login
        manager = self.user("manager", password="test_manager")
        export = self.made(anna, manager)
        address = f"/clinic/access-export/{export.id}/download"

        def status(login, password=None):
            self.authenticate(login, password or login)
            return self.url_open(address, allow_redirects=False).status_code

        receptionist = self.user("receptionist", password="test_receptionist")
        self.assertEqual(status(receptionist.login, "test_receptionist"), 404)
        self.assertEqual(status(portal.login), 404)
        export.with_user(manager).action_release()
        self.env.ref("clinic_patient.ir_cron_access_exports").method_direct_trigger()
        self.assertEqual(status(portal.login), 404, "the complete copy is handed over")
        export = self.env["clinic.access.export"].search([("reader_id", "=", anna.id)])
        address = f"/clinic/access-export/{export.id}/download"
        self.assertEqual(status(portal.login), 200)
        self.assertIn("Download the copy", self.url_open("/my/consents").text)
        self.assertEqual(status(stranger.login), 404)
        export.expires_at = fields.Datetime.now() - timedelta(minutes=1)
        self.assertEqual(status(portal.login), 404)
        self.assertEqual(status(manager.login, "test_manager"), 404)
        self.env["clinic.access.export"]._gc_over()
        self.assertFalse(export.data)
        self.assertEqual(base64.b64decode(export.data or b""), b"")
