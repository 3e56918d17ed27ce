{
    "name": "Clinic probe",
    "summary": "A tiny addon the tests of ./clinic install",
    "version": "19.0.1.0.0",
    "author": "Clinic suite contributors",
    "license": "LGPL-3",
    "depends": ["base"],
    "data": ["security/ir.model.access.csv"],
    "pre_init_hook": "pre_init_hook",
}
