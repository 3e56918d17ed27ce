import {onWillUnmount} from "@odoo/owl";
import {registry} from "@web/core/registry";
import {useService} from "@web/core/utils/hooks";
import {FormController} from "@web/views/form/form_controller";
import {formView} from "@web/views/form/form_view";

/** The form of an import follows the job that works on it. */
export class PatientImportFormController extends FormController {
    setup() {
        super.setup();
        const bus = useService("bus_service");
        const follow = ({id}) => this.follow(id);
        bus.subscribe("clinic.patient.import", follow);
        bus.start();
        onWillUnmount(() => bus.unsubscribe("clinic.patient.import", follow));
    }

    /** Show what the job did, unless somebody is typing. */
    async follow(id) {
        const record = this.model.root;
        if (record.resId === id && !record.dirty) {
            await record.load();
        }
    }
}

registry.category("views").add("clinic_patient_import_form", {
    ...formView,
    Controller: PatientImportFormController,
});
