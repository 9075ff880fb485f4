// The statements that the engine really sends for one success callback, taken from PostgreSQL's log, so that
// the comparison always runs what the engine runs. They become a script for pgbench, and a list for a bare
// sqlx loop on SQLite.
import { createHash } from "node:crypto";
import { receipt, token } from "./shop.mjs";

const UUID_V7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/;
/** The number of new ids of one payment; those of the next payment follow them. */
const FRESH_MOST = 8;
const HAS_ROWS = /^SELECT\b|\bRETURNING\b/;
/** An entry's values; the last one is its number in the tipster's account, which is small and so known by its place only. */
const ENTRY_VALUES = 6;

/** `settle(n)` posts the callback of payment `n`. Resolves with its statements: their SQL, and where each
 *  of their values comes from. */
export async function statementsOf(postgres, n, settle) {
  const entries = readLog(await postgres.statementsOf(() => settle(n)));
  const payment = JSON.parse(await postgres.value(`SELECT row_to_json(p) FROM payments p WHERE receipt = '${receipt(n)}'`));
  const account = await postgres.value(
    `SELECT row_to_json(a) FROM accounts a WHERE person_id = '${payment.tipster_id}' AND kind = 'tipster_held'`,
  );
  const transaction = transactionOf(entries, payment.id);
  // The rows that statements returned, and values that can be calculated from `n`.
  const known = new Map([
    [createHash("sha256").update(token(n)).digest("hex").replace(/^/, "\\x"), { is: "token_hash" }],
    [receipt(n), { is: "receipt" }],
    [String(payment.id), { is: "column", column: "subject_id", of: "SELECT subject_id" }],
    ...["buyer_id", "tip_id", "tipster_id"].map((column) => [String(payment[column]), { is: "column", column, of: "SELECT p.id" }]),
    ...["id", "balance_cents"].map((column) => [String(JSON.parse(account)[column]), { is: "column", column, of: "UPDATE accounts" }]),
  ]);
  const fresh = new Map();
  const source = (sql, value, at) => {
    if (value === null) return { is: "null" };
    if (sql.startsWith("INSERT INTO entries") && at % ENTRY_VALUES === ENTRY_VALUES - 1) return { is: "column", column: "seq", of: "UPDATE accounts" };
    if (known.has(value)) return known.get(value);
    if (!UUID_V7.test(value)) return { is: "always", value };
    if (!fresh.has(value)) fresh.set(value, fresh.size);
    return { is: "fresh", number: fresh.get(value) };
  };
  const statements = transaction.map(({ sql, values }) => ({ sql, hasRows: HAS_ROWS.test(sql), values: values.map((value, at) => source(sql, value, at)) }));
  if (fresh.size > FRESH_MOST) throw new Error(`one callback makes ${fresh.size} new ids`);
  return statements;
}

/** The statements with their values in order, and the process of each. */
function readLog(lines) {
  const entries = [];
  for (const { process, kind, text } of lines) {
    const sql = /^(?:statement|execute [^:]*): ([^]*)$/.exec(text)?.[1];
    if (kind === "LOG" && sql !== undefined) entries.push({ process, sql, values: [] });
    const parameters = /^parameters: ([^]*)$/.exec(text)?.[1];
    if (kind === "DETAIL" && parameters !== undefined) {
      entries.findLast((entry) => entry.process === process).values = [...parameters.matchAll(/\$\d+ = (?:(NULL)|'((?:[^']|'')*)')/g)].map(
        ([, isNull, value]) => (isNull ? null : value.replaceAll("''", "'")),
      );
    }
  }
  return entries;
}

/** The statements from BEGIN to COMMIT around the row of the raw callback. */
function transactionOf(entries, payment) {
  const raw = entries.find(({ sql, values }) => sql.startsWith("INSERT INTO callbacks") && values.includes(payment));
  if (!raw) throw new Error("PostgreSQL's log does not show how the callback was settled");
  const own = entries.filter(({ process }) => process === raw.process);
  const at = own.indexOf(raw);
  const begin = own.findLastIndex(({ sql }, index) => index < at && sql === "BEGIN");
  const commit = own.findIndex(({ sql }, index) => index > at && sql === "COMMIT");
  if (begin < 0 || commit < 0) throw new Error("PostgreSQL's log does not show one whole transaction");
  return own.slice(begin, commit + 1);
}

/** The script, and the variables that are the same for every payment. */
export function pgbenchScript(statements) {
  const variables = {};
  const lines = statements.map(({ sql, hasRows, values }, at) => {
    const text = sql.replace(/\$(\d+)/g, (_, number) => written(values[number - 1], `s${at}_${number}`, statements, variables));
    // A row is kept if a later statement needs it.
    const isNeeded = hasRows && statements.some(({ values }) => values.some((value) => value.is === "column" && rowOf(value, statements) === at));
    return `${text}${isNeeded ? `\n\\gset r${at}_` : ";"}`;
  });
  return { text: `${lines.join("\n")}\n`, variables };
}

function written(value, name, statements, variables) {
  switch (value.is) {
    case "null":
      return "NULL";
    case "token_hash":
      return "sha256(CAST(lpad(to_hex(CAST(:n AS BIGINT)), 64, '0') AS BYTEA))";
    case "receipt":
      return "('R' || lpad(CAST(:n AS TEXT), 9, '0'))";
    case "fresh":
      return `CAST(lpad(to_hex(CAST(:n AS BIGINT) * ${FRESH_MOST} + ${value.number}), 32, '0') AS UUID)`;
    case "column":
      return `:r${rowOf(value, statements)}_${value.column}`;
    default:
      // pgbench takes no empty variable.
      if (value.value === "") return "''";
      variables[name] = value.value;
      return `:${name}`;
  }
}

/** The statement whose row holds a value. */
function rowOf(value, statements) {
  return statements.findIndex(({ sql }) => sql.startsWith(value.of));
}

/** The same statements for `bare.rs`: without BEGIN and COMMIT, and with values as SQLite has them. */
export function bareList(statements) {
  const inner = statements.filter(({ sql }) => !["BEGIN", "COMMIT"].includes(sql));
  return inner.map(({ sql, hasRows, values }) => ({
    sql,
    has_rows: hasRows,
    values: values.map((value) => (value.is === "column" ? { is: "column", column: value.column, row: rowOf(value, inner) } : asSqliteHasIt(value))),
  }));
}

function asSqliteHasIt(value) {
  if (value.is !== "always") return value;
  const text = value.value;
  if (/^\\x/.test(text)) return { is: "bytes", hex: text.slice(2) };
  if (/^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/.test(text)) return { is: "bytes", hex: text.replaceAll("-", "") };
  if (/^-?\d{1,15}$/.test(text)) return { is: "number", number: Number(text) };
  if (text === "t" || text === "f") return { is: "number", number: Number(text === "t") };
  const time = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d(?:\.\d+)?)\+00$/.exec(text);
  return { is: "text", text: time ? `${time[1]}T${time[2]}+00:00` : text };
}
