// How the release build performs on this machine: requests a second, memory, and the time of a start.
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import http from "node:http";
import { promisify } from "node:util";
import { Server, onSale } from "./server.mjs";

const RATIO_LEAST = 0.3;
const MEMORY_MIB_MOST = 64;
const START_MILLIS_MOST = 1_000;
const PAGES = 10_000;
const CONNECTIONS = 16;
const SECONDS = 8;

async function requestsPerSecond(address) {
  const { stdout } = await promisify(execFile)("wrk", ["-t1", `-c${CONNECTIONS}`, `-d${SECONDS}s`, address]);
  if (/Non-2xx|Socket errors/.test(stdout)) throw new Error(`${address}:\n${stdout}`);
  return Number(stdout.match(/Requests\/sec:\s+([\d.]+)/)[1]);
}

/** Asks for a page `count` times, over a few connections that stay open. */
async function fetchPages(address, count) {
  const agent = new http.Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  const ask = () =>
    new Promise((resolve, reject) => {
      const request = http.get(address, { agent }, (answer) => {
        answer.resume();
        answer.on("end", () => (answer.statusCode === 200 ? resolve() : reject(new Error(`${address}: ${answer.statusCode}`))));
      });
      request.on("error", reject);
    });
  let left = count;
  await Promise.all(Array.from({ length: CONNECTIONS }, async () => { while (left-- > 0) await ask(); }));
  agent.destroy();
}

function residentMib(pid) {
  return Number(readFileSync(`/proc/${pid}/status`, "utf8").match(/VmRSS:\s+(\d+)/)[1]) / 1024;
}

const server = await Server.start();
let failed = false;
const show = (what, value, limit, isGood) => {
  failed ||= !isGood;
  console.log(`${what.padEnd(52)}${value.padStart(14)}   ${limit}${isGood ? "" : "  MISSED"}`);
};
try {
  // The first start made and filled the database; this one finds it.
  await server.halt();
  const start = await server.start();
  show("Start to first answer, existing database", `${start.toFixed(0)} ms`, `at most ${START_MILLIS_MOST} ms`, start <= START_MILLIS_MOST);
  const [number] = await onSale(server.url);
  const tip = `${server.url}/tips/${number}`;
  await fetchPages(tip, PAGES);
  const memory = residentMib(server.process.pid);
  show(`Resident memory after ${PAGES} tip pages`, `${memory.toFixed(1)} MiB`, `at most ${MEMORY_MIB_MOST} MiB`, memory <= MEMORY_MIB_MOST);
  const bare = await requestsPerSecond(`${server.url}/healthz`);
  const page = await requestsPerSecond(tip);
  show("/healthz", `${bare.toFixed(0)} /s`, `${CONNECTIONS} connections, ${SECONDS} s`, true);
  show("Tip page, not signed in", `${page.toFixed(0)} /s`, "the same", true);
  show("Tip page / healthz", (page / bare).toFixed(2), `at least ${RATIO_LEAST.toFixed(2)}`, page / bare >= RATIO_LEAST);
} finally {
  await server.stop();
}
process.exit(failed ? 1 : 0);
