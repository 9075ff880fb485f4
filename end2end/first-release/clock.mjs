// The time that an old program sees: the real one moved by an offset, which libfaketime reads from a file at each look.
// Timers go on in real time, so a server does not notice that days pass.
import { existsSync, renameSync, writeFileSync } from "node:fs";
import path from "node:path";

const LIBRARIES = ["x86_64", "aarch64"].map((machine) => `/usr/lib/${machine}-linux-gnu/faketime/libfaketimeMT.so.1`);

export class MovedClock {
  constructor(folder, startsAt) {
    this.library = LIBRARIES.find(existsSync);
    if (!this.library) throw new Error(`libfaketime is missing (apt-get install libfaketime): ${LIBRARIES.join(", ")}`);
    this.file = path.join(folder, "clock");
    this.moveTo(startsAt);
  }

  /** What a program needs in its environment to see this time. */
  get settings() {
    return { LD_PRELOAD: this.library, FAKETIME_TIMESTAMP_FILE: this.file, FAKETIME_NO_CACHE: "1", FAKETIME_DONT_FAKE_MONOTONIC: "1" };
  }

  now() {
    return Date.now() + this.offset;
  }

  /** In whole seconds, as the database is asked. */
  seconds() {
    return Math.floor(this.now() / 1_000);
  }

  moveTo(time) {
    this.offset = time - Date.now();
    const seconds = (this.offset / 1_000).toFixed(3);
    // Never half a file: it is read at any moment.
    writeFileSync(`${this.file}.new`, `${this.offset < 0 ? seconds : `+${seconds}`}\n`);
    renameSync(`${this.file}.new`, this.file);
  }

  advance(seconds) {
    this.moveTo(this.now() + seconds * 1_000);
  }
}
