/**
 * The inbox without its screen: who waits, what was said with one of them, what is being
 * answered. What may be read and written the server decides.
 */
export class InboxModel {
    /**
     * @param {{ call: Function }} orm
     * @param {() => string} makeToken new at each call: one answer is sent once
     */
    constructor(orm, makeToken) {
        this.call = (method, ...args) => orm.call("clinic.message", method, ...args);
        this.makeToken = makeToken;
        this.reading = null;
        this.shown = "open";
        this.words = "";
        this.threads = [];
        this.talk = null;
        this.opening = null;
        this.token = null;
        this.sending = false;
        this.clear();
    }

    clear() {
        this.text = "";
        this.parts = 0;
    }

    // ------------------------------------------------------------------
    // Who waits
    // ------------------------------------------------------------------

    async start(messageId = null) {
        await (messageId
            ? Promise.all([this.list(), this.open(messageId)])
            : this.load());
    }

    /** Read who waits. Of two readings the one asked for last is shown, by both. */
    list() {
        const reading = this.read(() => this.reading === reading);
        this.reading = reading;
        return reading;
    }

    async read(isLatest) {
        const {shown, words} = this;
        const threads = await this.call("inbox", [], {shown, words});
        if (!isLatest()) {
            return this.reading;
        }
        this.threads = threads;
    }

    /** Read who waits; the first one is opened where none is. */
    async load() {
        await this.list();
        const [first] = this.threads;
        if (first && !this.talk && !this.opening) {
            await this.open(first.id);
        }
    }

    /** Read again what came in. */
    async refresh() {
        await this.load();
        await this.reread();
    }

    show(shown) {
        this.shown = shown;
        this.talk = null;
        this.opening = null;
        return this.load();
    }

    search(words) {
        this.words = words;
        return this.load();
    }

    // ------------------------------------------------------------------
    // One conversation
    // ------------------------------------------------------------------

    isOpen({channel, address}) {
        return this.talk?.channel === channel && this.talk.address === address;
    }

    /** Go to a conversation; what is being answered in the open one stays. */
    choose(thread) {
        return this.isOpen(thread) ? this.reread() : this.open(thread.id);
    }

    /** Open a conversation, with nothing answered yet. */
    async open(id) {
        // Before the answer comes: what is typed meanwhile must stay.
        this.opening = id;
        this.clear();
        const talk = await this.call("conversation", [[id]]);
        if (this.opening === id) {
            this.talk = talk;
            this.token = this.makeToken(id);
        }
    }

    /** Read the open conversation again; what is being answered stays. */
    async reread() {
        const {talk} = this;
        if (talk) {
            Object.assign(talk, await this.call("conversation", [[talk.id]]));
        }
    }

    close() {
        this.talk = null;
    }

    /** What a button of a conversation does on the server, for all to see. */
    async act(method, ...args) {
        await this.call(method, [[this.talk.id], ...args]);
        await this.refresh();
    }

    // ------------------------------------------------------------------
    // The answer
    // ------------------------------------------------------------------

    get canSend() {
        return !this.sending && Boolean(this.text.trim());
    }

    /** Keep what is typed, and count what it costs where each part is paid for. */
    async write(text) {
        this.text = text;
        if (this.talk.channel !== "sms") {
            return;
        }
        const parts = text ? await this.call("sms_parts", [text]) : 0;
        if (this.text === text) {
            this.parts = parts;
        }
    }

    /** Send the answer once; refused, it stays to be mended. */
    async answer() {
        if (!this.canSend) {
            return;
        }
        this.sending = true;
        const {talk, text, token} = this;
        try {
            await this.call("write_answer", [[talk.id], text, token]);
            if (this.opening === talk.id) {
                await this.open(talk.id);
            }
            await this.load();
        } finally {
            this.sending = false;
        }
    }
}
