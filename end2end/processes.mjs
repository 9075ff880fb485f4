// Really kills processes: the server dies at random moments while people pay. In the end every shilling that
// the simulator took must be a purchase or a debt, exactly once. No page is open meanwhile.
//
//   node end2end/processes.mjs --engine sqlite|postgres [--payments 2000] [--kills 20] [--stop-database 30] [--seed N] [--phones 50ms]
//     [--quick]
//
// --stop-database stops PostgreSQL for so many seconds in the middle. --phones is how fast people pay. With
// 50 ms, which is faster than any person, a kill also loses the push's answer, the callback and the
// confirmation of the same payment, and then only the statement knows it. --quick ends as soon as what was
// paid is settled: there are no kills after the rush, and nobody waits three minutes to press "send again".
import { parseArgs } from "node:util";
import { Wrong } from "./processes-check.mjs";
import { dice, KilledServer, Postgres, Simulator, sayer, sleep, whole } from "./processes-parts.mjs";
import { Rush } from "./processes-rush.mjs";

/** The number of payments whose callback and confirmation come while the database is away. */
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
if (!["sqlite", "postgres"].includes(options.engine)) throw new Error("--engine must be sqlite or postgres");
const payments = whole(options, "payments", 1, 9_000);
const kills = whole(options, "kills", 0, 1_000);
const stopSeconds = whole(options, "stop-database", 0, 300);
if (stopSeconds && options.engine !== "postgres") throw new Error("--stop-database is for postgres");
const seed = options.seed ? whole(options, "seed", 0, 2 ** 32 - 1) : Math.floor(Math.random() * 2 ** 32);
const roll = dice(seed);
const say = sayer();
const wrong = new Wrong();
const counts = { kills: 0, starting: 0 };

async function killAndStart(server) {
  await server.kill();
  counts.kills++;
  // Sometimes the server dies again before it answers.
  if (counts.kills < kills && roll() < 0.2) {
    server.spawn();
    await sleep(roll() * 250);
    await server.kill();
    counts.kills++;
    counts.starting++;
  }
  await server.start();
}

/** Kills the server at certain points of the rush, and stops the database in its middle. */
async function strike(rush, server, simulator, postgres) {
  const inRush = options.quick ? kills : Math.max(0, kills - 2);
  const points = Array.from({ length: inRush }, () => Math.floor((0.02 + 0.93 * roll()) * payments)).sort((a, b) => a - b);
  let stopAt = stopSeconds ? Math.floor(payments / 2) : Infinity;
  while (counts.kills < inRush || stopAt < Infinity) {
    if (rush.pressed >= stopAt || (rush.isOver && stopAt < Infinity)) {
      stopAt = Infinity;
      await stopDatabase(rush, server, simulator, postgres);
    } else if (counts.kills < inRush && (rush.pressed >= points[counts.kills] || rush.isOver)) {
      await sleep(roll() * 300);
      await killAndStart(server);
    } else {
      await sleep(5);
    }
  }
}

async function stopDatabase(rush, server, simulator, postgres) {
  // Some callbacks and confirmations are so late that they come while the database is away.
  for (const fault of ["delay_callback", "delay_confirmation"]) {
    for (const share of [0.3, 0.8]) {
      await simulator.plan({ fault, value: 1_000 + Math.floor(share * stopSeconds * 1_000), times: CAUGHT_BY_STOP / 2 });
    }
  }
  for (let tries = 0; tries < 100 && (await simulator.plannedFaults()) > 0; tries++) await sleep(50);
  const before = await simulator.stats();
  say(`the database stops for ${stopSeconds} s, after ${rush.pressed} payments`);
  await postgres.halt();
  await sleep(stopSeconds * 1_000);
  if (server.isOver) wrong.add("the server ended with its database", server.log().slice(-500));
  const after = await simulator.stats();
  await postgres.resume();
  const sent = after.callbacks_sent - before.callbacks_sent;
  say(`the database is back; meanwhile ${sent} callbacks came, ${after.callbacks_answered_200 - before.callbacks_answered_200} were taken`);
  await rush.goesOn("the database came back");
}

async function main(server, simulator, postgres) {
  const rush = new Rush(server, simulator, { payments, isQuick: options.quick, wrong, say });
  await rush.fill();
  await server.start();
  await rush.prepare();
  await Promise.all([rush.run(), strike(rush, server, simulator, postgres)]);
  say(`all have pressed, after ${counts.kills} kills`);
  // The last kills hit the reconciler when it asks for the first time.
  while (counts.kills < kills) {
    await sleep((counts.kills === kills - 1 ? 1 : 34 + 4 * roll()) * 1_000);
    await killAndStart(server);
  }
  await rush.finish([
    ["kills", `${counts.kills}, ${counts.starting} of them while starting${server.failedStarts ? `; ${server.failedStarts} starts failed` : ""}`],
    ["database stopped", stopSeconds ? `${stopSeconds} s` : "no"],
  ]);
}

const simulator = await Simulator.start(`pay:${options.phones}`);
const postgres = options.engine === "postgres" ? await Postgres.open() : null;
const server = await KilledServer.prepareServer(simulator, postgres?.url);
console.log(`Processes killed: ${options.engine}, seed ${seed}, phones that pay after ${options.phones}`);
await wrong.guard(() => main(server, simulator, postgres));
say("done");
await wrong.leave([server, simulator], () => postgres?.close());
