import {Component} from "@odoo/owl";
import {_t} from "@web/core/l10n/translation";
import {ageOn} from "./geometry";
import {MOVABLE, RUNNING, STATE_ICONS} from "./states";

/**
 * One column of the day sheet. It is rendered again only when its own visits, the
 * scale or its selected visit change: never while something is dragged.
 */
export class DaySheetColumn extends Component {
    static template = "clinic_agenda.DaySheetColumn";
    static props = {
        column: Object,
        items: Array,
        sessions: Array,
        closures: Array,
        day: Object,
        first: Number,
        last: Number,
        zoom: Number,
        selected: [Number, Boolean],
        canChange: Boolean,
        clock: Function,
        stateLabel: Function,
    };

    y(minute) {
        return (minute - this.props.first) * this.props.zoom;
    }

    /** Sessions of the column, cut to what is shown. */
    get shades() {
        const {sessions, first, last, zoom} = this.props;
        return sessions.map((session) => {
            const start = Math.max(session.start_minute, first);
            const stop = Math.min(session.stop_minute, last);
            return {
                id: session.id,
                title: this.sessionTitle(session),
                classes: `o_clinic_session o_clinic_${session.kind} o_r_${session.regime}`,
                style: `top:${this.y(start)}px;height:${(stop - start) * zoom}px`,
            };
        });
    }

    /** When the room or device is closed, and why. */
    get closures() {
        const {closures, first, last, zoom, clock} = this.props;
        return closures
            .filter(
                (closure) => closure.start_minute < last && first < closure.stop_minute
            )
            .map((closure) => {
                const start = Math.max(closure.start_minute, first);
                const stop = Math.min(closure.stop_minute, last);
                return {
                    id: closure.id,
                    reason: closure.reason,
                    label: _t("Closed %(start)s–%(stop)s: %(reason)s", {
                        start: clock(closure.start_minute),
                        stop: clock(closure.stop_minute),
                        reason: closure.reason,
                    }),
                    style: `top:${this.y(start)}px;height:${(stop - start) * zoom}px`,
                };
            });
    }

    sessionTitle(session) {
        if (session.kind === "open") {
            return "";
        }
        const regimes = {
            any: _t("Public and private"),
            public: _t("Public (health service)"),
            private: _t("Private"),
        };
        const parts = [regimes[session.regime]];
        if (session.restricted) {
            parts.push(_t("only some services"));
        }
        return parts.join(" · ");
    }

    /** Everything the template needs of one visit, computed once for each render. */
    block({visit, lane, lanes}) {
        const {zoom, clock, selected, day} = this.props;
        const top = this.y(visit.start_minute);
        const height = (visit.stop_minute - visit.start_minute) * zoom - 1;
        const width = 100 / lanes;
        const age = ageOn(visit.birth_date, day.date);
        const name = visit.patient || _t("Held on the website");
        const state = this.props.stateLabel(visit.state);
        const span = `${clock(visit.start_minute)}–${clock(visit.stop_minute)}`;
        const size = height < 17 ? "o_tiny" : height < 34 ? "o_small" : "o_tall";
        const movable = this.props.canChange && MOVABLE.includes(visit.state);
        const resizable = this.props.canChange && RUNNING.includes(visit.state);
        return {
            isTiny: size === "o_tiny",
            isTall: size === "o_tall",
            name,
            age: age === false ? "" : age,
            icon: STATE_ICONS[visit.state],
            span: clock(visit.start_minute),
            label: [
                span,
                [name, age].filter((part) => part !== false).join(", "),
                visit.service,
                state,
                visit.room,
                visit.overbooked ? _t("Overbooked") : "",
            ]
                .filter(Boolean)
                .join(" · "),
            classes: [
                "o_clinic_visit",
                size,
                `o_s_${visit.state}`,
                `o_r_${visit.regime}`,
                movable || resizable ? "o_clinic_draggable" : "",
                movable ? "o_clinic_movable" : "",
                resizable ? "o_clinic_resizable" : "",
                visit.overbooked ? "o_clinic_overbooked" : "",
                selected === visit.id ? "o_selected" : "",
            ]
                .filter(Boolean)
                .join(" "),
            style:
                `top:${top}px;height:${height}px;` +
                `left:calc(${lane * width}% + 2px);width:calc(${width}% - 4px)`,
        };
    }

    buffers({visit, lane, lanes}) {
        const {zoom} = this.props;
        const width = 100 / lanes;
        const place = `left:calc(${lane * width}% + 2px);width:calc(${width}% - 4px)`;
        const result = [];
        if (visit.buffer_before) {
            const top = this.y(visit.start_minute - visit.buffer_before);
            result.push(`top:${top}px;height:${visit.buffer_before * zoom}px;${place}`);
        }
        if (visit.buffer_after) {
            const top = this.y(visit.stop_minute);
            result.push(`top:${top}px;height:${visit.buffer_after * zoom}px;${place}`);
        }
        return result;
    }
}
