import {describe, expect, test} from "@odoo/hoot";
import {Deferred} from "@odoo/hoot-mock";
import {InboxModel} from "@clinic_message/inbox/inbox_model";
import {icon, ticks} from "@clinic_message/inbox/inbox_words";

describe.current.tags("headless");

const thread = (id, address, channel = "email") => ({id, address, channel});
const talk = (id, address, channel = "email") => ({
    ...thread(id, address, channel),
    lines: [],
});

const ANNA = [1, "anna@example.com"];
const BRUNO = [2, "bruno@example.com"];

/** A server whose answers the test gives, in the order it likes. */
function makeModel() {
    const asked = [];
    const orm = {
        call: (_model, method, args, kwargs) => {
            const answer = new Deferred();
            asked.push({method, args, kwargs, answer});
            return answer;
        },
    };
    let count = 0;
    const model = new InboxModel(orm, (id) => `${id}-${(count += 1)}`);
    return {model, asked};
}

/** Let everything run that waits for nothing else. */
const settle = () => new Promise((resolve) => setTimeout(resolve));

/** The inbox in which Anna's conversation is open and Bruno waits too. */
async function open(channel) {
    const {model, asked} = makeModel();
    const started = model.start();
    asked[0].answer.resolve([thread(...ANNA, channel), thread(...BRUNO)]);
    await settle();
    asked[1].answer.resolve(talk(...ANNA, channel));
    await started;
    asked.length = 0;
    return {model, asked};
}

test("the first who waits is opened", async () => {
    const {model} = await open();
    expect(model.talk.id).toBe(1);
    expect(model.isOpen(thread(7, "anna@example.com"))).toBe(true);
    expect(model.isOpen(thread(7, "anna@example.com", "sms"))).toBe(false);
});

test("a message that is asked for is opened instead of the first", async () => {
    const {model, asked} = makeModel();
    const started = model.start(2);
    expect(asked.map(({method}) => method)).toEqual(["inbox", "conversation"]);
    asked[0].answer.resolve([thread(...ANNA), thread(...BRUNO)]);
    asked[1].answer.resolve(talk(...BRUNO));
    await started;
    expect(model.talk.id).toBe(2);
    expect(asked.length).toBe(2);
});

test("of two lists that are read, the one asked for last is shown", async () => {
    const {model, asked} = await open();
    const first = model.search("b");
    const second = model.search("br");
    asked[1].answer.resolve([thread(...BRUNO)]);
    asked[0].answer.resolve([thread(...ANNA), thread(...BRUNO)]);
    await Promise.all([first, second]);
    expect(asked[1].kwargs).toEqual({shown: "open", words: "br"});
    expect(model.threads.map(({id}) => id)).toEqual([2]);
});

test("an inbox that opens while a patient writes opens the first who waits", async () => {
    const {model, asked} = makeModel();
    model.start();
    model.refresh();
    asked[0].answer.resolve([thread(...ANNA)]);
    await settle();
    asked[1].answer.resolve([thread(...BRUNO), thread(...ANNA)]);
    await settle();
    expect(asked.slice(2).map(({args}) => args)).toEqual([[[2]]]);
});

test("a conversation that comes late does not cover the one opened after it", async () => {
    const {model, asked} = await open();
    const first = model.open(1);
    const second = model.choose(thread(...BRUNO));
    asked[1].answer.resolve(talk(...BRUNO));
    asked[0].answer.resolve(talk(...ANNA));
    await Promise.all([first, second]);
    expect(model.talk.id).toBe(2);
    expect(model.token).toInclude("2-");
});

test("what is typed while a conversation opens stays", async () => {
    const {model, asked} = await open();
    const opened = model.choose(thread(...BRUNO));
    expect(model.text).toBe("");
    await model.write("Good morning");
    asked[0].answer.resolve(talk(...BRUNO));
    await opened;
    expect(model.text).toBe("Good morning");
});

test("taking a conversation loses nothing that is being answered", async () => {
    const {model, asked} = await open();
    await model.write("Dear Anna");
    const token = model.token;
    const taken = model.act("take");
    expect(asked[0].method).toBe("take");
    asked[0].answer.resolve();
    await settle();
    asked[1].answer.resolve([thread(...ANNA)]);
    await settle();
    asked[2].answer.resolve({...talk(...ANNA), inbox_state: "done"});
    await taken;
    expect(model.talk.inbox_state).toBe("done");
    expect(model.text).toBe("Dear Anna");
    expect(model.token).toBe(token);
});

test("choosing the open conversation again loses nothing", async () => {
    const {model, asked} = await open();
    await model.write("Dear Anna");
    const chosen = model.choose(thread(9, "anna@example.com"));
    asked[0].answer.resolve(talk(...ANNA));
    await chosen;
    expect(model.text).toBe("Dear Anna");
});

test("an answer is sent once and the place to answer is empty again", async () => {
    const {model, asked} = await open();
    const before = model.token;
    await model.write("Come at nine");
    const sent = model.answer();
    await model.answer();
    expect(asked.map(({method}) => method)).toEqual(["write_answer"]);
    expect(asked[0].args).toEqual([[1], "Come at nine", before]);
    asked[0].answer.resolve(5);
    await settle();
    asked[1].answer.resolve(talk(...ANNA));
    await settle();
    asked[2].answer.resolve([]);
    await sent;
    expect(model.text).toBe("");
    expect(model.token).not.toBe(before);
});

test("an answer that is refused stays, with the same token for the next try", async () => {
    const {model, asked} = await open();
    const before = model.token;
    await model.write("Come at nine");
    const sent = model.answer();
    asked[0].answer.reject(new Error("refused"));
    await expect(sent).rejects.toThrow("refused");
    expect([model.text, model.token, model.canSend]).toEqual([
        "Come at nine",
        before,
        true,
    ]);
});

test("who goes on while an answer is sent is not called back", async () => {
    const {model, asked} = await open();
    await model.write("Come at nine");
    const sent = model.answer();
    const chosen = model.choose(thread(...BRUNO));
    asked[1].answer.resolve(talk(...BRUNO));
    await chosen;
    await model.write("Dear Bruno");
    asked[0].answer.resolve(5);
    await settle();
    asked[2].answer.resolve([thread(...BRUNO)]);
    await sent;
    expect([model.talk.id, model.text]).toEqual([2, "Dear Bruno"]);
});

test("blanks are no answer", async () => {
    const {model, asked} = await open();
    await model.write("  \n");
    await model.answer();
    expect(asked).toEqual([]);
});

test("the parts of an SMS are those of the text that is typed now", async () => {
    const {model, asked} = await open("sms");
    const first = model.write("a".repeat(200));
    const second = model.write("a");
    asked[1].answer.resolve(1);
    await second;
    asked[0].answer.resolve(2);
    await first;
    expect(model.parts).toBe(1);
    await model.write("");
    expect(model.parts).toBe(0);
    expect(asked.length).toBe(2);
});

test("a state that nobody knows is shown as a trouble", () => {
    expect(ticks({state: "read"})).toBe(ticks({state: "replied"}));
    expect(ticks({state: "failed"})).toInclude("text-danger");
    expect(icon("whatsapp")).toBe("fa-whatsapp");
});
