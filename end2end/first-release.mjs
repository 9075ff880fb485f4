// The fixture of the first release: eleven days of a market as its own program kept them, through its own doors and commands, for tests of
// the migrations. One compressed dump of each database.
//
//   node end2end/first-release.mjs TREE FOLDER [--engine sqlite|postgres]
//
// TREE holds the first release with its release build, FOLDER takes the dumps. Needs libfaketime: a day passes in a quarter of a minute.
import { writeFileSync } from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";
import { EVENING, MORNING } from "./first-release/kinds.mjs";
import { Market } from "./first-release/market.mjs";
import { join, leave, readNotices, sellByHand } from "./first-release/people.mjs";
import { Day } from "./first-release/story.mjs";
import { dice, sayer } from "./processes-parts.mjs";

const DAYS = 11;
const HOUR_MILLIS = 3_600_000;
/** Ten in the morning in Nairobi. It ends before the first release did, so that nothing of it is ever in the future. */
const BEGINS_AT = Date.UTC(2026, 10, 3, 7);
/** Tips that are new each day, beside those of which the demo always has 20. */
const TIPS = 3;
/** Days with a statement that is said to be complete. */
const COMPLETE = [5, 10];
const LARGEST_BYTES = 1024 * 1024;
const SEED = 12;

const { values: options, positionals } = parseArgs({ allowPositionals: true, options: { engine: { type: "string" } } });
const [tree, folder] = positionals;
if (!tree || !folder) throw new Error("Usage: node end2end/first-release.mjs TREE FOLDER [--engine sqlite|postgres]");

/** The first day has people who sign in, the later ones what they do then. */
async function peopleOf(market, day) {
  if (day.number === 0) {
    await market.signInAll();
    await market.command("payments", "register-c2b");
  }
  if (day.number === 2) {
    await day.deal();
    market.joined = await join(market, day);
  }
  if (day.number === 3) await sellByHand(market);
  if (day.number === 8) {
    await day.deal();
    await leave(market, day, market.joined);
  }
  if (day.number === 9) await readNotices(market);
}

async function live(market, day) {
  const begins = BEGINS_AT + day.number * 24 * HOUR_MILLIS;
  market.clock.moveTo(begins);
  await market.seed(TIPS);
  // What a server does first: it releases shares whose time has come, and closes days.
  await market.server.start();
  await market.pass(0);
  await peopleOf(market, day);
  await day.settleMatches();
  await day.sell(MORNING);
  await market.pass(200);
  await day.doLater("again");
  await market.pass(900);
  await day.doLater("soon");
  await market.pass(3 * 3_600);
  await day.sell(EVENING);
  // One more, which nobody ever wanted.
  await day.withdraw(day.unsold());
  market.clock.moveTo(begins + 13.5 * HOUR_MILLIS);
  await market.pass(0);
  await day.doLater("night");
  if (day.isComplete) {
    const time = (at) => new Date(at).toISOString();
    await market.importLines(await market.statement(begins), "--complete-from", time(begins), "--complete-until", time(market.clock.now()));
  }
  await day.deskWork();
  if (day.number === DAYS - 1) {
    await day.leaveOpen();
    await market.server.halt();
    market.server.env.MPESA_CONFIRM_BY_QUERY = "true";
    await market.server.start();
    await day.leaveWaiting();
  }
  await market.server.halt();
}

async function make(engine) {
  const say = sayer();
  const market = await Market.open(path.resolve(tree), engine, BEGINS_AT);
  try {
    const roll = dice(SEED);
    for (let number = 0; number < DAYS; number++) {
      await live(market, new Day(market, number, roll, COMPLETE.includes(number)));
      say(`${engine}: day ${number + 1} of ${DAYS}`);
    }
    console.log(await market.command("ledger", "check", "--full"));
    const dump = await market.database.dump();
    writeFileSync(path.join(folder, `first-release.${engine}.sql.gz`), dump);
    say(`${engine}: ${dump.length} bytes`);
    return dump.length;
  } finally {
    await market.close();
  }
}

const engines = options.engine ? [options.engine] : ["sqlite", "postgres"];
// One that fails does not leave the other's processes behind.
const made = await Promise.allSettled(engines.map(make));
const failed = made.find(({ status }) => status === "rejected");
if (failed) throw failed.reason;
const size = made.reduce((sum, { value }) => sum + value, 0);
if (size > LARGEST_BYTES) throw new Error(`${size} bytes are more than a fixture may have, ${LARGEST_BYTES}`);
