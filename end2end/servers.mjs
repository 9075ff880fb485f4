// Two servers on one PostgreSQL with a standby, behind nginx with the project's own configuration. While
// people pay, one server is killed, the standby takes over, and the other server is told to stop. In the end
// every shilling is accounted for.
//
//   node end2end/servers.mjs [--payments 2000] [--rate 40] [--phones 50ms] [--quick]
//
// --rate is how many people press in a second at the most. --quick does not wait for people whose prompt
// never came to press again.
import { parseArgs } from "node:util";
import { beginDraft, noise, sendPicture } from "./pictures.mjs";
import { Wrong } from "./processes-check.mjs";
import { KilledServer, Postgres, Simulator, sayer, sleep, whole } from "./processes-parts.mjs";
import { Rush } from "./processes-rush.mjs";
import { Connection, Nginx } from "./servers-parts.mjs";

/** The lease of a dead holder lives on for 15 seconds, and the next holder looks every second. */
const LEASE_OF_THE_DEAD_MILLIS = 18_000;
/** A lease that is given back is taken within a second or two. */
const LEASE_GIVEN_BACK_MILLIS = 3_000;
const STOPS_WITHIN_MILLIS = 10_000;
const ENDS_AT_ONCE_MILLIS = 1_000;
const STREAM_ENDS_MILLIS = 1_500;
/** nginx asks nothing of a server that was away for its `fail_timeout`; this is longer. */
const NGINX_LOOKS_AGAIN_MILLIS = 3_000;
/** The orders that are left for the stop with open requests. */
const SPARE = 2;

const { values: options } = parseArgs({
  options: {
    payments: { type: "string", default: "2000" },
    rate: { type: "string", default: "40" },
    phones: { type: "string", default: "50ms" },
    quick: { type: "boolean", default: false },
  },
});
const payments = whole(options, "payments", 10, 9_000);
const rate = whole(options, "rate", 1, 1_000);
const say = sayer();
const wrong = new Wrong();
const rows = [];

const since = (began) => `${((Date.now() - began) / 1000).toFixed(1)} s`;

async function holder(postgres) {
  const [row] = await postgres.ask("SELECT holder FROM leases WHERE name = 'reconciler'");
  return row;
}

/** Waits until another server than `before` reconciles. */
async function leaseMoves(postgres, before, within, why) {
  const began = Date.now();
  while ((await holder(postgres)) === before) {
    if (Date.now() - began > within) return wrong.add(`the lease has not moved ${within / 1000} s after ${why}`, before);
    await sleep(100);
  }
  say(`the lease has moved, ${since(began)} after ${why}`);
  rows.push([`lease after ${why}`, `moved within ${since(began)}`]);
}

/** Kills the server that reconciles; the other one must take that over. */
async function killOne(rush, postgres, first) {
  const before = await holder(postgres);
  say(`the server with the lease is killed, after ${rush.pressed} payments`);
  await first.kill();
  await leaseMoves(postgres, before, LEASE_OF_THE_DEAD_MILLIS, "a kill");
  await first.start();
  // If the other server stopped before that, none would be left.
  await sleep(NGINX_LOOKS_AGAIN_MILLIS);
}

/** Kills the database, so that its standby takes over. The servers find it by themselves. */
async function failOver(rush, postgres, servers) {
  say(`the database dies and its standby is promoted, after ${rush.pressed} payments`);
  const began = Date.now();
  await postgres.halt();
  await postgres.promote();
  await rush.goesOn("the standby was promoted");
  rows.push(["failover", `${since(began)} from the death of the database to the next payment`]);
  for (const server of servers) if (server.isOver) wrong.add("a server ended with its database", server.log().slice(-500));
}

/** Sends SIGTERM, and tells how the server ended. */
async function stop(server) {
  const began = Date.now();
  const code = await server.terminate();
  if (code !== 0) wrong.add("a stopped server did not end well", `exit code ${code}: ${server.log().slice(-500)}`);
  if (Date.now() - began > STOPS_WITHIN_MILLIS) wrong.add("a server took too long to stop", since(began));
  return since(began);
}

/** Tells the server that reconciles to stop while people pay through it. */
async function stopOne(rush, postgres, second) {
  const before = await holder(postgres);
  say(`the server with the lease is told to stop, after ${rush.pressed} payments`);
  const [took] = await Promise.all([stop(second), leaseMoves(postgres, before, LEASE_GIVEN_BACK_MILLIS, "a stop")]);
  rows.push(["stop in the rush", took]);
  await second.start();
}

/** Stops a server while a push, a stream, a form that is still coming and an idle connection are open, all
 *  at the server itself and not through nginx. */
async function stopWithOpenRequests(rush, simulator, server) {
  const [pushed, watched] = rush.spare;
  const buyer = watched.buyer;
  // Callback and confirmation come so late that the stream is still open when the stop comes.
  for (const fault of ["delay_callback", "delay_confirmation"]) await simulator.plan({ fault, value: 6_000, match: { phone_number: watched.phone } });
  const { payment_id: payment } = JSON.parse((await rush.press(watched, false, server.url)).text);
  const events = await fetch(`${server.url}/api/payments/events?payment_id=${payment}`, { headers: { cookie: buyer.cookie } });
  if (events.status !== 200) wrong.add("no stream", `${events.status} ${await events.text()}`);
  await simulator.plan({ fault: "slow_answer", value: 3_000, match: { phone_number: pushed.phone } });
  const push = rush.press(pushed, false, server.url);
  const form = await Connection.halfForm(server.url, "/api/accounts/sign-in", { phone_number: buyer.phone, password: "ligisoo-demo" });
  const idle = await Connection.open(server.url);
  idle.write("GET /healthz HTTP/1.1", `Host: ${new URL(server.url).host}`, "", "");
  await sleep(500);

  const began = Date.now();
  const stopping = stop(server);
  const streamEnded = events.text().then(() => Date.now() - began);
  const idleEnded = idle.closed.then(() => Date.now() - began);
  await sleep(300);
  if (!(await Connection.isRefused(server.url))) wrong.add("a stopping server takes new connections", server.url);
  await sleep(1_200);
  form.write(form.rest);
  const took = await stopping;
  if ((await push).status !== 200) wrong.add("an open push was not answered", JSON.stringify(await push));
  if (!form.received.startsWith("HTTP/1.1 303")) wrong.add("an open form was not answered", form.received);
  if (!idle.received.startsWith("HTTP/1.1 200")) wrong.add("the idle connection had no answer", idle.received);
  for (const [what, millis] of [["a stream", await streamEnded], ["an idle connection", await idleEnded]]) {
    if (millis > STREAM_ENDS_MILLIS) wrong.add(`${what} held a stop up`, `${millis} ms`);
  }
  rows.push(["stop, busy", `${took}, with a push, a stream, half a form and an idle connection open`]);
}

/** A second signal ends the server without waiting for anybody. */
async function stopTwice(server) {
  const form = await Connection.halfForm(server.url, "/api/accounts/sign-in", { phone_number: "0712000001", password: "ligisoo-demo" });
  await sleep(200);
  const ended = server.terminate();
  await sleep(500);
  if (server.isOver) wrong.add("a stop did not wait for an open request", server.log().slice(-500));
  const began = Date.now();
  const code = await server.terminate();
  await ended;
  if (code === 0 || Date.now() - began > ENDS_AT_ONCE_MILLIS) wrong.add("a second signal did not end it at once", `exit code ${code}, ${since(began)}`);
  form.socket.destroy();
  rows.push(["stop, told twice", since(began)]);
}

/** Sends one picture to each form that takes one, as large as a phone makes it, through nginx. */
async function sendPictures(site, rush, wrong) {
  const { cookie } = rush.tipsters[0];
  for (const address of ["/api/accounts/portrait", await beginDraft(site.url, cookie)]) {
    const answer = await sendPicture(site.url, address, cookie, noise(310, 305));
    if (answer.status !== 303) wrong.add(`a picture sent to ${address}`, `${answer.status} ${(await answer.text()).slice(0, 300)}`);
  }
  rows.push(["pictures", "a portrait and a betslip of 283 KB are taken"]);
}

async function main(site, simulator, postgres, nginx, [first, second]) {
  const rush = new Rush(site, simulator, { payments, rate, spare: SPARE, isQuick: options.quick, wrong, say });
  await rush.fill();
  await first.start();
  // The first server holds the lease before the second one starts.
  while (!(await holder(postgres))) await sleep(50);
  await second.start();
  await nginx.start([first, second]);
  await nginx.check(wrong);
  await rush.prepare();
  await sendPictures(site, rush, wrong);
  const strikes = async () => {
    await rush.reaches(0.1 * payments);
    await killOne(rush, postgres, first);
    await rush.reaches(0.5 * payments);
    await failOver(rush, postgres, [first, second]);
    await rush.reaches(0.8 * payments);
    await stopOne(rush, postgres, second);
  };
  await Promise.all([rush.run(), strikes()]);
  say("all have pressed");
  await stopWithOpenRequests(rush, simulator, first);
  await first.start();
  await stopTwice(second);
  await second.start();
  await rush.finish(rows);
  nginx.checkLogs([first, second], wrong);
}

const simulator = await Simulator.start(`pay:${options.phones}`);
const postgres = await Postgres.openPair();
const nginx = await Nginx.prepare();
const shared = { SITE_URL: nginx.url, SIMULATION_PUBLIC: "true", TRUSTED_PROXIES: "127.0.0.1" };
const first = await KilledServer.prepareServer(simulator, postgres.url, shared);
// Both servers keep their pictures in one folder. One of them logs everything, so that no secret can hide
// behind a log level.
const second = await KilledServer.prepareServer(simulator, postgres.url, { ...shared, UPLOADS_DIR: first.server.env.UPLOADS_DIR, LOG: "debug" });
const servers = [first, second];
/** Checks that visitors see one site. */
const site = {
  url: nginx.url,
  folder: first.folder,
  command: (...words) => first.command(...words),
  json: (...words) => first.json(...words),
  log: () => servers.map((server) => server.log()).join(""),
};
console.log(`Two servers behind nginx, ${payments} payments, phones that pay after ${options.phones}`);
await wrong.guard(() => main(site, simulator, postgres, nginx, servers));
say("done");
await wrong.leave([...servers, nginx, simulator], () => postgres.close());
