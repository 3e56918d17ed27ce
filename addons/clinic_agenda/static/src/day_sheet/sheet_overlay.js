/**
 * What follows the pointer over the sheet: the ghost of a dragged visit and the hint of
 * a free time.
 *
 * Both live in a shadow root. Styles of Odoo look at the whole page with `:has()`, so
 * in the page itself each change of a style attribute makes the browser compute the
 * style of all 15,000 elements of a full sheet again (120 ms instead of 1).
 */
const STYLE = `
    :host {
        position: absolute;
        z-index: 5;
        inset: 0;
        overflow: hidden;
        pointer-events: none;
    }
    .ghost, .hint {
        position: absolute;
        top: 0;
        left: 0;
        display: none;
        box-sizing: border-box;
        width: calc(100% / var(--columns));
        overflow: hidden;
        font-size: 0.8125rem;
        line-height: 1.15rem;
        will-change: transform;
    }
    .shown {
        display: block;
    }
    .ghost {
        --colour: var(--sheet-accent);
        min-height: 1.35rem;
        padding: 0.1rem 0.5rem;
        border: 2px solid var(--colour);
        border-radius: 0.25rem;
        background: color-mix(in srgb, var(--colour) 20%, var(--sheet-bg) 72%);
        box-shadow: 0 6px 18px rgba(0, 0, 0, 0.25);
        color: var(--sheet-text);
    }
    .ghost.legal {
        --colour: var(--sheet-legal);
    }
    .ghost.illegal {
        --colour: var(--sheet-illegal);
    }
    .ghost.pending {
        opacity: 0.6;
    }
    .hint {
        height: calc(var(--hour) / 4);
        min-height: 1.1rem;
        padding: 0 2px;
    }
    .hint b {
        display: block;
        height: 100%;
        padding-left: 0.45rem;
        box-sizing: border-box;
        border: 1px dashed var(--sheet-accent);
        border-radius: 0.25rem;
        background: color-mix(in srgb, var(--sheet-accent) 9%, transparent);
        color: var(--sheet-accent);
        font-size: 0.75rem;
        line-height: 1.2rem;
    }
`;

/** Write what has changed only: the same text again is painted again. */
function set(target, name, value) {
    if (target[name] !== value) {
        target[name] = value;
    }
}

export class SheetOverlay {
    /** @param {HTMLElement} host */
    constructor(host) {
        this.host = host;
        const root = host.attachShadow({mode: "open"});
        const style = document.createElement("style");
        style.textContent = STYLE;
        this.ghost = document.createElement("div");
        this.time = document.createElement("b");
        this.text = document.createElement("span");
        this.ghost.append(this.time, " ", this.text);
        this.hint = document.createElement("div");
        this.hintTime = this.hint.appendChild(document.createElement("b"));
        root.append(style, this.hint, this.ghost);
        this.hideGhost();
        this.hideHint();
    }

    /**
     * @param {{ index: number, y: number, height: number, time: string, text: string,
     *  legal: boolean | null }} params legal is null as long as it is not known
     */
    showGhost({index, y, height, time, text, legal}) {
        const judged = legal === null ? "" : legal ? "legal" : "illegal";
        set(this.ghost, "className", `ghost shown ${judged}`);
        set(this.ghost.style, "height", `${height}px`);
        this.ghost.style.transform = `translate(${index * 100}%, ${y}px)`;
        set(this.time, "textContent", time);
        set(this.text, "textContent", text);
    }

    /**
     * While something is dragged the overlay lies under the pointer, so that the
     * browser need not search the whole sheet for what is there.
     *
     * @param {boolean} catching
     */
    catchPointer(catching) {
        this.host.style.pointerEvents = catching ? "auto" : "";
    }

    pendGhost() {
        this.ghost.classList.add("pending");
    }

    hideGhost() {
        this.ghost.className = "ghost";
    }

    showHint({index, y, time}) {
        this.hint.className = "hint shown";
        this.hint.style.transform = `translate(${index * 100}%, ${y}px)`;
        set(this.hintTime, "textContent", time);
    }

    hideHint() {
        this.hint.className = "hint";
    }
}
