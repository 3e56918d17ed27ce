import {useHotkey} from "@web/core/hotkeys/hotkey_hook";

/** Columns and steps by which the arrow keys move. */
const ARROWS = {
    ArrowUp: [0, -1],
    ArrowDown: [0, 1],
    ArrowLeft: [-1, 0],
    ArrowRight: [1, 0],
};

/**
 * The sheet without a mouse: arrows go from visit to visit and over free times, Enter
 * opens or books, M picks a visit up and Enter puts it down.
 *
 * @param {import("./day_sheet").DaySheet} sheet
 * @returns {(ev: KeyboardEvent) => void} for the grid
 */
export function useSheetKeys(sheet) {
    const {cursor, drag, model} = sheet;
    const withDay = (action) => () => model.day && action();
    useHotkey(
        "t",
        withDay(() => sheet.showToday())
    );
    useHotkey(
        "d",
        withDay(() => sheet.dateDropdown.open())
    );
    useHotkey(
        "shift+arrowleft",
        withDay(() => sheet.shiftDay(-1))
    );
    useHotkey(
        "shift+arrowright",
        withDay(() => sheet.shiftDay(1))
    );
    useHotkey("control+z", () => sheet.changes.undoLast());
    useHotkey(
        "control+p",
        withDay(() => sheet.print())
    );

    const go = (columns, steps) => {
        if (drag.isCarrying) {
            drag.nudge(columns, steps);
            cursor.reveal(drag.current.index, drag.current.start);
        } else {
            cursor.move(columns, steps);
        }
    };
    const putDown = async () => {
        const {day} = model;
        const {index, start} = drag.current;
        await drag.putDown();
        if (model.day === day) {
            cursor.land(index, start);
        }
    };
    const leave = () => {
        drag.end();
        cursor.clear();
    };
    const keys = {
        Enter: () => (drag.isCarrying ? putDown() : sheet.openAtCursor()),
        Escape: leave,
        m: () => drag.carry(cursor.selected, cursor.element),
    };

    return (ev) => {
        if (!model.day?.columns.length || ev.ctrlKey || ev.altKey || ev.metaKey) {
            return;
        }
        const arrow = !ev.shiftKey && ARROWS[ev.key];
        const action = arrow
            ? () => go(...arrow)
            : keys[ev.key] || keys[ev.key.toLowerCase()];
        if (action) {
            ev.preventDefault();
            ev.stopPropagation();
            action();
        }
    };
}
