{
    "name": "Clinic suite",
    "summary": "All of the suite: booking, messages, record, reports, recalls",
    "version": "19.0.1.0.0",
    "category": "Clinic",
    "author": "Clinic suite contributors",
    "website": "https://github.com/clinic-suite/clinic-suite",
    "license": "LGPL-3",
    # The rooms on which no other stands; these bring the rest.
    "depends": ["clinic_recall", "clinic_report"],
    "sequence": 1,
    "application": True,
}
