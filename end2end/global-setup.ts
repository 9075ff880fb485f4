// Starts the servers that all tests share, and stops them after the last one.
import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { Server, onSale } from "./server.mjs";
import type { Engine, Site, Tip } from "./fixtures";

async function open(engine: Engine, databaseUrl?: string): Promise<Server> {
  const server = await Server.start({ databaseUrl });
  const numbers = await onSale(server.url);
  const tips: Tip[] = await Promise.all(numbers.map(async (number) => JSON.parse(await server.run("tips", "show", number, "--json"))));
  const site: Site = { url: server.url, simulatorUrl: server.simulatorUrl, tips };
  process.env[`LIGISOO_${engine}`] = JSON.stringify(site);
  return server;
}

/** A new database on the tests' PostgreSQL. */
function createDatabase(url: string): string {
  const name = `browser_${randomBytes(6).toString("hex")}`;
  execFileSync("psql", [url, "-qc", `CREATE DATABASE ${name}`]);
  return url.replace(/[^/]*$/, name);
}

export default async function setup() {
  const servers = [await open("sqlite")];
  if (process.env.TEST_POSTGRES_URL) servers.push(await open("postgres", createDatabase(process.env.TEST_POSTGRES_URL)));
  return async () => {
    for (const server of servers) {
      // The books must be right after all tests.
      console.log((await server.run("ledger", "check")).trim());
      await server.stop();
      if (server.log.includes("ERROR") || server.log.includes("panicked")) throw new Error(`the server logged errors:\n${server.log}`);
    }
  };
}
