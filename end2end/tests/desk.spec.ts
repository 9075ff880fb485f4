// The desk, with plain forms: results are opened again and settled anew, with the person and the reason, and
// a tipster reads why a tip was rejected.
import { DEMO_PASSWORD, expect, expectNoSidewaysScroll, signIn, signOut, test } from "../fixtures";

const HALIMA = { name: "Halima Desk", phone: "0712000009", password: DEMO_PASSWORD };
/** Each project has a tip of its own, because they run at the same time. */
const turn = (project: string) => ["desktop", "phone", "no-scripts"].indexOf(project) + 1;

test.use({ tolerated: /status of 4\d\d/ });

test("a settled match is opened again, the record follows, and it is settled anew", async ({ page, context }, info) => {
  await page.goto("/leaderboard");
  await page.locator("main a[href^='/tipsters/']").first().click();
  const own = page.locator(".settled li", { hasText: "1 match" });
  const number = (await own.nth(turn(info.project.name)).locator("a").first().getAttribute("href"))!.replace("/tips/", "");
  await signIn(context, HALIMA);
  await page.goto(`/desk/results/${number}`);
  const leg = page.getByRole("main").locator("li.card").first();
  const before = await leg.locator(".badge").first().innerText();

  await leg.locator("button[value=open]").click();
  await expect(leg.locator("input[name=reason]"), "nothing without a reason").toBeVisible();
  await expect(leg.locator(".badge").first()).toHaveText(before);
  await leg.locator("input[name=reason]").fill("Read the wrong line of the table");
  await leg.locator("button[value=open]").click();
  await expect(page.locator("#history + ul")).toContainText("Read the wrong line of the table");
  await expect(leg.locator("button[value=open]")).toHaveCount(0);
  await expectNoSidewaysScroll(page);

  await page.goto("/desk/results");
  await expect(page.getByRole("main").locator(`a[href='/desk/results/${number}']`)).toBeVisible();
  await page.goto(`/desk/results/${number}`);
  await leg.locator("input[name=score]").fill("2-2");
  await leg.locator("input[name=reason]").fill("Seen on the league's own page");
  await leg.locator(`button[value=${before.toLowerCase().trim()}]`).click();
  await expect(leg.locator(".badge").first()).toHaveText(before);
  await expect(page.locator("#history + ul")).toContainText("Seen on the league's own page");
  await expect(page.locator("#history + ul")).toContainText(HALIMA.name);

  await signOut(context);
  await page.goto(`/tips/${number}`);
  await expect(page.getByRole("main"), "everybody sees what became of it").toContainText(before);
});
