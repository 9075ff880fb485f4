// Measures how fast long lists are: requests a second of each list, against those of /healthz, which reads
// nothing. A visitor gets a copy of a page that is at most one second old. A person who is signed in gets a
// page of their own, and so does the first who asks a new question. What these two cost is shown too.
//
//   node end2end/lists.mjs --engine sqlite|postgres [--tips 10000] [--buyers 10000] [--payments 100000]
import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { parseArgs, promisify } from "node:util";
import { AS_BROWSERS_DO, CONNECTIONS } from "./bench/load.mjs";
import { Postgres } from "./processes-parts.mjs";
import { Server, signIn } from "./server.mjs";

const RATIO_LEAST = 0.25;
const SECONDS = 5;
const LISTS = {
  Market: "/tips",
  "Market, words": "/tips?text=arsenal",
  "Market, limits": "/tips?bookmaker=betika&min_odds=2&max_price=100&match_count=2-3",
  "Market, newest first": "/tips?order=newest",
  "Market, by odds": "/tips?order=odds",
  "Market, by price": "/tips?order=price",
  "Market, by record": "/tips?order=record",
  "Market, page 50": "/tips?page=50",
  Leaderboard: "/leaderboard",
  "Leaderboard, 30 days": "/leaderboard?days=30",
  Tipster: "/tipsters/asha-odhiambo",
};
/** Each request asks for something else, so that no copy can be used. */
const UNLIKE = `local n = 0
request = function() n = n + 1; return wrk.format(nil, wrk.path .. (wrk.path:find("?", 1, true) and "&" or "?") .. "n=" .. n) end`;

const { values: options } = parseArgs({
  options: {
    engine: { type: "string", default: "sqlite" },
    tips: { type: "string", default: "10000" },
    buyers: { type: "string", default: "10000" },
    payments: { type: "string", default: "100000" },
  },
});
if (!["sqlite", "postgres"].includes(options.engine)) throw new Error("--engine must be sqlite or postgres");

async function requestsPerSecond(address, ...more) {
  const { stdout } = await promisify(execFile)("wrk", ["-t1", `-c${CONNECTIONS}`, `-d${SECONDS}s`, ...AS_BROWSERS_DO, ...more, address]);
  if (/Non-2xx|Socket errors/.test(stdout)) throw new Error(`${address}:\n${stdout}`);
  return Number(stdout.match(/Requests\/sec:\s+([\d.]+)/)[1]);
}

const postgres = options.engine === "postgres" ? await Postgres.open() : undefined;
const server = await Server.prepare({ databaseUrl: await postgres?.create("lists") });
let failed = false;
try {
  await server.run("seed", "--tips", options.tips, "--buyers", options.buyers, "--payments", options.payments);
  await postgres?.script("vacuum", new URL(server.env.DATABASE_URL).pathname.slice(1));
  await server.start();
  const cookie = await signIn(server.url, "0722000000");
  const script = path.join(server.folder, "unlike.lua");
  writeFileSync(script, UNLIKE);
  const bare = await requestsPerSecond(`${server.url}/healthz`);
  console.log(`On ${options.engine}, ${options.tips} tips on sale, ${options.payments} sales: /healthz ${bare.toFixed(0)} /s, ${CONNECTIONS} connections`);
  console.log(`${"".padEnd(24)}${"visitor".padStart(16)}${"unlike others".padStart(16)}${"signed in".padStart(16)}   visitors at least ${RATIO_LEAST}`);
  for (const [what, address] of Object.entries(LISTS)) {
    const url = server.url + address;
    const rates = [
      await requestsPerSecond(url),
      await requestsPerSecond(url, "-s", script),
      await requestsPerSecond(url, "-H", `Cookie: ${cookie}`),
    ];
    const cells = rates.map((rate) => `${rate.toFixed(0)} /s ${(rate / bare).toFixed(2)}`.padStart(16));
    const isSlow = rates[0] / bare < RATIO_LEAST;
    failed ||= isSlow;
    console.log(`${what.padEnd(24)}${cells.join("")}${isSlow ? "  MISSED" : ""}`);
  }
} finally {
  await (server.process ? server.stop() : server.remove());
  await postgres?.close();
}
process.exit(failed ? 1 : 0);
