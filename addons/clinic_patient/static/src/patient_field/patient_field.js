import {Component} from "@odoo/owl";
import {formatDate, deserializeDate} from "@web/core/l10n/dates";
import {registry} from "@web/core/registry";
import {Many2One, computeM2OProps} from "@web/views/fields/many2one/many2one";
import {
    Many2OneField,
    buildM2OFieldDescription,
    extractM2OFieldProps,
} from "@web/views/fields/many2one/many2one_field";

/**
 * Who it is about: found by name, phone, tax code, card number or birth date; each
 * person found stands with birth date and phone, so that namesakes are told apart.
 */
export class PatientField extends Component {
    static template = "clinic_patient.PatientField";
    static components = {Many2One};
    static props = {...Many2OneField.props};

    get m2oProps() {
        return {
            ...computeM2OProps(this.props),
            specification: {birth_date: {}, age_text: {}, phone: {}},
        };
    }

    born(patient) {
        return patient.birth_date
            ? formatDate(deserializeDate(patient.birth_date))
            : "";
    }
}

registry.category("fields").add("clinic_patient", {
    ...buildM2OFieldDescription(PatientField),
    // A patient is never made of a name alone.
    extractProps: (staticInfo, dynamicInfo) => ({
        ...extractM2OFieldProps(staticInfo, dynamicInfo),
        canQuickCreate: false,
    }),
});
