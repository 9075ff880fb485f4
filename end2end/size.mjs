// What a buyer's browser loads for a tip page, compressed with brotli 11, against its limits.
import { brotliCompressSync, constants } from "node:zlib";
import { Server, onSale, registerBuyer } from "./server.mjs";

const KIB = 1024;
const BROTLI = { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } };

const server = await Server.start();
let isTooLarge = false;
try {
  const cookie = await registerBuyer(server.url, server.simulatorUrl);
  const load = async (address) => {
    const answer = await fetch(new URL(address, server.url), { headers: { cookie } });
    if (!answer.ok) throw new Error(`${address} was answered with ${answer.status}`);
    return Buffer.from(await answer.arrayBuffer());
  };
  const [tip] = await onSale(server.url);
  const html = await load(`/tips/${tip}`);
  const named = (ending) => [...new Set(html.toString().match(new RegExp(`/pkg/[\\w.-]+\\.${ending}\\b`, "g")) ?? [])];
  const parts = async (ending) => Promise.all(named(ending).map(async (address) => ({ name: address, body: await load(address) })));
  const inline = [...html.toString().matchAll(/<script[^>]*>([^]*?)<\/script>/g)].map(([, script]) => script).join("");
  const sums = [
    { what: "HTML and CSS", limit: 14 * KIB, parts: [{ name: `/tips/${tip}`, body: html }, ...(await parts("css"))] },
    { what: "WebAssembly", limit: 50 * KIB, parts: await parts("wasm") },
    { what: "JavaScript", limit: 8 * KIB, parts: [...(await parts("js")), { name: "(in the page)", body: Buffer.from(inline) }] },
  ];
  console.log(`${"".padEnd(44)}${"bytes".padStart(10)}${"brotli".padStart(10)}${"limit".padStart(10)}`);
  const row = (name, bytes, brotli, limit = "", verdict = "") =>
    console.log(`${name.padEnd(44)}${String(bytes).padStart(10)}${String(brotli).padStart(10)}${String(limit).padStart(10)}${verdict}`);
  for (const { what, limit, parts } of sums) {
    if (!parts.some(({ name }) => name.startsWith("/pkg/"))) throw new Error(`the tip page names no file for ${what}`);
    const sized = parts.map(({ name, body }) => ({ name, bytes: body.length, brotli: brotliCompressSync(body, BROTLI).length }));
    for (const { name, bytes, brotli } of sized) row(`  ${name}`, bytes, brotli);
    const total = (key) => sized.reduce((sum, part) => sum + part[key], 0);
    const isOver = total("brotli") > limit;
    isTooLarge ||= isOver;
    row(what, total("bytes"), total("brotli"), limit, isOver ? "  TOO LARGE" : "  ok");
  }
} finally {
  await server.stop();
}
process.exit(isTooLarge ? 1 : 0);
