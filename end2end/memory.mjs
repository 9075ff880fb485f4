// Measures how much memory the release server takes with a filled market, at rest and while it prepares
// pictures, against its limits. The highest use of the process counts, and ordinary pages must be answered
// meanwhile.
import { peakMib } from "./bench/table.mjs";
import { beginDraft, progressive, sendPicture, stripes } from "./pictures.mjs";
import { Server, signIn } from "./server.mjs";

const LIMIT_AT_REST = 128;
const LIMIT_WITH_PICTURES = 256;
const TIPSTERS = ["0712000002", "0712000003", "0712000004", "0712000006"];
/** A picture of as many pixels as are taken, and one with transparency in the shape that takes the most
 *  memory to make smaller. */
const LARGEST = stripes(4_096, 4_096);
const TALLEST = stripes(786, 16_000, { hasAlpha: true });
/** A picture of as many pixels as are taken of the kind that takes the most memory to open. */
const DEAREST = progressive(2_780, 2_780);
const TOO_DEEP = stripes(2_048, 2_048, { depth: 16 });

let isWrong = false;
function expect(isRight, what) {
  if (!isRight) isWrong = true;
  console.log(`${isRight ? "     " : "WRONG"} ${what}`);
}

const server = await Server.start();
try {
  const pages = ["/", "/tips", "/leaderboard", "/sign-in", "/help"];
  for (let round = 0; round < 20; round++) await Promise.all(pages.map((page) => fetch(server.url + page).then((answer) => answer.text())));
  const cookies = [];
  for (const phone of TIPSTERS) cookies.push(await signIn(server.url, phone));
  const rest = peakMib(server.process.pid);
  expect(rest <= LIMIT_AT_REST, `at rest: ${rest.toFixed(0)} MiB of ${LIMIT_AT_REST}`);

  // Each person sends two at once, as many as one may. Together they are more than are opened at once.
  const sent = cookies.flatMap((cookie, person) => [LARGEST, person % 2 ? TALLEST : DEAREST].map(async (picture) => {
    const address = await beginDraft(server.url, cookie);
    const answer = await sendPicture(server.url, address, cookie, picture);
    await answer.text();
    return answer.status;
  }));
  const began = performance.now();
  const page = await fetch(`${server.url}/tips`).then((answer) => answer.text().then(() => answer.status));
  expect(page === 200, `a page meanwhile: ${page} after ${(performance.now() - began).toFixed(0)} ms`);
  const statuses = await Promise.all(sent);
  expect(statuses.every((status) => status === 303), `${sent.length} pictures at once: ${statuses.join(", ")}`);
  const peak = peakMib(server.process.pid);
  expect(peak <= LIMIT_WITH_PICTURES, `while pictures are prepared: ${peak.toFixed(0)} MiB of ${LIMIT_WITH_PICTURES}`);

  const refused = await sendPicture(server.url, "/api/accounts/portrait", cookies[0], TOO_DEEP);
  expect(refused.status === 400 && (await refused.text()).includes("16 bits"), `16 bits a channel: ${refused.status}`);
} finally {
  await server.stop();
}
process.exit(isWrong ? 1 : 0);
