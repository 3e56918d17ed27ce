import {
    Component,
    markup,
    onWillDestroy,
    onWillStart,
    useExternalListener,
    useRef,
    useState,
} from "@odoo/owl";
import {browser} from "@web/core/browser/browser";
import {ConfirmationDialog} from "@web/core/confirmation_dialog/confirmation_dialog";
import {DateTimeInput} from "@web/core/datetime/datetime_input";
import {Dropdown} from "@web/core/dropdown/dropdown";
import {DropdownItem} from "@web/core/dropdown/dropdown_item";
import {deserializeDateTime, serializeDateTime} from "@web/core/l10n/dates";
import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";
import {useService} from "@web/core/utils/hooks";
import {useDebounced} from "@web/core/utils/timing";
import {Layout} from "@web/search/layout";
import {standardActionServiceProps} from "@web/webclient/actions/action_service";
import {DeskQuestionnaire} from "./desk_questionnaire";

const {DateTime} = luxon;
const MODEL = "clinic.follower.desk";

/**
 * The follower's desk: what is due today on the left, one patient on the right.
 * The server reads and decides; the desk keeps what is being typed.
 */
export class FollowerDesk extends Component {
    static template = "clinic_recall.FollowerDesk";
    static components = {
        DateTimeInput,
        DeskQuestionnaire,
        Dropdown,
        DropdownItem,
        Layout,
    };
    static props = {...standardActionServiceProps};

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.dialog = useService("dialog");
        this.notification = useService("notification");
        this.list = useRef("list");
        this.state = useState({
            items: [],
            counts: {},
            stopReasons: [],
            everybody: false,
            key: null,
            detail: null,
            note: "",
            answers: {},
            other: null,
            busy: false,
        });
        onWillStart(async () => {
            await this.load();
            await this.select(this.state.items[0]);
        });
        this.useLiveDesk();
        useExternalListener(window, "keydown", (event) => this.onKeydown(event));
    }

    /** What colleagues and the clock change appears on the desk. */
    useLiveDesk() {
        const bus = useService("bus_service");
        const soon = useDebounced(() => this.state.busy || this.load(), 300);
        bus.subscribe("clinic_recall/desk", soon);
        bus.start();
        const timer = browser.setInterval(soon, 60000);
        onWillDestroy(() => {
            browser.clearInterval(timer);
            bus.unsubscribe("clinic_recall/desk", soon);
        });
    }

    // ------------------------------------------------------------------
    // Reading
    // ------------------------------------------------------------------

    async load() {
        const desk = await this.orm.call(MODEL, "get_desk", [this.state.everybody]);
        this.state.items = desk.items;
        this.state.counts = desk.counts;
        this.state.stopReasons = desk.stop_reasons;
    }

    async toggleEverybody() {
        this.state.everybody = !this.state.everybody;
        await this.load();
        if (!this.selected) {
            await this.select(this.state.items[0]);
        }
    }

    async select(item) {
        this.state.key = item?.key || null;
        this.state.note = "";
        this.state.answers = {};
        this.state.other = null;
        this.state.detail = null;
        if (!item) {
            return;
        }
        const detail = await this.orm.call(MODEL, "get_item", [item.kind, item.id]);
        if (this.state.key !== item.key) {
            return;
        }
        if (detail.step?.script) {
            // Sanitized by the server, as every Html field.
            detail.step.script = markup(detail.step.script);
        }
        this.state.detail = detail;
    }

    get selected() {
        return this.state.items.find((item) => item.key === this.state.key);
    }

    get hasWork() {
        return Boolean(this.state.detail?.step && this.selected);
    }

    when(item) {
        const moment = deserializeDateTime(item.due);
        return item.overdue
            ? moment.toRelative({unit: ["days", "hours"]})
            : moment.toLocaleString(DateTime.TIME_SIMPLE);
    }

    day(text) {
        return text ? deserializeDateTime(text).toLocaleString(DateTime.DATE_MED) : "";
    }

    date(text) {
        return text
            ? DateTime.fromISO(text).toLocaleString(DateTime.DATE_MED)
            : _t("none");
    }

    dotTitle(dot) {
        return [this.day(dot.due), dot.name, dot.result, dot.note]
            .filter(Boolean)
            .join(" · ");
    }

    get nextTries() {
        const now = DateTime.local();
        const evening = now.set({hour: 18, minute: 0, second: 0, millisecond: 0});
        const morning = now
            .plus({days: 1})
            .set({hour: 10, minute: 0, second: 0, millisecond: 0});
        return [
            {name: _t("In 30 minutes"), moment: now.plus({minutes: 30})},
            {name: _t("In two hours"), moment: now.plus({hours: 2})},
            ...(evening > now.plus({minutes: 30})
                ? [{name: _t("This evening, 18:00"), moment: evening}]
                : []),
            {name: _t("Tomorrow, 10:00"), moment: morning},
            {name: _t("In three days"), moment: morning.plus({days: 2})},
        ];
    }

    // ------------------------------------------------------------------
    // Doing
    // ------------------------------------------------------------------

    /** Call the server, then go on with the next line. */
    async act(method, args, message) {
        if (this.state.busy) {
            return;
        }
        this.state.busy = true;
        try {
            const place = this.state.items.findIndex(
                (item) => item.key === this.state.key
            );
            await this.orm.call(MODEL, method, args);
            this.notification.add(message, {type: "success"});
            await this.load();
            const items = this.state.items;
            const here = items.findIndex((item) => item.key === this.state.key);
            await this.select(
                here >= 0 && method === "no_answer"
                    ? items[here + 1] || items[here]
                    : items[Math.min(Math.max(place, 0), items.length - 1)]
            );
        } finally {
            this.state.busy = false;
        }
    }

    done(result = "reached") {
        const {step} = this.state.detail;
        const answers = step.questionnaire ? {...this.state.answers} : null;
        return this.act(
            "done",
            [step.id, this.state.note, answers, result],
            _t("Done.")
        );
    }

    noAnswer(moment) {
        return this.act(
            "no_answer",
            [this.state.detail.step.id, serializeDateTime(moment)],
            _t("It comes back at the time you chose.")
        );
    }

    later(moment) {
        return this.act(
            "call_later",
            [this.state.detail.step.id, serializeDateTime(moment), this.state.note],
            _t("Put off to %s.", moment.toLocaleString(DateTime.DATETIME_MED))
        );
    }

    chooseOther(moment) {
        if (moment) {
            this.later(moment);
        }
    }

    stop(reason) {
        const {step, patient} = this.state.detail;
        this.dialog.add(ConfirmationDialog, {
            title: _t("Stop the plan"),
            body: _t("Nothing more of this plan will be done for %s.", patient.name),
            confirmLabel: _t("Stop the plan"),
            confirm: () =>
                this.act(
                    "stop_plan",
                    [step.id, reason, this.state.note],
                    _t("The plan was stopped.")
                ),
            cancel: () => {},
        });
    }

    seen() {
        return this.act("seen", [this.state.detail.answer.id], _t("Marked as seen."));
    }

    setAnswer(question, value) {
        const isChosen = this.state.answers[question.id] === value;
        this.state.answers[question.id] = isChosen ? "" : value;
    }

    async book() {
        this.action.doAction(
            await this.orm.call("res.partner", "action_book_appointment", [
                [this.state.detail.patient.id],
            ])
        );
    }

    async write() {
        this.action.doAction(
            await this.orm.call("res.partner", "action_followup_write", [
                [this.state.detail.patient.id],
            ])
        );
    }

    openRecord(model, id) {
        this.action.doAction({
            type: "ir.actions.act_window",
            res_model: model,
            res_id: id,
            views: [[false, "form"]],
        });
    }

    openPatient() {
        this.openRecord("res.partner", this.state.detail.patient.id);
    }

    // ------------------------------------------------------------------
    // Keys
    // ------------------------------------------------------------------

    onKeydown(event) {
        const {target} = event;
        const isTyping = target.closest("input, textarea, select, [contenteditable]");
        const isElsewhere =
            target.closest(".modal, .o-dropdown--menu, .o_main_navbar") ||
            document.querySelector(".modal");
        if (isElsewhere || event.altKey || event.metaKey) {
            return;
        }
        if (event.ctrlKey) {
            if (event.key === "Enter" && this.hasWork) {
                event.preventDefault();
                this.done();
            }
            return;
        }
        if (isTyping) {
            return;
        }
        if (event.key === "ArrowDown" || event.key === "ArrowUp") {
            event.preventDefault();
            this.move(event.key === "ArrowDown" ? 1 : -1);
        } else if (event.key === "Enter" && !target.closest("button, a")) {
            event.preventDefault();
            document.querySelector(".o_clinic_desk_first")?.focus();
        }
    }

    move(by) {
        const {items} = this.state;
        const place = items.findIndex((item) => item.key === this.state.key);
        const next = items[Math.min(Math.max(place + by, 0), items.length - 1)];
        if (next && next.key !== this.state.key) {
            this.select(next);
            this.list.el
                ?.querySelector(`[data-key="${next.key}"]`)
                ?.scrollIntoView({block: "nearest"});
        }
    }
}

registry.category("actions").add("clinic_follower_desk", FollowerDesk);
