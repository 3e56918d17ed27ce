from odoo import Command, fields, models
from odoo.orm.model_classes import add_to_registry
from odoo.tests import tagged

from .test_merge_undo import MergeCommon


class LaterAddon(models.Model):
    """A model of an addon that was written after this one."""

    _name = "x.later.addon"
    _description = "Later addon"
    _module = "clinic_patient"
    _register = False
    _log_access = False

    patient_id = fields.Many2one("res.partner", ondelete="cascade")
    unique_id = fields.Many2one("res.partner", ondelete="restrict")
    slot = fields.Integer()
    patient_ids = fields.Many2many(
        "res.partner", "x_later_addon_partner_rel", string="Patients"
    )
    about = fields.Reference([("res.partner", "Partner"), ("res.users", "User")])
    res_model = fields.Char()
    res_id = fields.Many2oneReference(model_field="res_model")
    company_partner_id = fields.Many2one("res.partner", company_dependent=True)
    patient_name = fields.Char(related="patient_id.name", store=True)
    line_ids = fields.One2many("x.later.line", "addon_id")
    definition = fields.PropertiesDefinition()

    _once = models.UniqueIndex("(unique_id, COALESCE(slot, 0)) WHERE slot >= 0")


class LaterLine(models.Model):
    _name = "x.later.line"
    _description = "Later line"
    _module = "clinic_patient"
    _register = False
    _log_access = False

    addon_id = fields.Many2one("x.later.addon", ondelete="cascade", required=True)
    properties = fields.Properties(definition="addon_id.definition")


@tagged("post_install", "-at_install")
class TestLaterAddon(MergeCommon):
    def setUp(self):
        super().setUp()
        registry = self.env.registry
        self.addCleanup(self.remove_models)
        names = []
        for definition in (LaterAddon, LaterLine):
            add_to_registry(registry, definition)
            names.append(definition._name)
        registry._setup_models__(self.env.cr, names)
        registry.init_models(self.env.cr, names, {"module": "clinic_patient"}, True)
        # A table that no model knows at all.
        self.env.cr.execute(
            "CREATE TABLE x_plain (who int REFERENCES res_partner (id)"
            " ON DELETE CASCADE, note text);"
            "CREATE TABLE x_pair (id serial PRIMARY KEY, model varchar, res_id int)"
        )
        self.env.invalidate_all()

    def remove_models(self):
        registry = self.env.registry
        for name in ("x.later.addon", "x.later.line"):
            del registry.models[name]
        registry._setup_models__(self.env.cr)

    def test_moves_and_comes_back(self):
        """PAT-04, PAT-05: relations of an addon not yet written move and come back."""
        keep, gone = self.patient("Verdi", "Anna"), self.patient("Verde", "Ana")
        third = self.patient("Rossi", "Carla")
        Later = self.env["x.later.addon"]
        plain = Later.create(
            {
                "patient_id": gone.id,
                "patient_ids": [Command.set((gone | keep | third).ids)],
                "about": f"res.partner,{gone.id}",
                "res_model": "res.partner",
                "res_id": gone.id,
                "company_partner_id": gone.id,
            }
        )
        only = Later.create({"patient_ids": [Command.set(gone.ids)]})
        other = Later.create({"res_model": "res.users", "res_id": gone.id})
        ours = Later.create({"unique_id": keep.id, "slot": 1})
        theirs = Later.create(
            {
                "unique_id": gone.id,
                "slot": 1,
                "line_ids": [Command.create({}), Command.create({})],
            }
        )
        free = Later.create({"unique_id": gone.id, "slot": 2})
        lines = theirs.line_ids
        only.definition = [
            {"name": kind, "type": kind, "string": kind, "comodel": "res.partner"}
            for kind in ("many2one", "many2many")
        ] + [{"name": "number", "type": "integer", "string": "Number"}]
        line = self.env["x.later.line"].create({"addon_id": only.id})
        line.properties = {
            "many2one": gone.id,
            "many2many": (gone | third).ids,
            "number": gone.id,
        }
        self.env["ir.default"].set("x.later.addon", "patient_id", gone.id)
        self.env.cr.execute(
            "INSERT INTO x_plain VALUES (%(g)s, 'a'), (%(g)s, 'a'), (%(k)s, 'b');"
            "INSERT INTO x_pair (model, res_id) VALUES ('res.partner', %(g)s),"
            " ('res.users', %(g)s)",
            {"g": gone.id, "k": keep.id},
        )
        self.assertEqual(plain.patient_name, "Verde Ana")
        before = self.database()

        merge = self.merge(gone, keep)

        self.assertEqual(plain.patient_id, keep)
        self.assertEqual(plain.patient_name, "Verdi Anna")
        self.assertEqual(plain.patient_ids, keep | third)
        self.assertEqual(only.patient_ids, keep)
        self.assertEqual(plain.about, keep)
        self.assertEqual(plain.res_id, keep.id)
        self.assertEqual(plain.company_partner_id, keep)
        self.assertEqual(other.res_id, gone.id)
        self.assertEqual(line.properties["many2one"], keep)
        self.assertEqual(line.properties["many2many"], keep | third)
        self.assertEqual(line.properties["number"], gone.id)
        self.assertEqual(Later.create({}).patient_id, keep)
        self.assertFalse(theirs.exists())
        self.assertEqual(lines.addon_id, ours)
        self.assertEqual(free.unique_id, keep)
        self.env.cr.execute("SELECT who, note FROM x_plain ORDER BY note")
        self.assertEqual(
            self.env.cr.fetchall(), [(keep.id, "a"), (keep.id, "a"), (keep.id, "b")]
        )
        self.env.cr.execute("SELECT res_id FROM x_pair ORDER BY id")
        self.assertEqual(self.env.cr.fetchall(), [(keep.id,), (gone.id,)])

        Later.search([], order="id desc", limit=1).unlink()
        merge.action_undo()

        self.assertFalse(merge.undo_report)
        self.assertEqual(plain.patient_name, "Verde Ana")
        self.assert_same_database(before)
