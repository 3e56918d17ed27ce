from odoo import api, models

#: Odoo's codes of the languages of :data:`NAMES`, in their order.
LANGUAGES = ("it_IT", "ru_RU", "tr_TR", "zh_CN")
#: English name of a specialty or a service of ``story.py``: what other clinics call it.
NAMES = {
    "Cardiology": ("Cardiologia", "Кардиология", "Kardiyoloji", "心内科"),
    "Dermatology": ("Dermatologia", "Дерматология", "Dermatoloji", "皮肤科"),
    "Gynaecology": (
        "Ginecologia",
        "Гинекология",
        "Kadın hastalıkları ve doğum",
        "妇科",
    ),
    "Ophthalmology": ("Oculistica", "Офтальмология", "Göz hastalıkları", "眼科"),
    "Orthopaedics": ("Ortopedia", "Ортопедия", "Ortopedi", "骨科"),
    "Paediatrics": (
        "Pediatria",
        "Педиатрия",
        "Çocuk sağlığı ve hastalıkları",
        "儿科",
    ),
    "Cardiology visit": (
        "Visita cardiologica",
        "Приём кардиолога",
        "Kardiyoloji muayenesi",
        "心内科就诊",
    ),
    "Cardiology check-up": (
        "Visita cardiologica di controllo",
        "Повторный приём кардиолога",
        "Kardiyoloji kontrol muayenesi",
        "心内科复诊",
    ),
    "Electrocardiogram": (
        "Elettrocardiogramma",
        "Электрокардиограмма",
        "Elektrokardiyogram",
        "心电图",
    ),
    "Echocardiogram": (
        "Ecocardiogramma",
        "Эхокардиография",
        "Ekokardiyografi",
        "超声心动图",
    ),
    "Holter fitting, 24 hours": (
        "Holter cardiaco, 24 ore",
        "Холтер, 24 часа",
        "Holter takılması, 24 saat",
        "24小时动态心电图",
    ),
    "Blood pressure monitoring, 24 hours": (
        "Monitoraggio della pressione, 24 ore",
        "Суточное мониторирование давления",
        "Tansiyon holteri, 24 saat",
        "24小时动态血压监测",
    ),
    "Exercise stress test": (
        "Prova da sforzo",
        "Нагрузочный тест",
        "Efor testi",
        "运动负荷试验",
    ),
    "Dermatology visit": (
        "Visita dermatologica",
        "Приём дерматолога",
        "Dermatoloji muayenesi",
        "皮肤科就诊",
    ),
    "Mole mapping": (
        "Mappatura dei nei",
        "Картирование родинок",
        "Ben haritalama",
        "痣检查",
    ),
    "Acne consultation": (
        "Visita per l'acne",
        "Консультация по акне",
        "Akne muayenesi",
        "痤疮咨询",
    ),
    "Cryotherapy": ("Crioterapia", "Криотерапия", "Kriyoterapi", "冷冻治疗"),
    "Patch test": ("Patch test", "Аппликационные пробы", "Yama testi", "斑贴试验"),
    "Small skin surgery": (
        "Piccola chirurgia dermatologica",
        "Малая операция на коже",
        "Küçük cilt cerrahisi",
        "皮肤小手术",
    ),
    "Trichology visit": (
        "Visita tricologica",
        "Приём трихолога",
        "Saç hastalıkları muayenesi",
        "毛发门诊",
    ),
    "Gynaecology visit": (
        "Visita ginecologica",
        "Приём гинеколога",
        "Kadın doğum muayenesi",
        "妇科就诊",
    ),
    "Pregnancy visit": (
        "Visita in gravidanza",
        "Приём при беременности",
        "Gebelik muayenesi",
        "产前检查",
    ),
    "Pregnancy ultrasound": (
        "Ecografia in gravidanza",
        "УЗИ при беременности",
        "Gebelik ultrasonu",
        "产科超声",
    ),
    "Cervical smear": ("Pap test", "Мазок на цитологию", "Smear testi", "宫颈涂片"),
    "Colposcopy": ("Colposcopia", "Кольпоскопия", "Kolposkopi", "阴道镜检查"),
    "Menopause consultation": (
        "Visita per la menopausa",
        "Консультация по менопаузе",
        "Menopoz muayenesi",
        "更年期咨询",
    ),
    "Contraception advice": (
        "Consulenza contraccettiva",
        "Консультация по контрацепции",
        "Doğum kontrolü danışmanlığı",
        "避孕咨询",
    ),
    "Eye examination": (
        "Visita oculistica",
        "Осмотр офтальмолога",
        "Göz muayenesi",
        "眼科检查",
    ),
    "Eye pressure check": (
        "Misurazione della pressione oculare",
        "Измерение глазного давления",
        "Göz tansiyonu ölçümü",
        "眼压检查",
    ),
    "Visual field test": (
        "Esame del campo visivo",
        "Исследование поля зрения",
        "Görme alanı testi",
        "视野检查",
    ),
    "Retina scan": (
        "Scansione della retina",
        "ОКТ сетчатки",
        "Retina taraması",
        "视网膜扫描",
    ),
    "Contact lens fitting": (
        "Applicazione di lenti a contatto",
        "Подбор контактных линз",
        "Kontakt lens muayenesi",
        "隐形眼镜验配",
    ),
    "Children's eye examination": (
        "Visita oculistica pediatrica",
        "Осмотр детского офтальмолога",
        "Çocuk göz muayenesi",
        "儿童眼科检查",
    ),
    "Orthopaedic visit": (
        "Visita ortopedica",
        "Приём ортопеда",
        "Ortopedi muayenesi",
        "骨科就诊",
    ),
    "Knee consultation": (
        "Visita per il ginocchio",
        "Консультация по коленному суставу",
        "Diz muayenesi",
        "膝关节咨询",
    ),
    "Joint injection": (
        "Infiltrazione articolare",
        "Внутрисуставная инъекция",
        "Eklem enjeksiyonu",
        "关节注射",
    ),
    "Sports injury visit": (
        "Visita di traumatologia sportiva",
        "Приём при спортивной травме",
        "Spor yaralanması muayenesi",
        "运动损伤就诊",
    ),
    "Plaster change": ("Cambio del gesso", "Смена гипса", "Alçı değişimi", "更换石膏"),
    "Posture assessment": (
        "Valutazione posturale",
        "Оценка осанки",
        "Duruş değerlendirmesi",
        "体态评估",
    ),
    "Foot assessment": (
        "Valutazione del piede",
        "Осмотр стопы",
        "Ayak değerlendirmesi",
        "足部评估",
    ),
    "Paediatric visit": (
        "Visita pediatrica",
        "Приём педиатра",
        "Çocuk muayenesi",
        "儿科就诊",
    ),
    "Newborn visit": (
        "Visita del neonato",
        "Приём новорождённого",
        "Yenidoğan muayenesi",
        "新生儿就诊",
    ),
    "Child growth check": (
        "Controllo della crescita",
        "Контроль развития ребёнка",
        "Çocuk gelişim kontrolü",
        "儿童生长检查",
    ),
    "Vaccination": ("Vaccinazione", "Вакцинация", "Aşı", "疫苗接种"),
    "School sports certificate": (
        "Certificato sportivo scolastico",
        "Справка для занятий спортом",
        "Okul sporu raporu",
        "学校运动体检证明",
    ),
    "Child allergy visit": (
        "Visita allergologica pediatrica",
        "Приём детского аллерголога",
        "Çocuk alerji muayenesi",
        "儿童过敏就诊",
    ),
}


class ClinicDemo(models.AbstractModel):
    _inherit = "clinic.demo"

    @api.model
    def _speak(self, code):
        """Give specialties and services the names they have in a language.

        What somebody has translated by hand stays.

        :param str code: of an installed language
        """
        if code not in LANGUAGES:
            return
        number = LANGUAGES.index(code)
        for model in ("clinic.specialty", "product.template"):
            english = self.env[model].with_context(lang="en_US")
            for record in english.search([("name", "in", list(NAMES))]):
                there = record.with_context(lang=code)
                if there.name == record.name:
                    there.name = NAMES[record.name][number]
