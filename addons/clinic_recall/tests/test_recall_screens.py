from lxml import etree

from odoo.tests import tagged

from odoo.addons.clinic_patient.tests.common import ROLES

from .common import RecallCommon

RELATIONS = ("many2one", "one2many", "many2many")


@tagged("post_install", "-at_install")
class TestRecallScreens(RecallCommon):
    """Every screen of the menu opens for every role that finds it there."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        plan = cls.env["clinic.followup.plan"].search([("step_ids", "!=", False)])[0]
        plan.condition_ids = cls.env["clinic.condition"].search([], limit=1)
        cls.env["clinic.followup"].create(
            {"patient_id": cls.patient.id, "plan_id": plan.id}
        )
        cls.env["clinic.recall"].create(
            {
                "rule_id": cls.env.ref("clinic_recall.rule_hand").id,
                "patient_id": cls.patient.id,
            }
        )
        segment = cls.env["clinic.segment"].create(
            {"name": "All", "domain": "[]", "sharing": "shared"}
        )
        cls.env["clinic.recall.campaign"].create(
            {"name": "Screen", "segment_id": segment.id}
        )._preview()
        journey = cls.env["clinic.journey"].create(
            {"name": "Screen", "trigger": "birthday"}
        )
        node = journey.insert_node("wait")
        cls.env["clinic.journey.entry"].create(
            {
                "journey_id": journey.id,
                "patient_id": cls.patient.id,
                "cause_key": "screen",
                "node_id": node,
            }
        )

    def actions(self, user):
        """The lists and forms behind the menu entries that a user sees."""
        menus = self.env["ir.ui.menu"].with_user(user)
        for menu in menus.browse(menus._visible_menu_ids()):
            action = menu.sudo().action
            if (
                menu.get_external_id()[menu.id].startswith("clinic_recall.")
                and action
                and action._name == "ir.actions.act_window"
            ):
                yield action

    def open(self, user, action):
        """Read what the web client reads to show a list and a form."""
        records = self.env[action.res_model].with_user(user)
        for kind in {"list", "form", "kanban"} & set(action.view_mode.split(",")):
            arch = etree.fromstring(records.get_view(view_type=kind)["arch"])
            names = {
                node.get("name")
                for node in arch.iter("field")
                if not any(up.tag == "field" for up in node.iterancestors())
            }
            records.web_search_read(
                [],
                {
                    name: {"fields": {"display_name": {}}}
                    if records._fields[name].type in RELATIONS
                    else {}
                    for name in names
                },
                limit=5,
            )

    def test_every_screen_opens(self):
        """No refusal behind an entry of the menu, whatever the role."""
        opened = 0
        for role in ROLES:
            user = self.role(role)
            for action in self.actions(user):
                with self.subTest(role=role, action=action.name):
                    self.open(user, action)
                    opened += 1
        self.assertGreater(opened, 60)
