import re

from lxml import etree

from odoo.exceptions import AccessError
from odoo.tests import TransactionCase, new_test_user, tagged
from odoo.tools import mute_logger

#: Who works in the same Odoo without a role of the clinic: {name: groups}. Those whose
#: groups are not installed are left out; `tests/test_neighbours.py` installs them all.
WITHOUT_ROLE = {
    "employee": "base.group_user",
    "it_administrator": "base.group_erp_manager,base.group_partner_manager",
    "settings": "base.group_system,base.group_partner_manager",
    "contacts": "base.group_partner_manager",
    "seller": "sales_team.group_sale_salesman",
    "sales_manager": "sales_team.group_sale_manager",
    "products": "product.group_product_manager",
    "website": "website.group_website_designer",
    "invoicing": "account.group_account_invoice",
    "accountant": "account.group_account_manager",
    "point_of_sale": "point_of_sale.group_pos_user",
    "shop_manager": "point_of_sale.group_pos_manager",
    "purchases": "purchase.group_purchase_user",
    "stock": "stock.group_stock_manager",
    "personnel": "hr.group_hr_manager",
    "recruitment": "hr_recruitment.group_hr_recruitment_user",
    "events": "event.group_event_manager",
    "surveys": "survey.group_survey_manager",
    "projects": "project.group_project_manager",
    "mailings": "mass_mailing.group_mass_mailing_user",
}
#: What a form needs before it can be saved, by model; None: nobody makes one by hand.
LEAST = {
    "res.users": {"name": "New", "login": "new"},
    "crm.lead": {"name": "New", "type": "opportunity"},
    "ir.cron": None,
    "mail.activity": None,
    "payment.transaction": None,
    "res.config.settings": None,
}
#: Odoo duplicates no companies.
NOT_COPIED = ("res.company",)
#: How Odoo names the model to which a user has no right at all, or not to a field.
NO_RIGHT = re.compile(
    r"not allowed to \w+ '[^']*' \(([\w.]+)\)|the field \"(\w+)\" on .*? \(([\w.]+)\)"
)


def is_ours(module):
    return (module or "").startswith("clinic_")


class NeighbourCommon(TransactionCase):
    """People without a role, a patient, and what the suite adds to Odoo."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(context=dict(cls.env.context, no_reset_password=True))
        cls.people = {
            name: new_test_user(
                cls.env, f"neighbour_{name}", groups=f"base.group_user,{groups}"
            )
            for name, groups in WITHOUT_ROLE.items()
            if all(
                cls.env.ref(group, raise_if_not_found=False)
                for group in groups.split(",")
            )
        }
        cls.patient = cls.env["res.partner"].create(
            {
                "is_patient": True,
                "family_name": "Verdi",
                "given_name": "Anna",
                "email": "anna@verdi.example",
                "phone": "+39 333 1234567",
                "city": "Roma",
                "birth_date": "1980-03-12",
            }
        )
        cls.added = {}
        for name, model in cls.env.registry.items():
            if not model._abstract and not is_ours(model._original_module):
                names = {
                    each
                    for each, field in model._fields.items()
                    if is_ours((field._modules or ("",))[0])
                }
                if names:
                    cls.added[name] = names
        cls.env.flush_all()

    def is_odoo_s_own(self, error):
        """Whether somebody was refused who would be without the suite, too.

        The suite takes no right to a model from anybody (a test says so below): who has
        none to a model of Odoo had none before, and so with its fields.
        """
        found = NO_RIGHT.search(str(error))
        if not found:
            return False
        model, field, of_model = found.groups()
        name = of_model or model
        return (
            name in self.env
            and not is_ours(self.env[name]._original_module)
            and field not in self.added.get(name, ())
        )


@tagged("post_install", "-at_install")
class TestNeighbour(NeighbourCommon):
    """Who has no role of the clinic notices nothing: models of Odoo, walked through.

    Generated from the registry: a model that the suite extends tomorrow, and a field
    that it adds, are walked through as well.
    """

    def walk(self, operation, look, models=()):
        """Look at each model that the suite extends, as each who has the right."""
        done = 0
        for model in models or sorted(self.added):
            for person, user in self.people.items():
                records = self.env[model].with_user(user)
                if not records.has_access(operation):
                    continue
                savepoint = self.env.cr.savepoint()
                self.env.invalidate_all()
                with self.subTest(model=model, person=person):
                    try:
                        look(records)
                        self.env.flush_all()
                        done += 1
                    except AccessError as error:
                        if not self.is_odoo_s_own(error):
                            raise
                savepoint.close(rollback=True)
                self.env.invalidate_all()
                self.env.registry.clear_cache()
        self.assertGreater(done, 10, "hardly anybody was asked")

    def some(self, records):
        """A record of the model that this user sees."""
        if records._name == "res.partner":
            return self.patient.with_env(records.env)
        return records.search([], limit=1)

    def test_no_right_is_taken(self):
        """Rules of the suite on models of Odoo stand in no database: they would hold
        for people who know nothing of the clinic, and while it is not loaded."""
        rules = self.env["ir.model.data"].search(
            [("model", "=", "ir.rule"), ("module", "=like", "clinic\\_%")]
        )
        models = self.env["ir.rule"].browse(rules.mapped("res_id")).model_id
        foreign = [
            model.model
            for model in models
            if not is_ours(self.env[model.model]._original_module)
        ]
        self.assertFalse(foreign)

    def test_fields_of_the_clinic_are_not_there(self):
        """No list of fields names one of ours: not in filters, exports or groups."""

        def look(records):
            known = records.fields_get(attributes=["string"])
            self.assertFalse(known.keys() & self.added[records._name])

        self.walk("read", look)

    def test_views_open(self):
        """Every kind of view opens, with what it shows of a record."""

        def look(records):
            kinds = [(False, "form"), (False, "list"), (False, "search")]
            views = records.get_views(kinds)
            fields = views["models"][records._name]["fields"]
            self.assertFalse(fields.keys() & self.added[records._name])
            for kind in ("form", "list"):
                self.some(records).web_read(self.spec(views, records, kind))
            if records.has_access("create"):
                records.onchange({}, [], self.spec(views, records, "form"))

        self.walk("read", look)

    def spec(self, views, records, kind):
        """What the web client asks for to show a view."""
        arch = etree.fromstring(views["views"][kind]["arch"])
        names = {
            node.get("name")
            for node in arch.iter("field")
            if next(node.iterancestors("field"), None) is None
        }
        return {
            name: {"fields": {"display_name": {}}}
            if records._fields[name].relational
            else {}
            for name in names
        }

    @mute_logger("odoo.addons.auth_signup.models.res_users")
    def test_created_and_duplicated(self):
        """New, Duplicate, and a change of the name, as Odoo's own rights allow."""

        def look(records):
            least = LEAST.get(records._name, {"name": "New"})
            if least is None:
                return
            new = records.create(dict(least))
            new.write({"name": "Other"})
            self.assertIn(new, records.search([("name", "=", "Other")]))
            if records._name not in NOT_COPIED:
                self.assertIsNotNone(new.copy())

        self.walk("create", look)

    def test_existing_ones_are_duplicated(self):
        """Duplicate of what is there, with values in the fields of the clinic."""

        def look(records):
            found = self.some(records)
            if found and records._name not in (*NOT_COPIED, "res.users"):
                self.assertIsNotNone(found.copy())

        copied = [name for name in sorted(self.added) if LEAST.get(name, True)]
        self.walk("create", look, copied)
