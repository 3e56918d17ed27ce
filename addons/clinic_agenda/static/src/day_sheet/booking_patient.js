import {Component, useState} from "@odoo/owl";
import {AutoComplete} from "@web/core/autocomplete/autocomplete";
import {_t} from "@web/core/l10n/translation";
import {KeepLast} from "@web/core/utils/concurrency";
import {useAutofocus, useService} from "@web/core/utils/hooks";
import {useDebounced} from "@web/core/utils/timing";

const {DateTime} = luxon;

/** Fields of a new card whose change asks again whether the person is here already. */
const TELLING = ["family_name", "given_name", "birth_date", "phone", "tax_code"];

/** Who comes, before anything is chosen. */
export function nobody(patient = null) {
    return {
        patient,
        creating: false,
        card: {
            family_name: "",
            given_name: "",
            birth_date: "",
            sex: "",
            phone: "",
            tax_code: "",
        },
        duplicates: [],
    };
}

/**
 * Finds the patient of a new visit, or takes down who it is; warns while somebody is
 * typed who seems to be known.
 */
export class BookingPatient extends Component {
    static template = "clinic_agenda.BookingPatient";
    static components = {AutoComplete};
    static props = {
        who: Object,
        canRegister: Boolean,
        findDuplicates: Function,
        changed: Function,
    };

    setup() {
        this.orm = useService("orm");
        this.who = useState(this.props.who);
        this.lastSearch = new KeepLast();
        this.searchDuplicates = useDebounced(() => this.loadDuplicates(), 300);
        useAutofocus({refName: "family_name"});
    }

    get sources() {
        return [
            {
                placeholder: _t("Searching…"),
                optionSlot: "patient",
                options: (text) => this.searchPatients(text),
            },
        ];
    }

    async searchPatients(text) {
        const words = text.trim();
        if (words.length < 2) {
            return [];
        }
        const found = await this.orm.call("res.partner", "clinic_search", [words, 8]);
        const options = found.map((patient) => ({
            label: patient.name,
            data: patient,
            onSelect: () => this.choosePatient(patient),
        }));
        if (this.props.canRegister) {
            options.push({
                label: _t("New patient “%s”", words),
                cssClass: "o_clinic_new_patient",
                data: {fresh: true, words},
                onSelect: () => this.startCard(words),
            });
        }
        return options;
    }

    born(patient) {
        return patient.birth_date
            ? DateTime.fromISO(patient.birth_date).toLocaleString(DateTime.DATE_SHORT)
            : "";
    }

    choosePatient(patient) {
        Object.assign(this.who, {
            patient: {...patient},
            creating: false,
            duplicates: [],
        });
        this.props.changed();
    }

    forgetPatient() {
        Object.assign(this.who, {patient: null, creating: false, duplicates: []});
    }

    /** A new card, begun with what was typed: words are names, digits a phone. */
    startCard(words) {
        const [family, ...given] = words.split(/\s+/);
        const isNumber = /^[+\d][\d\s().-]*$/.test(words);
        Object.assign(this.who.card, {
            family_name: isNumber ? "" : family,
            given_name: isNumber ? "" : given.join(" "),
            phone: isNumber ? words : "",
        });
        Object.assign(this.who, {creating: true, patient: null});
        this.props.changed();
        this.searchDuplicates();
    }

    onCardInput(name) {
        if (TELLING.includes(name)) {
            this.searchDuplicates();
        }
    }

    async loadDuplicates() {
        const {who} = this;
        if (!who.creating) {
            return;
        }
        const found = await this.lastSearch.add(
            this.props.findDuplicates({...who.card})
        );
        if (who.creating) {
            who.duplicates = found;
        }
    }
}
