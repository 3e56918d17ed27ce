import {makeDraggableHook} from "@web/core/utils/draggable_hook_builder_owl";
import {pick} from "@web/core/utils/objects";

/** Pixels at the bottom of a visit by which its end is dragged. */
const EDGE = 7;

/**
 * Drags visits of the day sheet. The visit itself stays where it is: the handlers draw
 * a ghost. Tells whether the visit is moved or its end is dragged.
 */
export const useVisitDrag = makeDraggableHook({
    name: "useVisitDrag",
    onComputeParams({ctx}) {
        ctx.followCursor = false;
    },
    onWillStartDrag({ctx}) {
        const {element} = ctx.current;
        const rect = element.getBoundingClientRect();
        const atEdge = rect.bottom - ctx.pointer.y <= Math.min(EDGE, rect.height / 3);
        const canMove = element.classList.contains("o_clinic_movable");
        ctx.current.mode =
            atEdge && element.classList.contains("o_clinic_resizable")
                ? "resize"
                : canMove
                  ? "move"
                  : "none";
        ctx.current.container = element.closest(".o_clinic_scroll");
        ctx.current.grab = ctx.pointer.y - rect.top;
    },
    onDragStart: ({ctx}) => pick(ctx.current, "element", "mode", "grab"),
    onDrag: ({ctx}) => pick(ctx.current, "element", "mode"),
    onDragEnd: ({ctx}) => pick(ctx.current, "element", "mode"),
    onDrop: ({ctx}) => pick(ctx.current, "element", "mode"),
});
