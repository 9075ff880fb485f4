// Draws the timeline of what the app and the simulator said to each other. It asks every second for changes,
// and keeps the nodes that are there, so that an opened exchange stays open.
"use strict";

const PERIOD_MILLIS = 1000;
const EXCHANGES_MAX = 200;
const KINDS = {
  push: "STK push", query: "STK query", token: "Token", register: "C2B address", callback: "Callback", confirmation: "C2B confirm",
};

const byId = (id) => document.getElementById(id);
const exchanges = new Map();
let version = 0;
let isPaused = false;

const local = (number) => `0${number.slice(3, 6)} ${number.slice(6, 9)} ${number.slice(9)}`;
const timeOf = (at) => new Date(at).toLocaleTimeString("en-GB", { timeZone: "Africa/Nairobi" });

/** The digits of a number as Safaricom writes it, so that 0712… finds 254712…. */
function digitsOf(text) {
  const digits = text.replace(/\D/g, "");
  return digits.startsWith("0") ? digits.slice(1) : digits;
}

function pretty(body) {
  if (!body) return "(empty)";
  try {
    return JSON.stringify(JSON.parse(body), null, 2);
  } catch {
    return body;
  }
}

function pathOf(url) {
  try {
    const { pathname, search } = new URL(url);
    return decodeURI(pathname) + search;
  } catch {
    return url;
  }
}

/** The address as it reads, not as a browser would encode it. */
const shown = (url) => url.replace(/%E2%80%A6/gi, "…");

/** One exchange on the page. */
class Row {
  constructor() {
    this.node = byId("exchange").content.firstElementChild.cloneNode(true);
    this.part = (selector) => this.node.querySelector(selector);
    this.part(".copy").addEventListener("click", () => this.copy());
  }

  show(exchange) {
    this.exchange = exchange;
    const isOpen = exchange.status === null && exchange.remark === null;
    const isBad = !isOpen && (exchange.status === null || exchange.status >= 400);
    this.node.classList.toggle("is-outgoing", exchange.is_outgoing);
    this.node.classList.toggle("is-bad", isBad);
    this.node.classList.toggle("is-open", isOpen);
    this.write(".way", exchange.is_outgoing ? "←" : "→");
    this.part(".way").title = exchange.is_outgoing ? "Safaricom to the app" : "The app to Safaricom";
    this.write(".kind", KINDS[exchange.kind] || exchange.kind);
    this.write(".status", isOpen ? "waits" : String(exchange.status ?? "lost"));
    this.write(".phone", exchange.phone_number ? local(exchange.phone_number) : "");
    this.write(".path", pathOf(exchange.url));
    this.write(".latency", exchange.millis === null ? "" : `${exchange.millis} ms`);
    this.write("time", timeOf(exchange.at));
    this.part("time").dateTime = exchange.at;
    this.write(".asked", `${exchange.method} ${shown(exchange.url)}`);
    this.write(".request", pretty(exchange.request));
    this.write(".answered", exchange.remark ? `No answer: ${exchange.remark}` : isOpen ? "No answer yet" : `Answer: HTTP ${exchange.status}`);
    this.write(".answer", pretty(exchange.answer));
    this.filter();
  }

  write(selector, text) {
    const node = this.part(selector);
    if (node.textContent !== text) node.textContent = text;
  }

  filter() {
    const wanted = digitsOf(byId("phone").value);
    this.node.hidden = wanted !== "" && !(this.exchange.phone_number || "").includes(wanted);
  }

  async copy() {
    try {
      await navigator.clipboard.writeText(this.exchange.curl);
      this.write(".copied", "Copied. Put your own token for “…”.");
    } catch {
      this.write(".copied", this.exchange.curl);
    }
  }
}

function showCount() {
  const visible = [...exchanges.values()].filter((row) => !row.node.hidden).length;
  byId("empty").hidden = visible > 0;
  byId("empty").textContent = exchanges.size ? "Nothing was said with this phone." : "Nothing was said yet. Start a payment, and it appears here.";
}

async function refresh() {
  try {
    const answer = await fetch(`/inspector/exchanges?since=${version}`, { cache: "no-store" });
    const news = await answer.json();
    if (news.version < version) {
      // The simulator was started again.
      version = 0;
      exchanges.clear();
      byId("timeline").replaceChildren();
      return;
    }
    version = news.version;
    for (const exchange of news.exchanges) {
      let row = exchanges.get(exchange.id);
      if (!row) {
        row = new Row();
        exchanges.set(exchange.id, row);
        byId("timeline").prepend(row.node);
      }
      row.show(exchange);
    }
    for (const [id, row] of exchanges) {
      if (exchanges.size <= EXCHANGES_MAX) break;
      row.node.remove();
      exchanges.delete(id);
    }
    byId("offline").hidden = true;
    showCount();
  } catch {
    byId("offline").hidden = false;
  }
}

byId("filter").addEventListener("submit", (event) => event.preventDefault());
byId("phone").addEventListener("input", () => {
  for (const row of exchanges.values()) row.filter();
  showCount();
});
byId("pause").addEventListener("click", () => {
  isPaused = !isPaused;
  byId("pause").setAttribute("aria-pressed", String(isPaused));
  byId("pause").textContent = isPaused ? "Go on" : "Pause";
  byId("news").textContent = isPaused ? "Paused." : "Live.";
});

(async function poll() {
  if (document.visibilityState === "visible" && !isPaused) await refresh();
  setTimeout(poll, PERIOD_MILLIS);
})();
document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && !isPaused && refresh());
