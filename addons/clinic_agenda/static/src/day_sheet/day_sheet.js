import {
    Component,
    markRaw,
    onMounted,
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
import {_t} from "@web/core/l10n/translation";
import {usePopover} from "@web/core/popover/popover_hook";
import {registry} from "@web/core/registry";
import {useService} from "@web/core/utils/hooks";
import {Layout} from "@web/search/layout";
import {standardActionServiceProps} from "@web/webclient/actions/action_service";
import {DaySheetColumn} from "./day_sheet_column";
import {DaySheetDrag} from "./day_sheet_drag";
import {DaySheetLegend} from "./day_sheet_legend";
import {DaySheetModel} from "./day_sheet_model";
import {DaySheetOptions} from "./day_sheet_options";
import {DaySheetPrint} from "./day_sheet_print";
import {clamp} from "./geometry";
import {SheetBooking} from "./sheet_booking";
import {SheetChanges} from "./sheet_changes";
import {SheetCursor} from "./sheet_cursor";
import {useSheetKeys} from "./sheet_keys";
import {useLiveSheet} from "./sheet_live";
import {SheetPointer} from "./sheet_pointer";
import {VisitPopover} from "./visit_popover";

const {DateTime} = luxon;

/**
 * The day sheet: one location, one day, a column for each practitioner, room or device.
 * The model reads; drag, pointer and keys say what is meant; changes and bookings do it.
 */
export class DaySheet extends Component {
    static template = "clinic_agenda.DaySheet";
    static components = {
        DateTimePicker,
        DaySheetColumn,
        DaySheetLegend,
        DaySheetOptions,
        DaySheetPrint,
        Dropdown,
        Layout,
    };
    static props = {...standardActionServiceProps};

    setup() {
        this.action = useService("action");
        this.orm = useService("orm");
        const services = {
            dialog: useService("dialog"),
            notification: useService("notification"),
            orm: useService("orm"),
        };
        this.model = useState(new DaySheetModel(services.orm));
        this.state = useState({printing: false, patient: null});
        this.scroll = useRef("scroll");
        this.body = useRef("body");
        this.overlay = useRef("overlay");
        this.dateDropdown = useDropdownState();
        this.popover = usePopover(VisitPopover, {
            position: "right-start",
            // One wide column leaves no room beside it: above or below, then.
            extendedFlipping: true,
            popoverClass: "o_clinic_visit_popover",
            setActiveElement: true,
            onClose: () => this.focusGrid(),
        });
        this.clock = (minute) => this.model.clock(minute);
        this.stateLabel = (state) => this.model.stateLabel(state);

        const {scroll, body, overlay} = this;
        this.cursor = useState(new SheetCursor(this.model, {scroll, body}));
        this.changes = new SheetChanges(this.model, {cursor: this.cursor, ...services});
        this.booking = new SheetBooking(this.model, {
            ...services,
            state: this.state,
            changes: this.changes,
            onClose: () => this.focusGrid(),
        });
        this.pointer = new SheetPointer(this.model, {body, overlay});
        this.drag = markRaw(
            new DaySheetDrag(this.model, {
                body,
                pointer: this.pointer,
                drop: (change) => this.changes.drop(change),
                onIdle: () => this.catchUp(),
            })
        );
        this.drag.use(scroll, () => Boolean(this.model.day?.can.change));
        this.catchUp = useLiveSheet(this.model, () => this.drag.active);
        this.onKeydown = useSheetKeys(this);
        useExternalListener(window, "afterprint", () => (this.state.printing = false));

        const {context = {}} = this.props.action;
        const {patient_id: id, patient_name: name = ""} = context;
        this.state.patient = id ? {id, name} : null;
        onWillStart(() =>
            this.model.start({
                date: context.clinic_date,
                locationId: context.clinic_location_id,
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
                    const frame = browser.requestAnimationFrame(() => window.print());
                    return () => {
                        browser.cancelAnimationFrame(frame);
                        document.body.classList.remove("o_clinic_printing");
                    };
                }
            },
            () => [this.state.printing]
        );
    }

    // ------------------------------------------------------------------
    // What the template says
    // ------------------------------------------------------------------

    get day() {
        return this.model.day;
    }

    get dayLabel() {
        return this.dateValue.toLocaleString({
            weekday: "long",
            day: "numeric",
            month: "long",
            year: "numeric",
        });
    }

    get gridLabel() {
        return _t("Day sheet, %(day)s, %(location)s", {
            day: this.dayLabel,
            location: this.day.location.name,
        });
    }

    get dateValue() {
        return DateTime.fromISO(this.model.date);
    }

    isIn(column, visitId) {
        return Boolean(
            visitId &&
                this.model.items[column.id].some((item) => item.visit.id === visitId)
        );
    }

    initials(name) {
        const words = name.split(" ").filter((word) => word && !word.endsWith("."));
        return words
            .slice(0, 2)
            .map((word) => word[0])
            .join("")
            .toUpperCase();
    }

    // ------------------------------------------------------------------
    // Which day, where, how
    // ------------------------------------------------------------------

    async show(changes) {
        this.popover.close();
        this.drag.end();
        this.cursor.clear();
        await this.model.load(changes);
    }

    async showDate(date) {
        this.dateDropdown.close();
        const {date: before} = this.model;
        await this.show({date: date.toISODate()});
        if (before !== this.model.date) {
            this.scrollToTime();
        }
        this.focusGrid();
    }

    /** Who waits for a time that this day could give. */
    async openWaiting() {
        const action = await this.orm.call("clinic.day.sheet", "action_waiting", [
            this.model.date,
            this.day.location.id,
        ]);
        return this.action.doAction(action);
    }

    shiftDay(days) {
        return this.showDate(this.dateValue.plus({days}));
    }

    showToday() {
        return this.showDate(DateTime.fromISO(this.model.today));
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
    // What is clicked
    // ------------------------------------------------------------------

    onPointerMove(ev) {
        this.pointer.hint(ev, this.day.can.book && !this.drag.active);
    }

    onClick(ev) {
        if (this.drag.active) {
            this.drag.end();
            return;
        }
        const {index, column, minute} = this.pointer.at(ev);
        const el = ev.target.closest(".o_clinic_visit");
        const visit = el && this.model.visit(Number(el.dataset.id));
        const closure = ev.target.closest("[data-closure]");
        if (visit) {
            this.cursor.put({index, minute: visit.start_minute}, visit.id);
            this.openVisit(visit, el);
        } else if (closure) {
            this.booking.openClosure(column, Number(closure.dataset.closure));
        } else if (ev.target.closest(".o_clinic_column")) {
            this.cursor.put({index, minute});
            this.book(column, minute);
        }
    }

    /** What Enter does: open the visit, or book the free time. */
    openAtCursor() {
        const {place, selected, element, column} = this.cursor;
        if (selected) {
            this.openVisit(this.model.visit(selected), element);
        } else if (place) {
            this.book(column, place.minute);
        }
    }

    book(column, minute) {
        this.popover.close();
        this.booking.book(column, minute);
    }

    openVisit(visit, el) {
        if (!visit || !el) {
            return;
        }
        if (this.popover.isOpen && this.popoverVisit === visit.id) {
            this.popover.close();
            return;
        }
        this.popoverVisit = visit.id;
        this.popover.open(el, this.popoverProps(visit));
    }

    /** Extension point: what the popover of a visit knows and can do. */
    popoverProps(visit) {
        return {
            visit,
            day: this.day,
            clock: this.clock,
            stateLabel: this.stateLabel,
            isTimely: (state) => this.model.isTimely(visit, state),
            setState: (state) => {
                this.popover.close();
                return this.changes.setState(visit, state);
            },
            openVisit: () => this.openForm("clinic.appointment", visit.id),
            openPatient: () => this.openForm("res.partner", visit.patient_id),
            bookNext: () => {
                this.state.patient = {id: visit.patient_id, name: visit.patient};
            },
        };
    }

    openForm(model, id) {
        return this.action.doAction({
            type: "ir.actions.act_window",
            res_model: model,
            res_id: id,
            views: [[false, "form"]],
        });
    }
}

registry.category("actions").add("clinic_day_sheet", DaySheet);
