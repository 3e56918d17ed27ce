import {
    Component,
    markRaw,
    onMounted,
    onWillDestroy,
    onWillStart,
    useEffect,
    useExternalListener,
    useRef,
    useState,
} from "@odoo/owl";
import {browser} from "@web/core/browser/browser";
import {DateTimePicker} from "@web/core/datetime/datetime_picker";
import {Dropdown} from "@web/core/dropdown/dropdown";
import {useDropdownState} from "@web/core/dropdown/dropdown_hooks";
import {DropdownItem} from "@web/core/dropdown/dropdown_item";
import {useHotkey} from "@web/core/hotkeys/hotkey_hook";
import {_t} from "@web/core/l10n/translation";
import {usePopover} from "@web/core/popover/popover_hook";
import {registry} from "@web/core/registry";
import {useService} from "@web/core/utils/hooks";
import {useDebounced} from "@web/core/utils/timing";
import {Layout} from "@web/search/layout";
import {standardActionServiceProps} from "@web/webclient/actions/action_service";
import {BookingDialog} from "./booking_dialog";
import {DaySheetColumn} from "./day_sheet_column";
import {DaySheetDrag} from "./day_sheet_drag";
import {DaySheetModel, MOVABLE, STATE_ICONS, ZOOMS} from "./day_sheet_model";
import {DaySheetPrint} from "./day_sheet_print";
import {STEP, clamp, columnAt, freeAround, unfoldVisits} from "./geometry";
import {ReasonDialog} from "./reason_dialog";
import {refusal} from "./refusal";
import {SheetOverlay} from "./sheet_overlay";
import {VisitPopover} from "./visit_popover";

const {DateTime} = luxon;

/** How long a change can be taken back from its notification. */
const UNDO_DELAY = 10000;

/**
 * The day sheet: one location, one day, a column for each practitioner, room or device.
 */
export class DaySheet extends Component {
    static template = "clinic_agenda.DaySheet";
    static components = {
        DateTimePicker,
        DaySheetColumn,
        DaySheetPrint,
        Dropdown,
        DropdownItem,
        Layout,
    };
    static props = {...standardActionServiceProps};

    setup() {
        this.action = useService("action");
        this.dialog = useService("dialog");
        this.notification = useService("notification");
        const orm = useService("orm");
        this.model = useState(new DaySheetModel(orm));
        this.state = useState({cursor: null, selected: false, printing: false});
        this.stateIcons = STATE_ICONS;
        this.scroll = useRef("scroll");
        this.body = useRef("body");
        this.overlayHost = useRef("overlay");
        this.dateDropdown = useDropdownState();
        this.popover = usePopover(VisitPopover, {
            position: "right-start",
            popoverClass: "o_clinic_visit_popover",
            setActiveElement: true,
            onClose: () => this.focusGrid(),
        });
        this.lastChange = null;
        this.waiting = new Set();
        const {patient_id: patientId, patient_name: patientName} =
            this.props.action.context || {};
        this.state.patient = patientId
            ? {id: patientId, name: patientName || ""}
            : null;

        this.clock = (minute) => this.model.clock(minute);
        this.stateLabel = (state) => this.model.stateLabel(state);
        this.drag = markRaw(
            new DaySheetDrag(this.model, {
                body: this.body,
                overlay: () => this.overlay,
                drop: (change) => this.onDrop(change),
            })
        );
        this.drag.use(this.scroll, () => Boolean(this.model.day?.can.change));

        this.listenToBus();
        this.setupKeys();
        const timer = browser.setInterval(
            () => this.model.day && this.model.tick(),
            20000
        );
        onWillDestroy(() => browser.clearInterval(timer));
        useExternalListener(window, "afterprint", () => (this.state.printing = false));

        onWillStart(() =>
            this.model.start({
                date: this.props.action.context?.clinic_date,
                locationId: this.props.action.context?.clinic_location_id,
            })
        );
        onMounted(() => {
            this.scrollToTime();
            this.focusGrid();
        });
        useEffect(
            (printing) => {
                if (printing) {
                    document.body.classList.add("o_clinic_printing");
                    browser.requestAnimationFrame(() => window.print());
                    return () => document.body.classList.remove("o_clinic_printing");
                }
            },
            () => [this.state.printing]
        );
    }

    // ------------------------------------------------------------------
    // Live: what others change appears here
    // ------------------------------------------------------------------

    listenToBus() {
        const bus = useService("bus_service");
        const refresh = useDebounced(() => this.refreshWaiting(), 50);
        const changed = ({location_id: locationId, appointment_ids: ids, days}) => {
            const {day} = this.model;
            if (day?.location.id !== locationId) {
                return;
            }
            const here = ids.some((id) => this.model.visit(id));
            if (here || days.includes(day.date)) {
                ids.forEach((id) => this.waiting.add(id));
                refresh();
            }
        };
        const reload = () => this.model.day && this.model.load();
        bus.subscribe("clinic_agenda/changed", changed);
        bus.addEventListener("BUS:RECONNECT", reload);
        bus.start();
        onWillDestroy(() => {
            bus.unsubscribe("clinic_agenda/changed", changed);
            bus.removeEventListener("BUS:RECONNECT", reload);
        });
    }

    /** Not while something is dragged: it must not move under the pointer. */
    async refreshWaiting() {
        if (this.drag.active || !this.waiting.size) {
            return;
        }
        const ids = [...this.waiting];
        this.waiting.clear();
        await this.model.refresh(ids);
    }

    // ------------------------------------------------------------------
    // Which day, where, how
    // ------------------------------------------------------------------

    get day() {
        return this.model.day;
    }

    get dayLabel() {
        return DateTime.fromISO(this.model.date).toLocaleString({
            weekday: "long",
            day: "numeric",
            month: "long",
            year: "numeric",
        });
    }

    get dateValue() {
        return DateTime.fromISO(this.model.date);
    }

    get isToday() {
        return this.model.date === this.day?.today;
    }

    get groupings() {
        return [
            {id: "practitioner", label: _t("Practitioners"), icon: "fa-user-md"},
            {id: "room", label: _t("Rooms"), icon: "fa-hospital-o"},
            {id: "equipment", label: _t("Equipment"), icon: "fa-heartbeat"},
        ];
    }

    /** States that occur today, or that are hidden by choice. */
    get legend() {
        const {counts, states} = this.day;
        return states
            .filter(([code]) => counts[code])
            .map(([code, label]) => ({
                code,
                label,
                count: counts[code],
                icon: STATE_ICONS[code],
                hidden: this.model.hidden.has(code),
            }));
    }

    get hasPublicHours() {
        return this.day.sessions.some((session) => session.regime === "public");
    }

    get canZoomIn() {
        return this.model.zoom < ZOOMS[ZOOMS.length - 1];
    }

    get canZoomOut() {
        return this.model.zoom > ZOOMS[0];
    }

    isIn(column, visitId) {
        return Boolean(
            visitId &&
                this.model.items[column.id].some((item) => item.visit.id === visitId)
        );
    }

    initials(name) {
        const words = name.split(" ").filter((word) => !word.endsWith("."));
        return words
            .slice(0, 2)
            .map((word) => word[0])
            .join("")
            .toUpperCase();
    }

    async show(changes) {
        this.popover.close();
        Object.assign(this.state, {cursor: null, selected: false});
        await this.model.load(changes);
    }

    async showDate(date) {
        const {date: before} = this.model;
        await this.show({date: date.toISODate()});
        if (before !== this.model.date) {
            this.scrollToTime();
        }
        this.focusGrid();
    }

    shiftDay(days) {
        return this.showDate(this.dateValue.plus({days}));
    }

    showToday() {
        return this.showDate(
            DateTime.fromISO(this.day?.today || this.model.location.today)
        );
    }

    pickDate(value) {
        this.dateDropdown.close();
        return this.showDate(value);
    }

    scrollToTime() {
        const el = this.scroll.el;
        if (!el) {
            return;
        }
        const {nowMinute, first, last} = this.model;
        const minute = nowMinute === false ? first : clamp(nowMinute, first, last);
        el.scrollTop = Math.max(this.model.y(minute) - el.clientHeight / 3, 0);
    }

    focusGrid() {
        this.scroll.el?.focus({preventScroll: true});
    }

    print() {
        this.popover.close();
        this.state.printing = true;
    }

    // ------------------------------------------------------------------
    // Keyboard
    // ------------------------------------------------------------------

    setupKeys() {
        useHotkey("t", () => this.showToday());
        useHotkey("d", () => this.dateDropdown.open());
        useHotkey("shift+arrowleft", () => this.shiftDay(-1));
        useHotkey("shift+arrowright", () => this.shiftDay(1));
        useHotkey("control+z", () => this.undoLast());
        useHotkey("control+p", () => this.print());
    }

    onKeydown(ev) {
        if (!this.day?.columns.length || ev.ctrlKey || ev.altKey || ev.metaKey) {
            return;
        }
        const carrying = this.drag.current && this.carried;
        const arrows = {
            ArrowUp: [0, -1],
            ArrowDown: [0, 1],
            ArrowLeft: [-1, 0],
            ArrowRight: [1, 0],
        };
        if (arrows[ev.key] && !ev.shiftKey) {
            const [columns, steps] = arrows[ev.key];
            if (carrying) {
                this.drag.nudge(columns, steps);
                this.reveal(this.drag.current.index, this.drag.current.start);
            } else {
                this.moveCursor(columns, steps);
            }
        } else if (ev.key === "Enter") {
            if (carrying) {
                this.dropCarried();
            } else {
                this.openSelected();
            }
        } else if (ev.key === "Escape") {
            if (carrying) {
                this.drag.end();
            }
            Object.assign(this.state, {cursor: null, selected: false});
        } else if (ev.key.toLowerCase() === "m" && !carrying) {
            this.carrySelected();
        } else {
            return;
        }
        ev.preventDefault();
        ev.stopPropagation();
    }

    get cursor() {
        if (this.state.cursor) {
            return this.state.cursor;
        }
        const {nowMinute, first} = this.model;
        const minute = this.model.showsNow
            ? Math.floor(nowMinute / STEP) * STEP
            : first;
        return {index: 0, minute: minute - STEP};
    }

    moveCursor(columns, steps) {
        const {day, first, last} = this.model;
        const {index, minute} = this.cursor;
        const visit = this.model.visit(this.state.selected);
        let target = minute + steps * STEP;
        if (steps && visit) {
            target = steps > 0 ? visit.stop_minute : visit.start_minute - STEP;
            const above = this.model
                .visitsOf(day.columns[index].id)
                .filter((other) => other.stop_minute <= visit.start_minute)
                .at(-1);
            if (steps < 0 && above && above.stop_minute > target) {
                target = above.start_minute;
            }
        }
        this.land(
            clamp(index + columns, 0, day.columns.length - 1),
            clamp(target, first, last - STEP)
        );
    }

    /** Put the cursor on the visit at a place, or on the free time there. */
    land(index, minute) {
        const column = this.day.columns[index];
        const visit = this.model
            .visitsOf(column.id)
            .find(
                (other) => other.start_minute <= minute && minute < other.stop_minute
            );
        this.state.cursor = {index, minute};
        this.state.selected = visit ? visit.id : false;
        this.reveal(index, visit ? visit.start_minute : minute);
    }

    reveal(index, minute) {
        const el = this.scroll.el;
        const count = this.day.columns.length;
        const body = this.body.el;
        const [width, left] = [body.offsetWidth / count, body.offsetLeft];
        const header = body.offsetTop;
        const y = this.model.y(minute);
        if (y < el.scrollTop) {
            el.scrollTop = y - 20;
        } else if (y + 60 > el.scrollTop + el.clientHeight - header) {
            el.scrollTop = y + 60 - el.clientHeight + header;
        }
        const x = index * width;
        if (x < el.scrollLeft) {
            el.scrollLeft = x;
        } else if (x + width > el.scrollLeft + el.clientWidth - left) {
            el.scrollLeft = x + width - el.clientWidth + left;
        }
    }

    get activeDescendant() {
        const {cursor, selected} = this.state;
        if (!cursor || !this.day?.columns[cursor.index]) {
            return undefined;
        }
        return selected
            ? `clinic_visit_${this.day.columns[cursor.index].id}_${selected}`
            : "clinic_cursor";
    }

    get cursorBox() {
        const {cursor, selected} = this.state;
        const column = cursor && this.day.columns[cursor.index];
        if (!column || selected) {
            return false;
        }
        const width = 100 / this.day.columns.length;
        const time = this.model.clock(cursor.minute);
        const open = this.model.sessionAt(column.id, cursor.minute);
        return {
            time,
            label: [column.name, time, open ? _t("free") : _t("closed")].join(", "),
            style:
                `left:${cursor.index * width}%;width:${width}%;` +
                `top:${this.model.y(cursor.minute)}px;height:${STEP * this.model.zoom}px`,
        };
    }

    openSelected() {
        const {cursor, selected} = this.state;
        if (selected) {
            const el = this.body.el.querySelector(`[data-id="${selected}"]`);
            this.openVisit(selected, el);
        } else if (cursor) {
            this.book(this.day.columns[cursor.index], cursor.minute);
        }
    }

    /** Move by keyboard: pick up, arrows, Enter. */
    carrySelected() {
        const visit = this.model.visit(this.state.selected);
        if (!visit || !this.day.can.change || !MOVABLE.includes(visit.state)) {
            return;
        }
        const element = this.body.el.querySelector(`[data-id="${visit.id}"]`);
        this.carried = true;
        this.drag.start({element, mode: "move", grab: 0});
    }

    async dropCarried() {
        const {index, start} = this.drag.current;
        const dropped = this.drag.finish();
        this.drag.end();
        this.carried = false;
        await dropped;
        this.land(index, start);
    }

    // ------------------------------------------------------------------
    // Pointer
    // ------------------------------------------------------------------

    /** The column and the time under the pointer. */
    pointed(ev) {
        const rect = this.body.el.getBoundingClientRect();
        const count = this.day.columns.length;
        const index = columnAt(ev.clientX - rect.left, rect.width, count);
        const column = this.day.columns[index];
        const {first, last, zoom} = this.model;
        const minute = first + Math.floor((ev.clientY - rect.top) / zoom);
        const taking = this.model
            .visitsOf(column.id)
            .filter((visit) => this.model.takesTime(visit));
        const [low, high] = freeAround(minute, taking, first, last);
        const start = clamp(Math.floor(minute / STEP) * STEP, low, high);
        return {index, column, minute: start};
    }

    /** The overlay of the sheet that is in the page now. */
    get overlay() {
        const host = this.overlayHost.el;
        if (this.overlayOf !== host) {
            this.overlayOf = host;
            this.overlayShown = new SheetOverlay(host);
        }
        return this.overlayShown;
    }

    onPointerMove(ev) {
        const isFree =
            this.day.can.book &&
            !this.drag.active &&
            ev.target.closest(".o_clinic_column") &&
            !ev.target.closest(".o_clinic_visit");
        if (!isFree) {
            this.overlay.hideHint();
            return;
        }
        const {index, minute} = this.pointed(ev);
        this.overlay.showHint({
            index,
            y: this.model.y(minute),
            time: this.model.clock(minute),
        });
    }

    onPointerLeave() {
        this.overlay.hideHint();
    }

    onClick(ev) {
        const el = ev.target.closest(".o_clinic_visit");
        const {index, column, minute} = this.pointed(ev);
        if (el) {
            const visit = this.model.visit(Number(el.dataset.id));
            this.state.cursor = {index, minute: visit.start_minute};
            this.state.selected = visit.id;
            this.openVisit(visit.id, el);
        } else if (ev.target.closest(".o_clinic_column")) {
            this.state.cursor = {index, minute};
            this.state.selected = false;
            this.book(column, minute);
        }
    }

    openVisit(visitId, el) {
        const visit = this.model.visit(visitId);
        if (!visit || !el) {
            return;
        }
        if (this.popover.isOpen && this.popoverVisit === visitId) {
            this.popover.close();
            return;
        }
        this.popoverVisit = visitId;
        this.popover.open(el, {
            visit,
            day: this.day,
            clock: this.clock,
            stateLabel: this.stateLabel,
            setState: (state) => this.setState(visit, state),
            openVisit: () => this.openForm("clinic.appointment", visit.id),
            openPatient: () => this.openForm("res.partner", visit.patient_id),
            bookNext: () => {
                this.state.patient = {id: visit.patient_id, name: visit.patient};
            },
        });
    }

    openForm(model, id) {
        return this.action.doAction({
            type: "ir.actions.act_window",
            res_model: model,
            res_id: id,
            views: [[false, "form"]],
        });
    }

    // ------------------------------------------------------------------
    // Changes
    // ------------------------------------------------------------------

    /**
     * Do a change, show its result, offer to take it back.
     *
     * @param {() => Promise} request
     * @param {(visit: object) => string} told
     * @returns {Promise<string | undefined>} why it was refused
     */
    async change(request, told) {
        let result;
        try {
            result = await request();
        } catch (error) {
            const reason = refusal(error);
            if (!reason) {
                throw error;
            }
            return reason;
        }
        const [visit] = unfoldVisits(result.visits, this.day.group_by);
        this.applied(visit, result, told(visit));
    }

    applied(visit, {date, undo}, message) {
        const here = date === this.day.date;
        this.model.replace([visit.id], here ? [visit] : []);
        const index = this.day.columns.findIndex(({id}) => visit.columns.includes(id));
        this.state.selected = here && !this.model.hidden.has(visit.state) && visit.id;
        this.state.cursor =
            here && index >= 0 ? {index, minute: visit.start_minute} : null;
        if (here && index < 0) {
            this.model.load();
        }
        const change = undo && {visitId: visit.id, undo, marker: visit.marker};
        this.lastChange = change;
        this.closeNotification?.();
        this.closeNotification = this.notification.add(message, {
            type: "success",
            autocloseDelay: change ? UNDO_DELAY : 4000,
            buttons: change
                ? [{name: _t("Undo"), primary: true, onClick: () => this.undo(change)}]
                : [],
        });
    }

    refused(reason, visitId) {
        this.notification.add(reason, {type: "danger", autocloseDelay: 8000});
        if (visitId) {
            this.model.refresh([visitId]);
        }
    }

    async onDrop({visit, mode, start, stop, column}) {
        const marker = visit.marker;
        const request = (extra) =>
            mode === "resize"
                ? this.model.call("resize", [visit.id, this.model.utc(stop)], {
                      marker,
                      ...extra,
                  })
                : this.model.call(
                      "move",
                      [visit.id, this.model.utc(start), column.id],
                      {
                          group_by: this.day.group_by,
                          marker,
                          ...extra,
                      }
                  );
        const told = (row) =>
            _t("%(patient)s: %(start)s–%(stop)s, %(practitioner)s", {
                patient: row.patient || _t("Held on the website"),
                start: this.model.clock(row.start_minute),
                stop: this.model.clock(row.stop_minute),
                practitioner: row.practitioner,
            });
        const reason = await this.change(() => request({}), told);
        if (reason) {
            this.refuseOrOverbook(reason, visit, (extra) =>
                this.change(() => request(extra), told)
            );
        }
        this.refreshWaiting();
    }

    refuseOrOverbook(reason, visit, again) {
        if (!this.day.can.overbook || visit !== this.model.visit(visit.id)) {
            this.refused(reason, visit.id);
            return;
        }
        this.dialog.add(ReasonDialog, {
            title: _t("Not free"),
            message: reason,
            label: _t("Why should it be booked there all the same?"),
            confirmLabel: _t("Overbook"),
            danger: true,
            confirm: async (text) => {
                const refusedAgain = await again({overbook_reason: text});
                if (refusedAgain) {
                    this.refused(refusedAgain, visit.id);
                }
            },
        });
    }

    async setState(visit, state) {
        this.popover.close();
        if (state === "cancelled") {
            this.dialog.add(ReasonDialog, {
                title: _t("Cancel the visit of %s", visit.patient || ""),
                label: _t("Reason"),
                suggestions: [
                    _t("Patient called"),
                    _t("Patient is ill"),
                    _t("Practitioner is absent"),
                    _t("Booked by mistake"),
                ],
                confirmLabel: _t("Cancel the visit"),
                danger: true,
                confirm: (reason) => this.requestState(visit, state, reason),
            });
            return;
        }
        await this.requestState(visit, state);
    }

    async requestState(visit, state, reason) {
        const refusedBecause = await this.change(
            () =>
                this.model.call("set_state", [visit.id, state], {
                    reason,
                    marker: visit.marker,
                }),
            (row) => `${row.patient || ""}: ${this.model.stateLabel(row.state)}`
        );
        if (refusedBecause) {
            this.refused(refusedBecause, visit.id);
        }
    }

    undoLast() {
        if (this.lastChange) {
            this.undo(this.lastChange);
        }
    }

    async undo(change) {
        if (this.lastChange === change) {
            this.lastChange = null;
        }
        const reason = await this.change(
            () =>
                this.model.call("undo", [change.visitId, change.undo], {
                    marker: change.marker,
                }),
            () => _t("Taken back")
        );
        if (reason) {
            this.refused(reason, change.visitId);
        }
    }

    // ------------------------------------------------------------------
    // Booking
    // ------------------------------------------------------------------

    /** The button: the next quarter of an hour at which somebody is free. */
    bookNext() {
        const {day, nowMinute, first, last} = this.model;
        const from = nowMinute === false ? first : Math.ceil(nowMinute / STEP) * STEP;
        for (let minute = from; minute < last; minute += STEP) {
            for (const column of day.columns) {
                const free = this.model
                    .visitsOf(column.id)
                    .every(
                        (visit) =>
                            visit.stop_minute <= minute ||
                            visit.start_minute >= minute + STEP ||
                            !this.model.takesTime(visit)
                    );
                if (free && this.model.sessionAt(column.id, minute)) {
                    return this.book(column, minute);
                }
            }
        }
        this.notification.add(_t("Nobody is free for the rest of this day."), {
            type: "warning",
        });
    }

    book(column, minute) {
        const day = this.day;
        if (!day.can.book) {
            return;
        }
        this.popover.close();
        const session = this.model.sessionAt(column.id, minute);
        const practitioners = this.practitionersFor(column, minute);
        this.dialog.add(
            BookingDialog,
            {
                model: this.model,
                minute,
                practitioners,
                practitionerId:
                    day.group_by === "practitioner"
                        ? column.id
                        : session?.practitioner_id || practitioners[0]?.id,
                roomId: day.group_by === "room" ? column.id : false,
                patient: this.state.patient || undefined,
                booked: (result) => {
                    const [visit] = unfoldVisits(result.visits, day.group_by);
                    this.state.patient = null;
                    this.applied(
                        visit,
                        result,
                        _t("Booked: %(patient)s at %(time)s", {
                            patient: visit.patient,
                            time: this.model.clock(visit.start_minute),
                        })
                    );
                },
            },
            {onClose: () => this.focusGrid()}
        );
    }

    /** Whom a visit in this column could be with. */
    practitionersFor(column, minute) {
        if (this.day.group_by === "practitioner") {
            return this.day.columns.map(({id, name}) => ({id, name}));
        }
        return this.day.working
            .filter((item) => item.start_minute <= minute && minute < item.stop_minute)
            .map(({practitioner_id: id, name}) => ({id, name}));
    }
}

registry.category("actions").add("clinic_day_sheet", DaySheet);
