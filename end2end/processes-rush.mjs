// Many people pay, and their money is checked in the end. The caller decides what happens to the servers
// meanwhile.
import path from "node:path";
import { writeFileSync } from "node:fs";
import { checkBeforeImport, checkLedger, checkPages, checkPayments, describe, lateBySource, readStatement, unsettled } from "./processes-check.mjs";
import { eachOf, sleep } from "./processes-parts.mjs";
import { onSale, signIn } from "./server.mjs";

const WORKERS = 16;
const BUYERS = 50;
const DEMO_TIPS = 20;
const TIPSTERS = ["0712000002", "0712000003", "0712000004", "0712000006", "0712000007", "0712000008"];
/** One press may have to wait for the first press's push, and for a database that is away. */
const PRESS_TIMEOUT_MILLIS = 30_000;
const PRESSES_MOST = 200;
/** A little longer than the schedule of queries up to five minutes. */
const SETTLES_WITHIN_MILLIS = 360_000;
const SEND_AGAIN_MILLIS = 181_000;
const RUSH_WITHIN_MILLIS = 900_000;
const GOES_ON_WITHIN_MILLIS = 60_000;
/** The demo's operator, whom these commands name; they give no password, so it is the shell's word. */
const OPERATOR = "0712000009";

export class Rush {
  /** `site` has a `url`, a `folder`, a `log()`, and `command` and `json` to run commands of the program. At
   *  most `rate` people press in a second, and the last `spare` orders are left to the caller. With
   *  `isQuick` the run ends as soon as what was paid is settled: nobody waits three minutes to press "send
   *  again". */
  constructor(site, simulator, { payments, rate = Infinity, spare = 0, isQuick, wrong, say }) {
    Object.assign(this, { site, simulator, payments, rate, isQuick, wrong, say });
    this.spareCount = spare;
    this.tips = Math.ceil(payments / BUYERS);
    this.buyers = Math.min(BUYERS, payments);
    this.presses = 0;
    this.broken = 0;
    this.pressed = 0;
    this.isOver = false;
    this.answers = {};
  }

  /** Fills the database's market, before any server runs. */
  async fill() {
    await this.site.command("migrate");
    await this.site.command("seed", "--tips", String(Math.max(0, this.tips - DEMO_TIPS)), "--buyers", String(this.buyers));
  }

  /** Decides who will pay for what. */
  async prepare() {
    const { site, payments, buyers, tips } = this;
    await site.command("payments", "register-c2b", "--by", OPERATOR);
    const phones = Array.from({ length: buyers }, (_, at) => `0722${String(at).padStart(6, "0")}`);
    const people = await eachOf(phones, 2, async (phone) => ({ phone, cookie: await signIn(site.url, phone) }));
    this.tipsters = await eachOf(TIPSTERS, 1, async (phone) => ({ phone, cookie: await signIn(site.url, phone) }));
    const numbers = (await onSale(site.url, tips)).slice(0, tips).map(Number);
    this.orders = Array.from({ length: payments }, (_, at) => ({
      buyer: people[at % buyers],
      tip: numbers[Math.floor(at / buyers)],
      phone: `0110${String(at).padStart(6, "0")}`,
    }));
    this.codes = new Map();
    for (const tip of numbers) this.codes.set(tip, (await site.json("tips", "show", String(tip))).bet_code);
    this.say(`${payments} payments of ${buyers} buyers for ${tips} tips, ${WORKERS} at a time`);
  }

  /** Lets all people press, until each has an answer. */
  async run() {
    const limit = setTimeout(() => {
      this.isTooLate = true;
      this.wrong.add("the rush takes too long", `${this.pressed} of ${this.payments}`);
    }, RUSH_WITHIN_MILLIS);
    const began = Date.now();
    await eachOf(this.orders.slice(0, this.payments - this.spareCount), WORKERS, async (order, at) => {
      await sleep(Math.max(0, began + (1_000 * at) / this.rate - Date.now()));
      await this.pay(order, false);
      this.pressed++;
    }).finally(() => (this.isOver = true));
    clearTimeout(limit);
  }

  get spare() {
    return this.orders.slice(this.payments - this.spareCount);
  }

  /** Waits until so many people have pressed, or all. */
  async reaches(count) {
    while (this.pressed < count && !this.isOver) await sleep(5);
  }

  /** Checks that after a failure somebody can soon pay again without help. */
  async goesOn(after) {
    const since = Date.now();
    const done = this.pressed;
    while (this.pressed === done && !this.isOver && Date.now() - since < GOES_ON_WITHIN_MILLIS) await sleep(20);
    if (this.pressed === done && !this.isOver) this.wrong.add(`no payment in the minute after ${after}`, this.site.log().slice(-500));
    this.say(`the first payment after ${after}: ${((Date.now() - since) / 1000).toFixed(1)} s`);
  }

  /** Presses the button once. Resolves with the status, or 0 if the connection broke. */
  async press(order, sendAgain = false, url = this.site.url) {
    this.presses++;
    try {
      const answer = await fetch(`${url}/payments/api/initiate-tip-payment/`, {
        method: "POST",
        headers: { "content-type": "application/json", cookie: order.buyer.cookie },
        body: JSON.stringify({ tip_id: order.tip, phone_number: order.phone, ...(sendAgain ? { send_again: true } : {}) }),
        signal: AbortSignal.timeout(PRESS_TIMEOUT_MILLIS),
      });
      const text = await answer.text();
      this.answers[answer.status] = (this.answers[answer.status] ?? 0) + 1;
      return { status: answer.status, text };
    } catch {
      this.broken++;
      return { status: 0, text: "" };
    }
  }

  /** Presses until there is an answer, as a person would. */
  async pay(order, sendAgain) {
    for (let tries = 0; tries < PRESSES_MOST && !this.isTooLate; tries++) {
      const { status, text } = await this.press(order, sendAgain);
      if (status === 200 || status === 202 || (status === 409 && text.includes("bought this tip already"))) return;
      // 0: the server is away. 500 and 503: it has no database. 502: the push certainly did not leave, or a
      // proxy found no server.
      if (![0, 500, 502, 503].includes(status)) {
        return this.wrong.add("an answer that nobody expected", `${order.phone} tip ${order.tip}: ${status} ${text}`);
      }
      await sleep(200 + 300 * Math.random());
    }
    this.wrong.add("no answer", `${order.phone} tip ${order.tip}`);
  }

  list() {
    return this.site.json("payments", "list", "--limit", "10000");
  }

  /** Waits until the engine has settled what was paid, except what it cannot know without the statement. */
  async settle() {
    const until = Date.now() + SETTLES_WITHIN_MILLIS;
    for (;;) {
      const ringing = await this.simulator.openPrompts();
      const statement = readStatement(await this.simulator.statementCsv());
      const list = await this.list();
      const ids = new Set(list.filter((payment) => payment.checkout_request_id).map((payment) => payment.account_reference));
      const hopeful = unsettled(statement, list).filter((line) => ids.has(line.reference));
      if ((ringing === 0 && hopeful.length === 0) || Date.now() > until) return { statement, list };
      await sleep(2_000);
    }
  }

  /** People who never got a prompt press again when that is allowed. */
  async sendAgain() {
    const { statement, list } = await this.settle();
    const paid = new Set(statement.map((line) => line.reference));
    const never = list.filter((payment) => payment.status !== "completed" && !paid.has(payment.account_reference));
    if (never.length === 0) return 0;
    const ready = Math.max(...never.map((payment) => Date.parse(payment.created_at))) + SEND_AGAIN_MILLIS;
    this.say(`${never.length} prompts never reached a phone: their buyers press again in ${Math.max(0, Math.ceil((ready - Date.now()) / 1000))} s`);
    await sleep(Math.max(0, ready - Date.now()));
    const byPhone = new Map(this.orders.map((order) => [order.phone.replace(/^0/, "254"), order]));
    await eachOf(never, WORKERS, (payment) => this.pay(byPhone.get(payment.phone_number.replace(/^\+/, "")), true));
    return never.length;
  }

  /** Settles, checks every shilling, and prints the findings after the caller's own `rows`. */
  async finish(rows) {
    const { site, simulator, orders, wrong } = this;
    const again = this.isQuick ? 0 : await this.sendAgain();
    await sleep(500);
    const { statement, list } = await this.settle();
    this.say(`${statement.length} were charged, ${statement.length - unsettled(statement, list).length} of them are settled`);
    checkBeforeImport(statement, list, wrong);
    const late = await lateBySource(site, list);

    const file = path.join(site.folder, "statement.csv");
    writeFileSync(file, await simulator.statementCsv());
    await site.command("payments", "import", file, "--by", OPERATOR);
    const end = await this.list();
    checkPayments(statement, end, orders, wrong);
    await checkPages(site, orders, this.codes, wrong);
    const shares = await checkLedger(site, end, this.tipsters, wrong);
    if (!this.isQuick) {
      for (const order of orders.filter((order) => !order.isUnlocked)) wrong.add("not unlocked in the end", `${order.buyer.phone} tip ${order.tip}`);
    }
    this.checkLogs();
    await this.print(rows, { again, statement, list, late, end, shares });
  }

  checkLogs() {
    const log = this.site.log();
    if (log.includes("panicked")) this.wrong.add("a panic", log.match(/.*panicked.*/)[0]);
    // If a running server cannot take a body, it answers Safaricom with 503 and never with anything else.
    for (const line of this.simulator.log().split("\n")) {
      const status = line.match(/was not taken.*status=(\d{3})/)?.[1];
      if (status && status !== "503") this.wrong.add("a callback was answered with something else than 200 and 503", line);
    }
  }

  async print(own, { again, statement, list, late, end, shares }) {
    const of = (outcome) => end.filter((payment) => payment.outcome === outcome).length;
    const paid = new Set(statement.map((line) => line.reference));
    const byStatement = unsettled(statement, list);
    const withoutReceipt = list.filter((payment) => payment.status === "completed" && !payment.mpesa_receipt_number).length;
    const sources = Object.entries(late.counts).map(([source, count]) => `${count} by ${source}`);
    const stats = await this.simulator.stats();
    const rows = [
      ["payments", `${end.length} of ${this.payments} buyers and tips, ${this.presses} presses, ${this.broken} broken off`],
      ["answers", Object.entries(this.answers).map(([status, count]) => `${status}: ${count}`).join(", ")],
      ...own,
      ["callbacks", `${stats.callbacks_sent} sent, ${stats.callbacks_answered_200} taken; confirmations ${stats.confirmations_sent} and ${stats.confirmations_answered_200}`],
      ["unlocked", of("unlocked")],
      ["owed", of("owed")],
      ["never charged", `${end.filter((payment) => !paid.has(payment.account_reference)).length}${again ? `; ${again} buyers pressed again` : ""}`],
      ["settled late", `${late.count}${sources.length ? `: ${sources.join(", ")}` : ""}`],
      ["by the statement", `${byStatement.length} (push answer, callback and confirmation all lost), ${withoutReceipt} receipts filled in`],
      ["tipsters' shares", `KES ${(shares / 100).toFixed(2)}`],
    ];
    for (const [name, value] of rows) console.log(`${name.padEnd(22)}${value}`);
    const known = new Map(list.map((payment) => [payment.account_reference, payment]));
    for (const line of byStatement.slice(0, 5)) console.log(`  by the statement: ${line.receipt} ${describe(known.get(line.reference))}`);
  }
}
