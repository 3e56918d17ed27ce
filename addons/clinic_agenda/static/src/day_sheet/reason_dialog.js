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
        // Usual reasons: {words, by}; "by" chooses one of "who".
        suggestions: {type: Array, element: Object, optional: true},
        // Who is asked for as well: [{code, label}, …].
        who: {type: Array, element: Object, optional: true},
        danger: {type: Boolean, optional: true},
        confirm: Function,
        close: Function,
    };
    static defaultProps = {suggestions: [], who: []};

    setup() {
        this.state = useState({reason: "", by: false, busy: false});
        useAutofocus({refName: "reason"});
    }

    get ready() {
        const {busy, by, reason} = this.state;
        return reason.trim() && (by || !this.props.who.length) && !busy;
    }

    choose({words, by}) {
        Object.assign(this.state, {reason: words, by});
    }

    async confirm() {
        if (!this.ready) {
            return;
        }
        this.state.busy = true;
        try {
            await this.props.confirm(this.state.reason.trim(), this.state.by);
        } finally {
            this.props.close();
        }
    }
}
