import {
    Component,
    onWillStart,
    onWillUnmount,
    useEffect,
    useRef,
    useState,
} from "@odoo/owl";
import {_t} from "@web/core/l10n/translation";
import {deserializeDateTime} from "@web/core/l10n/dates";
import {registry} from "@web/core/registry";
import {standardActionServiceProps} from "@web/webclient/actions/action_service";
import {useBus, useService} from "@web/core/utils/hooks";

const ICONS = {
    email: "fa-envelope-o",
    sms: "fa-commenting-o",
    whatsapp: "fa-whatsapp",
    push: "fa-bell-o",
    voice: "fa-phone",
    letter: "fa-file-text-o",
};

/**
 * Conversations with patients: on the left those that wait, on the right what was said
 * and the place to answer. What may be read and written the server decides.
 */
export class Inbox extends Component {
    static template = "clinic_message.Inbox";
    static props = {...standardActionServiceProps};

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.notification = useService("notification");
        this.waiting = useService("clinic_message.waiting");
        this.scroll = useRef("scroll");
        this.tabs = [
            ["open", _t("Waiting")],
            ["mine", _t("Mine")],
            ["all", _t("All")],
        ];
        this.state = useState({
            shown: "open",
            words: "",
            threads: [],
            talk: null,
            text: "",
            parts: 0,
            sending: false,
        });
        onWillStart(() => this.load(this.props.action.params?.message_id));
        useBus(this.waiting.bus, "changed", () => this.refresh());
        useEffect(
            () => {
                const element = this.scroll.el;
                if (element) {
                    element.scrollTop = element.scrollHeight;
                }
            },
            () => [this.state.talk?.id, this.state.talk?.lines.length]
        );
        const unwatch = this.waiting.watch();
        onWillUnmount(() => {
            clearTimeout(this.timer);
            unwatch();
        });
    }

    async load(messageId = null) {
        this.state.threads = await this.orm.call("clinic.message", "inbox", [], {
            shown: this.state.shown,
            words: this.state.words,
        });
        const first = messageId || this.state.threads[0]?.id;
        if (first && (messageId || !(this.state.talk || this.opening))) {
            await this.open(first);
        }
    }

    async open(id) {
        // Before the answer comes: what is typed meanwhile must stay.
        this.opening = id;
        this.state.text = "";
        this.state.parts = 0;
        const talk = await this.orm.call("clinic.message", "conversation", [[id]]);
        if (this.opening !== id) {
            return;
        }
        this.state.talk = talk;
        this.token = `${id}-${Date.now()}-${Math.random().toString(36).slice(2)}`;
    }

    async refresh() {
        await this.load();
        const talk = this.state.talk;
        if (talk) {
            const fresh = await this.orm.call("clinic.message", "conversation", [
                [talk.id],
            ]);
            Object.assign(talk, fresh);
        }
    }

    show(shown) {
        this.state.shown = shown;
        this.state.talk = null;
        this.opening = null;
        return this.load();
    }

    onWords(event) {
        this.state.words = event.target.value;
        clearTimeout(this.timer);
        this.timer = setTimeout(() => this.load(), 250);
    }

    async onText(event) {
        this.state.text = event.target.value;
        if (this.state.talk.channel === "sms") {
            this.state.parts = this.state.text
                ? await this.orm.call("clinic.message", "sms_parts", [this.state.text])
                : 0;
        }
    }

    onKey(event) {
        if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
            return this.answer();
        }
    }

    async answer() {
        if (this.state.sending || !this.state.text.trim()) {
            return;
        }
        this.state.sending = true;
        try {
            const id = this.state.talk.id;
            await this.orm.call("clinic.message", "write_answer", [
                [id],
                this.state.text,
                this.token,
            ]);
            await this.open(id);
            await this.load();
        } finally {
            this.state.sending = false;
        }
    }

    async act(method, ...args) {
        const id = this.state.talk.id;
        await this.orm.call("clinic.message", method, [[id], ...args]);
        await this.open(id);
        await this.load();
    }

    async run(method) {
        const action = await this.orm.call("clinic.message", method, [
            [this.state.talk.id],
        ]);
        return action && this.action.doAction(action);
    }

    openCard() {
        return this.action.doAction({
            type: "ir.actions.act_window",
            res_model: "res.partner",
            res_id: this.state.talk.patient_id,
            views: [[false, "form"]],
        });
    }

    openMatter(matter) {
        return this.action.doAction({
            type: "ir.actions.act_window",
            res_model: matter.model,
            res_id: matter.id,
            views: [[false, "form"]],
        });
    }

    newCard() {
        const phone = ["sms", "whatsapp"].includes(this.state.talk.channel);
        return this.action.doAction("clinic_patient.clinic_patient_action", {
            viewType: "form",
            additionalContext: phone
                ? {
                      default_is_patient: true,
                      default_phone_ids: [[0, 0, {number: this.state.talk.address}]],
                  }
                : {default_is_patient: true, default_email: this.state.talk.address},
        });
    }

    icon(channel) {
        return ICONS[channel];
    }

    when(moment) {
        const local = deserializeDateTime(moment);
        return local.hasSame(luxon.DateTime.now(), "day")
            ? local.toFormat("HH:mm")
            : local.toFormat("d LLL HH:mm");
    }

    ticks(line) {
        return (
            {
                queued: "fa-clock-o",
                claimed: "fa-clock-o",
                accepted: "fa-check",
                sent: "fa-check",
                delivered: "fa-check-circle-o",
                read: "fa-check-circle text-info",
                replied: "fa-check-circle text-info",
                unknown: "fa-question-circle text-warning",
            }[line.state] || "fa-exclamation-triangle text-danger"
        );
    }
}

registry.category("actions").add("clinic_message.inbox", Inbox);
