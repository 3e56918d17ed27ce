import json
import logging
from contextlib import contextmanager

from odoo import fields
from odoo.exceptions import AccessError, MissingError, UserError
from odoo.tests import new_test_user
from odoo.tools import SQL, mute_logger

from odoo.addons.clinic_agenda.tests import test_access_matrix as matrix
from odoo.addons.clinic_patient.tests.common import group_of

_logger = logging.getLogger(__name__)
MARKER = matrix.MARKER
GROUP = "clinic_patient.group_clinic_"
STAFF = ("practitioner", "marketing", "operator", "cashier", "coordinator")
#: Log lines that a refused attempt writes.
NOISE = (
    "odoo.sql_db",
    "odoo.models",
    "odoo.models.unlink",
    "odoo.addons.base.models.ir_rule",
    "odoo.addons.base.models.ir_model",
    "odoo.addons.base.models.ir_module",
    "odoo.addons.mail.models.mail_mail",
    "odoo.addons.auth_signup.models.res_users",
)


class AttackCommon(matrix.MatrixCommon):
    """A clinic of two companies, its roles, and records that are for none of them.

    What is attacked belongs to a patient of the other company: the card, a visit, a
    note in the chatter, a file, a task, a report, an encounter, a complaint.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.anyone = {
            name: cls.personas[name]
            for name in ("anonymous", "patient", "other_patient", "ex_guardian")
        }
        cls.anyone["other_location"] = cls.personas["other_location"]
        for role in STAFF:
            cls.anyone[role] = cls.personas.get(role) or new_test_user(
                cls.env, f"attack_{role}", groups=group_of(role)
            )
        company = cls.env["res.company"].create({"name": "Attacked"})
        env = cls.env(context=dict(cls.env.context, allowed_company_ids=company.ids))
        cls.hidden = cls.make_patient(f"{MARKER}hid", "Hugo", company_id=company.id)
        place = env["clinic.location"].create(
            {"name": "Far", "tz": "Europe/Rome", "company_id": company.id}
        )
        doctor = env["clinic.practitioner"].create(
            {"name": "Far Doctor", "company_id": company.id}
        )
        cls.open_week(doctor, place)
        visit = env["clinic.appointment"].create(
            {
                "patient_id": cls.hidden.id,
                "practitioner_id": doctor.id,
                "service_id": cls.service.id,
                "location_id": place.id,
                "start": cls.tuesday(10),
                "note": f"{MARKER} note",
            }
        )
        report = env["clinic.diagnostic.report"].create(
            {
                "patient_id": cls.hidden.id,
                "kind_id": env["clinic.report.kind"].search([], limit=1).id,
                "company_id": company.id,
                "conclusion": f"{MARKER} is ill",
            }
        )
        encounter = env["clinic.encounter"].create(
            {
                "patient_id": cls.hidden.id,
                "company_id": company.id,
                "complaint": f"{MARKER} hurts",
            }
        )
        complaint = cls.hidden._open_complaint({"title": f"{MARKER} complains"})
        note = cls.hidden.message_post(body=f"{MARKER} called")
        file = env["ir.attachment"].create(
            {
                "name": f"{MARKER}.txt",
                "raw": MARKER.encode(),
                "res_model": "res.partner",
                "res_id": cls.hidden.id,
            }
        )
        task = cls.hidden.activity_schedule("mail.mail_activity_data_todo")
        follower = env["mail.followers"].search(
            [("res_model", "=", "res.partner"), ("res_id", "=", cls.hidden.id)], limit=1
        ) or env["mail.followers"].create(
            {
                "res_model": "res.partner",
                "res_id": cls.hidden.id,
                "partner_id": cls.env.user.partner_id.id,
            }
        )
        phone = env["clinic.phone"].create(
            {"partner_id": cls.hidden.id, "number": "+442079460123"}
        )
        followup = env["clinic.followup"].create(
            {"patient_id": cls.hidden.id, "name": MARKER, "company_id": company.id}
        )
        recall = env["clinic.recall"].create(
            {
                "patient_id": cls.hidden.id,
                "company_id": company.id,
                "rule_id": env["clinic.recall.rule"].search([], limit=1).id
                or env["clinic.recall.rule"]
                .create({"name": "By hand", "trigger": "hand"})
                .id,
            }
        )
        cls.targets = {
            record._name: record
            for record in (
                *(cls.hidden, visit, report, encounter, complaint, note, file, task),
                *(follower, phone, followup, recall, place, doctor),
            )
        }
        cls.attempts = 0
        cls.env.flush_all()
        cls.before = cls.state_of_targets()

    @classmethod
    def tearDownClass(cls):
        _logger.info("%s: %s attempts", cls.__name__, cls.attempts)
        super().tearDownClass()

    @classmethod
    def state_of_targets(cls):
        """The rows of what is attacked, as text."""
        cls.env.flush_all()
        queries = [
            SQL(
                "SELECT to_jsonb(t) FROM %s t WHERE id = %s",
                SQL.identifier(record._table),
                record.id,
            )
            for record in cls.targets.values()
        ]
        cls.env.cr.execute(
            SQL("SELECT %s", SQL(", ").join(SQL("(%s)", each) for each in queries))
        )
        return json.dumps(cls.env.cr.fetchone(), default=str, sort_keys=True)

    @contextmanager
    def attempt(self, user, check=True):
        """Try something; the targets are as before, and nothing of it stays.

        :param user: who tries; as in a request, the transaction is theirs
        :returns: a list that holds the refusal, if there was one
        """
        type(self).attempts += 1
        refusals = []
        transaction = self.env.transaction
        ours, transaction.default_env = transaction.default_env, self.env(user=user)
        with mute_logger(*NOISE):
            savepoint = self.env.cr.savepoint()
            try:
                yield refusals
                if check:
                    self.assertEqual(self.state_of_targets(), self.before)
            except AssertionError:
                raise
            except Exception as refusal:
                refusals.append(refusal)
            finally:
                self.env.cr.precommit.clear()
                self.env.cr.postcommit.clear()
                transaction.default_env = ours
                savepoint.close(rollback=True)

    def suite_models(self):
        """Names of all models of the suite that have a table, wizards included."""
        return sorted(
            name
            for name, model in self.env.registry.items()
            if (model._module or "").startswith("clinic_")
            and model._auto
            and not model._abstract
        )

    def refused(self, refusals, kinds=(AccessError, UserError, MissingError)):
        return any(isinstance(each, kinds) for each in refusals)

    def other_value(self, record, name):
        """A value for a field that differs from the present one, as RPC writes it."""
        field, env = record._fields[name], record.sudo().env
        now = record.sudo()[name]
        if field.type == "selection":
            keys = field.get_values(env)
            return next((key for key in keys if key != now), False)
        if field.type == "many2one":
            model = env[field.comodel_name].with_context(active_test=False)
            return model.search([("id", "!=", now.id)], limit=1).id
        if field.type in ("one2many", "many2many"):
            return [fields.Command.clear()]
        if field.type in ("integer", "float", "monetary"):
            return (now or 0) + 7
        return {
            "boolean": not now,
            "date": "2001-02-03",
            "datetime": "2001-02-03 04:05:06",
            "binary": "eA==",
            "json": {"x": 1},
        }.get(field.type, "forged")
