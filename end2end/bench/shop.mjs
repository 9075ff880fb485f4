// A hundred tipsters with one tip each, buyers, and pending payments between them, all made of numbers: the
// ids, the token and the receipt of payment `n` can be calculated from `n`. As always, the database holds
// only the hash of a token.
import { createHash } from "node:crypto";
import { dice } from "../processes-parts.mjs";

export const TIPSTERS = 100;
/** The number of tips that one buyer pays for. */
const TIPS_PER_BUYER = 10;
const PRICE_CENTS = 5_000;
const SHARE_BPS = 6_000;
/** Higher than the numbers that seeding gives. */
const FIRST_TIP = 10_000_000;
const ROWS_AT_ONCE = 500;
const KINDS = { payment: 1, tipster: 2, buyer: 3, held: 4, available: 5, clawback: 6 };
const DAY_MILLIS = 24 * 3600 * 1000;

const digits = (number, length) => String(number).padStart(length, "0");
/** Makes UUIDs that sort by their number. */
const uuid = (kind, number) => `0000000${KINDS[kind]}-0000-7000-8000-${number.toString(16).padStart(12, "0")}`;

/** A moment as both databases read it. SQLite keeps this very text. */
const moment = (millis) => new Date(millis).toISOString().replace("Z", "000+00:00");

export const token = (n) => n.toString(16).padStart(64, "0");
/** A phone number with which only payment `n` is paid. */
export const receipt = (n) => `R${digits(n, 9)}`;
const checkoutRequestId = (n) => `ws_CO_${digits(n, 24)}`;
const merchantRequestId = (n) => `bench-${digits(n, 16)}`;
const msisdn = (buyer) => `2547${digits(buyer, 8)}`;

/** How a database writes bytes and UUIDs in SQL. */
const DIALECTS = {
  postgres: { uuid: (text) => `'${text}'`, bytes: (hex) => `'\\x${hex}'` },
  sqlite: { uuid: (text) => `X'${text.replaceAll("-", "")}'`, bytes: (hex) => `X'${hex}'` },
};

function insert(table, columns, rows) {
  const statements = [];
  for (let at = 0; at < rows.length; at += ROWS_AT_ONCE) {
    statements.push(`INSERT INTO ${table} (${columns}) VALUES\n${rows.slice(at, at + ROWS_AT_ONCE).map((row) => `(${row.join(", ")})`).join(",\n")};`);
  }
  return statements;
}

/** SQL that makes the people, the tips and payments 1 to `count`. Each call makes the same payments. */
export function shop(dialect, count) {
  const { uuid: id, bytes } = DIALECTS[dialect];
  const text = (value) => `'${value}'`;
  const now = Date.now();
  const [made, kickOff] = [text(moment(now)), text(moment(now + 2 * DAY_MILLIS))];
  const buyers = Math.ceil(count / TIPS_PER_BUYER);
  const person = (kind, number, phone) =>
    [id(uuid(kind, number)), text(phone), text(`The ${kind} ${number}`), "''", "'1990-05-01'", kind === "buyer", kind === "tipster", made];
  const each = (length, row) => Array.from({ length }, (_, at) => row(at));
  const roll = dice(count);
  const payments = each(buyers, (buyer) => {
    const tips = each(TIPSTERS, (tip) => tip).map((tip) => [roll(), tip]).sort(([a], [b]) => a - b);
    return tips.slice(0, TIPS_PER_BUYER).map(([, tip]) => [buyer, tip]);
  }).flat();
  return [
    "BEGIN;",
    ...insert("people", "id, msisdn, display_name, password_hash, birth_date, is_buyer, is_tipster, created_at", [
      ...each(TIPSTERS, (number) => person("tipster", number, `2541${digits(number, 8)}`)),
      ...each(buyers, (number) => person("buyer", number, msisdn(number))),
    ]),
    ...insert(
      "accounts",
      "id, kind, person_id, balance_cents, seq, last_day",
      ["clawback", "held", "available"].flatMap((kind) =>
        each(TIPSTERS, (number) => [id(uuid(kind, number)), text(`tipster_${kind}`), id(uuid("tipster", number)), 0, 0, 0]),
      ),
    ),
    ...insert(
      "tips",
      "id, tipster_id, bookmaker, bet_code, odds_thousandths, price_cents, status, match_count, first_kick_off_at, last_kick_off_at, sales_close_at, created_at",
      each(TIPSTERS, (tip) => [FIRST_TIP + tip, id(uuid("tipster", tip)), "'betika'", "'JYRCAV'", 2_000, PRICE_CENTS, "'active'", 1, kickOff, kickOff, kickOff, made]),
    ),
    ...insert(
      "tip_matches",
      "tip_id, position, home_team, away_team, league, kick_off_at, market, selection, odds_thousandths",
      each(TIPSTERS, (tip) => [FIRST_TIP + tip, 1, "'Tusker'", "'Bandari'", "'Kenya Premier League'", kickOff, "'Full-time result'", "'Home win'", 2_000]),
    ),
    ...insert(
      "payments",
      `id, buyer_id, tip_id, tipster_id, price_cents, share_bps, msisdn, account_reference, status, open, push,
       merchant_request_id, checkout_request_id, pushed_at, next_check_at`,
      payments.slice(0, count).map(([buyer, tip], at) => {
        const n = at + 1;
        const ids = [id(uuid("payment", n)), id(uuid("buyer", buyer)), FIRST_TIP + tip, id(uuid("tipster", tip))];
        const push = ["'pending'", true, "'accepted'", text(merchantRequestId(n)), text(checkoutRequestId(n)), made, kickOff];
        return [...ids, PRICE_CENTS, SHARE_BPS, text(msisdn(buyer)), text(`B${digits(n, 11)}`), ...push];
      }),
    ),
    ...insert(
      "mpesa_addresses",
      "token_hash, purpose, subject_id, made_at",
      each(count, (at) => [bytes(createHash("sha256").update(token(at + 1)).digest("hex")), "'payment'", id(uuid("payment", at + 1)), made]),
    ),
    "COMMIT;",
  ].join("\n");
}

/** The success callback of payment `n`, as bytes for a connection to this server. */
export function callback(url, n) {
  const body = JSON.stringify({
    Body: {
      stkCallback: {
        MerchantRequestID: merchantRequestId(n),
        CheckoutRequestID: checkoutRequestId(n),
        ResultCode: 0,
        ResultDesc: "The service request is processed successfully.",
        CallbackMetadata: {
          Item: [
            { Name: "Amount", Value: PRICE_CENTS / 100 },
            { Name: "MpesaReceiptNumber", Value: receipt(n) },
            { Name: "Balance" },
            { Name: "TransactionDate", Value: 20261123150000 },
            { Name: "PhoneNumber", Value: 254712345678 },
          ],
        },
      },
    },
  });
  return [
    `POST /payments/api/callback/${token(n)} HTTP/1.1`,
    `Host: ${new URL(url).host}`,
    "Content-Type: application/json",
    `Content-Length: ${body.length}`,
    "",
    body,
  ].join("\r\n");
}

/** Deals out payments, each once. */
export class Payments {
  constructor(count) {
    this.count = count;
    this.dealt = 0;
  }

  get left() {
    return this.count - this.dealt;
  }

  /** The first of the next `count` payments. */
  deal(count) {
    if (count > this.left) throw new Error(`${count} payments are wanted, and ${this.left} are left`);
    const first = this.dealt + 1;
    this.dealt += count;
    return first;
  }

  /** Callbacks for the next `count` payments. */
  callbacks(url, count) {
    const first = this.deal(count);
    return Array.from({ length: count }, (_, at) => callback(url, first + at));
  }
}
