{
    "name": "Clinic: a route that does nothing",
    "summary": "What a request costs before any work is done; for the bench only",
    "version": "19.0.1.0.0",
    "category": "Hidden",
    "author": "Clinic suite contributors",
    "license": "LGPL-3",
    "depends": ["website"],
    "installable": True,
}
