// Finding a tip: words, limits, an order, pages, and ways back. These are plain links and forms, and work
// with and without scripts.
import { anyTip, expect, expectNoSidewaysScroll, test } from "../fixtures";
import type { Page } from "@playwright/test";

const cards = (page: Page) => page.locator(".slip");
const openFilters = (page: Page) => page.getByText("Filters and order").click();

test("by the name of a tipster, and back to everything", async ({ page, site }) => {
  const { tipster } = anyTip(site);
  await page.goto("/tips");
  const all = await cards(page).count();
  await page.getByRole("searchbox").fill(tipster.toUpperCase());
  await page.getByRole("button", { name: "Search" }).click();
  await expect(page).toHaveURL(/\/tips\?text=/);
  const found = await cards(page).count();
  expect(found).toBeGreaterThan(0);
  expect(found).toBeLessThan(all);
  await expect(cards(page).filter({ hasText: tipster })).toHaveCount(found);
  await expect(page.getByRole("searchbox"), "what was typed stays").toHaveValue(tipster.toUpperCase());
  await cards(page).first().locator("a[href^='/tips/']").click();
  await expect(page).toHaveURL(/\/tips\/\d+$/);
  await page.goBack();
  await expect(cards(page), "the list as it was").toHaveCount(found);
});

test("in an order, between limits, and the links keep them", async ({ page }) => {
  await page.goto("/tips");
  await openFilters(page);
  await page.locator("#order").selectOption("odds");
  await page.locator("#min_odds").fill("2");
  await page.getByRole("button", { name: "Show these tips" }).click();
  await expect(page).toHaveURL(/order=odds/);
  const odds = (await cards(page).locator(".odds").allInnerTexts()).map((text) => Number(text.replace(/[^\d.]/g, "")));
  expect(odds.length).toBeGreaterThan(1);
  expect(odds, "highest first").toEqual([...odds].sort((a, b) => b - a));
  expect(Math.min(...odds)).toBeGreaterThanOrEqual(2);
  const next = page.locator("a[href*='page=2']");
  if (await next.count()) expect(await next.first().getAttribute("href")).toMatch(/min_odds=2/);
  await expectNoSidewaysScroll(page);
});

test("what is left until sales close is counted down", async ({ page, javaScriptEnabled }) => {
  test.skip(!javaScriptEnabled, "without scripts it is right when the page is made");
  await page.clock.install();
  await page.goto("/tips");
  const closing = cards(page).last().locator("[data-until]");
  const minutes = async () => {
    const [, days = 0, hours = 0, left = 0] = (await closing.innerText()).match(/Closes in (?:(\d+)\sdays?)?\s?(?:(\d+)\sh)?\s?(?:(\d+)\smin)?/)!;
    return (Number(days) * 24 + Number(hours)) * 60 + Number(left);
  };
  const before = await minutes();
  await page.clock.runFor("01:00:30");
  // While days are shown, the text has hours and no minutes.
  expect(before - (await minutes())).toBeGreaterThanOrEqual(60);
  expect(before - (await minutes())).toBeLessThanOrEqual(121);
  await page.clock.fastForward(200 * 3_600_000);
  await expect(closing).toHaveText("Sales have closed");
});

test("a bet code finds nothing", async ({ page, site }) => {
  await page.goto(`/tips?text=${anyTip(site).bet_code}`);
  await expect(cards(page)).toHaveCount(0);
  await page.getByRole("main").getByRole("link", { name: /clear|everything|filters/i }).first().click();
  expect(await cards(page).count()).toBeGreaterThan(0);
});

test.describe("what makes no sense", () => {
  test.use({ tolerated: /status of 40[04]/ });

  test("is said beside the field, and what was typed stays", async ({ page }) => {
    expect((await page.goto("/tips?min_odds=many"))?.status()).toBe(400);
    await expect(page.locator("#min_odds")).toHaveValue("many");
    await expect(page.locator("#min_odds")).toHaveAttribute("aria-invalid", "true");
    await expect(page.locator("#min_odds-problem")).toBeVisible();
    await expect(page.locator("#min_odds"), "where the eye and the screen reader should be").toBeFocused();
  });

  test("a page past the last leads back", async ({ page }) => {
    expect((await page.goto("/tips?page=99"))?.status()).toBe(404);
    await page.getByRole("main").getByRole("link").first().click();
    expect(await cards(page).count()).toBeGreaterThan(0);
  });
});

test("from the board to a tipster's record, by span", async ({ page }) => {
  await page.goto("/leaderboard");
  await page.locator("main a[href^='/tipsters/']").first().click();
  await expect(page).toHaveURL(/\/tipsters\//);
  await page.locator("a[href*='days=30']").click();
  await expect(page).toHaveURL(/days=30/);
  await expect(page.locator("a[href*='days=30']")).toHaveAttribute("aria-current", /.+/);
});
