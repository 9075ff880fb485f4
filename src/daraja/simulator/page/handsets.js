// Draws the simulator's phones and lets their owner answer. It asks the simulator every second, and changes
// the nodes that are there instead of making new ones, so that the focus stays.
"use strict";

const PERIOD_MILLIS = 1000;
const NEW_BALANCE = "10000.00";
const KEYS = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "⌫", "0", "C"];

const byId = (id) => document.getElementById(id);
const handsets = new Map();

async function ask(method, path, body) {
  const answer = await fetch(path, { method, body: body && JSON.stringify(body), cache: "no-store" });
  const json = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Error(json.error || `The simulator answered ${answer.status}.`);
  return json;
}

const local = (number) => `0${number.slice(3, 6)} ${number.slice(6, 9)} ${number.slice(9)}`;
const money = (amount) => `KES ${Number(amount).toLocaleString("en-KE", { minimumFractionDigits: 2 })}`;
const timeOf = (at) => new Date(at).toLocaleTimeString("en-KE", { hour: "2-digit", minute: "2-digit", timeZone: "Africa/Nairobi" });

function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

function announce(text) {
  byId("news").textContent = text;
}

/** One phone on the page. */
class Handset {
  constructor(number) {
    this.number = number;
    this.promptId = null;
    this.messages = "";
    this.node = byId("handset").content.firstElementChild.cloneNode(true);
    this.part = (selector) => this.node.querySelector(selector);
    this.form = this.part(".prompt");
    this.pin = this.part(".pin");
    this.node.tabIndex = -1;
    this.node.setAttribute("aria-label", `Phone ${local(number)}`);
    setText(this.part(".number"), local(number));
    for (const key of KEYS) this.part(".pad").append(this.key(key));
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.answer({ answer: "pay", pin: this.pin.value });
    });
    for (const button of this.node.querySelectorAll("[data-answer]")) {
      button.addEventListener("click", () => this.answer({ answer: button.dataset.answer }));
    }
    this.part(".top-up").addEventListener("click", () => this.run(() => ask("PUT", `/phones/${number}`, { balance: NEW_BALANCE })));
  }

  key(key) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = key;
    button.setAttribute("aria-label", { "⌫": "Delete last digit", C: "Clear PIN" }[key] || key);
    button.addEventListener("click", () => {
      if (key === "C") this.pin.value = "";
      else if (key === "⌫") this.pin.value = this.pin.value.slice(0, -1);
      else if (this.pin.value.length < this.pin.maxLength) this.pin.value += key;
      if (key !== "C" && this.pin.value.length === this.pin.maxLength) this.part(".pay").focus();
    });
    return button;
  }

  answer(body) {
    const path = `/prompts/${encodeURIComponent(this.promptId)}`;
    return this.run(() => ask("POST", path, body));
  }

  async run(action) {
    setText(this.part(".prompt .problem"), "");
    try {
      await action();
    } catch (error) {
      setText(this.part(".prompt .problem"), error.message);
    }
    await refresh();
  }

  showPhone(phone) {
    setText(this.part(".balance"), money(phone.balance));
    const messages = JSON.stringify(phone.sms);
    if (messages === this.messages) return;
    const isNew = this.messages !== "" && phone.sms.length > 0;
    this.messages = messages;
    this.part(".inbox").replaceChildren(...phone.sms.map(messageNode));
    this.part(".none").hidden = phone.sms.length > 0;
    if (isNew) announce(`Message on ${local(this.number)}: ${phone.sms[0].text}`);
  }

  showPrompt(prompt) {
    const id = prompt ? prompt.checkout_request_id : null;
    if (id === this.promptId) return;
    const hadFocus = this.form.contains(document.activeElement);
    this.promptId = id;
    this.form.hidden = !prompt;
    this.node.classList.toggle("rings", Boolean(prompt));
    this.pin.value = "";
    setText(this.part(".prompt .problem"), "");
    if (prompt) {
      setText(this.part(".text"), prompt.text);
      announce(`M-Pesa request on ${local(this.number)}. ${prompt.text}`);
      byId("handsets").prepend(this.node);
      if (document.activeElement === document.body) this.pin.focus({ preventScroll: true });
    } else if (hadFocus) {
      this.node.focus({ preventScroll: true });
    }
  }
}

function messageNode(message) {
  const item = document.createElement("li");
  const time = document.createElement("time");
  time.dateTime = message.at;
  time.textContent = timeOf(message.at);
  const text = document.createElement("p");
  text.textContent = message.text;
  item.append(time, text);
  return item;
}

function handsetOf(number) {
  let handset = handsets.get(number);
  if (!handset) {
    handset = new Handset(number);
    handsets.set(number, handset);
    byId("handsets").append(handset.node);
  }
  return handset;
}

async function refresh() {
  try {
    const [phones, prompts] = await Promise.all([ask("GET", "/phones"), ask("GET", "/prompts")]);
    for (const phone of phones) handsetOf(phone.phone_number).showPhone(phone);
    const open = new Map(prompts.map((prompt) => [prompt.phone_number, prompt]));
    for (const [number, handset] of handsets) handset.showPrompt(open.get(number));
    byId("empty").hidden = handsets.size > 0;
    byId("offline").hidden = true;
    document.title = prompts.length ? `(${prompts.length}) M-Pesa simulator` : "M-Pesa simulator";
  } catch {
    byId("offline").hidden = false;
  }
  const now = timeOf(Date.now());
  for (const handset of handsets.values()) setText(handset.part(".clock"), now);
}

byId("open").addEventListener("submit", async (event) => {
  event.preventDefault();
  setText(byId("open-problem"), "");
  try {
    const phone = await ask("GET", `/phones/${encodeURIComponent(byId("number").value)}`);
    const handset = handsetOf(phone.phone_number);
    handset.showPhone(phone);
    byId("empty").hidden = true;
    byId("handsets").prepend(handset.node);
    byId("number").value = "";
    handset.node.scrollIntoView({ block: "nearest" });
  } catch (error) {
    setText(byId("open-problem"), error.message);
  }
});

(async function poll() {
  if (document.visibilityState === "visible") await refresh();
  setTimeout(poll, PERIOD_MILLIS);
})();
document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && refresh());
