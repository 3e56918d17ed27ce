/**
 * The follower's desk without its screen: what is due, what is chosen, what is being
 * written. The server reads and decides; the view shows the public fields.
 */
export class FollowerDeskModel {
    /** @param {{ call: Function }} orm */
    constructor(orm) {
        this.call = (method, args) => orm.call("clinic.follower.desk", method, args);
        this.reading = null;
        this.items = [];
        this.counts = {};
        this.stopReasons = [];
        this.everybody = false;
        this.key = null;
        this.busy = false;
        this.clear();
    }

    /** Nothing is written yet about the line that is chosen. */
    clear() {
        this.detail = null;
        this.note = "";
        this.answers = {};
        this.other = null;
    }

    // ------------------------------------------------------------------
    // Reading
    // ------------------------------------------------------------------

    async start() {
        await this.load();
        await this.select(this.items[0]);
    }

    /** Read what is due. Of two readings the one asked for last is shown, by both. */
    load() {
        const reading = this.read(() => this.reading === reading);
        this.reading = reading;
        return reading;
    }

    async read(isLatest) {
        const desk = await this.call("get_desk", [this.everybody]);
        if (!isLatest()) {
            return this.reading;
        }
        this.items = desk.items;
        this.counts = desk.counts;
        this.stopReasons = desk.stop_reasons;
    }

    /** Read again what colleagues and the clock change, unless something is being done. */
    async refresh() {
        if (!this.busy) {
            await this.load();
        }
    }

    async toggleEverybody() {
        this.everybody = !this.everybody;
        await this.load();
        if (!this.selected) {
            await this.select(this.items[0]);
        }
    }

    // ------------------------------------------------------------------
    // The chosen line
    // ------------------------------------------------------------------

    get place() {
        return this.items.findIndex((item) => item.key === this.key);
    }

    get selected() {
        return this.items[this.place];
    }

    /** Whether the chosen line is a step that can be done. */
    get hasWork() {
        return Boolean(this.detail?.step && this.selected);
    }

    /** Show a line, with nothing written yet. */
    async select(item) {
        this.key = item?.key || null;
        this.clear();
        if (!item) {
            return;
        }
        const detail = await this.call("get_item", [item.kind, item.id]);
        if (this.key === item.key) {
            this.detail = detail;
        }
    }

    /** Go to a line; what is being written about the chosen one stays. */
    async choose(item) {
        if (item && item.key !== this.key) {
            await this.select(item);
        }
    }

    /** @param {number} by lines down, negative ones up; stops at the ends */
    move(by) {
        const last = this.items.length - 1;
        return this.choose(this.items[Math.min(Math.max(this.place + by, 0), last)]);
    }

    setAnswer(question, value) {
        const isChosen = this.answers[question.id] === value;
        this.answers[question.id] = isChosen ? "" : value;
    }

    /** The answers to send: none where nothing was asked. */
    get given() {
        return this.detail.step.questionnaire ? {...this.answers} : null;
    }

    // ------------------------------------------------------------------
    // Doing
    // ------------------------------------------------------------------

    /**
     * Call the server, then go on with the next line. What was written stays when the
     * server refuses; a second press meanwhile does nothing.
     *
     * @param {string} method of the desk on the server
     * @param {Array} args
     * @returns {Promise<boolean>} whether it was done
     */
    async act(method, args) {
        if (this.busy) {
            return false;
        }
        this.busy = true;
        try {
            const {place} = this;
            await this.call(method, args);
            await this.load();
            await this.select(this.following(place, method));
        } finally {
            this.busy = false;
        }
        return true;
    }

    /** The line after what was done: the next one, also when this one is still there. */
    following(place, method) {
        const {items, place: here} = this;
        if (here >= 0 && method === "no_answer") {
            return items[here + 1] || items[here];
        }
        return items[Math.min(Math.max(place, 0), items.length - 1)];
    }
}
