// Makes load: callbacks over connections of our own, where each body is sent once and each answer is read,
// and pages by wrk, which asks for the same page again and again.
import { execFile } from "node:child_process";
import net from "node:net";
import { promisify } from "node:util";

export const CONNECTIONS = 16;
/** Every browser takes pages compressed. */
export const AS_BROWSERS_DO = ["--header", "Accept-Encoding: gzip, deflate, br, zstd"];

/** One connection that stays open and asks one thing at a time. */
class Asker {
  static async open(port) {
    const asker = new Asker();
    asker.got = "";
    asker.socket = net.connect(port, "127.0.0.1").setNoDelay(true).setEncoding("latin1");
    await new Promise((resolve, reject) => asker.socket.once("connect", resolve).once("error", reject));
    asker.socket.on("data", (text) => asker.read(text));
    asker.socket.on("close", () => asker.fail?.(new Error("the server hung up")));
    asker.socket.on("error", (error) => asker.fail?.(error));
    return asker;
  }

  /** Resolves when the whole answer has come. Any status except 200 is an error. */
  ask(request) {
    return new Promise((resolve, reject) => {
      this.succeed = resolve;
      this.fail = reject;
      this.socket.write(request);
    });
  }

  read(text) {
    this.got += text;
    const head = this.got.indexOf("\r\n\r\n");
    if (head < 0) return;
    const length = Number(/\r\ncontent-length: (\d+)/i.exec(this.got)?.[1]);
    if (this.got.length < head + 4 + length) return;
    const answer = this.got;
    this.got = "";
    if (answer.startsWith("HTTP/1.1 200 ")) this.succeed();
    else this.fail(new Error(`the server answered ${answer}`));
  }
}

async function open(port) {
  return Promise.all(Array.from({ length: CONNECTIONS }, () => Asker.open(port)));
}

/** Asks as fast as possible: each connection asks again as soon as it is answered. */
export async function asFastAsItGoes(port, requests) {
  const askers = await open(port);
  const millis = [];
  let next = 0;
  const began = performance.now();
  await Promise.all(
    askers.map(async (asker) => {
      while (next < requests.length) {
        const asked = performance.now();
        await asker.ask(requests[next++]);
        millis.push(performance.now() - asked);
      }
    }),
  );
  const seconds = (performance.now() - began) / 1000;
  for (const asker of askers) asker.socket.destroy();
  return { count: requests.length, seconds, millis };
}

/** Asks at a fixed rate. A latency counts from the moment at which the request was due, even if all
 *  connections were busy then. */
export async function atRate(port, requests, perSecond) {
  const idle = await open(port);
  const askers = [...idle];
  const millis = [];
  const waiting = [];
  const began = performance.now();
  const due = (at) => began + (at * 1000) / perSecond;
  await new Promise((resolve, reject) => {
    const serve = () => {
      while (idle.length > 0 && waiting.length > 0) {
        const [asker, at] = [idle.pop(), waiting.shift()];
        asker.ask(requests[at]).then(() => {
          millis.push(performance.now() - due(at));
          idle.push(asker);
          if (millis.length === requests.length) resolve();
          else serve();
        }, reject);
      }
    };
    let next = 0;
    const clock = () => {
      for (const now = performance.now(); next < requests.length && due(next) <= now; next++) waiting.push(next);
      serve();
      if (next < requests.length) setTimeout(clock, 1);
    };
    clock();
  });
  const seconds = (performance.now() - began) / 1000;
  for (const asker of askers) asker.socket.destroy();
  return { count: requests.length, seconds, millis };
}

/** Asks for one page again and again. */
export async function page(address, seconds) {
  const { stdout } = await promisify(execFile)("wrk", ["-t1", `-c${CONNECTIONS}`, `-d${seconds}s`, "--latency", ...AS_BROWSERS_DO, address]);
  if (/Non-2xx|Socket errors/.test(stdout)) throw new Error(`${address}:\n${stdout}`);
  const percentile = (percent) => {
    const [, value, unit] = stdout.match(new RegExp(`${percent}%\\s+([\\d.]+)(us|ms|s)`));
    return Number(value) * { us: 0.001, ms: 1, s: 1000 }[unit];
  };
  return { perSecond: Number(stdout.match(/Requests\/sec:\s+([\d.]+)/)[1]), p50: percentile(50), p99: percentile(99) };
}

/** Makes one figure of several turns. */
export function together(turns) {
  const millis = turns.flatMap((turn) => turn.millis).sort((a, b) => a - b);
  const [count, seconds] = ["count", "seconds"].map((what) => turns.reduce((sum, turn) => sum + turn[what], 0));
  const percentile = (share) => millis[Math.min(millis.length - 1, Math.floor(millis.length * share))];
  return { perSecond: count / seconds, p50: percentile(0.5), p99: percentile(0.99) };
}
