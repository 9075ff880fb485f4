// Whether the site stays fast: the same pages and commands run on a small database and on a large one, side
// by side, and the ratio of their times is shown. A page with a limit and an index must not become slower
// when there is more data.
//
//   node end2end/growth.mjs --engine sqlite|postgres [--buyers 10000] [--payments 100000] [--rounds 60]
import { parseArgs } from "node:util";
import { Postgres } from "./processes-parts.mjs";
import { Server, onSale, signIn } from "./server.mjs";

const RATIO_MOST = 2;
const SMALL = { buyers: 100, payments: 1_000 };
const COMMAND_ROUNDS = 15;
const BUYER = "0722000000";
const TIPSTER = { phone: "0712000002", handle: "asha-odhiambo", firstTip: 1 };

const { values: options } = parseArgs({
  options: {
    engine: { type: "string", default: "sqlite" },
    buyers: { type: "string", default: "10000" },
    payments: { type: "string", default: "100000" },
    rounds: { type: "string", default: "60" },
  },
});
if (!["sqlite", "postgres"].includes(options.engine)) throw new Error("--engine must be sqlite or postgres");

const median = (times) => times.toSorted((a, b) => a - b)[times.length >> 1];

async function timed(work) {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

/** A server whose database was filled, with one person signed in as buyer and one as tipster. */
async function filled(postgres, name, { buyers, payments }) {
  const server = await Server.prepare({ databaseUrl: await postgres?.create(`growth_${name}`) });
  const took = await timed(() => server.run("seed", "--buyers", String(buyers), "--payments", String(payments)));
  console.log(`${name}: ${buyers} buyers and ${payments} sales, written in ${(took / 1000).toFixed(0)} s`);
  await postgres?.script("vacuum", new URL(server.env.DATABASE_URL).pathname.slice(1));
  return server;
}

async function askable(server) {
  await server.start();
  server.cookies = { buyer: await signIn(server.url, BUYER), tipster: await signIn(server.url, TIPSTER.phone) };
  [server.tip] = await onSale(server.url);
}

const PAGES = [
  ["Market", "buyer", () => "/tips"],
  ["Tip on sale", "buyer", (server) => `/tips/${server.tip}`],
  ["Tip that was sold for long", "tipster", () => `/tips/${TIPSTER.firstTip}`],
  ["Purchases", "buyer", () => "/purchases"],
  ["Wallet", "tipster", () => "/wallet"],
  ["My tips", "tipster", () => "/my-tips"],
  ["Notices", "tipster", () => "/notices"],
  ["Leaderboard", "buyer", () => "/leaderboard"],
  ["Tipster", "buyer", () => `/tipsters/${TIPSTER.handle}`],
];

async function load(server, who, address) {
  const answer = await fetch(server.url + address, { headers: { cookie: server.cookies[who] }, redirect: "manual" });
  await answer.arrayBuffer();
  if (answer.status !== 200) throw new Error(`${address} was answered with ${answer.status}`);
}

/** The times of the same work on both servers, in turns, so that a noisy machine is noisy for both. */
async function compare(servers, rounds, work) {
  const times = servers.map(() => []);
  for (const server of servers) await work(server);
  for (let round = 0; round < rounds; round++) {
    for (const [at, server] of servers.entries()) times[at].push(await timed(() => work(server)));
  }
  return times.map(median);
}

let failed = false;
function show(what, [small, large], isJudged = true) {
  const ratio = large / small;
  const isSlower = isJudged && ratio > RATIO_MOST;
  failed ||= isSlower;
  const row = [what.padEnd(40), `${small.toFixed(2)} ms`.padStart(12), `${large.toFixed(2)} ms`.padStart(12), ratio.toFixed(2).padStart(8)];
  console.log(row.join("") + (isSlower ? "  MISSED" : ""));
}

const postgres = options.engine === "postgres" ? await Postgres.open() : undefined;
const servers = [];
try {
  console.log(`On ${options.engine}:`);
  servers.push(await filled(postgres, "small", SMALL));
  servers.push(await filled(postgres, "large", { buyers: Number(options.buyers), payments: Number(options.payments) }));
  console.log(`${"".padEnd(40)}${"small".padStart(12)}${"large".padStart(12)}${"ratio".padStart(8)}   at most ${RATIO_MOST.toFixed(1)}`);
  // A command needs no server, and the one that reconciles must be the only one.
  const command = (...words) => compare(servers, COMMAND_ROUNDS, (server) => server.run(...words));
  show("(the program's start: tips show 1)", await command("tips", "show", "1"), false);
  show("Due payments: payments reconcile", await command("payments", "reconcile"));
  show("Open days: ledger check", await command("ledger", "check"));
  show("All days: ledger check --full", await compare(servers, 1, (server) => server.run("ledger", "check", "--full")), false);
  for (const server of servers) await askable(server);
  for (const [what, who, address] of PAGES) {
    show(what, await compare(servers, Number(options.rounds), (server) => load(server, who, address(server))));
  }
} finally {
  for (const server of servers) await (server.process ? server.stop() : server.remove());
  await postgres?.close();
}
process.exit(failed ? 1 : 0);
