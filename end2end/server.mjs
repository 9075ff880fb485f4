// Starts the release build for a measurement or a test: in a folder of its own, on free ports, with its own
// database.
import { spawn, execFile } from "node:child_process";
import { createServer } from "node:net";
import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const project = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "..");
const target = path.resolve(project, process.env.CARGO_TARGET_DIR ?? "target");
export const program = path.join(target, "release", "ligisoo");
/** The bare program with which SQLite is compared. */
export const bare = path.join(target, "release", "examples", "bare");

const ANSWERS_WITHIN_MILLIS = 30_000;
const STOPS_WITHIN_MILLIS = 15_000;

/** A port that nobody uses now. */
function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

/** The settings of a server in `folder`, without any of the developer's own. */
async function settings(folder, databaseUrl) {
  const own = Object.entries(process.env).filter(([name]) => ["PATH", "HOME", "LANG", "RUST_BACKTRACE"].includes(name));
  return {
    ...Object.fromEntries(own),
    DATABASE_URL: databaseUrl ?? `sqlite:${folder}/ligisoo.db`,
    UPLOADS_DIR: `${folder}/uploads`,
    LEPTOS_SITE_ADDR: `127.0.0.1:${await freePort()}`,
    LEPTOS_SITE_ROOT: path.join(project, "target", "site"),
    SIMULATOR_ADDR: `127.0.0.1:${await freePort()}`,
    SEED_DEMO: "true",
    PUSH_LIMIT_PHONE: "0",
    PUSH_LIMIT_BUYER: "0",
    PUSH_LIMIT_ADDRESS: "0",
    SIGN_IN_LIMIT_ADDRESS: "0",
    LOG: "warn",
  };
}

export class Server {
  /** Makes the folder. `start` starts the program in it. */
  static async prepare({ databaseUrl } = {}) {
    const server = new Server();
    server.folder = mkdtempSync(path.join(tmpdir(), "ligisoo-"));
    copyFileSync(path.join(project, "Leptos.toml"), path.join(server.folder, "Leptos.toml"));
    server.env = await settings(server.folder, databaseUrl);
    server.url = `http://${server.env.LEPTOS_SITE_ADDR}`;
    server.simulatorUrl = `http://${server.env.SIMULATOR_ADDR}`;
    return server;
  }

  static async start(options) {
    const server = await Server.prepare(options);
    await server.start();
    return server;
  }

  /** Starts the program, and resolves with the milliseconds until its first answer. */
  async start() {
    const began = performance.now();
    this.log = "";
    this.process = spawn(program, ["serve"], { cwd: this.folder, env: this.env, stdio: ["ignore", "pipe", "pipe"] });
    for (const stream of [this.process.stdout, this.process.stderr]) stream.on("data", (text) => (this.log += text));
    this.ended = new Promise((resolve) => {
      this.process.on("exit", resolve);
      this.process.on("error", (error) => resolve((this.log += error)));
    });
    let isOver = false;
    this.ended.then(() => (isOver = true));
    while (performance.now() - began < ANSWERS_WITHIN_MILLIS && !isOver) {
      if (await fetch(`${this.url}/healthz`).then((answer) => answer.ok, () => false)) return performance.now() - began;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    await this.stop();
    throw new Error(`${program} serve does not answer:\n${this.log}`);
  }

  /** Runs a command of the program with this server's settings, and resolves with what it printed. */
  async run(...command) {
    const { stdout } = await promisify(execFile)(program, command, { cwd: this.folder, env: this.env });
    return stdout;
  }

  /** Asks the server to stop, and kills it if it does not. */
  async halt() {
    const insist = setTimeout(() => this.process.kill("SIGKILL"), STOPS_WITHIN_MILLIS);
    this.process.kill("SIGTERM");
    await this.ended;
    clearTimeout(insist);
  }

  async stop() {
    await this.halt();
    this.remove();
  }

  remove() {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** The six digits of the code that a phone of the simulator got last. */
async function codeOn(simulatorUrl, phone) {
  for (let tries = 0; tries < 100; tries++) {
    const { sms } = await (await fetch(`${simulatorUrl}/phones/254${phone.slice(1)}`)).json();
    const code = sms[0]?.text.match(/^Ligisoo: (?:.* )?(\d{6}) /)?.[1];
    if (code) return code;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`no code came to ${phone}`);
}

/** The numbers of at least so many tips that are on sale now, as the market lists them. */
export async function onSale(url, wanted = 1) {
  const numbers = new Set();
  for (let page = 1, before = -1; numbers.size > before; page++) {
    before = numbers.size;
    const market = await fetch(`${url}/tips${page > 1 ? `?page=${page}` : ""}`).then((answer) => answer.text());
    for (const [, number] of market.matchAll(/href="\/tips\/(\d+)"/g)) numbers.add(number);
  }
  if (numbers.size < wanted) throw new Error(`${numbers.size} tips are on sale, and ${wanted} are wanted`);
  return [...numbers];
}

export const cookieOf = (answer) => answer.headers.getSetCookie().map((cookie) => cookie.split(";")[0]).join("; ");

/** Signs in a demo person over HTTP, and resolves with the cookie. */
export async function signIn(url, phone) {
  const form = new URLSearchParams({ phone_number: phone, password: "ligisoo-demo" });
  const answer = await fetch(`${url}/api/accounts/sign-in`, { method: "POST", body: form, redirect: "manual" });
  if (answer.status !== 303) throw new Error(`${phone} cannot sign in: ${answer.status} ${await answer.text()}`);
  return cookieOf(answer);
}

/** Registers a buyer over HTTP, and resolves with the cookie. */
export async function registerBuyer(url, simulatorUrl) {
  const form = {
    phone_number: `0790${String(Math.floor(Math.random() * 1e6)).padStart(6, "0")}`,
    display_name: "A Buyer",
    birth_date: "1990-05-01",
    buyer: "true",
  };
  const answer = await fetch(`${url}/api/accounts/register`, { method: "POST", body: new URLSearchParams(form), redirect: "manual" });
  if (answer.status !== 303) throw new Error(`registering was answered with ${answer.status}: ${await answer.text()}`);
  const id = answer.headers.get("location").replace("/code/", "");
  const code = await codeOn(simulatorUrl, form.phone_number);
  const proof = new URLSearchParams({ id, code, password: "correct horse" });
  const headers = { cookie: cookieOf(answer) };
  const entered = await fetch(`${url}/api/accounts/code`, { method: "POST", body: proof, headers, redirect: "manual" });
  if (entered.status !== 303) throw new Error(`the code was answered with ${entered.status}: ${await entered.text()}`);
  return cookieOf(entered);
}
