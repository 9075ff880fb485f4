// A market of an old program at work: its server and its simulator, the people in it, and the doors that the story uses.
import { spawn } from "node:child_process";
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { sleep } from "../processes-parts.mjs";
import { MovedClock } from "./clock.mjs";
import { Postgres, Sqlite } from "./database.mjs";

const C2B_TOKEN = "c2bTokenOfTheFirstRelease0123456789";
const PASSWORD = "ligisoo-demo";
const BUYERS = 60;
/** Numbers of the demo's tipsters, and of its operator. */
const TIPSTERS = [2, 3, 4, 6, 7, 8].map((number) => `071200000${number}`);
const OPERATOR = "0712000009";
const CATCHES_UP_WITHIN_SECONDS = 40;

const international = (phone) => `254${phone.slice(1)}`;

export class Market {
  /** `tree` is a folder with the old release build; its own helper knows how it is started. */
  static async open(tree, engine, startsAt) {
    const market = new Market();
    market.helper = await import(pathToFileURL(path.join(tree, "end2end", "server.mjs")));
    market.server = await market.helper.Server.prepare();
    market.folder = market.server.folder;
    market.clock = new MovedClock(market.folder, startsAt);
    market.database = engine === "postgres" ? await Postgres.open() : await Sqlite.open(market.folder);
    const { env, simulatorUrl } = market.server;
    Object.assign(env, market.clock.settings, {
      DATABASE_URL: market.database.url,
      SIMULATOR_URL: simulatorUrl,
      SEED_DEMO: "false",
      MPESA_C2B_TOKEN: C2B_TOKEN,
      MPESA_QUERIES_PER_MINUTE: "6000",
    });
    await market.seed(0);
    await market.startSimulator();
    return market;
  }

  /** One simulator for the whole story: what it planned to deliver late must outlive the server. */
  async startSimulator() {
    const settings = { cwd: this.folder, env: this.server.env, stdio: "ignore" };
    this.simulator = spawn(this.helper.program, ["simulate"], settings);
    this.simulatorEnded = new Promise((resolve) => this.simulator.on("exit", resolve));
    for (let tries = 0; tries < 200; tries++) {
      if (await fetch(`${this.server.simulatorUrl}/stats`).then((answer) => answer.ok, () => false)) return;
      await sleep(25);
    }
    throw new Error("the old simulator does not answer");
  }

  async close() {
    if (this.server.process?.exitCode === null) await this.server.halt();
    this.simulator?.kill("SIGINT");
    // It writes what it knows into the folder.
    await this.simulatorEnded;
    await this.database.close();
    this.server.remove();
  }

  /** The demo's people and at least so many tips more than the 20 that it keeps on sale. */
  async seed(tips) {
    await this.command("seed", `--tips=${tips}`, `--buyers=${BUYERS}`);
  }

  command(...words) {
    return this.server.run(...words);
  }

  /** A program answers everything that it does not take with an error. */
  async asks(url, options, wanted = [200, 201, 202, 204, 303]) {
    const answer = await fetch(url, { redirect: "manual", ...options });
    const text = await answer.text();
    if (!wanted.includes(answer.status)) throw new Error(`${options.method ?? "GET"} ${url}: ${answer.status} ${text.slice(0, 300)}`);
    return { answer, text };
  }

  /** A form of somebody who is signed in. */
  form(person, address, fields = {}, wanted) {
    const body = new URLSearchParams(fields);
    const headers = person ? { cookie: person.cookie } : {};
    return this.asks(`${this.server.url}${address}`, { method: "POST", body, headers }, wanted);
  }

  async signIn(phone) {
    return { phone, cookie: await this.helper.signIn(this.server.url, phone) };
  }

  async signInAll() {
    const buyers = Array.from({ length: BUYERS }, (_, number) => `0722${String(number).padStart(6, "0")}`);
    this.buyers = [];
    for (const phone of buyers) this.buyers.push({ tried: new Set(), ...(await this.signIn(phone)) });
    this.tipsters = new Map();
    for (const phone of TIPSTERS) this.tipsters.set(international(phone), await this.signIn(phone));
    this.operator = await this.signIn(OPERATOR);
  }

  /** Somebody joins over HTTP, with the code that comes to their phone. */
  async join(phone, name, role) {
    const fields = { phone_number: phone, password: PASSWORD, display_name: name, birth_date: "1990-05-01", [role]: "true" };
    const id = (await this.form(null, "/api/accounts/register", fields)).answer.headers.get("location").replace("/code/", "");
    for (let tries = 0; tries < 100; tries++) {
      const { sms } = await this.simulated(`/phones/${international(phone)}`);
      const code = sms[0]?.text.match(/^Ligisoo: (?:.* )?(\d{6}) /)?.[1];
      if (code) {
        await this.form(null, "/api/accounts/code", { id, code });
        return { tried: new Set(), ...(await this.signIn(phone)) };
      }
      await sleep(50);
    }
    throw new Error(`no code came to ${phone}`);
  }

  closeAccount(person) {
    return this.form(person, "/api/accounts/close", { password: PASSWORD });
  }

  async simulated(address, body) {
    const options = body ? { method: "POST", body: JSON.stringify(body) } : {};
    const { text } = await this.asks(`${this.server.simulatorUrl}${address}`, options);
    return text ? JSON.parse(text) : undefined;
  }

  /** What goes wrong with the next payment of this person's phone. */
  plan(person, fault, value) {
    return this.simulated("/faults", { match: { phone_number: person.phone }, fault, value });
  }

  /** What was planned for payments that never came to it. */
  forgetPlans() {
    return this.asks(`${this.server.simulatorUrl}/faults`, { method: "DELETE" });
  }

  /** Tips on sale, the soonest kick-off first, with who sells them and how many payments they have. */
  async onSale() {
    const { epoch } = this.database;
    const sql = `SELECT t.id, p.msisdn, ${epoch("t.first_kick_off_at")}, ${epoch("t.sales_close_at")}, t.price_cents / 100,
        (SELECT COUNT(*) FROM payments WHERE tip_id = t.id)
      FROM tips t JOIN people p ON p.id = t.tipster_id WHERE t.status = 'active' AND t.result IS NULL ORDER BY t.first_kick_off_at, t.id`;
    const tips = (await this.database.rows(sql)).map(([id, tipster, kicksOffAt, closesAt, price, payments]) => ({
      id: Number(id), tipster, kicksOffAt: Number(kicksOffAt), closesAt: Number(closesAt), price: Number(price), payments: Number(payments),
    }));
    return tips.filter((tip) => tip.closesAt > this.clock.seconds() + 60);
  }

  /** One of the pictures that the demo drew. */
  picture() {
    const folder = this.server.env.UPLOADS_DIR;
    const found = readdirSync(folder, { recursive: true }).find((name) => name.endsWith(".webp"));
    return readFileSync(path.join(folder, found));
  }

  /** Runs a statement with these lines through the old program. */
  async importLines(lines, ...options) {
    if (lines.length === 0) return;
    const file = path.join(this.folder, "statement.csv");
    writeFileSync(file, [this.statementHeader, ...lines, ""].join("\r\n"));
    await this.command("payments", "import", file, ...options);
  }

  /** The statement's lines, newest last, of the Kenyan day of `time` if that is said; each begins with its receipt and ends with its
   *  reference. */
  async statement(time) {
    const { text } = await this.asks(`${this.server.simulatorUrl}/statement.csv`, {});
    const [header, ...lines] = text.split("\r\n").filter(Boolean);
    this.statementHeader = header;
    const day = time && new Date(time).toISOString().slice(0, 10).split("-").reverse().join("-");
    return day ? lines.filter((line) => line.split(",")[1].startsWith(day)) : lines;
  }

  /** Lets time pass, and waits until the server has asked about everything that is due then. */
  async pass(seconds) {
    this.clock.advance(seconds);
    const due = () => `SELECT COUNT(*) FROM payments WHERE checkout_request_id IS NOT NULL AND next_check_at IS NOT NULL
      AND ${this.database.epoch("next_check_at")} <= ${this.clock.seconds()}`;
    await sleep(1_200);
    for (let tries = 0; tries < CATCHES_UP_WITHIN_SECONDS; tries++) {
      if (Number((await this.database.rows(due()))[0][0]) === 0) return;
      await sleep(1_000);
    }
    throw new Error("the old server does not catch up with its questions");
  }
}
