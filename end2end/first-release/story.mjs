// What happens in the market on each of its days.
import { sleep } from "../processes-parts.mjs";
import { KINDS } from "./kinds.mjs";
import { Sale, UNKNOWN, LOST, USUAL } from "./money.mjs";

const SECONDS_OF_HOUR = 3_600;
const MATCH_LASTS = 2 * SECONDS_OF_HOUR;
/** Payments of the last hour, which nobody has answered yet. */
const LEFT_OPEN = 13;
const LEFT_WAITING = 4;
/** Tips kept unsold while a day's payments are dealt. */
const WITHDRAWN_AT_ONCE = 2;

/** Letters and digits that no receipt of the simulator has at this place. */
let receipts = 0;
export const receipt = () => `QZ${String(receipts++).padStart(8, "0")}`;

const turns = new Map();

export class Day {
  constructor(market, number, roll, isComplete) {
    Object.assign(this, { market, number, roll, isComplete, receipt });
    this.later = { morning: [], again: [], soon: [], night: [] };
    /** Lines of the next statement. */
    this.listed = [];
  }

  /** The next of these, in turn over all days. */
  turn(name, choices) {
    const count = turns.get(this.market)?.[name] ?? 0;
    turns.set(this.market, { ...turns.get(this.market), [name]: count + 1 });
    return choices[count % choices.length];
  }

  /** Deals the buyers, who have one phone each, and the tips. */
  async deal() {
    this.tips = await this.market.onSale();
    this.free = [...this.market.buyers].sort(() => this.roll() - 0.5);
    this.untouched = this.tips.filter((tip) => tip.payments === 0 && tip.closesAt > this.market.clock.seconds() + 3 * SECONDS_OF_HOUR);
    this.isReserved = new Set();
    // What is withdrawn must not be sold before.
    for (const tip of this.untouched.slice(-WITHDRAWN_AT_ONCE)) this.isReserved.add(tip.id);
  }

  /** Who has paid nothing today, and never anything for this tip. */
  buyer(tip) {
    const at = this.free.findLastIndex((buyer) => !buyer.tried.has(tip?.id));
    if (at < 0) throw new Error("there are too few buyers for a day");
    return this.free.splice(at, 1)[0];
  }

  unsold() {
    const tip = this.untouched.pop();
    if (!tip) throw new Error("no tip is unsold");
    return tip;
  }

  withdraw(tip) {
    return this.market.form(this.market.tipsters.get(tip.tipster), `/api/selling/tips/${tip.id}/withdraw`);
  }

  closingSoonest() {
    return this.tips.find((tip) => !this.isReserved.has(tip.id));
  }

  /** A tip that this buyer has never paid for and that stays on sale for some hours. */
  tipFor(buyer) {
    const until = this.market.clock.seconds() + SECONDS_OF_HOUR;
    const fits = this.tips.filter((tip) => tip.closesAt > until && !buyer.tried.has(tip.id) && !this.isReserved.has(tip.id));
    if (fits.length === 0) throw new Error(`${buyer.phone} has tried every tip`);
    return fits[Math.floor(this.roll() * fits.length)];
  }

  start(faults, options) {
    const buyer = this.buyer();
    return Sale.start(this.market, buyer, this.tipFor(buyer), faults, options);
  }

  async pay(faults = USUAL) {
    return (await this.start(faults)).answer("pay");
  }

  async doLater(when) {
    for (const work of this.later[when]) await work();
    await this.market.importLines(this.listed.splice(0));
    // Callbacks are on their way.
    await sleep(300);
  }

  /** So many payments of each kind. */
  async sell(counts) {
    await this.deal();
    await this.market.forgetPlans();
    for (const [kind, count] of Object.entries(counts)) {
      for (let at = 0; at < count; at++) {
        await KINDS[kind](this).catch((error) => {
          throw new Error(`day ${this.number}, ${kind}: ${error.message}`, { cause: error });
        });
      }
    }
    await this.doLater("morning");
  }

  /** The desk says what became of the matches that are over: now and then all of a tip were called off. */
  async settleMatches() {
    const { database, clock } = this.market;
    const sql = `SELECT m.tip_id, m.position FROM tip_matches m JOIN tips t ON t.id = m.tip_id
      WHERE t.status = 'active' AND m.result IS NULL AND ${database.epoch("m.kick_off_at")} < ${clock.seconds() - MATCH_LASTS}
      ORDER BY 1, 2`;
    for (const [tip, position] of await database.rows(sql)) {
      const result = Number(tip) % 6 === 0 ? "void" : this.roll() < 0.45 ? "won" : "lost";
      const fields = { was: "", result, score: result === "void" ? "" : "2-1", reason: "Final whistle" };
      await this.market.form(this.market.operator, `/api/desk/results/${tip}/${position}`, fields);
    }
  }

  /** Half of what is owed is sent back, and some of what is in doubt is looked at, if it has ended. */
  async deskWork() {
    const { market } = this;
    const { database } = market;
    const owed = await database.rows(`SELECT ${database.id("payment_id")} FROM debts WHERE status = 'owed' ORDER BY payment_id`);
    for (const [payment] of owed.filter(() => this.roll() < 0.25)) {
      await market.command("payments", "refunded", payment, "--receipt", receipt(), "--by", "Halima");
    }
    const doubtful = await database.rows(`SELECT ${database.id("id")} FROM payments
      WHERE review_reason IS NOT NULL AND status <> 'pending' ORDER BY id`);
    for (const [payment] of doubtful.filter(() => this.roll() < 0.1)) {
      await market.command("payments", "clear-review", payment, "--by", "Halima", "--reason", "the payer was called");
    }
  }

  /** What the last day leaves as it is: phones that ring, and requests of which nothing is known. */
  async leaveOpen() {
    await this.deal();
    for (let at = 0; at < LEFT_OPEN; at++) {
      await this.start();
      await (await this.start({ ...UNKNOWN, ...LOST })).answer("ignore");
    }
  }
  /** Callbacks of which a server that trusts none of them alone waits for the answer to its question. */
  async leaveWaiting() {
    for (let at = 0; at < LEFT_WAITING; at++) await this.pay();
    await sleep(500);
  }
}
