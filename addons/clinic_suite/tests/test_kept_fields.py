from lxml import etree

from odoo.exceptions import AccessError, UserError
from odoo.service.model import call_kw
from odoo.tests import new_test_user, tagged

from odoo.addons.clinic_patient.tests.common import group_of

from .attack_common import AttackCommon

#: Odoo's own; values given for them are left out.
MAGIC = {"id", "create_uid", "create_date", "write_uid", "write_date", "display_name"}
#: Models that another change is about to give the gate; empty in the end.
LATER = set()
#: ``{model or (model, field): why writing it is harmless or who guards it}``.
HARMLESS = {
    # One's own configuration: the manager writes the whole record.
    "clinic.patient.import.column": "samples of the manager's own file",
    "clinic.consent.text": "its number; a text that somebody decided about is guarded",
    "clinic.message.greeting": "an order for lists, computed from the day",
    "crm.stage": "of the administrator, who makes stages",
    "crm.team": "of the administrator, who makes teams",
    "crm.lead": "steps of a deal are in clinic.pipeline.entry, which nobody writes",
    "res.partner": "sums and links that are computed anew from visits and pairs",
    "res.users": "of the administrator of users",
    "mail.activity": "a mark of the stage that planned it; the task is the user's own",
    "ir.attachment": "no field of ours",
    "product.template": "no field of ours",
    "product.product": "a count",
    ("clinic.report.kind", "never_online"): "whoever sets up kinds decides it",
    # Written with the record, and guarded by it.
    ("clinic.appointment", "buffer_before"): "the agenda's rules check each change",
    ("clinic.appointment", "buffer_after"): "the agenda's rules check each change",
    ("clinic.appointment", "equipment_ids"): "the agenda's rules check each change",
    ("clinic.appointment", "location_id"): "the agenda's rules check each change",
    ("clinic.appointment", "practitioner_id"): "the agenda's rules check each change",
    ("clinic.appointment", "room_id"): "the agenda's rules check each change",
    ("clinic.appointment", "service_id"): "the agenda's rules check each change",
    ("clinic.appointment", "regime"): "the agenda's rules check each change",
    (
        "clinic.appointment",
        "overbook_reason",
    ): "goes with an overbooking",
    ("clinic.encounter", "review_comment"): "write() keeps it for the chief doctor",
    ("clinic.recall", "due_date"): "whoever calls plans; attempts begin anew from it",
    ("clinic.recall", "location_id"): "whoever calls plans",
    ("clinic.recall", "practitioner_id"): "whoever calls plans",
    ("clinic.recall", "service_id"): "whoever calls plans",
    ("clinic.recall", "reason_id"): "whoever calls writes what was said",
}
#: Given when the record is made; ``write`` of the model refuses them afterwards.
ONCE = {
    "clinic.consent": {
        *("channel", "date", "decision", "giver_id"),
        *("kind_id", "patient_id", "text_id"),
    },
    "clinic.encounter.amendment": {"text"},
}
#: Values that ``create`` leaves out or replaces, whatever is given.
REPLACED = {
    "clinic.appointment": {
        *("specialty_id", "company_id", "local_day", "time_band", "duration"),
    },
    "clinic.diagnostic.report": {
        *("status", "issued", "final_on", "release_on", "reviewed_by_id"),
        *("reviewed_on", "online_until", "first_viewed_on", "handed_over_on"),
        *("is_desk_only", "reminded_on", "announced_on", "withdrawal_reason"),
        *("external_id", "source"),
    },
    "clinic.encounter": {"practitioner_id", "state", "name"},
    "clinic.encounter.amendment": {"author_id", "date"},
}
#: Readonly on the screen under a condition; what guards them is named.
GUARDED = {
    "clinic.care.plan.instalment": "_sealed_fields, of those that are paid",
    "clinic.appointment": "closed visits: price and coverage are the cashier's",
    "clinic.care.plan": "write() refuses what was approved",
    "clinic.care.plan.line": "write() refuses what was approved",
    "clinic.complaint": "_sealed_fields",
    "clinic.diagnostic.report": "write() refuses what was shown",
    "clinic.disruption": "_sealed_fields",
    "clinic.encounter": "write() refuses what was signed",
    "clinic.enquiry": "_sealed_fields",
    "clinic.followup": "_sealed_fields",
    "clinic.followup.step": "_sealed_fields; words of a step are the follower's",
    "clinic.identity.request": "_clinic_kept, whatever its state",
    "clinic.journey": "who is there at the start; nothing follows afterwards",
    "clinic.location.contact": "of the manager",
    "clinic.message.campaign": "_sealed_fields",
    "clinic.offer": "the price is that of the list unless it has its own",
    "clinic.patient.import": "write() refuses while it runs",
    "clinic.recall": "what is closed is not called any more",
    "clinic.recall.campaign": "write() refuses after the start",
    "clinic.segment": "_sealed_fields",
    "clinic.wait.list": "_sealed_fields",
    "crm.lead": "the team of a deal moves with its stage",
    "crm.stage": "of the administrator",
    "res.partner": "the phone of a patient is the preferred number",
}


@tagged("post_install", "-at_install")
class TestKeptFields(AttackCommon):
    """State, proof and ownership have one writer, whoever speaks RPC.

    Made from the registry and from the views: each field that Python or a view calls
    readonly is tried as each role that may write its model.
    """

    def readonly_on_screens(self):
        """``{model: {field: set of conditions}}`` of all views of the suite."""
        found = {}

        def walk(node, model):
            for child in node:
                if not isinstance(child.tag, str):
                    continue
                field = model._fields.get(child.get("name", ""))
                if child.tag != "field" or field is None:
                    walk(child, model)
                    continue
                condition = child.get("readonly", "0")
                if condition not in ("0", "False", "false"):
                    fields = found.setdefault(model._name, {})
                    fields.setdefault(field.name, set()).add(condition)
                if field.relational:
                    walk(child, self.env[field.comodel_name])

        for view in self.env["ir.ui.view"].search(
            [
                ("type", "in", ("form", "list", "kanban")),
                ("mode", "=", "primary"),
                ("model", "!=", False),
                ("model_data_id.module", "=like", "clinic_%"),
            ]
        ):
            if view.model in self.env:
                arch = etree.fromstring(view.get_combined_arch())
                walk(arch, self.env[view.model])
        return found

    def kept(self):
        """``(model, fields)`` of what nobody may write by hand."""
        screens = self.readonly_on_screens()
        for name, model in sorted(self.env.registry.items()):
            if model._abstract or model._transient or not model._auto:
                continue
            record = self.env[name]
            fields = set()
            for field in record._fields.values():
                ours = any(each.startswith("clinic_") for each in field._modules[:1])
                shown = screens.get(name, {}).get(field.name, set())
                if field.name in MAGIC:
                    continue
                if (
                    (ours and (field.readonly or shown & {"1", "True", "id"}))
                    and (field.store or field.inverse)
                    and (name, field.name) not in HARMLESS
                ):
                    fields.add(field.name)
            if fields and name not in HARMLESS:
                yield record, fields

    def writers(self, model):
        """Personas that may write or create the model at all."""
        for persona, user in self.writing.items():
            mine = model.with_user(user)
            operations = {each for each in ("write", "create") if mine.has_access(each)}
            if operations:
                yield persona, mine, operations

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.writing = dict(cls.anyone, **cls.more_roles())

    @classmethod
    def more_roles(cls):
        """Users of the roles that are not among the attackers."""
        return {
            role: new_test_user(
                cls.env,
                f"kept_{role}",
                groups=group_of(role),
            )
            for role in (
                *("receptionist", "manager", "chief_doctor", "supervisor"),
                "administrator",
            )
        }

    def test_kept_fields_are_written_by_nobody(self):
        """By write and by create, over RPC, as every role that may write."""
        later, undecided = set(), set()
        for model, fields in self.kept():
            record = model.sudo().with_context(active_test=False).search([], limit=1)
            for persona, mine, operations in self.writers(model):
                if model._name in LATER:
                    later.add(model._name)
                    continue
                if not hasattr(model, "_kept_fields"):
                    undecided.update((model._name, name) for name in fields)
                    continue
                for name in sorted(fields):
                    where = {"model": model._name, "field": name, "persona": persona}
                    with self.subTest(**where):
                        self.try_to_write(mine, record, name, operations)
        self.assertFalse(undecided, "give the model the gate, or say why not")
        self.assertEqual(later, LATER & later)
        self.assertGreater(self.attempts, 500)

    def try_to_write(self, mine, record, name, operations):
        model = mine._name
        value = self.other_value(record.with_user(mine.env.user), name)
        once = name in ONCE.get(model, ())
        if not once:
            self.assertIn(name, mine._kept_fields() | mine._clinic_sealed)
        if "write" in operations and record:
            with self.attempt(mine.env.user, check=False) as refusals:
                call_kw(mine, "write", [record.ids, {name: value}], {})
            self.assertTrue(self.refused(refusals), "written")
        if "create" in operations and not once:
            sealed = name in mine._clinic_sealed
            if name in REPLACED.get(model, ()) or sealed:
                return
            with self.attempt(mine.env.user, check=False) as refusals:
                call_kw(mine, "create", [[{name: value}]], {})
            self.assertTrue(self.refused(refusals), "created")
            self.assertFalse(
                mine.browse()._has_field_access(mine._fields[name], "write")
                and name not in self.given(mine)
            )

    def given(self, mine):
        """Kept fields that a visit begins with."""
        names = getattr(mine, "_given_fields", frozenset)()
        return names

    def test_conditions_of_screens_are_guarded(self):
        """What a view shows readonly at times is guarded by the model, by name."""
        for model, fields in self.readonly_on_screens().items():
            if self.env[model]._transient or self.env[model]._abstract:
                continue
            conditions = {
                each
                for conditions in fields.values()
                for each in conditions - {"1", "True", "id"}
            }
            if conditions:
                self.assertIn(model, GUARDED)

    def test_who_guards_himself(self):
        """The holes that were found, each by the role that used it."""
        coordinator = self.anyone["coordinator"]
        plan = self.env["clinic.care.plan"].create(
            {"patient_id": self.victim.id, "title": "Implant"}
        )
        for vals in (
            {"state": "signed"},
            {"signature": "eA=="},
            {"signed_by": "Vera"},
            {"signed_on": "2026-01-01 00:00:00"},
            {"approved_by_id": coordinator.id},
        ):
            with self.subTest(str(vals)), self.assertRaises(UserError):
                plan.with_user(coordinator).write(vals)
        complaint = self.victim._open_complaint(
            {"title": "Late", "description": "I waited", "channel": "portal"}
        )
        for vals in ({"description": "All well"}, {"received_on": "2020-01-01"}):
            with self.subTest(str(vals)), self.assertRaises(AccessError):
                complaint.with_user(coordinator).write(vals)
        enquiry = self.env["clinic.enquiry"]._receive(
            {
                "contact_name": "Vera",
                "email": "vera@zyxwvut.example",
                "text": "How much?",
                "channel": "web",
            }
        )
        for vals in ({"text": "Thanks"}, {"date": "2020-01-01"}):
            with self.subTest(str(vals)), self.assertRaises(AccessError):
                enquiry.with_user(self.anyone["operator"]).write(vals)
