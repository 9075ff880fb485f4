// How the release build performs on this machine, as one table: what callbacks and pages take, each beside
// the best that could be had. Ends with 1 if a limit is missed.
import { spawn } from "node:child_process";
import { tmpdir } from "node:os";
import path from "node:path";
import { CONNECTIONS, asFastAsItGoes, atRate, page, together } from "./bench/load.mjs";
import { Postgres } from "./bench/postgres.mjs";
import { Payments, TIPSTERS, callback, shop } from "./bench/shop.mjs";
import { bareList, pgbenchScript, statementsOf } from "./bench/statements.mjs";
import { Table, machine, peakMib, syncsPerSecond } from "./bench/table.mjs";
import { Server, bare, onSale } from "./server.mjs";

const LIMITS = { settle: 0.35, callbackMillis: 50, tipPage: 0.3, marketPage: 0.25, memoryMib: 128, startMillis: 1_000 };
const TIPS = 10_000;
const PAGE_SECONDS = 5;
/** Both sides take turns, because a machine is not equally fast at all times. */
const TURNS = 2;
const HALF_LOAD_SECONDS = 8;
const WARM_UP = 1_600;
/** The number of payments in one turn. */
const POSTGRES_TURN = 8_000;
const SQLITE_TURN = 3_200;
const HALF_LOAD_MOST = 24_000;

const table = new Table();

async function pages(server) {
  const [tip] = await onSale(server.url);
  const bare = { name: "/healthz", ...(await page(`${server.url}/healthz`, PAGE_SECONDS)) };
  table.rate("/healthz", bare);
  table.rate("Tip page, not signed in", await page(`${server.url}/tips/${tip}`, PAGE_SECONDS), { beside: bare, least: LIMITS.tipPage });
  table.rate(`Market of ${TIPS} tips, not signed in`, await page(`${server.url}/tips`, PAGE_SECONDS), { beside: bare, least: LIMITS.marketPage });
}

/** Measures callbacks over HTTP and the bare database in turns, then callbacks at half the rate that was
 *  reached. */
async function settle(server, database, payments, size, { name, bareTurn }) {
  const port = Number(new URL(server.url).port);
  const [ours, theirs] = [[], []];
  for (let turn = 0; turn < TURNS; turn++) {
    theirs.push(await bareTurn(payments.deal(size)));
    ours.push(await asFastAsItGoes(port, payments.callbacks(server.url, size)));
  }
  const best = { name, ...together(theirs) };
  const reached = together(ours);
  table.rate(`${name}, on ${database}`, best);
  table.rate(`Success callbacks over HTTP, ${database}`, reached, { beside: best, least: LIMITS.settle });
  const rate = reached.perSecond / 2;
  const calm = await atRate(port, payments.callbacks(server.url, Math.min(Math.floor(rate * HALF_LOAD_SECONDS), payments.left)), rate);
  table.rate(`The same at half that rate, ${database}`, together([calm]), { slowest: LIMITS.callbackMillis });
}

/** Checks that every payment of the run is settled once, to the cent. */
async function checkBooks(server, payments) {
  const { completed_payments: completed, findings } = JSON.parse(await server.run("ledger", "check", "--json"));
  if (findings.length > 0 || completed !== payments.dealt) {
    throw new Error(`${payments.dealt} payments were settled, the books have ${completed}: ${JSON.stringify(findings.slice(0, 5))}`);
  }
}

async function onPostgres() {
  const postgres = await Postgres.start();
  const server = await Server.start({ databaseUrl: postgres.url });
  try {
    console.log(await postgres.describe());
    await server.run("seed", "--tips", String(TIPS));
    await server.halt();
    const start = await server.start();
    await pages(server);
    const payments = new Payments(WARM_UP + 1 + 2 * TURNS * POSTGRES_TURN + HALF_LOAD_MOST);
    await postgres.query(shop("postgres", payments.count));
    const port = Number(new URL(server.url).port);
    await asFastAsItGoes(port, payments.callbacks(server.url, WARM_UP));
    // The database knows how large its tables are, like one that has been running for a while.
    await postgres.query("VACUUM ANALYZE; CHECKPOINT;");
    const statements = await statementsOf(postgres, payments.deal(1), (n) => asFastAsItGoes(port, [callback(server.url, n)]));
    const { text, variables } = pgbenchScript(statements);
    const bareTurn = (first) => postgres.pgbench(text, variables, first, POSTGRES_TURN);
    await settle(server, "PostgreSQL", payments, POSTGRES_TURN, { name: "pgbench", bareTurn });
    await checkBooks(server, payments);
    table.value("Peak memory of the server, PostgreSQL", peakMib(server.process.pid), "MiB", LIMITS.memoryMib);
    table.value("Start to first answer, existing database", start, "ms", LIMITS.startMillis);
    return statements;
  } finally {
    await server.stop();
    await postgres.stop();
  }
}

async function onSqlite(statements) {
  const server = await Server.start();
  try {
    const file = server.env.DATABASE_URL.replace("sqlite:", "");
    const payments = new Payments(WARM_UP + 2 * TURNS * SQLITE_TURN + HALF_LOAD_MOST);
    await feed("sqlite3", ["-bail", file], shop("sqlite", payments.count));
    await asFastAsItGoes(Number(new URL(server.url).port), payments.callbacks(server.url, WARM_UP));
    const bareTurn = async (first) => {
      const micros = JSON.parse(await feed(bare, [server.env.DATABASE_URL, String(first), String(SQLITE_TURN)], JSON.stringify(bareList(statements))));
      return { count: micros.length, seconds: micros.reduce((sum, one) => sum + one, 0) / 1e6, millis: micros.map((one) => one / 1000) };
    };
    await settle(server, "SQLite", payments, SQLITE_TURN, { name: "bare sqlx", bareTurn });
    await checkBooks(server, payments);
    table.value("Peak memory of the server, SQLite", peakMib(server.process.pid), "MiB", LIMITS.memoryMib);
  } finally {
    await server.stop();
  }
}

/** Runs a program with this input, and resolves with what it printed. */
async function feed(program, words, input) {
  const child = spawn(program, words, { stdio: ["pipe", "pipe", "inherit"] });
  let printed = "";
  child.stdout.on("data", (text) => (printed += text));
  child.stdin.end(input);
  const code = await new Promise((resolve, reject) => child.on("close", resolve).on("error", reject));
  if (code !== 0) throw new Error(`${path.basename(program)} ended with ${code}`);
  return printed;
}

console.log(`${machine()}; the disk takes ${syncsPerSecond(tmpdir()).toFixed(0)} synced writes of 8 KiB a second`);
console.log(`${TIPSTERS} tipsters, ${CONNECTIONS} connections, each payment once\n`);
await onSqlite(await onPostgres());
table.print();
process.exit(table.failed ? 1 : 0);
