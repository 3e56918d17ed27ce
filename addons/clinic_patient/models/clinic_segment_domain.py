import ast

from odoo import models
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

MONEY = "clinic_patient.group_clinic_money"


class ClinicSegment(models.Model):
    """A segment as a query: what other modules use."""

    _inherit = "clinic.segment"

    def _patients_query(self):
        """Return the patients of this segment as a query.

        For use as a sub-select (``query.subselect()``) or in a domain
        (``[("id", "in", query)]``); its ids are not read. It is made with the rights
        of the environment's user.

        :returns: ``Query`` on ``res.partner``
        :raises AccessError: a rule asks for what the user may not read
        """
        self.ensure_one()
        Partner = self.env["res.partner"]
        query = Partner._search(self._patients_domain())
        # Field rights are checked where the SQL is made: here, not when it is run.
        query.select()
        return query

    def _count(self):
        """Return the number of patients in this segment, for the user.

        :raises AccessError: a rule asks for what the user may not read
        """
        self.ensure_one()
        return self.env["res.partner"].search_count(self._patients_domain())

    def _patients_domain(self):
        """Return the condition on ``res.partner`` that makes this segment."""
        self.ensure_one()
        if self.ids:
            self.check_access("read")
        return Domain("is_patient", "=", True) & self._definition()

    def _definition(self):
        if self.kind == "snapshot":
            return self._member_domain()
        if self.kind == "dynamic":
            return self._rule()
        parts = (self.base_id | self.operand_ids)._origin
        if not parts:
            return Domain.FALSE
        if self.operation == "union":
            return Domain.OR(part._patients_domain() for part in parts)
        if self.operation == "intersection":
            return Domain.AND(part._patients_domain() for part in parts)
        if not self.base_id:
            return Domain.FALSE
        return self.base_id._origin._patients_domain() & Domain.AND(
            part._outside_domain() for part in (self.operand_ids - self.base_id)._origin
        )

    def _outside_domain(self):
        """Return the condition of those who are not in this segment.

        Not the negated rule: what is unknown fits neither a rule nor its negation. And
        not ``NOT IN``, which PostgreSQL runs row by row when the list outgrows memory:
        ``NOT EXISTS`` is an anti-join.
        """
        self.ensure_one()
        patients = self._patients_query()

        def to_sql(_model, alias, _query):
            return SQL(
                "NOT EXISTS (SELECT FROM (%s) AS inside WHERE inside.id = %s)",
                patients.select(),
                SQL.identifier(alias, "id"),
            )

        return Domain.custom(to_sql=to_sql)

    def _member_domain(self):
        """Return the condition of those in the last snapshot."""
        segment_id = self._origin.id or 0

        def to_sql(_model, alias, _query):
            return SQL(
                "EXISTS (SELECT FROM clinic_segment_member member"
                " WHERE member.segment_id = %s AND member.left_id IS NULL"
                " AND member.partner_id = %s)",
                segment_id,
                SQL.identifier(alias, "id"),
            )

        # sudo: clinic.segment.member - written by SQL only, nothing waits to be flushed
        return Domain.custom(to_sql=to_sql)

    # ------------------------------------------------------------
    # The rule
    # ------------------------------------------------------------

    def _rule(self):
        """Return the rule as a domain.

        :raises ValidationError: it is not a domain
        """
        try:
            return Domain(ast.literal_eval((self.domain or "[]").strip()))
        except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
            raise ValidationError(
                self.env._(
                    "The rule of “%(name)s” cannot be read: build it again with the "
                    "editor.",
                    name=self.name or "",
                )
            ) from None

    def _rule_fields(self, domain=None, model=None):
        """All fields that a rule goes through, those of inner rules included.

        :raises ValidationError: a field does not exist
        """
        if domain is None:
            domain, model = self._rule(), self.env["res.partner"]
        for condition in domain.iter_conditions():
            current = model
            for name in condition.field_expr.split("."):
                field = current._fields.get(name) if current is not None else None
                if field is None:
                    # The rest of the path is a part of a date or a property.
                    if current is not None and current is model:
                        raise ValidationError(
                            self.env._(
                                "The rule asks for “%(field)s”, which patients do not "
                                "have: choose the field again.",
                                field=condition.field_expr,
                            )
                        )
                    break
                yield field
                # What a field is worked out from is asked for with it.
                yield from self.env["clinic.health.fields"]._related_to(field)
                current = self.env[field.comodel_name] if field.relational else None
            if condition.operator in ("any", "not any") and current is not None:
                yield from self._rule_fields(Domain(condition.value), current)

    def _rule_secrets(self):
        """Return what the rule asks for that few may read: ``money``, ``health``."""
        self.ensure_one()
        if self.kind != "dynamic":
            return set()
        secrets = set()
        try:
            for field in self._rule_fields():
                groups = field.groups or ""
                if MONEY in groups or field.type == "monetary":
                    secrets.add("money")
                if self.env["clinic.health.fields"]._tells(field):
                    secrets.add("health")
        except (ValidationError, ValueError):
            # Such a rule is refused by the check, and finds nobody.
            return {"money", "health"}
        return secrets

    def _check_rule(self):
        """Refuse a rule that cannot be worked out, or that goes round in a circle.

        :raises ValidationError: says what to change
        """
        if self.kind != "dynamic":
            return
        for field in self._rule_fields():
            if (field.comodel_name or "").startswith("clinic.segment"):
                raise ValidationError(
                    self.env._(
                        "A rule cannot ask for segments: make a combination of "
                        "segments instead."
                    )
                )
