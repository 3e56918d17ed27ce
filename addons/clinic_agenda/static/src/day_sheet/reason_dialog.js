import {Component, useState} from "@odoo/owl";
import {Dialog} from "@web/core/dialog/dialog";
import {useAutofocus} from "@web/core/utils/hooks";

/** Asks for a reason that will stand in the history of the visit. */
export class ReasonDialog extends Component {
    static template = "clinic_agenda.ReasonDialog";
    static components = {Dialog};
    static props = {
        title: String,
        message: {type: String, optional: true},
        label: String,
        confirmLabel: String,
        suggestions: {type: Array, element: String, optional: true},
        danger: {type: Boolean, optional: true},
        confirm: Function,
        close: Function,
    };
    static defaultProps = {suggestions: []};

    setup() {
        this.state = useState({reason: "", busy: false});
        useAutofocus({refName: "reason"});
    }

    async confirm() {
        const reason = this.state.reason.trim();
        if (!reason || this.state.busy) {
            return;
        }
        this.state.busy = true;
        try {
            await this.props.confirm(reason);
        } finally {
            this.props.close();
        }
    }
}
