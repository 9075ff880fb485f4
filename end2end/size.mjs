// How many bytes every page has on its way to a browser, as the server sends it (brotli), against the limits,
// and what a browser loads for a tip page on a first and on a second visit.
import { readFileSync } from "node:fs";
import http from "node:http";
import { brotliDecompressSync } from "node:zlib";
import { visits } from "./size-browser.mjs";
import { cookieOf, onSale, registerBuyer, Server, signIn } from "./server.mjs";

const KIB = 1024;
const PAGE_LIMIT = 14 * KIB;
const WASM_LIMIT = 50 * KIB;
const SCRIPT_LIMIT = 8 * KIB;
const LANGUAGES = ["en", "sw"];
const YEAR = "public, max-age=31536000, immutable";
/** Only these pages have something for a script to do. */
const HAS_ISLAND = /^(a tip before payment|a tip while the phone rings|a tip, bought|a tip of one's own|a payment while the phone rings|bought tips)$/;

let isWrong = false;
const complain = (text) => {
  isWrong = true;
  console.log(`WRONG: ${text}`);
};
const row = (...cells) => console.log(cells.map((cell, at) => (at === 0 ? String(cell).padEnd(36) : String(cell).padStart(at === 6 ? 26 : 9))).join(""));

/** The bytes of the body on the wire, and its text. */
function load(url, headers = {}) {
  return new Promise((resolve, reject) => {
    const request = http.get(url, { headers: { "accept-encoding": "br", accept: "text/html", ...headers } }, (answer) => {
      const chunks = [];
      answer.on("data", (chunk) => chunks.push(chunk)).on("end", () => {
        const wire = Buffer.concat(chunks);
        const body = answer.headers["content-encoding"] === "br" ? brotliDecompressSync(wire) : wire;
        resolve({ status: answer.statusCode, headers: answer.headers, bytes: wire.length, text: body.toString() });
      });
    });
    request.on("error", reject);
  });
}

/** Posts to a route of the site. Resolves with the JSON, or with the address to which the answer leads. */
async function post(url, cookie, address, json) {
  const headers = { cookie, ...(json ? { "content-type": "application/json" } : {}) };
  const answer = await fetch(url + address, { method: "POST", headers, body: json ? JSON.stringify(json) : undefined, redirect: "manual" });
  if (answer.status === 303) return answer.headers.get("location");
  if (!answer.ok) throw new Error(`${address} was answered with ${answer.status}: ${await answer.text()}`);
  return answer.json();
}

/** Files that pages share are weighed once. */
const files = new Map();
async function file(url, address) {
  if (!files.has(address)) {
    const found = await load(url + address);
    if (found.status !== 200) throw new Error(`${address} was answered with ${found.status}`);
    if (address.startsWith("/pkg/") && (found.headers["cache-control"] !== YEAR || found.headers["content-encoding"] !== "br")) {
      complain(`${address} is not kept for a year, or is not compressed: ${JSON.stringify(found.headers)}`);
    }
    files.set(address, found);
  }
  return files.get(address);
}

/** Weighs a page in its longer language. */
async function weigh(url, name, address, cookie) {
  const pages = await Promise.all(LANGUAGES.map((language) => load(url + address, { cookie: `${cookie}; language=${language}` })));
  const page = pages.reduce((a, b) => (a.bytes > b.bytes ? a : b));
  if (page.status !== 200) throw new Error(`${address} (${name}) was answered with ${page.status}`);
  const named = async (pattern) => {
    const addresses = new Set([...page.text.matchAll(pattern)].map(([, address]) => address));
    const found = await Promise.all([...addresses].map((address) => file(url, address)));
    return found.reduce((sum, { bytes }) => sum + bytes, 0);
  };
  const [css, wasm, scripts] = await Promise.all(["css", "wasm", "js"].map((kind) => named(new RegExp(`(/pkg/[\\w.-]+\\.${kind})\\b`, "g"))));
  const parts = { html: page.bytes, css, wasm, scripts };
  const faults = [];
  if (css === 0) faults.push("no style");
  if (parts.html + css > PAGE_LIMIT) faults.push("page");
  if (wasm > WASM_LIMIT) faults.push("WebAssembly");
  if (scripts > SCRIPT_LIMIT) faults.push("JavaScript");
  if (HAS_ISLAND.test(name) !== wasm > 0) faults.push(wasm > 0 ? "scripts for nothing" : "no scripts");
  if (faults.length) isWrong = true;
  row(name, parts.html, css, parts.html + css, wasm || "–", scripts || "–", faults.length ? `WRONG: ${faults.join(", ")}` : "ok");
}

/** Every page, as the people for whom it is made see it. */
async function listPages(server) {
  const { url, simulatorUrl } = server;
  const [tip, ringing] = await onSale(url, 2);
  const handle = (await load(`${url}/leaderboard`)).text.match(/\/tipsters\/[\w-]+/)[0];
  // The desk sees the picks of a tip when its matches are over.
  const [, settled] = (await load(url + handle)).text.split('class="card settled"')[1].match(/\/tips\/(\d+)/);
  const buyer = await registerBuyer(url, simulatorUrl);
  const tipster = await signIn(url, "0712000002");
  const operator = await signIn(url, "0712000009");
  const visitor = "";
  const forVisitors = ["/", "/tips", `/tips/${tip}`, handle, "/leaderboard", "/sign-in", "/register", "/reset", "/help", "/about", "/terms", "/privacy"];
  const draft = await post(url, tipster, "/api/selling/drafts");
  const code = await codePage(url);
  const pay = async (number, phone, answer) => {
    const started = await post(url, buyer, "/payments/api/initiate-tip-payment/", { tip_id: Number(number), phone_number: phone });
    const prompt = `${simulatorUrl}/prompts/${started.checkout_request_id}`;
    if (answer) await fetch(prompt, { method: "POST", body: JSON.stringify({ answer }) });
    return started.payment_id;
  };
  const until = async (payment, status) => {
    for (let tries = 0; tries < 100; tries++) {
      const answer = await load(`${url}/payments/api/status/${payment}/`, { cookie: buyer });
      if (JSON.parse(answer.text).status === status) return;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    throw new Error(`the payment is not ${status}`);
  };
  return [
    ...forVisitors.map((address) => [`visitor: ${address}`, () => address, visitor]),
    ["a code to enter", () => code.address, code.cookie],
    ["a tip before payment", () => `/tips/${tip}`, buyer],
    ["a payment while the phone rings", async () => `/payments/${await pay(ringing, "0790000001")}`, buyer],
    ["a tip while the phone rings", () => `/tips/${ringing}`, buyer],
    ["a tip, bought", async () => (await until(await pay(tip, "0790000002", "pay"), "completed"), `/tips/${tip}`), buyer],
    ["bought tips", () => "/purchases", buyer],
    ["a receipt", async () => (await load(`${url}/purchases`, { cookie: buyer })).text.match(/\/purchases\/[\w-]+\/receipt/)[0], buyer],
    ...["/account", "/account/limits", "/notices", "/following"].map((address) => [`buyer: ${address}`, () => address, buyer]),
    ["a tip of one's own", async () => (await load(`${url}/my-tips`, { cookie: tipster })).text.match(/\/tips\/\d+/)[0], tipster],
    ...["/my-tips", draft, `${draft}/check`, "/wallet"].map((address) => [`tipster: ${address.replace(/[\da-f-]{36}/, "…")}`, () => address, tipster]),
    ...["/desk/tips", "/desk/results", `/desk/results/${settled}`].map((address) => [`desk: ${address}`, () => address, operator]),
  ];
}

/** Joins, and resolves with the address at which the code is asked for, and the cookie of the browser. */
async function codePage(url) {
  const form = { phone_number: "0791000001", display_name: "A Buyer", birth_date: "1990-05-01", buyer: "true" };
  const answer = await fetch(`${url}/api/accounts/register`, { method: "POST", body: new URLSearchParams(form), redirect: "manual" });
  return { address: answer.headers.get("location"), cookie: cookieOf(answer) };
}

/** The pages of the router, each of which must have been weighed. */
function checkThatAllAreWeighed(addresses) {
  const routes = readFileSync(new URL("../src/app/site.rs", import.meta.url), "utf8").matchAll(/path!\("([^"]+)"\)/g);
  for (const [, route] of routes) {
    // This page only leads on to the first page of the desk.
    if (route === "/desk") continue;
    const pattern = new RegExp(`^${route.replaceAll(/:\w+/g, "[^/]+")}$`);
    if (!addresses.some((address) => pattern.test(address))) complain(`the page ${route} is not weighed`);
  }
}

/** Icons are kept for a day, and then the browser asks about their tag. */
async function checkIcons(url) {
  const icon = await load(`${url}/favicon.svg`);
  const { etag, "cache-control": kept } = icon.headers;
  const again = await load(`${url}/favicon.svg`, { "if-none-match": etag ?? "" });
  if (kept !== "public, max-age=86400" || again.status !== 304) complain(`an icon is not kept: ${kept}, ${etag}, ${again.status}`);
}

const server = await Server.start();
try {
  row("page, bytes in brotli", "HTML", "CSS", "together", "wasm", "JS", "");
  const pages = await listPages(server);
  const addresses = [];
  for (const [name, address, cookie] of pages) {
    addresses.push(await address());
    await weigh(server.url, name, addresses.at(-1), cookie);
  }
  row("limit", "", "", PAGE_LIMIT, WASM_LIMIT, SCRIPT_LIMIT, "");
  checkThatAllAreWeighed(addresses);
  await checkIcons(server.url);
  const buyer = await registerBuyer(server.url, server.simulatorUrl);
  const [tip] = await onSale(server.url);
  for (const fault of await visits(server.url, `/tips/${tip}`, buyer)) complain(fault);
} finally {
  await server.stop();
}
process.exit(isWrong ? 1 : 0);
