import {ConfirmationDialog} from "@web/core/confirmation_dialog/confirmation_dialog";
import {serializeDateTime} from "@web/core/l10n/dates";
import {_t} from "@web/core/l10n/translation";

const {DateTime} = luxon;

/** What the buttons of the desk do. */
export class DeskActions {
    /**
     * @param {import("./follower_desk_model").FollowerDeskModel} model
     * @param {Object} services action, dialog, notification, orm
     */
    constructor(model, services) {
        Object.assign(this, services);
        this.model = model;
    }

    async act(method, args, message) {
        if (await this.model.act(method, args)) {
            this.notification.add(message, {type: "success"});
        }
    }

    // ------------------------------------------------------------------
    // The step
    // ------------------------------------------------------------------

    done(result = "reached") {
        const {detail, given, note} = this.model;
        return this.act("done", [detail.step.id, note, given, result], _t("Done."));
    }

    noAnswer(moment) {
        return this.act(
            "no_answer",
            [this.model.detail.step.id, serializeDateTime(moment)],
            _t("It comes back at the time you chose.")
        );
    }

    later(moment) {
        const {detail, note} = this.model;
        return this.act(
            "call_later",
            [detail.step.id, serializeDateTime(moment), note],
            _t("Put off to %s.", moment.toLocaleString(DateTime.DATETIME_MED))
        );
    }

    chooseOther(moment) {
        if (moment) {
            this.later(moment);
        }
    }

    stop(reason) {
        const {detail, note} = this.model;
        this.dialog.add(ConfirmationDialog, {
            title: _t("Stop the plan"),
            body: _t(
                "Nothing more of this plan will be done for %s.",
                detail.patient.name
            ),
            confirmLabel: _t("Stop the plan"),
            confirm: () =>
                this.act(
                    "stop_plan",
                    [detail.step.id, reason, note],
                    _t("The plan was stopped.")
                ),
            cancel: () => {},
        });
    }

    seen() {
        return this.act("seen", [this.model.detail.answer.id], _t("Marked as seen."));
    }

    // ------------------------------------------------------------------
    // The patient
    // ------------------------------------------------------------------

    book() {
        return this.ofPatient("action_book_appointment");
    }

    write() {
        return this.ofPatient("action_followup_write");
    }

    async ofPatient(method) {
        const {id} = this.model.detail.patient;
        const action = await this.orm.call("res.partner", method, [[id]]);
        return this.action.doAction(action);
    }

    openPatient() {
        return this.openRecord("res.partner", this.model.detail.patient.id);
    }

    openRecord(model, id) {
        return this.action.doAction({
            type: "ir.actions.act_window",
            res_model: model,
            res_id: id,
            views: [[false, "form"]],
        });
    }
}
