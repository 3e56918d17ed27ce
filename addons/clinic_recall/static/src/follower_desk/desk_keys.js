import {useHotkey} from "@web/core/hotkeys/hotkey_hook";

/**
 * The desk without a mouse: arrows go from line to line, Enter goes to where is written,
 * Ctrl+Enter says that it is done, also while writing.
 *
 * @param {import("./follower_desk").FollowerDesk} desk
 */
export function useDeskKeys(desk) {
    const {actions, model} = desk;
    const isHere = (target) => !target.closest(".o-dropdown--menu, .o_main_navbar");
    const isPlain = (target) => isHere(target) && !target.closest("button, a, select");
    const arrows = {allowRepeat: true, isAvailable: isHere};
    useHotkey("arrowdown", () => model.move(1), arrows);
    useHotkey("arrowup", () => model.move(-1), arrows);
    useHotkey("enter", () => desk.focusFirst(), {isAvailable: isPlain});
    useHotkey("control+enter", () => actions.done(), {
        bypassEditableProtection: true,
        isAvailable: (target) => isHere(target) && model.hasWork,
    });
}
