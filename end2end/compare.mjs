// Compares this build with another one: node end2end/compare.mjs FOLDER, where FOLDER holds another tree with
// its release build. Both run side by side and are asked in turns, A B B A, because a machine is not equally
// fast at all times. Ends with 1 if a figure is worse in its whole range.
import { spawn } from "node:child_process";
import path from "node:path";
import { pathToFileURL } from "node:url";

const ROUNDS = Number(process.env.ROUNDS ?? 5);
const PAGE_SECONDS = 3;
const WARM_UP = 1_600;
/** The number of callbacks in one turn. */
const TURN = 2_400;

/** Each tree is asked with its own scripts, because tables and settings change. */
async function tree(folder) {
  const part = (name) => import(pathToFileURL(path.join(folder, "end2end", name)));
  return { ...(await part("server.mjs")), ...(await part("bench/load.mjs")), ...(await part("bench/shop.mjs")), ...(await part("bench/postgres.mjs")) };
}

/** One running build with its own database, in which all payments of the comparison wait. */
class Side {
  static async open(name, tree, engine) {
    const side = Object.assign(new Side(), { name, tree });
    side.payments = new tree.Payments(WARM_UP + 2 * ROUNDS * TURN);
    side.postgres = engine === "PostgreSQL" ? await tree.Postgres.start() : undefined;
    side.server = await tree.Server.start({ databaseUrl: side.postgres?.url });
    [side.tip] = await tree.onSale(side.server.url);
    if (side.postgres) await side.postgres.query(tree.shop("postgres", side.payments.count));
    else await feed("sqlite3", ["-bail", side.server.env.DATABASE_URL.replace("sqlite:", "")], tree.shop("sqlite", side.payments.count));
    await side.callbacks(WARM_UP);
    if (side.postgres) await side.postgres.query("VACUUM ANALYZE; CHECKPOINT;");
    return side;
  }

  /** Measures how many callbacks are settled in a second. */
  async callbacks(count = TURN) {
    const port = Number(new URL(this.server.url).port);
    const { seconds } = await this.tree.asFastAsItGoes(port, this.payments.callbacks(this.server.url, count));
    return count / seconds;
  }

  /** Measures how many tip pages are served in a second. */
  async pages() {
    return (await this.tree.page(`${this.server.url}/tips/${this.tip}`, PAGE_SECONDS)).perSecond;
  }

  async close() {
    await this.server.stop();
    await this.postgres?.stop();
  }
}

async function feed(program, words, input) {
  const child = spawn(program, words, { stdio: ["pipe", "ignore", "inherit"] });
  child.stdin.end(input);
  const code = await new Promise((resolve, reject) => child.on("close", resolve).on("error", reject));
  if (code !== 0) throw new Error(`${program} ended with ${code}`);
}

function summary(figures) {
  const sorted = [...figures].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  return { median: (sorted[Math.ceil(middle) - 1] + sorted[Math.floor(middle)]) / 2, least: sorted[0], most: sorted.at(-1) };
}

/** Asks both in turns. Returns whether the second one is worse in its whole range. */
async function compare(what, [base, now], ask) {
  const figures = new Map([[base, []], [now, []]]);
  for (let round = 0; round < ROUNDS; round++) {
    for (const side of [base, now, now, base]) figures.get(side).push(await ask(side));
  }
  const [before, after] = [base, now].map((side) => summary(figures.get(side)));
  const told = ({ median, least, most }) => `${median.toFixed(0)} (${least.toFixed(0)} to ${most.toFixed(0)})`;
  const isWorse = after.most < before.least;
  console.log(`${what}: ${base.name} ${told(before)}, ${now.name} ${told(after)}, ratio ${(after.median / before.median).toFixed(2)}${isWorse ? "  WORSE" : ""}`);
  return isWorse;
}

const [folder] = process.argv.slice(2);
if (!folder) {
  console.error("node end2end/compare.mjs FOLDER: the folder of the other tree");
  process.exit(64);
}
const own = await tree(path.resolve(import.meta.dirname, ".."));
// The other tree keeps its build in its own folder.
delete process.env.CARGO_TARGET_DIR;
const other = await tree(path.resolve(folder));
let isWorse = false;
for (const engine of ["SQLite", "PostgreSQL"]) {
  const sides = [await Side.open("base", other, engine), await Side.open("this", own, engine)];
  isWorse = (await compare(`Callbacks settled a second, ${engine}`, sides, (side) => side.callbacks())) || isWorse;
  isWorse = (await compare(`Tip pages a second, ${engine}`, sides, (side) => side.pages())) || isWorse;
  for (const side of sides) await side.close();
}
process.exit(isWorse ? 1 : 0);
