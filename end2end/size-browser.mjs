// What Chromium loads for a page, with headers: on a first visit, and again when its cache is full.
import { chromium } from "@playwright/test";
import { launchOptions } from "./chromium.mjs";

const KIB = 1024;
const LIMITS = { first: 80 * KIB, second: 8 * KIB };

/** Opens the page twice as the owner of the cookie. Prints what was loaded, and resolves with what is over
 *  a limit. */
export async function visits(url, address, cookie) {
  const browser = await chromium.launch(launchOptions);
  const faults = [];
  try {
    const context = await browser.newContext();
    const pairs = cookie.split("; ").map((pair) => pair.split(/=(.*)/));
    await context.addCookies(pairs.map(([name, value]) => ({ name, value, url })));
    for (const [visit, limit] of Object.entries(LIMITS)) {
      const loaded = await open(context, url + address);
      const sum = loaded.reduce((sum, { bytes }) => sum + bytes, 0);
      console.log(`\n${visit} visit of a tip page in Chromium, headers included`);
      for (const { path, bytes } of loaded) console.log(`  ${path.padEnd(50)}${String(bytes).padStart(9)}`);
      console.log(`${"together".padEnd(52)}${String(sum).padStart(9)}${`of ${limit}`.padStart(12)}  ${sum > limit ? "TOO LARGE" : "ok"}`);
      if (sum > limit) faults.push(`the ${visit} visit loads ${sum} bytes`);
      const twice = loaded.find(({ path }, at) => loaded.findIndex((other) => other.path === path) !== at);
      if (twice) faults.push(`${twice.path} is loaded twice`);
      if (visit === "first" && !loaded.some(({ path }) => path.endsWith(".wasm"))) faults.push("the WebAssembly was not loaded");
    }
  } finally {
    await browser.close();
  }
  return faults;
}

/** What crossed the network until the page was quiet. */
async function open(context, address) {
  const page = await context.newPage();
  const session = await context.newCDPSession(page);
  await session.send("Network.enable");
  const requests = new Map();
  session.on("Network.requestWillBeSent", ({ requestId, request }) => requests.set(requestId, { path: new URL(request.url).pathname, bytes: 0 }));
  session.on("Network.loadingFinished", ({ requestId, encodedDataLength }) => {
    if (requests.has(requestId)) requests.get(requestId).bytes = encodedDataLength;
  });
  await page.goto(address, { waitUntil: "networkidle" });
  await page.close();
  return [...requests.values()].filter(({ bytes }) => bytes > 0);
}
