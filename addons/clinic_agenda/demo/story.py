"""The people and places of the demo clinic. All invented.

Telephone numbers are from the ranges that Ofcom keeps for fiction (Italy keeps none).
"""

LOCATIONS = [
    # name, zone, country, city, street, rooms
    ("Aurora Roma", "Europe/Rome", "it", "Roma", "Via del Sole 12", 5),
    ("Aurora Milano", "Europe/Rome", "it", "Milano", "Corso delle Stelle 7", 4),
    ("Aurora London", "Europe/London", "uk", "London", "3 Dawn Mews", 4),
]

# specialty: (icon, colour, synonyms)
SPECIALTIES = {
    "Cardiology": ("fa-heartbeat", 1, "heart, blood pressure, cuore"),
    "Dermatology": ("fa-sun-o", 3, "skin, moles, acne, pelle"),
    "Gynaecology": ("fa-female", 9, "women, pregnancy, gravidanza"),
    "Ophthalmology": ("fa-eye", 4, "eyes, sight, glasses, occhi"),
    "Orthopaedics": ("fa-wheelchair", 2, "bones, joints, knee, back, ossa"),
    "Paediatrics": ("fa-child", 10, "children, babies, bambini"),
}

# title, name, specialty, locations (indexes), online
PRACTITIONERS = [
    ("Dr.", "Elena Valsecchi", "Cardiology", (0, 1), True),
    ("Dr.", "Marco Ferrandi", "Cardiology", (0,), True),
    ("Dr.", "Priya Nairwood", "Dermatology", (2,), True),
    ("Dr.", "Luca Bramante", "Dermatology", (0, 1), True),
    ("Prof.", "Chiara Montefiore", "Gynaecology", (0,), True),
    ("Dr.", "Helen Ashcombe", "Gynaecology", (2,), True),
    ("Dr.", "Davide Orsenigo", "Ophthalmology", (1,), True),
    ("Dr.", "Fatima El Sarraf", "Ophthalmology", (0, 2), True),
    ("Dr.", "Giorgio Castellani", "Orthopaedics", (0, 1), True),
    ("Dr.", "Oliver Thornbury", "Orthopaedics", (2,), True),
    ("Dr.", "Sofia Lombardini", "Paediatrics", (1,), True),
    ("Dr.", "Matteo Rinaldeschi", "Paediatrics", (0,), False),
]

# specialty: [(service, minutes, price, synonyms, extras)]
SERVICES = {
    "Cardiology": [
        ("Cardiology visit", 30, 120, "heart check, visita cardiologica", {}),
        ("Cardiology check-up", 20, 80, "follow-up heart", {}),
        ("Electrocardiogram", 15, 45, "ECG, EKG, heart trace", {}),
        (
            "Echocardiogram",
            40,
            150,
            "heart ultrasound, ecocardiogramma",
            {"device": True, "after": 10},
        ),
        ("Holter fitting, 24 hours", 20, 95, "heart monitor", {"room": True}),
        ("Blood pressure monitoring, 24 hours", 20, 85, "hypertension", {}),
        ("Exercise stress test", 45, 140, "treadmill, sport", {"room": True}),
    ],
    "Dermatology": [
        ("Dermatology visit", 20, 110, "skin, visita dermatologica", {}),
        ("Mole mapping", 30, 130, "nevi, melanoma, nei", {"discount": 10}),
        ("Acne consultation", 20, 90, "spots", {}),
        ("Cryotherapy", 15, 70, "warts, verruche", {"after": 5}),
        ("Patch test", 30, 100, "allergy, nickel", {}),
        ("Small skin surgery", 45, 260, "mole removal", {"room": True, "after": 15}),
        ("Trichology visit", 30, 120, "hair loss, capelli", {}),
    ],
    "Gynaecology": [
        ("Gynaecology visit", 30, 120, "women, visita ginecologica", {}),
        ("Pregnancy visit", 30, 125, "antenatal, gravidanza", {}),
        (
            "Pregnancy ultrasound",
            30,
            140,
            "scan, ecografia, baby",
            {"device": True, "after": 5},
        ),
        ("Cervical smear", 15, 60, "pap test", {}),
        ("Colposcopy", 30, 130, "", {"room": True, "after": 10}),
        ("Menopause consultation", 40, 130, "", {}),
        ("Contraception advice", 20, 80, "", {"discount": 10}),
    ],
    "Ophthalmology": [
        ("Eye examination", 30, 100, "sight, glasses, visita oculistica", {}),
        ("Eye pressure check", 15, 50, "glaucoma, tonometry", {}),
        ("Visual field test", 30, 80, "perimetry", {"room": True}),
        ("Retina scan", 20, 110, "OCT, macula", {"room": True}),
        ("Contact lens fitting", 40, 90, "lenses", {}),
        ("Children's eye examination", 30, 95, "squint, lazy eye", {}),
    ],
    "Orthopaedics": [
        ("Orthopaedic visit", 30, 120, "bones, visita ortopedica", {}),
        ("Knee consultation", 30, 130, "ginocchio, meniscus", {}),
        ("Joint injection", 20, 110, "infiltrazione, hyaluronic", {"after": 10}),
        ("Sports injury visit", 30, 125, "muscle, strain", {}),
        ("Plaster change", 20, 60, "cast", {"room": True, "after": 10}),
        ("Posture assessment", 40, 115, "back pain, spine", {}),
        ("Foot assessment", 30, 90, "insoles, flat feet", {"discount": 5}),
    ],
    "Paediatrics": [
        ("Paediatric visit", 30, 100, "child, visita pediatrica", {}),
        ("Newborn visit", 40, 120, "baby, neonato", {}),
        ("Child growth check", 20, 80, "height, weight", {}),
        ("Vaccination", 15, 40, "flu, vaccino", {"after": 5}),
        ("School sports certificate", 15, 50, "certificato", {}),
        ("Child allergy visit", 40, 130, "allergy, asthma", {}),
    ],
}

COVERAGES = [
    ("Salus Plus", "insurance", "direct", True),
    ("Mutua Serena", "convention", "direct", True),
    ("Aegis Health", "insurance", "indirect", True),
    ("Officine Riunite staff plan", "corporate", "direct", False),
]

FAMILY_NAMES = """
Abbagnale Aldrovandi Amoretti Ancelotti Arcidiacono Baldassini Barbagallo Bartalena
Bellandini Bencivenga Bertolacci Bevilacqua Bonaccorsi Brancaleoni Brunelleschi
Calderoni Campanelli Cannavale Cantarella Caprioglio Caravelli Casagrande Cavalcanti
Ceccarini Cimarosti Colombari Cornacchia Corsinelli Crivellari Dall'Acqua D'Alessio
Desimoni Dibenedetto Donatelli Fabbricini Falconieri Farinelli Fioravanti Fontanesi
Franceschetti Gambardella Garibotti Gherardesca Giambattisti Gonzaghi Grimaldeschi
Guarnieri Iacovelli Lanfranchi Lazzaretti Leoncavalli Locatellini Maccarone Magnanelli
Malaspini Mantegazzi Marchionni Mastrangelo Mazzantini Melchiorri Mezzogiorni
Monteverdi Morandini Nardoianni Olivetani Orlandini Pagliarani Palmisani Parmigiani
Passalacqua Pellegrineschi Petrarchi Piccolomini Quaranta Ravanelli Riccobaldi
Roccaforte Sacchettini Salvatierra Sanfilippi Scarpellini Serafinelli Settembrini
Spadafora Tagliaferri Tassinari Terranova Torriani Travaglini Ubaldini Valentinelli
Vespignani Vinciguerra Zanchettin Zuccarelli
""".split()

BRITISH_FAMILY_NAMES = """
Ashdown Barrowclough Beckwith Brackenbury Carraway Coldstream Dunmore Eastlake
Fairbrother Garside Hallowell Harkness Inglesby Kettlewell Larkspur Merriweather
Netherby Oakhurst Pemberley Quillfeather Ravenscar Silverdale Tolliver Underhill
Whitcombe Yarborough
""".split()

WOMEN = """
Adele Alessia Anna Beatrice Bianca Camilla Caterina Cecilia Chiara Clara Daniela
Elena Elisa Emma Federica Francesca Gaia Ginevra Giorgia Giulia Greta Irene Laura
Lucia Margherita Maria Marta Martina Matilde Nicole Noemi Paola Rebecca Sara Silvia
Sofia Teresa Valentina Vittoria
""".split()

MEN = """
Alberto Alessandro Andrea Antonio Carlo Claudio Daniele Dario Davide Diego Edoardo
Emanuele Enrico Fabio Federico Filippo Francesco Gabriele Giacomo Giorgio Giovanni
Giulio Jacopo Leonardo Lorenzo Luca Marco Mattia Michele Nicola Paolo Pietro Riccardo
Roberto Samuele Simone Stefano Tommaso Vincenzo
""".split()

BRITISH_WOMEN = "Alice Charlotte Daisy Eleanor Florence Grace Harriet Isla Poppy Ruby"
BRITISH_MEN = "Alfie Arthur Charlie Edward Freddie George Harry Jack Oscar Theodore"

#: Area codes in which Ofcom keeps 0000 to 0999 behind these digits for fiction.
PHONE_PREFIXES = ["+44207946", "+44161496", "+44121496", "+44131496"]

OCCUPATIONS = [
    "Teacher",
    "Engineer",
    "Shop assistant",
    "Retired",
    "Nurse",
    "Student",
    "Chef",
    "Accountant",
    "Driver",
]

CLINIC_REASON = "Practitioner is absent"
CANCEL_REASONS = [
    "Has a cold",
    "Work commitments",
    "Found an earlier time elsewhere",
    "Changed their mind",
    "Travelling",
]
