// What people do beside paying: they join, follow, sell, keep within bounds and leave.
import { LOST, Sale, UNKNOWN } from "./money.mjs";

const HOUR_MILLIS = 3_600_000;
const NAIROBI_MILLIS = 3 * HOUR_MILLIS;
const JOINED = 6;
const FOLLOWERS = 24;
const WELL_KNOWN = "0712000002";

/** Whoever follows hears of each new tip, and the dump is to be small: most follow somebody who sells little. */
async function follow(market, followers, phone) {
  const sql = `SELECT ${market.database.id("id")} FROM people WHERE msisdn = '254${phone.slice(1)}'`;
  const [[tipster]] = await market.database.rows(sql);
  for (const buyer of followers) await market.form(buyer, `/follows/${tipster}`, { want: "follow" });
}

/** Buyers who join over HTTP, buy, set limits, take a break. */
export async function join(market, day) {
  const joined = [];
  for (let at = 0; at < JOINED; at++) joined.push(await market.join(`07330002${String(at).padStart(2, "0")}`, `Joined ${at}`, "buyer"));
  for (const buyer of joined) {
    await (await Sale.pay(market, buyer, day.tipFor(buyer))).until("completed");
    await market.form(buyer, "/api/accounts/limit", { period: "week", limit: "5000" });
  }
  await market.form(joined[0], "/api/accounts/profile", { display_name: "Joined First", bio: "I watch every derby." });
  await market.form(joined[0], "/api/accounts/break", { length: "6-months" });
  return joined;
}

/** All but the first close their accounts; the last one's payment is found only afterwards. */
export async function leave(market, day, joined) {
  const last = joined.at(-1);
  const sale = await Sale.pay(market, last, day.tipFor(last), { ...UNKNOWN, ...LOST });
  await sale.fail("Halima");
  for (const person of joined.slice(1)) await market.closeAccount(person);
  day.listed.push(...(await sale.lines()));
}

export async function readNotices(market) {
  const until = String(Math.floor(market.clock.now() * 1_000));
  for (const buyer of market.buyers.slice(0, 20)) await market.form(buyer, "/notices/read", { until });
}

/** A tipster whom nobody has verified yet sells four tips: two are approved, and one of them withdrawn; one is refused, one waits. */
export async function sellByHand(market) {
  const phone = "0733000100";
  const tipster = await market.join(phone, "Zawadi Tipster", "tipster");
  await follow(market, market.buyers.slice(0, FOLLOWERS), phone);
  await follow(market, market.buyers.slice(-2), WELL_KNOWN);
  const tips = [];
  for (let at = 0; at < 4; at++) tips.push(await publish(market, tipster, at));
  for (const tip of tips.slice(0, 2)) await market.form(market.operator, `/api/desk/tips/${tip}/approve`);
  await market.form(market.operator, `/api/desk/tips/${tips[2]}/reject`, { reason: "The code is of another slip." });
  await market.form(tipster, `/api/selling/tips/${tips[1]}/withdraw`);
  await market.form(tipster, "/api/selling/drafts");
}

async function publish(market, tipster, at) {
  const { answer } = await market.form(tipster, "/api/selling/drafts");
  const id = answer.headers.get("location").replace("/sell/", "");
  const draft = `/api/selling/drafts/${id}`;
  const kickOff = new Date(market.clock.now() + NAIROBI_MILLIS + (48 + at) * HOUR_MILLIS).toISOString().slice(0, 16);
  const match = { home_team: `Home ${at}`, away_team: `Away ${at}`, league: "Kenya Premier League", kick_off: kickOff };
  await market.form(tipster, `${draft}/matches`, { ...match, market: "Full-time result", selection: "Home win", leg_odds: "2.10" });
  const details = { bookmaker: "betika", bet_code: `BYHAND${at}`, odds: "2.10", price: "50", note: "Both teams are rested." };
  await market.form(tipster, `${draft}/details`, details);
  const body = new FormData();
  body.set("picture", new Blob([market.picture()], { type: "image/webp" }), "slip.webp");
  await market.asks(`${market.server.url}${draft}/picture`, { method: "POST", body, headers: { cookie: tipster.cookie } });
  const [[version]] = await market.database.rows("SELECT version FROM tip_drafts WHERE tip_id IS NULL ORDER BY changed_at DESC LIMIT 1");
  const published = await market.form(tipster, `${draft}/publish`, { version });
  return published.answer.headers.get("location").replace("/tips/", "");
}
