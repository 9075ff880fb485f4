// What people touch: whole cards, forms in their own language, their own page, and the picks that they paid
// for.
import { ASHA, DEMO_PASSWORD, Panel, anyTip, expect, expectNoSidewaysScroll, newPerson, register, signIn, test } from "../fixtures";
import type { Page } from "@playwright/test";

const HALIMA = { name: "Halima Desk", phone: "0712000009", password: DEMO_PASSWORD };
const LONG_NAME = "Wanjiru Nyambura Kamau wa Kariokor Plaza";

for (const address of ["/", "/tips"]) {
  test(`a card on ${address} leads to its tip wherever it is pressed`, async ({ page }) => {
    await page.goto(address);
    const card = page.locator(".slip").first();
    await card.scrollIntoViewIfNeeded();
    const dead = await card.evaluate((card) => {
      const link = card.querySelector(".slip-open");
      const { left, right, top, bottom } = card.getBoundingClientRect();
      const inside = 8;
      const points = [
        [(left + right) / 2, (top + bottom) / 2],
        [left + inside, top + inside],
        [right - inside, top + inside],
        [left + inside, bottom - inside],
        [right - inside, bottom - inside],
        [(left + right) / 2, bottom - inside],
      ];
      return points.filter(([x, y]) => document.elementFromPoint(x, y)?.closest("a") !== link);
    });
    expect(dead, "points of the card that lead nowhere").toEqual([]);
    const name = card.locator(".tipster");
    const isOnTop = await name.evaluate((name) => {
      const { left, top, width, height } = name.getBoundingClientRect();
      return name.contains(document.elementFromPoint(left + width / 2, top + height / 2));
    });
    expect(isOnTop, "the name leads to the tipster").toBe(true);
    const tip = (await card.locator(".slip-open").getAttribute("href"))!;
    const price = (await card.locator(".price").boundingBox())!;
    await page.mouse.click(price.x + price.width / 2, price.y + price.height / 2);
    await expect(page).toHaveURL(tip);
  });
}

test("a long name on a card is one line and covers nothing", async ({ page }) => {
  await page.goto("/tips");
  const card = page.locator(".slip").first();
  const name = card.locator(".tipster b");
  const short = (await name.boundingBox())!;
  await name.evaluate((name, text) => (name.textContent = text), LONG_NAME);
  const [long, facts, odds] = await Promise.all([name, card.locator(".slip-facts"), card.locator(".slip-top > .odds")].map(async (part) => (await part.boundingBox())!));
  expect(long.height, "one line").toBe(short.height);
  expect(long.y + long.height).toBeLessThanOrEqual(facts.y + 1);
  expect(long.x + long.width).toBeLessThanOrEqual(odds.x);
  await expectNoSidewaysScroll(page);
});

test("no field of the filters hides what a form can do", async ({ page }) => {
  await page.goto("/tips?matches=2-3");
  expect(await page.locator("form.find").evaluate((form) => typeof form.matches)).toBe("function");
  await expect(page.locator("#match_count"), "an old link still asks the same").toHaveValue("2-3");
});

test("one's own page is changed and shared, not followed", async ({ page, context, site }) => {
  await signIn(context, ASHA);
  await page.goto("/leaderboard");
  await page.getByRole("main").getByRole("link", { name: ASHA.name }).first().click();
  await expect(page.getByRole("heading", { level: 1 })).toContainText(ASHA.name);
  await expect(page.getByRole("button", { name: /Follow/ })).toHaveCount(0);
  await page.getByText("Share my page").click();
  const address = await page.getByLabel("The address of your page").inputValue();
  expect(address).toBe(new URL(new URL(page.url()).pathname, site.url).href);
  const whatsapp = new URL((await page.getByRole("link", { name: "Send it by WhatsApp" }).getAttribute("href"))!);
  expect([whatsapp.origin, whatsapp.searchParams.get("text")]).toEqual(["https://wa.me", address]);
  await expectNoSidewaysScroll(page);
  await page.getByRole("link", { name: "Edit what others see" }).click();
  await expect(page).toHaveURL("/account");
});

test("the picks of a bought tip stand in the order in which they are played", async ({ page, buyer, phones, site, javaScriptEnabled }) => {
  const tip = site.tips.filter((tip) => tip.tipster !== ASHA.name).reduce((most, tip) => (tip.matches.length > most.matches.length ? tip : most));
  await page.goto(`/tips/${tip.tip_id}`);
  const panel = new Panel(page);
  if (javaScriptEnabled) await panel.alive();
  await panel.pay();
  await phones.answer(buyer.phone, "pay");
  await expect(panel.status).not.toContainText("Check your phone");
  await page.goto(`/tips/${tip.tip_id}`);
  const picks = page.getByRole("list", { name: "Picks" }).getByRole("listitem");
  await expect(picks).toHaveCount(tip.matches.length);
  let day = "";
  const kickOffs: number[] = [];
  for (const pick of await picks.all()) {
    const heading = pick.getByRole("heading", { level: 3 });
    if (await heading.count()) {
      expect(await heading.innerText(), "a line for each day").not.toBe(day);
      day = await heading.innerText();
    }
    const time = (await pick.locator(".soft").innerText()).match(/^\d\d:\d\d/)![0];
    kickOffs.push(Date.parse(`${day} ${time}`));
  }
  expect(kickOffs.some(Number.isNaN)).toBe(false);
  expect(kickOffs).toEqual([...kickOffs].sort((a, b) => a - b));
  await expectNoSidewaysScroll(page);
});

test("a password is shown to who types it, if they want", async ({ page, javaScriptEnabled }) => {
  await page.goto("/sign-in");
  const show = page.getByRole("button", { name: "Show what I type" });
  const password = page.getByLabel("Password");
  if (!javaScriptEnabled) return expect(show, "it needs a script").toHaveCount(0);
  await password.fill("correct horse");
  await expect(password).toHaveAttribute("type", "password");
  await show.click();
  await expect(password).toHaveAttribute("type", "text");
  await page.getByRole("button", { name: "Hide it again" }).click();
  await expect(password).toHaveAttribute("type", "password");
});

test("who joins is told of the terms", async ({ page }) => {
  await page.goto("/register");
  await expect(page.getByText("By joining you accept")).toBeVisible();
  await page.getByRole("main").getByRole("link", { name: "the Terms" }).click();
  await expect(page).toHaveURL("/terms");
});

test.describe("on a Swahili page", () => {
  test.use({ locale: "sw-KE", tolerated: /status of 400/ });

  async function join(page: Page, typed: Record<string, string>) {
    for (const [name, value] of Object.entries(typed)) await page.locator(`#${name}`).fill(value);
    await page.getByRole("button", { name: "Jiunge" }).click();
  }

  test("what is missing is said in Swahili, at its field, and the rest is kept", async ({ page }) => {
    await page.goto("/register");
    await join(page, {});
    await expect(page.locator("#phone_number")).toHaveAttribute("aria-invalid", "true");
    await expect(page.locator("#phone_number-problem")).toBeVisible();
    await join(page, { phone_number: newPerson().phone, display_name: "Wambui", birth_date: "31/02/1995" });
    const wrong = page.locator("[aria-invalid=true]");
    await expect(wrong).toHaveCount(1);
    await expect(page.locator("#display_name")).toHaveValue("Wambui");
    await expect(page.locator("#birth_date")).toHaveValue("31/02/1995");
    await expect(page.getByText("MAJARIBIO", { exact: true })).toBeVisible();
  });
});

test.describe("the desk's own address", () => {
  test.use({ tolerated: /status of 404/ });

  test("leads staff to its first page, and nobody else", async ({ page, context, phones }) => {
    await page.goto("/desk");
    await expect(page).toHaveURL("/sign-in?next=%2Fdesk");
    await signIn(context, HALIMA);
    await page.goto("/desk");
    await expect(page).toHaveURL("/desk/tips");
    await context.clearCookies();
    await register(context, newPerson(), phones);
    expect((await page.goto("/desk"))?.status()).toBe(404);
  });
});
