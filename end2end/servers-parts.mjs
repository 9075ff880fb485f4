// The parts of servers.mjs beside the servers: nginx with the project's own configuration, and a server that
// is told to stop.
import { execFile, spawn } from "node:child_process";
import { chownSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import http from "node:http";
import https from "node:https";
import net from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { C2B_TOKEN, sleep, steadyPort } from "./processes-parts.mjs";

const run = promisify(execFile);
const configuration = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "..", ".nginx", "ligisoo.conf");
const ANSWERS_WITHIN_MILLIS = 10_000;
const NOBODY = 65_534;
/** The user under which nginx runs, which has no special rights. */
const user = process.getuid() === 0 ? { uid: NOBODY, gid: NOBODY } : {};

/** Replaces each text, which must occur. */
function replaced(text, pairs) {
  return Object.entries(pairs).reduce((text, [before, after]) => {
    if (!text.includes(before)) throw new Error(`${configuration} has no "${before}" any more`);
    return text.replaceAll(before, after);
  }, text);
}

/** nginx before the servers, with `.nginx/ligisoo.conf` except for addresses and folders. It also serves
 *  plain HTTP, because the simulator trusts no certificate of ours. */
export class Nginx {
  /** Finds the address before the servers start, because they must know it. */
  static async prepare() {
    const self = new Nginx();
    [self.port, self.plainPort, self.redirectPort] = [await steadyPort(), await steadyPort(), await steadyPort()];
    self.url = `http://127.0.0.1:${self.plainPort}`;
    self.folder = mkdtempSync(path.join(tmpdir(), "ligisoo-nginx-"));
    self.logFile = path.join(self.folder, "error.log");
    self.accessFile = path.join(self.folder, "access.log");
    self.failureFile = path.join(self.folder, "failures.log");
    return self;
  }

  async start(servers) {
    const { folder } = this;
    // Over HTTP, nginx also has the name that the tests use for it.
    const listen = `listen 127.0.0.1:${this.port} ssl http2%; listen 127.0.0.1:${this.plainPort}%;`;
    const [first, second] = servers.map((server) => server.url.replace("http://", ""));
    const [certificate, key] = ["fullchain.pem", "key.pem"].map((name) => path.join(folder, name));
    await run("openssl", ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=ligisoo.example", "-keyout", key, "-out", certificate]);
    const ours = replaced(readFileSync(configuration, "utf8"), {
      "10.0.0.11:3000": first,
      "10.0.0.12:3000": second,
      "listen 80;": `listen 127.0.0.1:${this.redirectPort};`,
      "listen 80 default_server;": `listen 127.0.0.1:${this.redirectPort} default_server;`,
      "listen 443 ssl http2;": listen.replaceAll("%", ""),
      "listen 443 ssl http2 default_server;": listen.replaceAll("%", " default_server"),
      "server_name ligisoo.example;": "server_name ligisoo.example 127.0.0.1;",
      "/var/log/nginx/ligisoo-failures.log": this.failureFile,
      "/var/cache/nginx/ligisoo": path.join(folder, "cache"),
      "/etc/ssl/ligisoo/fullchain.pem": certificate,
      "/etc/ssl/ligisoo/key.pem": key,
    });
    writeFileSync(path.join(folder, "ligisoo.conf"), ours);
    // Around the project's configuration nginx logs as much as it can: what the configuration does not
    // silence is written.
    const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map((kind) => `${kind}_temp_path ${folder}/${kind};`);
    const around = `daemon off; pid ${folder}/pid; error_log ${this.logFile} info; worker_processes 1;
      events { worker_connections 1024; }
      http { access_log ${this.accessFile}; ${temporary.join(" ")} include ${folder}/ligisoo.conf; }`;
    writeFileSync(path.join(folder, "nginx.conf"), around);
    for (const file of [this.accessFile, this.failureFile]) writeFileSync(file, "");
    for (const name of ["", "nginx.conf", "ligisoo.conf", "fullchain.pem", "key.pem", "access.log", "failures.log"]) {
      if (user.uid) chownSync(path.join(folder, name), user.uid, user.gid);
    }
    mkdirSync(path.join(folder, "logs"));
    const words = ["-p", folder, "-c", path.join(folder, "nginx.conf"), "-e", this.logFile];
    await run("nginx", ["-t", ...words], user).catch((error) => {
      throw new Error(`nginx does not take its configuration:\n${error.stderr}`);
    });
    this.process = spawn("nginx", words, { stdio: "ignore", ...user });
    this.ended = new Promise((resolve) => this.process.on("exit", resolve).on("error", resolve)).then(() => (this.isOver = true));
    const until = Date.now() + ANSWERS_WITHIN_MILLIS;
    while (!(await fetch(`${this.url}/healthz`).then(() => true, () => false))) {
      if (this.isOver || Date.now() > until) throw new Error(`nginx does not start:\n${readFileSync(this.logFile, "utf8").slice(-2_000)}`);
      await sleep(20);
    }
  }

  /** Checks what nginx does beside passing requests on: HTTPS, and the redirect to it. */
  async check(wrong) {
    const redirect = await fetch(`http://127.0.0.1:${this.redirectPort}/tips?page=2`, { redirect: "manual" });
    if (redirect.headers.get("location") !== "https://ligisoo.example/tips?page=2") wrong.add("nginx does not lead to HTTPS", `${redirect.status}`);
    for (const [version, isSpoken] of [["TLSv1.2", true], ["TLSv1.3", true], ["TLSv1.1", false]]) {
      const status = await this.secureStatus("ligisoo.example", version);
      if ((status === 200) !== isSpoken) wrong.add(`a page by ${version}`, `${status}`);
    }
    const foreign = [await this.secureStatus("evil.example", "TLSv1.3"), await plainStatus(this.plainPort, "evil.example"), await plainStatus(this.redirectPort, "evil.example")];
    if (foreign.some((status) => typeof status === "number")) wrong.add("nginx answers to a name that is not ours", foreign.join(", "));
    // The header comes once, from a server or from nginx itself.
    const [file] = (await (await fetch(`${this.url}/tips`)).text()).match(/\/pkg\/[\w.-]+\.css\b/) ?? [];
    for (let time = 0; time < 2; time++) {
      const answer = await fetch(`${this.url}${file}`);
      if (!answer.headers.get("cache-control")?.includes("immutable")) wrong.add("a file of the browser's without its year", `${file}: ${answer.status}`);
    }
  }

  /** The status of a page over HTTPS, or why there is none. */
  secureStatus(name, version) {
    const { port } = this;
    const versions = { minVersion: version, maxVersion: version, ciphers: "DEFAULT@SECLEVEL=0" };
    return statusOf(https.get({ host: "127.0.0.1", port, path: "/tips", servername: name, headers: { host: name }, rejectUnauthorized: false, ...versions }));
  }

  /** Checks that no log of nginx or of the servers holds the secret of a callback, or an id with a payer's
   *  number. */
  checkLogs(servers, wrong) {
    const logs = [this.logFile, this.accessFile, this.failureFile, ...servers.map((server) => server.logFile)];
    for (const file of logs) {
      const text = readFileSync(file, "utf8");
      for (const secret of [/\b[0-9a-f]{64}\b/, /ws_CO_\d+/, /\/code\/[\w-]+/, new RegExp(C2B_TOKEN)]) {
        const found = text.split("\n").find((line) => secret.test(line));
        if (found) wrong.add("a secret in a log", `${file}: ${found}`);
      }
    }
    // Failures are written all the time, but no address is among them.
    const failures = readFileSync(this.failureFile, "utf8");
    if (!/ 50\d/.test(failures)) wrong.add("nginx wrote no failures", this.failureFile);
    if (/\/(tips|code|payments|api)\b/.test(failures + readFileSync(this.logFile, "utf8"))) wrong.add("nginx wrote down an address", this.failureFile);
    if (readFileSync(this.accessFile, "utf8")) wrong.add("nginx wrote down who asked for what", this.accessFile);
  }

  async kill() {
    this.process.kill("SIGTERM");
    await this.ended;
  }

  async remove() {
    if (this.process && !this.isOver) await this.kill();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

function statusOf(request) {
  return new Promise((resolve) => {
    request.on("response", (answer) => resolve(answer.resume().statusCode)).on("error", (error) => resolve(error.code ?? error.message));
  });
}

const plainStatus = (port, name) => statusOf(http.get({ host: "127.0.0.1", port, path: "/tips", headers: { host: name } }));

/** A connection on which the caller decides what is written, and when. */
export class Connection {
  static async open(url) {
    const self = new Connection();
    const { hostname, port } = new URL(url);
    self.received = "";
    self.socket = net.connect(Number(port), hostname);
    self.socket.on("data", (data) => (self.received += data));
    self.closed = new Promise((resolve) => self.socket.on("close", resolve));
    await new Promise((resolve, reject) => self.socket.on("connect", resolve).on("error", reject));
    return self;
  }

  write(...lines) {
    this.socket.write(lines.join("\r\n"));
  }

  /** Sends a form of whose body only a half comes. `rest` is what is missing. */
  static async halfForm(url, address, form) {
    const self = await Connection.open(url);
    const body = new URLSearchParams(form).toString();
    const head = [`POST ${address} HTTP/1.1`, `Host: ${new URL(url).host}`, "Content-Type: application/x-www-form-urlencoded", `Content-Length: ${body.length}`];
    self.write(...head, "", body.slice(0, 10));
    self.rest = body.slice(10);
    return self;
  }

  static isRefused(url) {
    return Connection.open(url).then((open) => (open.socket.destroy(), false), (error) => error.code === "ECONNREFUSED");
  }
}
