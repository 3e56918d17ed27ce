/** What the buttons over a conversation open. */
export class InboxActions {
    /**
     * @param {import("./inbox_model").InboxModel} model
     * @param {Object} services action, orm
     */
    constructor(model, {action, orm}) {
        this.model = model;
        this.action = action;
        this.orm = orm;
    }

    async run(method) {
        const ids = [this.model.talk.id];
        const action = await this.orm.call("clinic.message", method, [ids]);
        return action && this.action.doAction(action);
    }

    openCard() {
        return this.openRecord("res.partner", this.model.talk.patient_id);
    }

    openMatter({model, id}) {
        return this.openRecord(model, id);
    }

    openRecord(model, id) {
        return this.action.doAction({
            type: "ir.actions.act_window",
            res_model: model,
            res_id: id,
            views: [[false, "form"]],
        });
    }

    newCard() {
        const {channel, address} = this.model.talk;
        const isPhone = ["sms", "whatsapp"].includes(channel);
        return this.action.doAction("clinic_patient.clinic_patient_action", {
            viewType: "form",
            additionalContext: isPhone
                ? {
                      default_is_patient: true,
                      default_phone_ids: [[0, 0, {number: address}]],
                  }
                : {default_is_patient: true, default_email: address},
        });
    }
}
