{
    "name": "Clinic: Recalls, follow-up and journeys",
    "summary": "Patients come back because the right recall reaches them",
    "version": "19.0.1.0.0",
    "category": "Clinic",
    "author": "Clinic suite contributors",
    "license": "LGPL-3",
    "depends": ["clinic_agenda"],
    "data": [
        "security/ir.model.access.csv",
        "security/clinic_recall_rules.xml",
        "data/clinic_recall.xml",
        "data/clinic_recall_message.xml",
        "views/clinic_recall_views.xml",
        "views/clinic_recall_rule_views.xml",
        "views/clinic_next_step_views.xml",
        "views/clinic_recall_campaign_views.xml",
        "views/clinic_recall_report_views.xml",
        "views/res_partner_views.xml",
        "views/clinic_recall_menus.xml",
    ],
    "assets": {
        "web.assets_backend": [
            "clinic_recall/static/src/day_sheet/**/*",
        ],
    },
    "application": True,
    "installable": True,
}
