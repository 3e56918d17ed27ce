import inspect

from odoo import Command
from odoo.service.model import call_kw, get_public_method
from odoo.tests import tagged

from .attack_common import MARKER, AttackCommon

#: Every model has them; they are tried one by one in the other tests.
#: Odoo's own, which every model has: commands above, answers in ``test_reading`` and
#: ``test_health_oracle``.
ORM = {
    *("create", "write", "unlink", "copy", "read", "export_data", "load"),
    *("name_search", "formatted_read_group", "formatted_read_grouping_sets"),
}


@tagged("post_install", "-at_install")
class TestAttackCommands(AttackCommon):
    """Commands for records of others, in every list of every model, by every role."""

    def commands(self, field):
        """Commands that reach what is attacked through a list."""
        target = self.targets.get(field.comodel_name)
        if not target:
            return
        name = "name" if "name" in target._fields else "body"
        name = name if name in target._fields else "res_id"
        yield [Command.update(target.id, {name: "rewritten"})]
        yield [Command.delete(target.id)]
        if field.type == "one2many":
            yield [Command.link(target.id)]
            yield [Command.set(target.ids)]
            yield [Command.unlink(target.id)]
        if field.comodel_name == "mail.message":
            file = self.targets["ir.attachment"]
            publish = [Command.update(file.id, {"public": True})]
            yield [Command.create({"body": "x", "attachment_ids": publish})]

    def test_no_command_reaches_a_record_of_others(self):
        """By write on whatever the role may write, and by create, over RPC."""
        for model_name in [*self.suite_models(), "res.partner", "crm.lead"]:
            lists = [
                field
                for field in self.env[model_name]._fields.values()
                if field.type in ("one2many", "many2many")
            ]
            for persona, user in self.anyone.items():
                mine = self.env[model_name].with_user(user)
                record = mine.browse()
                if mine.has_access("read") and mine.has_access("write"):
                    record = mine.search([], limit=1)._filtered_access("write")
                self.attack_lists(persona, mine, record, lists)

    def attack_lists(self, persona, mine, record, lists):
        user = mine.env.user
        creates, exists = mine.has_access("create"), bool(record)
        if not (creates or exists):
            with self.attempt(user) as refusals:
                call_kw(mine, "create", [[{}]], {})
            self.assertTrue(refusals, mine._name)
            return
        for field in lists:
            for number, command in enumerate(self.commands(field)):
                vals = {field.name: command}
                where = {"model": mine._name, "field": field.name, "persona": persona}
                with self.subTest(**where, number=number):
                    if exists:
                        with self.attempt(user):
                            call_kw(record, "write", [record.ids, vals], {})
                    if creates:
                        with self.attempt(user):
                            call_kw(mine, "create", [[vals]], {})
                        with self.attempt(user):
                            context = {f"default_{field.name}": command}
                            call_kw(mine, "create", [[{}]], {"context": context})


@tagged("post_install", "-at_install")
class TestAttackMethods(AttackCommon):
    """Every public method of every model, with ids of others, by every role."""

    def methods(self):
        """``(model name, method name)`` of all that the suite adds."""
        for model_name in sorted(self.env.registry):
            for name, member in inspect.getmembers(
                self.env.registry[model_name], callable
            ):
                module = getattr(member, "__module__", "") or ""
                if (
                    module.startswith("odoo.addons.clinic_")
                    and not name.startswith("_")
                    and name not in ORM
                ):
                    yield model_name, name

    def plausible(self, parameter):
        """An argument that leads to what is attacked, as its name suggests."""
        name, targets = parameter.name, self.targets
        visit = targets["clinic.appointment"]
        if name == "patient_ids":
            return self.hidden.ids
        if name.endswith("_ids") or name == "ids":
            return visit.ids
        if name in ("vals", "values"):
            return {"patient_id": self.hidden.id, "state": "cancelled", "name": MARKER}
        if name == "vals_list":
            return [{"name": "Stolen", "patient_id": self.hidden.id}]
        if "patient" in name or "partner" in name:
            return self.hidden.id
        if "visit" in name or "appointment" in name:
            return visit.id
        if "location" in name:
            return targets["clinic.location"].id
        if "date" in name or name in ("start", "stop", "day"):
            return "2026-03-03 09:00:00"
        if "domain" in name:
            return [("id", "=", self.hidden.id)]
        if name in ("text", "name", "query", "reason", "note"):
            return "because I say so"
        return {"state": "cancelled"}.get(name, 1)

    def test_no_method_touches_or_tells_what_is_of_others(self):
        """Whatever is called on whatever id, nothing of another company changes and
        the answer holds none of its words."""
        for model_name, method in self.methods():
            for persona, user in self.anyone.items():
                model = self.env[model_name].with_user(user)
                target = self.targets.get(model_name)
                record = model.browse(target.ids if target else [])
                with (
                    self.subTest(method=f"{model_name}.{method}", persona=persona),
                    self.attempt(user),
                ):
                    function = get_public_method(record, method)
                    arguments = [
                        self.plausible(each)
                        for each in list(
                            inspect.signature(function).parameters.values()
                        )[1:]
                        if each.default is each.empty
                        and each.kind == each.POSITIONAL_OR_KEYWORD
                    ]
                    answer = getattr(record, method)(*arguments)
                    self.assertNotIn(MARKER, self.words(answer))
        self.assertGreater(self.attempts, 1000)

    def words(self, answer):
        """What a caller gets; what was sent along is no leak."""
        return repr(answer)
