// The table of a run: what was measured, what it is compared with, and whether it is good enough.
import { closeSync, fdatasyncSync, mkdtempSync, openSync, readFileSync, rmSync, writeSync } from "node:fs";
import os from "node:os";
import path from "node:path";

const HEAD = ["", "per second", "p50", "p99", "", "limit", ""];

export class Table {
  constructor() {
    this.rows = [];
    this.failed = false;
  }

  /** Adds a figure of `load.mjs`. `ratio` is its relation to the figure beside it, `least` the lowest ratio
   *  allowed, and `slowest` the most milliseconds of p99. */
  rate(what, { perSecond, p50, p99 }, { beside, least, slowest } = {}) {
    const ratio = beside && perSecond / beside.perSecond;
    const limit = [least && `at least ${least.toFixed(2)}`, slowest && `p99 at most ${slowest} ms`].filter(Boolean).join(", ");
    const isGood = !(ratio < least) && !(p99 > slowest);
    this.add([what, perSecond.toFixed(0), millis(p50), millis(p99), ratio ? `${ratio.toFixed(2)} of ${beside.name}` : "", limit], isGood);
  }

  /** Adds a single value with its upper limit. */
  value(what, value, unit, most) {
    this.add([what, "", "", "", `${value.toFixed(0)} ${unit}`, `at most ${most} ${unit}`], value <= most);
  }

  add(cells, isGood) {
    this.failed ||= !isGood;
    this.rows.push([...cells, cells.at(-1) === "" ? "" : isGood ? "kept" : "MISSED"]);
    // A run takes minutes, so each line is shown as soon as it is known.
    console.error(this.rows.at(-1).filter(Boolean).join(" · "));
  }

  print() {
    const all = [HEAD, ...this.rows];
    const widths = HEAD.map((_, column) => Math.max(...all.map((row) => row[column].length), 1));
    const line = (row) => `| ${row.map((cell, column) => ([1, 2, 3].includes(column) ? cell.padStart(widths[column]) : cell.padEnd(widths[column]))).join(" | ")} |`;
    const rule = `|${widths.map((width, column) => ([1, 2, 3].includes(column) ? `${"-".repeat(width + 1)}:` : "-".repeat(width + 2))).join("|")}|`;
    console.log([line(HEAD), rule, ...this.rows.map(line)].join("\n"));
  }
}

const millis = (value) => `${value < 10 ? value.toFixed(1) : value.toFixed(0)} ms`;

export function machine() {
  const memory = (os.totalmem() / 2 ** 30).toFixed(0);
  return `${os.cpus().length} cores (${os.cpus()[0].model.trim()}), ${memory} GiB, for the server, the database and the load together`;
}

/** How many times a second this disk writes 8 KiB durably, one after the other. */
export function syncsPerSecond(folder, seconds = 1) {
  const place = mkdtempSync(path.join(folder, "ligisoo-disk-"));
  const file = openSync(path.join(place, "file"), "w");
  const page = Buffer.alloc(8192);
  const began = performance.now();
  let count = 0;
  for (; performance.now() - began < seconds * 1000; count++) {
    writeSync(file, page);
    fdatasyncSync(file);
  }
  const rate = count / ((performance.now() - began) / 1000);
  closeSync(file);
  rmSync(place, { recursive: true });
  return rate;
}

/** The highest memory use of a process. */
export function peakMib(pid) {
  return Number(readFileSync(`/proc/${pid}/status`, "utf8").match(/VmHWM:\s+(\d+)/)[1]) / 1024;
}
