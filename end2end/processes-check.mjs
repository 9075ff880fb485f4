// Compares the simulator's statement with our books. What the statement says came in is the truth.
import { eachOf } from "./processes-parts.mjs";

/** A payment that is settled later than this after its push counts as late. */
const LATE_MILLIS = 5_000;
const SHOWN_MOST = 20;

/** Reads the lines of the statement: receipt, cents, reference. */
export function readStatement(csv) {
  const [head, ...lines] = csv.split("\r\n").filter(Boolean).map(cells);
  const [receipt, paidIn, reference] = ["Receipt No.", "Paid In", "A/C No."].map((name) => head.indexOf(name));
  return lines.map((line) => ({ receipt: line[receipt], cents: cents(line[paidIn]), reference: line[reference] }));
}

function cells(line) {
  return [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(([, quoted, bare]) => quoted?.replaceAll('""', '"') ?? bare);
}

/** Reads `"1,250.00"` or `KES 1,250` as cents. */
export function cents(text) {
  return Math.round(Number(text.replace(/[^\d.]/g, "")) * 100);
}

export function byReference(payments) {
  return new Map(payments.map((payment) => [payment.account_reference, payment]));
}

/** The lines of the statement whose payment is not completed. */
export function unsettled(statement, payments) {
  const known = byReference(payments);
  return statement.filter((line) => known.get(line.reference)?.status !== "completed");
}

/** Collects what is wrong, each kind `SHOWN_MOST` times at the most. */
export class Wrong {
  constructor() {
    this.kinds = new Map();
  }

  add(kind, what) {
    this.kinds.set(kind, [...(this.kinds.get(kind) ?? []), what]);
  }

  get isEmpty() {
    return this.kinds.size === 0;
  }

  /** Runs a test. A test that throws counts as wrong too. */
  async guard(test) {
    try {
      await test();
    } catch (error) {
      this.add("the test broke", error.stderr ? `${error.message}\n${error.stderr}` : error.stack);
    }
  }

  /** Says what is wrong, deletes what nobody needs to find out why, and ends the process. */
  async leave(processes, close) {
    this.print();
    for (const it of processes) {
      if (this.isEmpty) await it.remove();
      else if (it.process && !it.isOver) await it.kill();
    }
    if (!this.isEmpty) console.log(`The logs are ${processes.map((it) => it.logFile).join(", ")}.`);
    await close();
    process.exit(this.isEmpty ? 0 : 1);
  }

  print() {
    for (const [kind, list] of this.kinds) {
      console.log(`WRONG: ${kind} (${list.length})`);
      for (const what of list.slice(0, SHOWN_MOST)) console.log(`  ${what}`);
    }
  }
}

/** Checks before the statement is imported: each line has a payment, and a payment that is not settled
 *  could not have been asked about. */
export function checkBeforeImport(statement, payments, wrong) {
  const known = byReference(payments);
  for (const line of statement) {
    const payment = known.get(line.reference);
    if (!payment) wrong.add("money without an intent", `${line.receipt} ${line.reference}`);
    else if (payment.status !== "completed" && payment.checkout_request_id) {
      wrong.add("paid, known to Safaricom under ids that we have, and not settled", `${line.receipt} ${describe(payment)}`);
    }
  }
}

/** Checks after the import: the statement and the payments say the same. */
export function checkPayments(statement, payments, orders, wrong) {
  const known = byReference(payments);
  const listed = new Map();
  for (const line of statement) {
    if (listed.has(line.reference)) wrong.add("one prompt paid twice", `${line.receipt} ${line.reference}`);
    listed.set(line.reference, line);
    const payment = known.get(line.reference);
    if (payment?.status !== "completed") wrong.add("paid and not completed", `${line.receipt} ${payment ? describe(payment) : line.reference}`);
    else if (cents(payment.amount) !== line.cents) wrong.add("another amount", `${line.receipt} ${describe(payment)}`);
    else if (payment.mpesa_receipt_number !== line.receipt) wrong.add("another receipt", `${line.receipt} ${describe(payment)}`);
  }
  const receipts = new Set();
  const perOrder = new Map(orders.map((order) => [order, []]));
  const byPhone = new Map(orders.map((order) => [order.phone.replace(/^0/, "254"), order]));
  for (const payment of payments) {
    const receipt = payment.mpesa_receipt_number;
    if (receipt && receipts.has(receipt)) wrong.add("one receipt on two payments", describe(payment));
    if (receipt) receipts.add(receipt);
    if (payment.status === "completed" && !listed.has(payment.account_reference)) wrong.add("completed and not paid", describe(payment));
    if (payment.review_reason) wrong.add("under review", `${describe(payment)} ${payment.review_reason}`);
    const order = byPhone.get(payment.phone_number.replace(/^\+/, ""));
    if (!order || order.tip !== payment.tip_id) wrong.add("nobody asked for it", describe(payment));
    else perOrder.get(order).push(payment);
  }
  for (const [order, list] of perOrder) {
    const completed = list.filter((payment) => payment.status === "completed");
    const unlocked = completed.filter((payment) => payment.outcome === "unlocked").length;
    order.isUnlocked = unlocked > 0;
    const owed = completed.filter((payment) => payment.outcome === "owed").length;
    if (unlocked + owed !== completed.length || unlocked > 1) wrong.add("not exactly one purchase or debt", list.map(describe).join("; "));
    if (completed.length > 1) wrong.add("charged twice", list.map(describe).join("; "));
    if (completed.length > 0 && unlocked === 0) wrong.add("paid, and the tip is not unlocked", list.map(describe).join("; "));
    if (list.filter((payment) => payment.status === "pending").length > 1) wrong.add("two open payments", list.map(describe).join("; "));
  }
}

/** Checks what people see: a tip's page has the code for people who unlocked it, and for nobody else. */
export async function checkPages(server, orders, codes, wrong) {
  await eachOf(orders, 8, async (order) => {
    const answer = await fetch(`${server.url}/tips/${order.tip}`, { headers: { cookie: order.buyer.cookie } });
    const hasCode = (await answer.text()).includes(codes.get(order.tip));
    const who = `${order.buyer.phone} tip ${order.tip} (${answer.status})`;
    if (order.isUnlocked && !hasCode) wrong.add("bought, and the page does not show the code", who);
    if (!order.isUnlocked && hasCode) wrong.add("not bought, and the page shows the code", who);
  });
}

/** Checks with `ledger check --full`, and the wallets as the tipsters see them. */
export async function checkLedger(server, payments, tipsters, wrong) {
  try {
    await server.command("ledger", "check", "--full");
  } catch (error) {
    wrong.add("ledger check --full", error.stdout || error.message);
  }
  const unlocked = payments.filter((payment) => payment.outcome === "unlocked");
  const due = unlocked.reduce((sum, payment) => sum + Math.floor((cents(payment.amount) * 6_000) / 10_000), 0);
  let held = 0;
  for (const tipster of tipsters) {
    const page = await (await fetch(`${server.url}/wallet`, { headers: { cookie: tipster.cookie } })).text();
    const sums = [...page.matchAll(/<dd[^>]*>(?:<!--[^>]*-->)*(KES [\d,.]+)/g)].map(([, sum]) => cents(sum));
    if (sums.length !== 2) wrong.add("a wallet that cannot be read", `${tipster.phone}: ${sums.length} sums`);
    held += sums.reduce((sum, one) => sum + one, 0);
  }
  if (held !== due) wrong.add("the tipsters have not 60 % of the sales", `${held} cents instead of ${due}`);
  return due;
}

/** Counts the payments that were settled late, by what settled them. */
export async function lateBySource(server, payments) {
  const late = payments.filter((payment) => payment.status === "completed" && Date.parse(payment.ended_at) - Date.parse(payment.created_at) > LATE_MILLIS);
  const sources = await eachOf(late, 4, async (payment) => {
    const { events } = await server.json("payments", "show", payment.payment_id);
    return events.find((event) => ["unlocked", "owed"].includes(event.kind))?.source ?? "unknown";
  });
  const counts = {};
  for (const source of sources) counts[source] = (counts[source] ?? 0) + 1;
  return { count: late.length, counts };
}

export function describe(payment) {
  const { payment_id, tip_id, phone_number, status, outcome, push, account_reference, mpesa_receipt_number, created_at } = payment;
  return `${payment_id} tip ${tip_id} ${phone_number} ${status} ${outcome ?? "-"} push ${push} ${account_reference} ${mpesa_receipt_number ?? "-"} ${created_at}`;
}
