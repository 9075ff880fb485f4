// Measures how soon an open page says "Paid" after the payment was settled, in Chromium: with the event
// stream, and by asking alone.
import { chromium } from "@playwright/test";
import { existsSync } from "node:fs";
import { Server, onSale, registerBuyer } from "./server.mjs";

const ROUNDS = 10;
/** The number of pages that are open at the same time, each of another buyer. */
const PAGES = 4;
const P95_MILLIS_MOST = 1_000;
/** A page without the stream asks every five seconds; this is a little longer. */
const ASKING_MILLIS_MOST = 6_500;

const paths = [process.env.CHROMIUM, "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
const options = {
  executablePath: paths.find((path) => path && existsSync(path)),
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
};

/** Opens a page of a new buyer that waits for the payment of a tip. */
async function openPage(browser, server, tip, isStreaming) {
  const cookie = await registerBuyer(server.url, server.simulatorUrl);
  const context = await browser.newContext({ baseURL: server.url });
  await context.addCookies(cookie.split("; ").map((pair) => ({ name: pair.split("=")[0], value: pair.split("=")[1], url: server.url })));
  const page = await context.newPage();
  if (!isStreaming) await page.route(/\/api\/payments\/events/, (route) => route.abort());
  await page.goto(`/tips/${tip}`);
  await page.waitForFunction(() => {
    const panel = document.querySelector("[data-pay]");
    return panel && !panel.dispatchEvent(new Event("submit", { cancelable: true }));
  });
  await page.getByRole("button", { name: /^Pay KES / }).click();
  await page.waitForSelector("[data-payment-id][data-waiting=true]");
  return { context, page, id: await page.getAttribute("[data-pay]", "data-payment-id") };
}

/** Resolves with the moment at which the page says so, by the clock that the server has too. */
const says = (page) =>
  page.evaluate(() => {
    const isPaid = () => document.querySelector("[data-pay]")?.dataset.state === "paid";
    return new Promise((resolve) => {
      const look = () => isPaid() && resolve(Date.now());
      new MutationObserver(look).observe(document.body, { subtree: true, attributes: true, childList: true });
      look();
    });
  });

async function pay(server, id, cookies) {
  const cookie = cookies.map(({ name, value }) => `${name}=${value}`).join("; ");
  const status = async () => (await fetch(`${server.url}/payments/api/status/${id}/`, { headers: { cookie } })).json();
  const { checkout_request_id: checkout } = await status();
  const answer = await fetch(`${server.simulatorUrl}/prompts/${encodeURIComponent(checkout)}`, { method: "POST", body: JSON.stringify({ answer: "pay" }) });
  if (!answer.ok) throw new Error(`the phone was answered with ${answer.status}: ${await answer.text()}`);
  return async () => Date.parse((await status()).completed_at);
}

async function measure(browser, server, tips, rounds, isStreaming) {
  const delays = [];
  for (let round = 0; round < rounds; round++) {
    const open = (_, number) => openPage(browser, server, tips[(round * PAGES + number) % tips.length], isStreaming);
    const pages = await Promise.all(Array.from({ length: PAGES }, open));
    await Promise.all(
      pages.map(async ({ context, page, id }) => {
        const said = says(page);
        const completedAt = await pay(server, id, await context.cookies());
        const at = await said;
        delays.push(at - (await completedAt()));
        await context.close();
      }),
    );
  }
  return delays.sort((a, b) => a - b);
}

const server = await Server.start();
const browser = await chromium.launch(options);
let failed = false;
try {
  const tips = await onSale(server.url, PAGES);
  for (const [what, rounds, isStreaming, most] of [
    ["With the stream", ROUNDS, true, P95_MILLIS_MOST],
    ["By asking alone", 2, false, ASKING_MILLIS_MOST],
  ]) {
    const delays = await measure(browser, server, tips, rounds, isStreaming);
    const at = (share) => delays[Math.min(delays.length - 1, Math.floor(share * delays.length))];
    const isGood = at(0.95) <= most;
    failed ||= !isGood;
    const figures = `p50 ${at(0.5)} ms, p95 ${at(0.95)} ms, most ${delays.at(-1)} ms`;
    console.log(`${what.padEnd(18)}${figures}   of ${delays.length} payments, p95 at most ${most} ms${isGood ? "" : "  MISSED"}`);
  }
} finally {
  await browser.close();
  await server.stop();
}
process.exit(failed ? 1 : 0);
