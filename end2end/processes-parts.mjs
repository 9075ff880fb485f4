// The parts of processes.mjs: the simulator, the server that is killed, a database, and random numbers from a
// seed.
import { execFile, spawn } from "node:child_process";
import { closeSync, openSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { program, Server } from "./server.mjs";

const ANSWERS_WITHIN_MILLIS = 30_000;
/** These ports are below those that the system gives to connections, so nobody takes one while the server
 *  is dead. */
const PORTS = { from: 20_000, to: 32_000 };
export const C2B_TOKEN = "c2bTokenOfTheProcessTests0123456789";
const run = promisify(execFile);
const postgresScript = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "..", ".ci", "postgres");

export const sleep = (millis) => new Promise((resolve) => setTimeout(resolve, millis));

/** Prints lines with the seconds since it was made. */
export function sayer() {
  const began = Date.now();
  return (text) => console.log(`${String(Math.round((Date.now() - began) / 1000)).padStart(4)} s  ${text}`);
}

/** Reads the option of this name as a whole number. */
export function whole(options, name, least, most) {
  const number = Number(options[name]);
  if (Number.isInteger(number) && number >= least && number <= most) return number;
  throw new Error(`--${name} must be a whole number from ${least} to ${most}`);
}

/** Random numbers from 0 to 1 that depend on the seed alone (mulberry32). */
export function dice(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Runs `work` on each item, `width` at a time. The results are in the order of the items. */
export async function eachOf(items, width, work) {
  const results = new Array(items.length);
  let next = 0;
  const one = async () => {
    while (next < items.length) {
      const at = next++;
      results[at] = await work(items[at], at);
    }
  };
  await Promise.all(Array.from({ length: Math.min(width, items.length) }, one));
  return results;
}

/** A port on which nobody listens, and which stays free. */
export async function steadyPort() {
  for (let tries = 0; tries < 100; tries++) {
    const port = PORTS.from + Math.floor(Math.random() * (PORTS.to - PORTS.from));
    const isFree = await new Promise((resolve) => {
      const probe = createServer().on("error", () => resolve(false));
      probe.listen(port, "127.0.0.1", () => probe.close(() => resolve(true)));
    });
    if (isFree) return port;
  }
  throw new Error("no free port");
}

/** One process of the program in a folder of its own. Its output goes to a file, which remains after a
 *  kill. */
class Process {
  static async prepare(command, settings) {
    const self = new this();
    self.what = command;
    // The folder and the settings are those of the other measurements.
    self.server = await Server.prepare({ databaseUrl: settings.DATABASE_URL });
    Object.assign(self.server.env, { SEED_DEMO: "false" }, settings);
    self.folder = self.server.folder;
    self.logFile = path.join(self.folder, "log");
    return self;
  }

  spawn() {
    const log = openSync(this.logFile, "a");
    this.process = spawn(program, [this.what], { cwd: this.folder, env: this.server.env, stdio: ["ignore", log, log] });
    closeSync(log);
    const mine = this.process;
    this.isOver = false;
    this.ended = new Promise((resolve) => mine.on("exit", resolve).on("error", resolve)).then((code) => {
      if (this.process === mine) this.isOver = true;
      return code;
    });
  }

  /** Waits for the first answer. Resolves with false if the process ended by itself. */
  async answers(address) {
    const until = Date.now() + ANSWERS_WITHIN_MILLIS;
    while (Date.now() < until && !this.isOver) {
      if (await fetch(address, { signal: AbortSignal.timeout(2_000) }).then((answer) => answer.ok, () => false)) return true;
      await sleep(10);
    }
    if (this.isOver) return false;
    throw new Error(`${this.what} does not answer within ${ANSWERS_WITHIN_MILLIS / 1000} s:\n${this.log().slice(-2_000)}`);
  }

  async kill() {
    this.process.kill("SIGKILL");
    await this.ended;
  }

  /** Asks the process to stop, and resolves with its exit code. */
  terminate() {
    this.process.kill("SIGTERM");
    return this.ended;
  }

  log() {
    return readFileSync(this.logFile, "utf8").replace(/\x1b\[[\d;]*m/g, "");
  }

  async remove() {
    if (this.process && !this.isOver) await this.kill();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** The simulator of Safaricom, which runs through everything. */
export class Simulator extends Process {
  static async start(autopilot) {
    const port = await steadyPort();
    const self = await this.prepare("simulate", { SIMULATOR_ADDR: `127.0.0.1:${port}`, SIMULATOR_AUTOPILOT: autopilot });
    self.url = `http://127.0.0.1:${port}`;
    self.spawn();
    if (!(await self.answers(`${self.url}/stats`))) throw new Error(`the simulator does not start:\n${self.log()}`);
    return self;
  }

  async stats() {
    return (await fetch(`${this.url}/stats`)).json();
  }

  async plan(fault) {
    const answer = await fetch(`${this.url}/faults`, { method: "POST", body: JSON.stringify(fault) });
    if (!answer.ok) throw new Error(`the simulator refuses ${JSON.stringify(fault)}: ${await answer.text()}`);
  }

  async plannedFaults() {
    return (await (await fetch(`${this.url}/faults`)).json()).length;
  }

  /** How many phones still ring. */
  async openPrompts() {
    return (await (await fetch(`${this.url}/prompts`)).json()).length;
  }

  async statementCsv() {
    return (await fetch(`${this.url}/statement.csv`)).text();
  }
}

/** The Ligisoo server, which is killed and started again, always at the same address. */
export class KilledServer extends Process {
  static async prepareServer(simulator, databaseUrl, more = {}) {
    const port = await steadyPort();
    const self = await this.prepare("serve", {
      ...(databaseUrl ? { DATABASE_URL: databaseUrl } : {}),
      LEPTOS_SITE_ADDR: `127.0.0.1:${port}`,
      SIMULATOR_URL: simulator.url,
      MPESA_C2B_TOKEN: C2B_TOKEN,
      ...more,
    });
    self.url = `http://127.0.0.1:${port}`;
    self.failedStarts = 0;
    return self;
  }

  async start() {
    this.spawn();
    while (!(await this.answers(`${this.url}/healthz`))) {
      if (++this.failedStarts > 5) throw new Error(`the server does not start:\n${this.log().slice(-2_000)}`);
      await sleep(500);
      this.spawn();
    }
  }

  /** Runs a command of the program on the same database. */
  async command(...words) {
    const { stdout } = await run(program, words, { cwd: this.folder, env: this.server.env, maxBuffer: 64 * 1024 * 1024 });
    return stdout;
  }

  async json(...words) {
    return JSON.parse(await this.command(...words, "--json"));
  }
}

/** The tests' PostgreSQL of `.ci/postgres`: the one that runs already, or a new one. */
export class Postgres {
  static async open() {
    const self = new Postgres();
    self.isOurs = !process.env.TEST_POSTGRES_URL;
    self.server = process.env.TEST_POSTGRES_URL ?? (await self.script("start"));
    self.url = await self.create("processes");
    return self;
  }

  /** Starts a PostgreSQL of our own, with a standby that may take over. `url` names both. */
  static async openPair() {
    const self = new Postgres();
    self.isOurs = true;
    self.environment = { SCRATCH: "pair" };
    await self.script("stop");
    self.server = await self.script("start");
    await self.create("processes");
    self.server = await self.script("standby");
    self.url = self.ofOurs();
    return self;
  }

  /** Makes a new database, and resolves with its address. */
  async create(what) {
    this.name = `${what}_${process.pid}`;
    await this.script("create", this.name);
    return this.ofOurs();
  }

  /** The address of the newest database. */
  ofOurs() {
    return this.server.trim().replace(/\/[^/]*$/, `/${this.name}`);
  }

  async script(...words) {
    return (await run(postgresScript, words, { env: { ...process.env, ...this.environment } })).stdout;
  }

  /** The rows of a query, with one column each. */
  async ask(sql) {
    return (await this.script("ask", this.name, sql)).split("\n").filter(Boolean);
  }

  halt() {
    return this.script("halt");
  }

  resume() {
    return this.script("resume");
  }

  promote() {
    return this.script("promote");
  }

  async close() {
    if (this.isOurs) await this.script("stop");
  }
}
