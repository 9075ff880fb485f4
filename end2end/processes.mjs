// Processes really killed: the server dies at random moments while people pay, and in the end every shilling that the
// simulator took is a purchase or a debt, exactly once. No page is open meanwhile.
//
//   node end2end/processes.mjs --engine sqlite|postgres [--payments 2000] [--kills 20] [--stop-database 30] [--seed N] [--phones 50ms]
//     [--quick]
//
// --stop-database stops PostgreSQL for so many seconds in the middle. --phones is how fast people pay: with 50 ms, faster than
// anybody, a kill also swallows the push's answer, the callback and the confirmation of the same payment; then only the statement
// knows of it. --quick ends as soon as what was paid is settled: no kills after the rush, and nobody waits three minutes to press
// "send again".
import path from "node:path";
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { checkBeforeImport, checkLedger, checkPages, checkPayments, describe, lateBySource, readStatement, unsettled, Wrong } from "./processes-check.mjs";
import { dice, eachOf, KilledServer, Postgres, Simulator, sleep } from "./processes-parts.mjs";
import { onSale, signIn } from "./server.mjs";

const WORKERS = 16;
const BUYERS = 50;
const DEMO_TIPS = 20;
const TIPSTERS = ["0712000002", "0712000003", "0712000004", "0712000006", "0712000007", "0712000008"];
/** One press may wait for the first one's push, and for a database that is away. */
const PRESS_TIMEOUT_MILLIS = 30_000;
const PRESSES_MOST = 200;
/** The ladder to five minutes, and some. */
const SETTLES_WITHIN_MILLIS = 360_000;
const SEND_AGAIN_MILLIS = 181_000;
const RUSH_WITHIN_MILLIS = 900_000;
/** Payments whose callback and confirmation come while the database is away. */
const CAUGHT_BY_STOP = 40;

const { values: options } = parseArgs({
  options: {
    engine: { type: "string", default: "sqlite" },
    payments: { type: "string", default: "2000" },
    kills: { type: "string", default: "20" },
    "stop-database": { type: "string", default: "0" },
    seed: { type: "string" },
    phones: { type: "string", default: "50ms" },
    quick: { type: "boolean", default: false },
  },
});
const whole = (name, least, most) => {
  const number = Number(options[name]);
  if (Number.isInteger(number) && number >= least && number <= most) return number;
  throw new Error(`--${name} must be a whole number from ${least} to ${most}`);
};
if (!["sqlite", "postgres"].includes(options.engine)) throw new Error("--engine must be sqlite or postgres");
const payments = whole("payments", 1, 9_000);
const kills = whole("kills", 0, 1_000);
const stopSeconds = whole("stop-database", 0, 300);
if (stopSeconds && options.engine !== "postgres") throw new Error("--stop-database is for postgres");
const seed = options.seed ? whole("seed", 0, 2 ** 32 - 1) : Math.floor(Math.random() * 2 ** 32);
const roll = dice(seed);

const began = Date.now();
const seconds = () => Math.round((Date.now() - began) / 1000);
const say = (text) => console.log(`${String(seconds()).padStart(4)} s  ${text}`);
const counts = { presses: 0, broken: 0, kills: 0, starting: 0, pressed: 0, answers: {} };
const wrong = new Wrong();

const signedIn = async (server, phone) => ({ phone, cookie: await signIn(server.url, phone) });

/** One press of the button; the status, or 0 if the connection broke. */
async function press(server, order, sendAgain = false) {
  counts.presses++;
  try {
    const answer = await fetch(`${server.url}/payments/api/initiate-tip-payment/`, {
      method: "POST",
      headers: { "content-type": "application/json", cookie: order.buyer.cookie },
      body: JSON.stringify({ tip_id: order.tip, phone_number: order.phone, ...(sendAgain ? { send_again: true } : {}) }),
      signal: AbortSignal.timeout(PRESS_TIMEOUT_MILLIS),
    });
    const text = await answer.text();
    counts.answers[answer.status] = (counts.answers[answer.status] ?? 0) + 1;
    return { status: answer.status, text };
  } catch {
    counts.broken++;
    return { status: 0, text: "" };
  }
}

/** Presses until there is an answer, as a person would. */
async function pay(server, order, sendAgain) {
  for (let tries = 0; tries < PRESSES_MOST && !counts.isTooLate; tries++) {
    const { status, text } = await press(server, order, sendAgain);
    if (status === 200 || status === 202 || (status === 409 && text.includes("bought this tip already"))) return;
    // 0: the server is away. 500, 503: it has no database. 502: the push certainly did not leave.
    if (![0, 500, 502, 503].includes(status)) return wrong.add("an answer that nobody expected", `${order.phone} tip ${order.tip}: ${status} ${text}`);
    await sleep(200 + 300 * Math.random());
  }
  wrong.add("no answer", `${order.phone} tip ${order.tip}`);
}

async function killAndStart(server) {
  await server.kill();
  counts.kills++;
  // Now and then it dies again before it answers.
  if (counts.kills < kills && roll() < 0.2) {
    server.spawn();
    await sleep(roll() * 250);
    await server.kill();
    counts.kills++;
    counts.starting++;
  }
  await server.start();
}

/** Kills by how far the rush is, and stops the database in its middle. */
async function strike(server, simulator, postgres, isOver) {
  const inRush = options.quick ? kills : Math.max(0, kills - 2);
  const points = Array.from({ length: inRush }, () => Math.floor((0.02 + 0.93 * roll()) * payments)).sort((a, b) => a - b);
  let stopAt = stopSeconds ? Math.floor(payments / 2) : Infinity;
  while (counts.kills < inRush || stopAt < Infinity) {
    if (counts.pressed >= stopAt || (isOver() && stopAt < Infinity)) {
      stopAt = Infinity;
      await stopDatabase(server, simulator, postgres);
    } else if (counts.kills < inRush && (counts.pressed >= points[counts.kills] || isOver())) {
      await sleep(roll() * 300);
      await killAndStart(server);
    } else {
      await sleep(5);
    }
  }
}

async function stopDatabase(server, simulator, postgres) {
  // Some callbacks and confirmations are so late that they come while the database is away.
  for (const fault of ["delay_callback", "delay_confirmation"]) {
    for (const share of [0.3, 0.8]) {
      await simulator.plan({ fault, value: 1_000 + Math.floor(share * stopSeconds * 1_000), times: CAUGHT_BY_STOP / 2 });
    }
  }
  for (let tries = 0; tries < 100 && (await simulator.plannedFaults()) > 0; tries++) await sleep(50);
  const before = await simulator.stats();
  say(`the database stops for ${stopSeconds} s, after ${counts.pressed} payments`);
  await postgres.halt();
  await sleep(stopSeconds * 1_000);
  if (server.isOver) wrong.add("the server ended with its database", server.log().slice(-500));
  const after = await simulator.stats();
  await postgres.resume();
  const sent = after.callbacks_sent - before.callbacks_sent;
  say(`the database is back; meanwhile ${sent} callbacks came, ${after.callbacks_answered_200 - before.callbacks_answered_200} were taken`);
  // It must come back by itself.
  const since = Date.now();
  const done = counts.pressed;
  while (counts.pressed === done && counts.pressed < payments && Date.now() - since < 60_000) await sleep(50);
  if (counts.pressed === done && done < payments) wrong.add("no payment in the minute after the database came back", server.log().slice(-500));
  say(`the first payment after it: ${((Date.now() - since) / 1000).toFixed(1)} s`);
}

/** Waits until the engine has settled what was paid; what it cannot know without the statement is left. */
async function settle(server, simulator) {
  const until = Date.now() + SETTLES_WITHIN_MILLIS;
  for (;;) {
    const ringing = await simulator.openPrompts();
    const statement = readStatement(await simulator.statementCsv());
    const list = await server.json("payments", "list", "--limit", "10000");
    const ids = new Set(list.filter((payment) => payment.checkout_request_id).map((payment) => payment.account_reference));
    const hopeful = unsettled(statement, list).filter((line) => ids.has(line.reference));
    if ((ringing === 0 && hopeful.length === 0) || Date.now() > until) return { statement, list };
    await sleep(2_000);
  }
}

/** Whom M-Pesa never asked presses again when it is allowed. */
async function sendAgain(server, simulator, orders) {
  const { statement, list } = await settle(server, simulator);
  const paid = new Set(statement.map((line) => line.reference));
  const never = list.filter((payment) => payment.status !== "completed" && !paid.has(payment.account_reference));
  if (never.length === 0) return 0;
  const ready = Math.max(...never.map((payment) => Date.parse(payment.created_at))) + SEND_AGAIN_MILLIS;
  say(`${never.length} prompts never reached a phone: their buyers press again in ${Math.max(0, Math.ceil((ready - Date.now()) / 1000))} s`);
  await sleep(Math.max(0, ready - Date.now()));
  const byPhone = new Map(orders.map((order) => [order.phone.replace(/^0/, "254"), order]));
  await eachOf(never, WORKERS, (payment) => pay(server, byPhone.get(payment.phone_number.replace(/^\+/, "")), true));
  return never.length;
}

async function main(server, simulator, postgres) {
  await server.command("migrate");
  const tips = Math.ceil(payments / BUYERS);
  const buyers = Math.min(BUYERS, payments);
  await server.command("seed", "--tips", String(Math.max(0, tips - DEMO_TIPS)), "--buyers", String(buyers));
  await server.start();
  await server.command("payments", "register-c2b");
  const people = await eachOf(Array.from({ length: buyers }, (_, at) => `0722${String(at).padStart(6, "0")}`), 2, (phone) => signedIn(server, phone));
  const tipsters = await eachOf(TIPSTERS, 1, (phone) => signedIn(server, phone));
  const numbers = (await onSale(server.url, tips)).slice(0, tips).map(Number);
  const orders = Array.from({ length: payments }, (_, at) => ({
    buyer: people[at % buyers],
    tip: numbers[Math.floor(at / buyers)],
    phone: `0110${String(at).padStart(6, "0")}`,
  }));
  const codes = new Map();
  for (const tip of numbers) codes.set(tip, (await server.json("tips", "show", String(tip))).bet_code);
  say(`${payments} payments of ${buyers} buyers for ${tips} tips, ${WORKERS} at a time`);

  let isOver = false;
  const limit = setTimeout(() => {
    counts.isTooLate = true;
    wrong.add("the rush takes too long", `${counts.pressed} of ${payments}`);
  }, RUSH_WITHIN_MILLIS);
  const rush = eachOf(orders, WORKERS, async (order) => {
    await pay(server, order, false);
    counts.pressed++;
  }).finally(() => (isOver = true));
  await Promise.all([rush, strike(server, simulator, postgres, () => isOver)]);
  clearTimeout(limit);
  say(`all have pressed, after ${counts.kills} kills`);

  // The last ones hit the reconciler, when it asks for the first time.
  while (counts.kills < kills) {
    await sleep((counts.kills === kills - 1 ? 1 : 34 + 4 * roll()) * 1_000);
    await killAndStart(server);
  }
  let again = 0;
  if (!options.quick) again = await sendAgain(server, simulator, orders);
  await sleep(500);
  const { statement, list } = await settle(server, simulator);
  say(`${statement.length} were charged, ${statement.length - unsettled(statement, list).length} of them are settled`);
  checkBeforeImport(statement, list, wrong);
  const late = await lateBySource(server, list);
  const byStatement = unsettled(statement, list);
  const withoutReceipt = list.filter((payment) => payment.status === "completed" && !payment.mpesa_receipt_number).length;

  const file = path.join(server.folder, "statement.csv");
  writeFileSync(file, await simulator.statementCsv());
  await server.command("payments", "import", file);
  const end = await server.json("payments", "list", "--limit", "10000");
  checkPayments(statement, end, orders, wrong);
  await checkPages(server, orders, codes, wrong);
  const shares = await checkLedger(server, end, tipsters, wrong);
  if (!options.quick) {
    for (const order of orders.filter((order) => !order.isUnlocked)) wrong.add("not unlocked in the end", `${order.buyer.phone} tip ${order.tip}`);
  }
  const log = server.log();
  if (log.includes("panicked")) wrong.add("a panic", log.match(/.*panicked.*/)[0]);
  // What a living server answers to Safaricom if it cannot take a body is 503, never anything else.
  for (const line of simulator.log().split("\n")) {
    const status = line.match(/was not taken.*status=(\d{3})/)?.[1];
    if (status && status !== "503") wrong.add("a callback was answered with something else than 200 and 503", line);
  }

  const of = (outcome) => end.filter((payment) => payment.outcome === outcome).length;
  const paid = new Set(statement.map((line) => line.reference));
  const sources = Object.entries(late.counts).map(([source, count]) => `${count} by ${source}`);
  const stats = await simulator.stats();
  const rows = [
    ["engine", `${options.engine}, seed ${seed}`],
    ["payments", `${end.length} of ${payments} buyers and tips, ${counts.presses} presses, ${counts.broken} broken off`],
    ["answers", Object.entries(counts.answers).map(([status, count]) => `${status}: ${count}`).join(", ")],
    ["kills", `${counts.kills}, ${counts.starting} of them while starting${server.failedStarts ? `; ${server.failedStarts} starts failed` : ""}`],
    ["database stopped", stopSeconds ? `${stopSeconds} s` : "no"],
    ["callbacks", `${stats.callbacks_sent} sent, ${stats.callbacks_answered_200} taken; confirmations ${stats.confirmations_sent} and ${stats.confirmations_answered_200}`],
    ["unlocked", of("unlocked")],
    ["owed", of("owed")],
    ["never charged", `${end.filter((payment) => !paid.has(payment.account_reference)).length}${again ? `; ${again} buyers pressed again` : ""}`],
    ["settled late", `${late.count}${sources.length ? `: ${sources.join(", ")}` : ""}`],
    ["by the statement", `${byStatement.length} (push answer, callback and confirmation all lost), ${withoutReceipt} receipts filled in`],
    ["tipsters' shares", `KES ${(shares / 100).toFixed(2)}`],
    ["seconds", seconds()],
  ];
  for (const [name, value] of rows) console.log(`${name.padEnd(18)}${value}`);
  const known = new Map(list.map((payment) => [payment.account_reference, payment]));
  for (const line of byStatement.slice(0, 5)) console.log(`  by the statement: ${line.receipt} ${describe(known.get(line.reference))}`);
}

const simulator = await Simulator.start(`pay:${options.phones}`);
const postgres = options.engine === "postgres" ? await Postgres.open() : null;
const server = await KilledServer.prepareServer(simulator, postgres?.url);
console.log(`Processes killed: ${options.engine}, seed ${seed}, phones that pay after ${options.phones}`);
try {
  await main(server, simulator, postgres);
} catch (error) {
  wrong.add("the test broke", error.stderr ? `${error.message}\n${error.stderr}` : error.stack);
}
wrong.print();
if (wrong.isEmpty) {
  await server.remove();
  await simulator.remove();
} else {
  console.log(`The log is ${server.logFile}, the simulator's ${simulator.logFile}.`);
  for (const it of [server, simulator]) if (it.process && !it.isOver) await it.kill();
}
await postgres?.close();
process.exit(wrong.isEmpty ? 0 : 1);
