// Every page, as a visitor, a buyer and a tipster see it: it fits its window, everybody can use it, and the
// browser has no complaint.
import axe from "axe-core";
import { ASHA, Panel, anyTip, expect, expectNoSidewaysScroll, register, newPerson, signIn, test } from "../fixtures";
import type { Page } from "@playwright/test";

async function expectGood(page: Page, address: string, status = 200) {
  const answer = await page.goto(address);
  expect(answer?.status(), address).toBe(status);
  await expect(page.getByRole("heading", { level: 1 })).toHaveCount(1);
  await expect(page).toHaveTitle(/Ligisoo/);
  expect(answer?.headers()["content-security-policy"], address).toMatch(/script-src 'self' '(nonce|sha256)-/);
  await expectNoSidewaysScroll(page);
  await expectAccessible(page, address);
}

async function expectAccessible(page: Page, where: string) {
  await page.evaluate(axe.source);
  const found = await page.evaluate(() => (window as any).axe.run());
  const grave = found.violations.filter(({ impact }: { impact: string }) => ["serious", "critical"].includes(impact));
  const told = grave.map(({ id, help, nodes }: any) => `${id}: ${help}: ${nodes.map((node: any) => node.html).join(" | ")}`);
  expect(told, `accessibility of ${where}`).toEqual([]);
}

test("a visitor's pages", async ({ page, site }) => {
  for (const address of ["/", "/tips", `/tips/${anyTip(site).tip_id}`, "/tips?text=gor&order=odds", "/leaderboard", "/sign-in", "/register", "/reset", "/about", "/terms", "/privacy", "/help"]) await expectGood(page, address);
  await page.goto("/leaderboard");
  await expectGood(page, (await page.locator("a[href^=\"/tipsters/\"]").first().getAttribute("href"))!);
});

test.describe("a page that is not there", () => {
  test.use({ tolerated: /status of 404/ });

  test("says so", async ({ page }) => {
    for (const address of ["/nowhere", "/tips/99999", "/tips/not-a-number"]) await expectGood(page, address, 404);
  });
});

test.describe("forms that were not accepted", () => {
  test.use({ tolerated: /status of 401/ });

  test("are shown again", async ({ page }) => {
    await page.goto("/sign-in");
    await page.getByLabel("Phone number").fill("0799999999");
    await page.getByLabel("Password").fill("not the password");
    await page.getByRole("button", { name: "Sign in" }).click();
    await expect(page.getByRole("alert")).toBeVisible();
    await expectNoSidewaysScroll(page);
    await expectAccessible(page, "a refused sign-in");
  });
});

test("a buyer's pages, before and after paying", async ({ page, buyer, phones, site }) => {
  const [tip, cancelled] = [anyTip(site, 3), anyTip(site, 4)];
  await expectGood(page, "/purchases");
  await expectGood(page, `/tips/${tip.tip_id}`);
  const panel = new Panel(page);
  await panel.alive();
  await panel.pay();
  await expectAccessible(page, "a panel that waits");
  await phones.answer(buyer.phone, "pay");
  await expect(page.getByText(tip.bet_code, { exact: true })).toBeVisible();
  await expectGood(page, `/tips/${tip.tip_id}`);

  await panel.open(cancelled);
  await panel.pay();
  await phones.answer(buyer.phone, "cancel");
  await expect(panel.status).toContainText("cancelled");
  await expectAccessible(page, "a panel of a cancelled payment");
  await expectGood(page, "/purchases");
  const payments = page.getByRole("link", { name: "See the payment" });
  await expectGood(page, (await payments.first().getAttribute("href"))!);
  await page.goto("/purchases");
  await expectGood(page, (await page.getByRole("link", { name: "Receipt to print" }).first().getAttribute("href"))!);
  for (const address of ["/account", "/account/limits", "/notices", "/following"]) await expectGood(page, address);
});

test.describe("in Swahili, which takes more room", () => {
  test.use({ locale: "sw-KE" });

  test("every page, before and after paying", async ({ page, buyer, phones, site }) => {
    const [tip, cancelled] = [anyTip(site, 5), anyTip(site, 6)];
    for (const address of ["/", "/tips", "/leaderboard", "/purchases", "/about", "/terms", "/privacy", "/help", "/account", "/account/limits"]) await expectGood(page, address);
    await expect(page.locator("html")).toHaveAttribute("lang", "sw");
    const panel = new Panel(page, "sw-KE");
    await panel.open(tip);
    await panel.pay();
    await phones.answer(buyer.phone, "pay");
    await expect(page.getByText(tip.bet_code, { exact: true })).toBeVisible();
    await expectGood(page, `/tips/${tip.tip_id}`);
    await panel.open(cancelled);
    await panel.pay();
    await phones.answer(buyer.phone, "cancel");
    await expect(panel.status).toContainText(panel.words.cancelled);
    await expectNoSidewaysScroll(page);
    for (const address of ["/purchases", "/notices", "/following"]) await expectGood(page, address);
  });
});

test("a tipster's pages", async ({ page, context, site }) => {
  await signIn(context, ASHA);
  const own = site.tips.find((tip) => tip.tipster === ASHA.name)!;
  for (const address of ["/wallet", `/tips/${own.tip_id}`, `/tips/${anyTip(site).tip_id}`]) await expectGood(page, address);
});

test("a seller's pages, from an empty draft to the check before publishing", async ({ page, context, phones }) => {
  await register(context, newPerson(), phones, { tipster: "true" });
  await expectGood(page, "/my-tips");
  await page.getByRole("button", { name: "Sell a new tip" }).click();
  const draft = new URL(page.url()).pathname;
  await expectGood(page, draft);
  await expectGood(page, `${draft}/check`);
  await signIn(context, ASHA);
  await expectGood(page, "/my-tips");
});

test("the pages of the desk", async ({ page, context }) => {
  await signIn(context, { ...ASHA, phone: "0712000009" });
  await page.goto("/leaderboard");
  await page.locator("main a[href^='/tipsters/']").first().click();
  const settled = (await page.locator(".settled li a").first().getAttribute("href"))!.replace("/tips/", "");
  for (const address of ["/desk/tips", "/desk/results", `/desk/results/${settled}`]) await expectGood(page, address);
});

test("a new tipster's empty wallet", async ({ page, context, phones }) => {
  await register(context, newPerson(), phones, { tipster: "true" });
  await expectGood(page, "/wallet");
  await expect(page.getByText("No sales yet")).toBeVisible();
});

test("play money is named on every page", async ({ page, site }) => {
  for (const address of ["/", "/tips", `/tips/${anyTip(site).tip_id}`, "/sign-in", "/register"]) {
    await page.goto(address);
    await expect(page.getByText("DEV MODE")).toBeVisible();
  }
});
