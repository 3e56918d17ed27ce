import inspect
import json

from odoo import fields
from odoo.exceptions import AccessError
from odoo.service.model import get_public_method
from odoo.tests import HttpCase, new_test_user, tagged
from odoo.tools import mute_logger

from .common import NOW, AgendaCommon

#: Appears in every text of the victim's records; seeing it anywhere is a leak.
MARKER = "Zyxwvut"
#: Who tells of what it refused.
REFUSALS = (
    "odoo.sql_db",
    "odoo.addons.base.models.ir_module",
    "odoo.addons.base.models.ir_rule",
)
CLINIC_MODULES = ("clinic_base", "clinic_patient", "clinic_agenda")
#: Personas who may see nothing of the victim, whatever they ask.
STRANGERS = ("anonymous", "other_patient", "ex_guardian")
#: Odoo lets everybody who logs in write these; the rules on each record decide.
OPEN_TO_EMPLOYEES = (
    *("res.partner", "mail.activity", "ir.attachment"),
    *("mail.message", "mail.notification"),
)
#: Methods of the ORM itself that every model has; checked one by one below.
ORM = {
    "read",
    "search_read",
    "web_search_read",
    "search_fetch",
    "web_read",
    "export_data",
    "name_search",
    "formatted_read_group",
    "formatted_read_grouping_sets",
}


class MatrixCommon(AgendaCommon):
    """A victim with a card, phones, family and visits; and everybody else."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.open_week(cls.anna)
        cls.open_week(cls.bruno)
        cls.victim = cls.make_patient(MARKER, "Vera", email="vera@zyxwvut.example")
        cls.victim.write(
            {"phone_ids": [(0, 0, {"number": "+442079460999", "is_preferred": True})]}
        )
        cls.other = cls.make_patient("Other", "Oscar")
        cls.former = cls.make_patient("Former", "Frida")
        cls.env["clinic.relationship"].create(
            {
                "patient_id": cls.victim.id,
                "guardian_id": cls.former.id,
                "kind": "parent",
                "can_book": True,
                "can_read": True,
                "can_sign": True,
                "date_start": fields.Date.subtract(NOW.date(), days=30),
                "date_end": fields.Date.subtract(NOW.date(), days=1),
            }
        )
        cls.visit = cls.book(
            cls.tuesday(9),
            patient_id=cls.victim.id,
            note=f"{MARKER} note",
            patient_note=f"{MARKER} says",
        )
        cls.env["clinic.identity.request"]._ask(
            cls.victim, {"given_name": f"{MARKER}a"}, f"{MARKER} note"
        )
        cls.env["clinic.consent"]._decide(cls.victim, "marketing", "given", "paper")
        cls.env["clinic.access.export"].create({"patient_id": cls.victim.id})
        cls.env["clinic.wait.list"].create(
            {
                "patient_id": cls.victim.id,
                "service_id": cls.service.id,
                "note": f"{MARKER} waits",
            }
        )
        job = cls.env["clinic.patient.import"].create({"name": f"{MARKER}.csv"})
        cls.env["clinic.patient.import.row"].create(
            {
                "import_id": job.id,
                "number": 2,
                "state": "imported",
                "partner_id": cls.victim.id,
                "cells": [MARKER],
            }
        )
        cls.elsewhere = cls.env["clinic.location"].create(
            {"name": "Elsewhere", "tz": "Europe/Rome"}
        )
        group = "clinic_patient.group_clinic_"
        cls.personas = {
            "anonymous": cls.env.ref("base.public_user"),
            "other_patient": new_test_user(
                cls.env, "oscar", groups="base.group_portal", partner_id=cls.other.id
            ),
            "ex_guardian": new_test_user(
                cls.env, "frida", groups="base.group_portal", partner_id=cls.former.id
            ),
            "patient": new_test_user(
                cls.env, "vera", groups="base.group_portal", partner_id=cls.victim.id
            ),
            "other_location": new_test_user(
                cls.env, "elsewhere", groups=f"{group}receptionist"
            ),
            "practitioner": new_test_user(
                cls.env, "bruno", groups=f"{group}practitioner"
            ),
            "receptionist": new_test_user(
                cls.env, "reception", groups=f"{group}receptionist"
            ),
            "no_role": new_test_user(cls.env, "clerk", groups="base.group_user"),
        }
        cls.personas["other_location"].clinic_location_ids = cls.elsewhere
        cls.bruno.user_id = cls.personas["practitioner"]
        #: What leads to the victim besides the card; rooms above add theirs.
        cls.roots = {
            "clinic.appointment": cls.visit,
        }
        #: What numbers in addresses of routes stand for, if not for the visit.
        cls.numbers = {}
        cls.env.flush_all()

    @classmethod
    def clinic_models(cls):
        """Names of all stored models of the clinic addons, from the registry."""
        return sorted(
            name
            for name, model in cls.env.registry.items()
            if model._module in CLINIC_MODULES
            and not model._abstract
            and not model._transient
            and model._auto
        )

    def check_contact_only(self, card):
        """A colleague without a role sees the contact, and no field of the suite."""
        self.assertEqual(len(card.read(["name"])), len(card))
        for name, field in card._fields.items() if card else ():
            if (field._modules or ("",))[0].startswith("clinic_"):
                with self.assertRaises(AccessError, msg=name):
                    card.read([name])

    def records_of_victim(self, model_name):
        """Records of a model that lead to the victim, found by their fields."""
        model = self.env[model_name]
        paths = [
            name
            for name, field in model._fields.items()
            if field.type == "many2one" and field.store
        ]
        found = model.browse()
        for name in paths:
            comodel = model._fields[name].comodel_name
            if comodel == "res.partner":
                found |= model.search([(name, "=", self.victim.id)])
            elif comodel in self.roots:
                found |= model.search([(name, "=", self.roots[comodel].id)])
        return found | (self.visit if model_name == self.visit._name else found)


@tagged("post_install", "-at_install")
class TestModelMatrix(MatrixCommon):
    """Model × persona, generated from the registry: new models cannot be forgotten."""

    def test_strangers_see_no_record_of_another_patient(self):
        """Every clinic model and the card itself: neither read nor search nor count."""
        checked = 0
        for name in [*self.clinic_models(), "res.partner"]:
            records = self.records_of_victim(name)
            if name == "res.partner":
                records = self.victim
            for persona in (*STRANGERS, "no_role"):
                user = self.personas[persona]
                with self.subTest(model=name, persona=persona):
                    mine = records.with_user(user)
                    visible = (
                        mine._filtered_access("read") if mine.has_access("read") else []
                    )
                    if persona == "no_role" and name in ("res.partner", "res.users"):
                        self.check_contact_only(mine)
                    elif name == "res.partner" or records:
                        self.assertFalse(visible)
                    checked += len(records)
                    for operation in ("write", "create", "unlink"):
                        if name not in OPEN_TO_EMPLOYEES:
                            self.assertFalse(
                                self.env[name].with_user(user).has_access(operation),
                                operation,
                            )
        self.assertGreater(checked, 10, "the victim must have records to steal")

    def test_staff_of_another_location_see_no_visit(self):
        """The agenda of a location belongs to its staff; a practitioner sees the own
        visits only; the receptionist of the place sees all."""
        for name in ("clinic.appointment", "clinic.appointment.event"):
            records = self.records_of_victim(name)
            self.assertTrue(records)
            for persona in ("other_location", "practitioner"):
                with self.subTest(model=name, persona=persona):
                    user = self.personas[persona]
                    self.assertFalse(records.with_user(user)._filtered_access("read"))
                    with self.assertRaises(AccessError):
                        records.with_user(user).read(["id"])
            self.assertEqual(
                records.with_user(self.personas["receptionist"])._filtered_access(
                    "read"
                ),
                records,
            )

    def test_patient_sees_own_visit_but_not_the_staff_note(self):
        """Portal patients read their visit through pages, and never money or notes."""
        mine = self.visit.with_user(self.personas["patient"])
        self.assertEqual(mine.read(["reference"])[0]["id"], self.visit.id)
        for secret in ("note", "access_token", "price", "overbook_reason"):
            with self.subTest(secret), self.assertRaises(AccessError):
                mine.read([secret])

    def test_money_and_tokens_are_for_the_few(self):
        """OPS-01: a receptionist reads no price; nobody but the system reads tokens."""
        visit = self.visit.with_user(self.personas["receptionist"])
        for secret in ("price", "access_token"):
            with self.subTest(secret), self.assertRaises(AccessError):
                visit.read([secret])

    def test_times_kept_for_the_desk_stay_with_staff(self):
        """S2: over RPC a patient gets what the website offers, staff get all."""
        self.service.online_bookable = False
        period = (self.service.id, self.tuesday(0), self.tuesday(23))
        for persona, seen in (("other_patient", False), ("receptionist", True)):
            slots = self.env["clinic.slot"].with_user(self.personas[persona])
            with self.subTest(persona):
                self.assertEqual(bool(slots.search_slots(*period)), seen)
                self.assertEqual(bool(slots.first_slots(*period)), seen)


@tagged("post_install", "-at_install")
class TestMethodMatrix(MatrixCommon):
    """Every public method of every clinic model, called by portal users over RPC."""

    def methods_of(self, model_name):
        """Public methods that the clinic addons define on a model."""
        model = self.env[model_name]
        for name, member in inspect.getmembers(type(model), callable):
            if name.startswith("_") or name in ORM:
                continue
            if (getattr(member, "__module__", "") or "").startswith(
                tuple(f"odoo.addons.{module}." for module in CLINIC_MODULES)
            ):
                yield name

    def all_models(self):
        """Models that the clinic addons define or extend, abstract ones included."""
        return sorted(
            name
            for name, model in self.env.registry.items()
            if any(
                cls.__module__.startswith(
                    tuple(f"odoo.addons.{module}." for module in CLINIC_MODULES)
                )
                for cls in model.mro()
                if hasattr(cls, "_module")
            )
        )

    def test_portal_users_get_nothing_from_any_public_method(self):
        """S2: whatever is called with whatever plausible arguments, the answer holds
        nothing of the victim and nothing changes."""
        before = self.fingerprint()
        called = 0
        for model_name in self.all_models():
            for method in self.methods_of(model_name):
                for persona in STRANGERS:
                    with self.subTest(method=f"{model_name}.{method}", persona=persona):
                        answer = self.call(model_name, method, self.personas[persona])
                        self.assertNotIn(MARKER, answer)
                        called += 1
        self.env.invalidate_all()
        self.assertEqual(self.fingerprint(), before)
        self.assertGreater(called, 40)

    def call(self, model_name, method, user):
        """Call as the RPC route would, with ids and values of the right shapes."""
        target = self.records_or_victim(model_name).with_user(user)
        try:
            function = get_public_method(target, method)
        except AccessError as refusal:
            return str(refusal)
        arguments = []
        for parameter in list(inspect.signature(function).parameters.values())[1:]:
            if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
                continue
            if parameter.default is parameter.empty:
                arguments.append(self.plausible(parameter.name))
        try:
            with (
                self.env.cr.savepoint(),
                mute_logger(*REFUSALS),
            ):
                return repr(getattr(target, method)(*arguments))
        except Exception as refusal:
            return str(refusal)

    def records_or_victim(self, model_name):
        if model_name == "res.partner":
            return self.victim
        model = self.env[model_name]
        if model._abstract or not model._auto or model._transient:
            return model
        return self.records_of_victim(model_name) or model.search([], limit=1)

    def plausible(self, name):
        """A value of the kind that an argument's name suggests."""
        if name.endswith("_ids"):
            return self.visit.ids
        if "text" in name or name in ("name", "query"):
            return MARKER[:4]
        if name in ("vals", "values"):
            return {"state": "cancelled", "name": "Stolen"}
        if name == "vals_list":
            return [{"name": "Stolen"}]
        if "date" in name or name in ("start", "day"):
            return "2026-03-03 09:00:00"
        if "visit" in name or "appointment" in name:
            return self.visit.id
        if "location" in name:
            return self.rome.id
        if "patient" in name or "partner" in name:
            return self.victim.id
        if name == "state":
            return "cancelled"
        return self.service.id

    def fingerprint(self):
        """State of everything a method might have changed."""
        self.env.flush_all()
        self.env.cr.execute(
            "SELECT (SELECT json_agg(a ORDER BY id) FROM clinic_appointment a),"
            " (SELECT json_agg(e ORDER BY id) FROM clinic_appointment_event e),"
            " (SELECT json_agg(row(p.id, p.name, p.email, p.active, p.is_patient)"
            "          ORDER BY id) FROM res_partner p),"
            " (SELECT count(*) FROM clinic_session),"
            " (SELECT json_agg(l ORDER BY id) FROM clinic_location l)"
        )
        return json.dumps(self.env.cr.fetchone(), default=str)


@tagged("post_install", "-at_install", "slow")
class TestRouteMatrix(MatrixCommon, HttpCase):
    """Route × persona, generated from the URL map."""

    def clinic_rules(self):
        """URL rules whose endpoint is defined in a clinic addon."""
        with self.env.registry.cursor() as cursor:
            router = self.env(cr=cursor)["ir.http"].routing_map()
        return [
            rule
            for rule in router.iter_rules()
            if rule.endpoint.func.__module__.startswith(
                tuple(f"odoo.addons.{module}." for module in CLINIC_MODULES)
            )
        ]

    def test_no_route_shows_the_victim_to_strangers(self):
        """S1: all routes of the clinic addons, GET with the victim's ids."""
        rules = self.clinic_rules()
        for persona in STRANGERS:
            login = self.personas[persona].login
            self.authenticate(None, None)
            if persona != "anonymous":
                self.authenticate(login, login)
            for rule in rules:
                if "GET" not in (rule.methods or {"GET"}):
                    continue
                address = self.fill(rule)
                with self.subTest(route=rule.rule, persona=persona):
                    answer = self.url_open(address, timeout=60)
                    self.assertNotIn(MARKER, answer.text)
                    self.assertLess(answer.status_code, 500)

    def fill(self, rule):
        """The address of a rule, its converters filled with the victim's ids."""
        parts = []
        for is_dynamic, value in rule._trace:
            if value == "|":
                continue
            if is_dynamic:
                converter = rule._converters[value]
                known = type(converter).__name__.lower()
                parts.append(
                    str(self.numbers.get(value, self.visit).id)
                    if "int" in known or "model" in known
                    else "guess"
                )
            else:
                parts.append(value)
        return "".join(parts)
