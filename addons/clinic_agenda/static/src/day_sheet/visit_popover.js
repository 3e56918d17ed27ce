import {Component, onMounted, useRef} from "@odoo/owl";
import {_t} from "@web/core/l10n/translation";
import {ageOn} from "./geometry";
import {STATE_ICONS} from "./states";

/** The usual next step of each state, offered first. */
const NEXT = {
    held: [],
    booked: ["confirmed", "arrived"],
    rescheduled: ["confirmed", "arrived"],
    confirmed: ["arrived"],
    arrived: ["in_room", "done"],
    in_room: ["done"],
    done: ["closed"],
    closed: [],
    no_show: ["arrived", "booked"],
    cancelled: ["booked"],
};

/** The steps back of each state. */
const BACK = {
    confirmed: "booked",
    arrived: "confirmed",
    in_room: "arrived",
    done: "in_room",
    closed: "done",
};

/** What the desk wants to know of a visit, and what it does next with it. */
export class VisitPopover extends Component {
    static template = "clinic_agenda.VisitPopover";
    static props = {
        visit: Object,
        day: Object,
        clock: Function,
        stateLabel: Function,
        isTimely: Function,
        setState: Function,
        openVisit: Function,
        openPatient: Function,
        bookNext: Function,
        close: Function,
    };

    setup() {
        const root = useRef("root");
        onMounted(() => root.el.querySelector("footer button")?.focus());
    }

    get visit() {
        return this.props.visit;
    }

    get person() {
        const age = ageOn(this.visit.birth_date, this.props.day.date);
        return [age === false ? false : _t("%s years", age), this.visit.phone]
            .filter(Boolean)
            .join(" · ");
    }

    get span() {
        const {clock, visit} = this.props;
        const length = visit.stop_minute - visit.start_minute;
        return _t("%(start)s–%(stop)s · %(length)s min", {
            start: clock(visit.start_minute),
            stop: clock(visit.stop_minute),
            length,
        });
    }

    get regime() {
        return this.visit.regime === "public" ? _t("Public") : _t("Private");
    }

    get channel() {
        return {
            desk: _t("Booked at the desk"),
            phone: _t("Booked by telephone"),
            website: _t("Booked on the website"),
            portal: _t("Booked in the patient portal"),
            api: _t("Booked by another program"),
        }[this.visit.channel];
    }

    allowed(state) {
        const {can, transitions} = this.props.day;
        return (
            can.change &&
            transitions[this.visit.state].includes(state) &&
            (state !== "closed" || can.close)
        );
    }

    /** Whether a step forward is possible now, or ahead of time with a reason. */
    possible(state) {
        const {day, isTimely} = this.props;
        return (
            this.allowed(state) &&
            (isTimely(state) || (day.can.go_ahead && state !== "no_show"))
        );
    }

    get steps() {
        const labels = {
            confirmed: _t("Confirm"),
            arrived: _t("Arrived"),
            in_room: _t("In room"),
            done: _t("Done"),
            closed: _t("Close"),
            booked: _t("Book again"),
        };
        return NEXT[this.visit.state]
            .filter((state) => this.possible(state))
            .map((state) => ({state, label: labels[state], icon: STATE_ICONS[state]}));
    }

    get back() {
        const state = BACK[this.visit.state];
        return state && this.allowed(state) && state;
    }

    get backLabel() {
        return _t("Back to: %s", this.props.stateLabel(this.back));
    }

    bookNext() {
        this.props.bookNext();
        this.props.close();
    }
}
