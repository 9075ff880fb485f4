// The database that an old program fills: read for the plans of the story, and dumped at its end.
import { execFile } from "node:child_process";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { gzipSync } from "node:zlib";

const run = promisify(execFile);
const LARGEST = 64 * 1024 * 1024;
const postgresScript = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "..", "..", ".ci", "postgres");
const scratch = { env: { ...process.env, SCRATCH: "first-release" } };

/** Columns of a row, as text. */
const columns = (printed) => printed.split("\n").filter(Boolean).map((line) => line.split("|"));

export class Sqlite {
  static async open(folder) {
    return Object.assign(new Sqlite(), { file: path.join(folder, "ligisoo.db"), url: `sqlite:${folder}/ligisoo.db` });
  }

  /** A column of times, in seconds since 1970. */
  epoch(column) {
    return `CAST(STRFTIME('%s', ${column}) AS INTEGER)`;
  }

  id(column) {
    return `LOWER(HEX(${column}))`;
  }

  async rows(sql) {
    return columns((await run("sqlite3", ["-readonly", "-separator", "|", this.file, sql], { maxBuffer: LARGEST })).stdout);
  }

  async dump() {
    const { stdout } = await run("sqlite3", [this.file, ".dump"], { maxBuffer: LARGEST });
    return gzipSync(stdout, { level: 9 });
  }

  async close() {}
}

export class Postgres {
  static async open() {
    const ask = async (...words) => (await run(postgresScript, words, scratch)).stdout.trim();
    // One that was left behind has other data.
    await ask("stop");
    const url = new URL(await ask("start"));
    await ask("create", "first_release");
    url.pathname = "/first_release";
    return Object.assign(new Postgres(), { ask, url: url.href, programs: await ask("programs") });
  }

  epoch(column) {
    return `CAST(EXTRACT(EPOCH FROM ${column}) AS BIGINT)`;
  }

  id(column) {
    return `CAST(${column} AS TEXT)`;
  }

  async program(name, ...words) {
    return (await run(path.join(this.programs, name), words, { maxBuffer: LARGEST })).stdout;
  }

  async rows(sql) {
    return columns(await this.program("psql", this.url, "--no-psqlrc", "--quiet", "--tuples-only", "--no-align", `--command=${sql}`));
  }

  /** Nothing that only psql understands, no owners, and ids without hyphens, which pack better. */
  async dump() {
    const options = ["--no-owner", "--no-privileges", "--inserts", "--rows-per-insert=500"];
    const text = await this.program("pg_dump", ...options, this.url);
    const lines = text.split("\n").filter((line) => line && !line.startsWith("\\") && !line.startsWith("--"));
    const id = /'([0-9a-f]{8})-([0-9a-f]{4})-([0-9a-f]{4})-([0-9a-f]{4})-([0-9a-f]{12})'/g;
    return gzipSync(`${lines.join("\n")}\n`.replace(id, "'$1$2$3$4$5'"), { level: 9 });
  }

  async close() {
    await this.ask("stop");
  }
}
