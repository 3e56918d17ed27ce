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
        "security/clinic_followup_rules.xml",
        "data/ir_cron_followup.xml",
        "views/clinic_recall_menus.xml",
        "views/clinic_followup_plan_views.xml",
        "views/clinic_followup_views.xml",
        "views/clinic_followup_menus.xml",
        "views/clinic_follower_desk_views.xml",
    ],
    "assets": {
        "web.assets_backend": [
            "clinic_recall/static/src/follower_desk/**/*",
        ],
    },
    "application": True,
    "installable": True,
}
