const CHANNEL_WORDS = {
    sms: "SMS",
    whatsapp: "WhatsApp",
    push: "Push",
    voice: "Call",
    email: "E-mail",
};
const TICKS = {accepted: "🕓", sent: "✓", delivered: "✓✓", read: "✓✓", failed: "✕"};
const SWITCHES = [
    ["delay", "Slow answer (ms)"],
    ["limit", "At most per second"],
    ["refuse", "Refused for good (%)"],
    ["error", "Server errors (%)"],
    ["lose", "Taken, answer lost (%)"],
    ["hang", "…after hanging (s)"],
    ["honour_keys", "Knows repeats by key"],
    ["travel", "Step of the way (ms)"],
    ["undelivered", "Never arrives (%)"],
    ["read", "Read at once (%)"],
    ["receipts", "Receipts", ["auto", "hold", "off"]],
    ["repeat", "Each receipt, times"],
    ["shuffle", "Shuffled when released"],
    ["forge", "Signature", ["", "wrong", "missing", "non_ascii"]],
    ["smtp", "Mail server says", ["250", "451", "550", "hang"]],
];
const TRAITS = {
    absent: "switched off: nothing arrives",
    no_whatsapp: "has no WhatsApp",
    opted_out: "wants no offers by WhatsApp",
};

const $ = (id) => document.getElementById(id);
let chosen = decodeURIComponent(location.hash.slice(1));
let shown = "";

async function ask(path, body) {
    const options = body && {
        method: "POST",
        headers: {"Content-Type": "application/json"},
        body: JSON.stringify(body),
    };
    const answer = await fetch(path, options);
    return answer.json();
}

function make(tag, properties = {}, ...children) {
    const element = Object.assign(document.createElement(tag), properties);
    element.append(...children);
    return element;
}

function time(at) {
    return new Date(at * 1000).toLocaleTimeString([], {
        hour: "2-digit",
        minute: "2-digit",
    });
}

function day(at) {
    return new Date(at * 1000).toLocaleDateString([], {
        weekday: "long",
        day: "numeric",
        month: "long",
    });
}

function face(name) {
    const words = name.replace(/[^\p{L}\s]/gu, "").trim();
    const letters = words.split(/\s+/).map((word) => word[0] || "");
    let hue = 0;
    for (const letter of name) {
        hue = (hue * 31 + letter.codePointAt(0)) % 360;
    }
    return [letters.slice(0, 2).join("").toUpperCase() || "☎", `hsl(${hue} 45% 38%)`];
}

function drawPhones(rows) {
    const wanted = $("search").value.trim().toLowerCase();
    const list = rows.filter((row) =>
        `${row.name} ${row.phone}`.toLowerCase().includes(wanted)
    );
    $("phones").replaceChildren(
        ...list.map((row) => {
            const [letters, colour] = face(row.name || row.phone);
            const picture = make("span", {className: "face", textContent: letters});
            picture.style.background = colour;
            const words = make(
                "span",
                {className: "words"},
                make("strong", {textContent: row.name || row.phone}),
                make("small", {textContent: row.last || row.phone})
            );
            const end = make(
                "span",
                {className: "end"},
                make("small", {textContent: row.at ? time(row.at) : ""})
            );
            if (row.unread) {
                end.append(
                    make("br"),
                    make("span", {className: "unread", textContent: row.unread})
                );
            }
            const button = make("button", {}, picture, words, end);
            button.setAttribute("aria-current", row.phone === chosen);
            button.addEventListener("click", () => choose(row.phone));
            return make("li", {}, button);
        })
    );
    if (!rows.length) {
        $("phones").append(
            make("li", {
                className: "hint",
                textContent: "No message yet. What the clinic sends appears here.",
            })
        );
    }
}

function bubble(message) {
    const mine = message.direction === "in";
    const box = make("div", {className: mine ? "bubble mine" : "bubble"});
    box.dataset.channel = message.channel;
    if (message.subject) {
        box.append(make("p", {className: "subject", textContent: message.subject}));
    }
    if (message.html) {
        const frame = make("iframe", {src: `/api/mail/${message.id}`, title: "E-mail"});
        frame.setAttribute("sandbox", "");
        box.append(frame);
    } else {
        box.append(make("p", {textContent: message.text}));
    }
    for (const file of message.files) {
        box.append(make("p", {textContent: `📎 ${file}`}));
    }
    if (message.channel === "voice" && ["ringing", "answered"].includes(message.call)) {
        const keys = ["", "1", "2", "3"].map((key) => {
            const button = make("button", {textContent: key || "Take the call"});
            button.addEventListener("click", () =>
                ask(`/api/key/${message.id}`, {key})
            );
            return button;
        });
        box.append(make("div", {className: "keys"}, ...keys));
    }
    const words = [CHANNEL_WORDS[message.channel]];
    if (message.segments > 1) {
        words.push(`${message.segments} parts`);
    }
    if (message.call) {
        words.push(message.call.replace("_", " "));
    }
    if (message.pressed) {
        words.push(`key ${message.pressed}`);
    }
    const foot = make(
        "div",
        {className: "foot"},
        make("span", {className: "badge", textContent: words.join(" · ")}),
        make("span", {textContent: time(message.at)})
    );
    if (!mine) {
        foot.append(
            make("span", {
                className: `tick ${message.status}`,
                textContent: TICKS[message.status],
                title: `${message.status} ${message.error}`,
            })
        );
    }
    box.append(foot);
    return box;
}

function drawHead(phone) {
    const [letters, colour] = face(phone.name || phone.phone);
    $("avatar").textContent = letters;
    $("avatar").style.background = colour;
    $("name").textContent = phone.name || phone.phone;
    $("number").textContent = phone.name ? phone.phone : "";
    const options = phone.channels.map((channel) =>
        make("option", {value: channel, textContent: CHANNEL_WORDS[channel]})
    );
    const before = $("channel").value;
    $("channel").replaceChildren(...options);
    const last = phone.messages
        .filter((m) => phone.channels.includes(m.channel))
        .at(-1);
    $("channel").value =
        shown === phone.phone && before ? before : last?.channel || phone.channels[0];
    $("write").hidden = !phone.channels.length;
}

/** The elements of the conversation; those that are right already are kept. */
function talkParts(phone) {
    const parts = [];
    const part = (id, state, draw) => {
        const known = $("talk").querySelector(`[data-id="${CSS.escape(id)}"]`);
        const element = known?.dataset.state === state ? known : draw();
        element.dataset.id = id;
        element.dataset.state = state;
        parts.push(element);
    };
    let today = "";
    for (const message of phone.messages) {
        const textContent = day(message.at);
        if (textContent !== today) {
            today = textContent;
            part(today, "", () => make("div", {className: "day", textContent}));
        }
        const state = JSON.stringify([message.status, message.call, message.pressed]);
        part(message.id, state, () => bubble(message));
    }
    if (!parts.length) {
        const textContent = "Nothing here yet.";
        part("", "", () => make("p", {className: "empty", textContent}));
    }
    return parts;
}

function drawTalk(phone) {
    drawHead(phone);
    const talk = $("talk");
    const below = talk.scrollHeight - talk.scrollTop - talk.clientHeight < 80;
    const parts = talkParts(phone);
    // An e-mail's frame that is moved loads again: only what changed is touched.
    for (const old of [...talk.children]) {
        if (!parts.includes(old)) {
            old.remove();
        }
    }
    parts.forEach((element, index) => {
        if (talk.children[index] !== element) {
            talk.insertBefore(element, talk.children[index] || null);
        }
    });
    if (below || shown !== phone.phone) {
        talk.scrollTop = talk.scrollHeight;
    }
    shown = phone.phone;
    drawTraits(phone);
}

function drawTraits(phone) {
    $("traits").replaceChildren(
        ...Object.entries(TRAITS).map(([flag, words]) => {
            const box = make("input", {type: "checkbox", checked: phone.flags[flag]});
            box.addEventListener("change", () =>
                ask("/control/phones", {flags: {[phone.phone]: {[flag]: box.checked}}})
            );
            return make("label", {}, box, words);
        })
    );
}

function drawPanel(state) {
    const channel = $("which").value;
    const behaviour = state.behaviours[channel];
    const form = $("switches");
    if (form.dataset.channel !== channel) {
        form.dataset.channel = channel;
        form.replaceChildren(
            ...SWITCHES.filter(([name]) => name !== "smtp" || channel === "email").map(
                ([name, words, choices]) => {
                    const kind = typeof behaviour[name];
                    const field = choices
                        ? make(
                              "select",
                              {name},
                              ...choices.map((choice) =>
                                  make("option", {
                                      value: choice,
                                      textContent: choice || "right",
                                  })
                              )
                          )
                        : make("input", {
                              name,
                              type: kind === "boolean" ? "checkbox" : "number",
                              min: 0,
                              step: "any",
                          });
                    field.addEventListener("change", async () => {
                        const value = kind === "boolean" ? field.checked : field.value;
                        drawPanel(await ask("/control", {channel, [name]: value}));
                    });
                    return make("label", {}, words, field);
                }
            )
        );
    }
    for (const field of form.elements) {
        if (field !== document.activeElement) {
            if (field.type === "checkbox") {
                field.checked = behaviour[field.name];
            } else {
                field.value = behaviour[field.name];
            }
        }
    }
    const rows = Object.entries(state.counts).sort();
    rows.push(["receipts held back", state.held], ["on the way", state.waiting]);
    rows.push(["mails for the clinic", state.letters]);
    $("counts").replaceChildren(
        ...rows.flatMap(([name, value]) => [
            make("dt", {textContent: name.replace(".", " · ")}),
            make("dd", {textContent: value.toLocaleString()}),
        ])
    );
    $("release").textContent = `Send held receipts (${state.held})`;
}

async function draw() {
    const [rows, state] = await Promise.all([ask("/api/phones"), ask("/control")]);
    if (!chosen && rows.length && innerWidth > 700) {
        chosen = rows[0].phone;
    }
    drawPhones(rows);
    drawPanel(state);
    if (chosen) {
        drawTalk(await ask(`/api/phones/${encodeURIComponent(chosen)}`));
        const row = rows.find((each) => each.phone === chosen);
        if (row?.unread && document.visibilityState === "visible") {
            await ask(`/api/read/${encodeURIComponent(chosen)}`, {});
        }
    }
}

function choose(phone) {
    chosen = phone;
    history.replaceState(null, "", `#${encodeURIComponent(phone)}`);
    document.body.classList.add("open");
    draw();
}

$("which").append(
    ...Object.entries(CHANNEL_WORDS).map(([value, textContent]) =>
        make("option", {value, textContent})
    )
);
$("which").addEventListener("change", draw);
$("search").addEventListener("input", draw);
$("back").addEventListener("click", () => document.body.classList.remove("open"));
$("reset").addEventListener("click", async () => {
    await ask("/control/reset", {});
    draw();
});
$("release").addEventListener("click", () =>
    ask("/control/release", {shuffle: $("shuffled").checked})
);
$("write").addEventListener("submit", async (event) => {
    event.preventDefault();
    const text = $("text").value.trim();
    if (!text) {
        return;
    }
    const path = `/api/phones/${encodeURIComponent(chosen)}`;
    const answer = await ask(path, {channel: $("channel").value, text});
    if (answer.error) {
        $("talk").append(
            make("div", {className: "day", textContent: `Not sent: ${answer.error}`})
        );
        return;
    }
    $("text").value = "";
});
if (chosen) {
    document.body.classList.add("open");
}
let running = false;
let again = false;
async function live() {
    if (running) {
        again = true;
        return;
    }
    running = true;
    do {
        again = false;
        await draw();
    } while (again);
    running = false;
}
new EventSource("/api/events").addEventListener("message", live);
setInterval(live, 5000);
