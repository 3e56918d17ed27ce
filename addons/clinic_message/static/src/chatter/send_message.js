import {Chatter} from "@mail/chatter/web_portal/chatter";
import {user} from "@web/core/user";
import {patch} from "@web/core/utils/patch";

const COMPOSE = "clinic_message.clinic_message_compose_action";
const STAFF = "clinic_patient.group_clinic_user";

/** Extension point: the patient a chatter is about, by the model of the record. */
export const PATIENT_OF = {
    "res.partner": (record) => record.data.is_patient && record.resId,
};

function patientOf(record) {
    return PATIENT_OF[record?.resModel]?.(record);
}

/**
 * *Send message* on a patient's card is a message to the patient: by the
 * channel the patient wants, in the log of messages, as everything the clinic sends.
 */
patch(Chatter.prototype, {
    async toggleComposer(mode = false, options = {}) {
        const patient = mode === "message" && patientOf(this.props.record);
        if (!patient || !(await user.hasGroup(STAFF))) {
            return super.toggleComposer(mode, options);
        }
        return this.env.services.action.doAction(COMPOSE, {
            additionalContext: {active_model: "res.partner", active_ids: [patient]},
            onClose: () => this.reloadParentView?.(),
        });
    },
});
