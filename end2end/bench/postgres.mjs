// A PostgreSQL with PostgreSQL's own settings. Unlike the tests' one it waits for the disk, as in production.
import { execFile, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { CONNECTIONS } from "./load.mjs";

const run = promisify(execFile);
const script = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "..", "..", ".ci", "postgres");
const environment = { ...process.env, DURABLE: "yes" };
/** The longest time until a changed setting reaches every connection. */
const SETTLES_MILLIS = 500;

export class Postgres {
  static async start() {
    const postgres = new Postgres();
    const ask = async (...words) => (await run(script, words, { env: environment })).stdout.trim();
    // One that an earlier run left behind has other data.
    await ask("stop");
    const server = new URL(await ask("start"));
    postgres.programs = await ask("programs");
    await ask("create", "bench");
    server.pathname = "/bench";
    postgres.url = server.href;
    postgres.log = path.join(path.dirname(await postgres.value("SHOW data_directory")), "log");
    return postgres;
  }

  /** Runs SQL, and resolves with what it printed. */
  async query(sql) {
    const client = spawn(path.join(this.programs, "psql"), [this.url, "--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--set=ON_ERROR_STOP=1"]);
    const printed = { stdout: "", stderr: "" };
    for (const stream of ["stdout", "stderr"]) client[stream].on("data", (text) => (printed[stream] += text));
    client.stdin.end(sql);
    const code = await new Promise((resolve, reject) => client.on("close", resolve).on("error", reject));
    if (code !== 0) throw new Error(`psql: ${printed.stderr}`);
    return printed.stdout;
  }

  async value(sql) {
    return (await this.query(sql)).trim();
  }

  /** Its version, and what a commit guarantees. */
  async describe() {
    const settings = ["fsync", "synchronous_commit", "full_page_writes", "shared_buffers"];
    const values = await Promise.all(settings.map(async (name) => `${name} ${await this.value(`SHOW ${name}`)}`));
    return `PostgreSQL ${await this.value("SHOW server_version")}: ${values.join(", ")}`;
  }

  /** The statements that the server logs while `work` runs: `{process, text}`, and the kind of the text. */
  async statementsOf(work) {
    const set = async (statements) => {
      await this.query(`${statements} SELECT pg_reload_conf();`);
      await new Promise((resolve) => setTimeout(resolve, SETTLES_MILLIS));
    };
    await set("ALTER SYSTEM SET log_line_prefix = '%p '; ALTER SYSTEM SET log_statement = 'all';");
    const begin = statSync(this.log).size;
    await work();
    const log = readFileSync(this.log).subarray(begin).toString();
    await set("ALTER SYSTEM RESET ALL;");
    // A line that continues the one before begins with a tab.
    return [...log.replaceAll("\n\t", "\n").matchAll(/^(\d+) (LOG|DETAIL):  ([^]*?)(?=\n\d+ [A-Z]+:  |\n*$(?![^]))/gm)].map(
      ([, process, kind, text]) => ({ process, kind, text }),
    );
  }

  /** Runs one script `count` times over as many connections as the other load has. Each run gets the next
   *  `n`, beginning with `first`. */
  async pgbench(text, variables, first, count) {
    const folder = mkdtempSync(path.join(tmpdir(), "ligisoo-pgbench-"));
    try {
      const file = path.join(folder, "script");
      writeFileSync(file, `\\set n :first + :turn * ${CONNECTIONS} + :client_id\n\\set turn :turn + 1\n${text}`);
      const defined = Object.entries({ ...variables, first, turn: 0 }).map(([name, value]) => `--define=${name}=${value}`);
      const shape = [`--client=${CONNECTIONS}`, "--jobs=2", `--transactions=${count / CONNECTIONS}`, "--no-vacuum", "--protocol=prepared"];
      const log = ["--log", `--log-prefix=${folder}/times`];
      const { stdout, stderr } = await run(path.join(this.programs, "pgbench"), [...shape, ...log, ...defined, `--file=${file}`, this.url]);
      if (!stdout.includes(`actually processed: ${count}/${count}`)) throw new Error(`pgbench: ${stdout}${stderr}`);
      const times = readdirSync(folder).filter((name) => name.startsWith("times")).map((name) => readFileSync(path.join(folder, name), "utf8"));
      const millis = times.flatMap((lines) => lines.trim().split("\n").map((line) => Number(line.split(" ")[2]) / 1000));
      return { count, seconds: count / Number(stdout.match(/tps = ([\d.]+)/)[1]), millis };
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }

  async stop() {
    await run(script, ["stop"], { env: environment });
  }
}
