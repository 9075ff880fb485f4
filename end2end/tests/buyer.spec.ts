// What a buyer does besides paying: receipts, codes from an SMS, limits, notices, the own account. All of it
// works with and without scripts.
import { DEMO_PASSWORD, Panel, anyTip, expect, expectNoSidewaysScroll, newPerson, register, signIn, signOut, test } from "../fixtures";
import type { Person, Phones, Tip } from "../fixtures";
import type { Page } from "@playwright/test";

/** The demo's tipsters and their numbers. */
const TIPSTERS: Record<string, string> = {
  "Kip Cheruiyot": "0712000003",
  "Wanjiru Kamau": "0712000004",
  "Achieng Atieno": "0712000006",
  "Njoroge Maina": "0712000007",
  "Mutua Kilonzo": "0712000008",
};

/** Starts a payment, and answers the phone. */
async function pay(page: Page, phones: Phones, buyer: Person, tip: Tip, hasScripts: boolean, answer: "pay" | "cancel" = "pay") {
  const panel = new Panel(page);
  await page.goto(`/tips/${tip.tip_id}`);
  if (hasScripts) await panel.alive();
  await panel.pay();
  await phones.answer(buyer.phone, answer);
  await expect(panel.status).not.toContainText("Check your phone");
}

test("the receipt of a purchase names the money and not the tip", async ({ page, buyer, phones, site, javaScriptEnabled }) => {
  const tip = anyTip(site, 10);
  await pay(page, phones, buyer, tip, javaScriptEnabled);
  await page.goto("/purchases");
  await expect(page.getByText(tip.bet_code, { exact: true })).toBeVisible();
  await page.locator("a[href$='/receipt']").first().click();
  const receipt = (await phones.wallet(buyer.phone)).sms[0].text.split(" ")[0];
  await expect(page.getByText(receipt)).toBeVisible();
  expect(await page.content()).not.toContain(tip.bet_code);
  await expectNoSidewaysScroll(page);
});

test.describe("a code from an SMS", () => {
  test.use({ tolerated: /status of 4\d\d/ });

  test("is checked for its form, kept, and settles nothing", async ({ page, buyer, phones, site, javaScriptEnabled }) => {
    const tip = anyTip(site, 11);
    await pay(page, phones, buyer, tip, javaScriptEnabled, "cancel");
    await page.goto("/purchases");
    await page.locator("a[href$='#claim']").first().click();
    const field = page.locator("#receipt");
    // This part of the page may be closed.
    if (!(await field.isVisible())) await page.locator("#claim summary").click();
    await field.fill("NOT A CODE");
    await page.locator("#claim button").click();
    await expect(field).toHaveValue("NOT A CODE");
    await expect(field).toHaveAttribute("aria-invalid", "true");
    await field.fill("UKOLRIYZ3V");
    await page.locator("#claim button").click();
    await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
    await page.goto(`/tips/${tip.tip_id}`);
    await expect(page.getByText(tip.bet_code)).toHaveCount(0);
    await expectNoSidewaysScroll(page);
  });
});

test.describe("playing safe", () => {
  test.use({ tolerated: /status of 4\d\d/ });

  test("a limit and a break hold before any phone rings", async ({ page, buyer, phones, site, javaScriptEnabled }) => {
    const tip = anyTip(site, 12);
    const panel = new Panel(page);
    await page.goto("/account/limits");
    await page.locator("#limit-day").fill("a lot");
    await page.locator("form.limit").first().getByRole("button").click();
    await expect(page.locator("#limit-day")).toHaveValue("a lot");
    await expect(page.locator("#limit-day")).toHaveAttribute("aria-invalid", "true");
    await page.locator("#limit-day").fill("1");
    await page.locator("form.limit").first().getByRole("button").click();
    await expect(page.getByRole("status")).toBeVisible();
    await page.goto(`/tips/${tip.tip_id}`);
    if (javaScriptEnabled) await panel.alive();
    await panel.payButton.click();
    await expect(panel.box).toContainText("KES 1");
    expect(await phones.prompts(buyer.phone)).toEqual([]);

    await page.goto("/account/limits");
    await page.locator("input[name=length][value='24-hours']").check();
    await page.locator("form[action$='/break'] button").click();
    await expect(page.locator(".notice.wait")).toBeVisible();
    await page.goto(`/tips/${tip.tip_id}`);
    await expect(panel.payButton).toHaveCount(0);
    await expectNoSidewaysScroll(page);
  });
});

test("following a tipster, and what a sale tells the tipster", async ({ page, context, phones, site, javaScriptEnabled }) => {
  const tip = anyTip(site, 13);
  const buyer = newPerson();
  await register(context, buyer, phones);
  await page.goto(`/tips/${tip.tip_id}`);
  await page.getByRole("main").locator("a[href^='/tipsters/']").first().click();
  await page.getByRole("button", { name: `Follow ${tip.tipster}` }).click();
  await expect(page.getByRole("button", { name: `Stop following ${tip.tipster}` })).toBeVisible();
  await page.goto("/following");
  await expect(page.getByRole("main").getByText(tip.tipster).first()).toBeVisible();
  await pay(page, phones, buyer, tip, javaScriptEnabled);

  await signOut(context);
  await signIn(context, { name: tip.tipster, phone: TIPSTERS[tip.tipster], password: DEMO_PASSWORD });
  await page.goto("/notices");
  await expect(page.getByRole("main").getByText(`Tip ${tip.tip_id}`).first()).toBeVisible();
  await expect(page.locator(".unread").first()).toBeVisible();
  await expect(page.locator(".unread-count")).toBeVisible();
  const middles = [".brand", ".who"].map(async (part) => {
    const box = (await page.locator(part).boundingBox())!;
    return box.y + box.height / 2;
  });
  const [brand, who] = await Promise.all(middles);
  expect(Math.abs(brand - who), "the header is one line, also with news in it").toBeLessThan(8);
  await expectNoSidewaysScroll(page);
});

test.describe("the own account", () => {
  test.use({ tolerated: /status of 4\d\d/ });

  test("name, picture, password, and closing it for good", async ({ page, context, buyer }) => {
    await page.goto("/account");
    await page.locator("#display_name").fill("Wambui Mpya");
    await page.locator("form[action$='/profile'] button").click();
    await expect(page.getByRole("banner").getByText("Wambui Mpya")).toBeVisible();

    const devices = page.locator("#devices li");
    await expect(devices.filter({ hasText: "This one" })).toHaveCount(1);
    await expectNoSidewaysScroll(page);

    const picture = page.locator("form[action$='/portrait'] input[type=file]");
    await picture.setInputFiles({ name: "me.png", mimeType: "image/png", buffer: Buffer.from("<svg/>") });
    await page.locator("form[action$='/portrait'] button").click();
    await expect(page.locator("#picture .wrong")).toBeVisible();
    const face = await page.screenshot({ type: "png" });
    await picture.setInputFiles({ name: "me.png", mimeType: "image/png", buffer: face });
    await page.locator("form[action$='/portrait'] button").click();
    const shown = page.locator("img.portrait");
    await expect(shown).toBeVisible();
    await expect.poll(() => shown.evaluate((image: HTMLImageElement) => image.naturalWidth)).toBe(192);

    await page.locator("#old_password").fill("not the password");
    await page.locator("#password").fill("battery staple");
    await page.locator("form[action$='/password'] button:not([type=button])").click();
    await expect(page.locator("#old_password")).toHaveAttribute("aria-invalid", "true");
    await page.locator("#old_password").fill(buyer.password);
    await page.locator("#password").fill("battery staple");
    await page.locator("form[action$='/password'] button:not([type=button])").click();
    await expect(page.getByRole("status")).toBeVisible();

    await page.locator("#close summary").click();
    await page.locator("#close_password").fill("battery staple");
    await page.locator("#close button:not([type=button])").click();
    await expect(page.getByRole("link", { name: "Sign in" })).toBeVisible();
    const again = await context.request.post("/api/accounts/sign-in", {
      form: { phone_number: buyer.phone, password: "battery staple" },
      maxRedirects: 0,
    });
    expect(again.status()).toBe(401);
  });
});

test("Kiswahili is chosen once and stays", async ({ page, site }) => {
  await page.goto(`/tips/${anyTip(site).tip_id}`);
  await page.getByRole("button", { name: "Kiswahili" }).click();
  await expect(page.locator("html")).toHaveAttribute("lang", "sw");
  await expect(page).toHaveURL(`/tips/${anyTip(site).tip_id}`);
  await page.goto("/tips");
  await expect(page.locator("html")).toHaveAttribute("lang", "sw");
  await expectNoSidewaysScroll(page);
  await page.getByRole("button", { name: "English" }).click();
  await expect(page.locator("html")).toHaveAttribute("lang", "en");
});
