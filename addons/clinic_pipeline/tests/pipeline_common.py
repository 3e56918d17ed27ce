from odoo.addons.clinic_patient.tests.common import ClinicPatientCommon


class PipelineCommon(ClinicPatientCommon):
    """Deals by the keys of their stages, and the causes that move them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Deal = cls.env["crm.lead"]
        cls.Cause = cls.env["clinic.pipeline.cause"]
        cls.Rule = cls.env["clinic.pipeline.rule"]
        cls.price = cls.env.ref("clinic_pipeline.lost_reason_price")

    @classmethod
    def stage(cls, key):
        return cls.env["crm.stage"]._by_key(key)

    def deal(self, key, patient=None, **vals):
        stage = self.stage(key)
        return self.Deal.create(
            {
                "patient_id": (patient or self.patient()).id,
                "team_id": stage.team_ids.id,
                "stage_id": stage.id,
                **vals,
            }
        )

    def move(self, deal, key):
        stage = self.stage(key)
        vals = {"stage_id": stage.id}
        if stage.reason_required:
            vals["lost_reason_id"] = self.price.id
        deal.write(vals)

    def keys(self, patient, is_open=True):
        deals = self.Deal.search(
            [("patient_id", "=", patient.id), ("is_open", "=", is_open)]
        )
        return sorted(deals.mapped("stage_id.pipeline_key"))

    def drain(self):
        _done, left = self.Cause._drain()
        self.assertFalse(left, self.Cause.search([]).mapped("error"))
        self.env.flush_all()

    def perform(self, patient, cause):
        words = cause.split()
        while words:
            word = words.pop(0)
            if word == "contact":
                patient._contacted("call", "asked for a time")
            elif word == "came":
                self.write_facts(patient, visit_count=2)
            elif word in ("treat", "untreat"):
                patient.on_treatment = word == "treat"
            else:
                key = words.pop(0)
                self.move(self.Deal._open_deals(patient, key.split(".")[0]), key)
            self.drain()
