{
    "name": "Clinic: Agenda and booking",
    "summary": "Locations, services, schedules, free times, appointments, day sheet",
    "version": "19.0.1.0.0",
    "category": "Clinic",
    "author": "Clinic suite contributors",
    "license": "LGPL-3",
    "depends": ["clinic_patient", "product", "website", "sms", "portal", "bus"],
    "external_dependencies": {"python": ["holidays", "vobject"]},
    "pre_init_hook": "pre_init_hook",
    "data": [
        "security/ir.model.access.csv",
        "security/clinic_agenda_rules.xml",
        "data/ir_cron.xml",
        "views/clinic_online_check_views.xml",
        "views/clinic_menus.xml",
        "views/clinic_day_sheet_views.xml",
        "views/clinic_appointment_wizard_views.xml",
        "views/clinic_appointment_views.xml",
        "views/res_partner_views.xml",
    ],
    "assets": {
        "web.assets_backend": [
            "clinic_agenda/static/src/day_sheet/**/*",
            ("remove", "clinic_agenda/static/src/day_sheet/**/*.dark.scss"),
        ],
        "web.assets_web_dark": [
            "clinic_agenda/static/src/day_sheet/**/*.dark.scss",
        ],
    },
    "application": True,
    "installable": True,
}
