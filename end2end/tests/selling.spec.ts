// A tipster writes a tip, the desk approves it, and a buyer pays for it.
import { ASHA, Panel, expect, expectNoSidewaysScroll, newPerson, register, signIn, signOut, test } from "../fixtures";

const HALIMA = { name: "Halima Desk", phone: "0712000009", password: ASHA.password };
const CODE = "E2ESECRET";

/** A time in Kenya for an `<input type=datetime-local>`. */
function kickOff(hours: number) {
  return new Date(Date.now() + (hours + 3) * 3_600_000).toISOString().slice(0, 16);
}

test("a tip is written, approved, and bought", async ({ page, context, phones, javaScriptEnabled }) => {
  const slip = await drawSlip(page);
  await register(context, newPerson(), phones, { tipster: "true" });
  await page.goto("/my-tips");
  await page.getByRole("button", { name: "Sell a new tip" }).click();
  await expect(page).toHaveURL(/\/sell\//);
  await page.getByLabel("Bookmaker").selectOption("betika");
  await page.getByLabel("Bet code").fill(CODE);
  await page.getByLabel("Total odds").fill("1.85");
  await page.getByLabel("Price in KES").fill("5");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByLabel("Price in KES"), "KES 5 is below the least price, and is kept to be corrected").toHaveValue("5");
  await expect(page.getByLabel("Price in KES")).toHaveAttribute("aria-invalid", "true");
  await page.getByLabel("Price in KES").fill("50");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByLabel("Home team").fill("Gor Mahia");
  await page.getByLabel("Away team").fill("Tusker");
  await page.getByLabel("League").fill("Kenya Premier League");
  await page.getByLabel("Kick-off in Kenya").fill(kickOff(5));
  await page.getByLabel("Market").fill("Full-time result");
  await page.getByLabel("Pick").fill("Home win");
  await page.getByLabel("Odds of this match").fill("1.85");
  await page.getByRole("button", { name: "Add this match" }).click();
  await expect(page.getByText("Gor Mahia")).toBeVisible();
  await page.locator("input[type=file]").setInputFiles({ name: "slip.png", mimeType: "image/png", buffer: slip });
  await page.getByRole("button", { name: /^Send (the|another)/ }).first().click();
  await expectNoSidewaysScroll(page);
  await page.goto(`${new URL(page.url()).pathname.replace(/\/check$/, "")}/check`);
  await page.getByRole("button", { name: "Publish the tip" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  const tip = Number(new URL(page.url()).pathname.match(/\/tips\/(\d+)/)?.[1]);
  expect(tip, page.url()).toBeGreaterThan(0);
  await expectNoSidewaysScroll(page);

  await signOut(context);
  expect((await page.goto(`/tips/${tip}`))?.status(), "nobody's business before it is approved").toBe(404);
  await signIn(context, HALIMA);
  await page.goto("/desk/tips");
  await page.getByRole("button", { name: `Approve tip ${tip}` }).click();
  await expect(page.getByRole("button", { name: `Approve tip ${tip}` })).toHaveCount(0);

  await signOut(context);
  const buyer = newPerson();
  await register(context, buyer, phones);
  expect((await page.goto("/desk/tips"))?.status(), "the desk is for staff").toBe(404);
  await page.goto(`/tips?order=newest`);
  await page.locator(`a[href="/tips/${tip}"]`).first().click();
  await expect(page.getByText(CODE)).toHaveCount(0);
  const panel = new Panel(page);
  if (javaScriptEnabled) await panel.alive();
  await panel.pay();
  await phones.answer(buyer.phone, "pay");
  await expect(panel.status).toContainText("Paid. The tip is unlocked");
  await page.goto(`/tips/${tip}`);
  await expect(page.getByText(CODE, { exact: true })).toBeVisible();
});

test("a file that is no picture is refused in words", async ({ page, context, phones }) => {
  await register(context, newPerson(), phones, { tipster: "true" });
  await page.goto("/my-tips");
  await page.getByRole("button", { name: "Sell a new tip" }).click();
  const files = page.locator("input[type=file]");
  await files.setInputFiles({ name: "slip.png", mimeType: "image/png", buffer: Buffer.from("<svg onload=alert(1)>") });
  await page.getByRole("button", { name: /^Send (the|another)/ }).first().click();
  await expect(page.locator(".wrong").first()).toBeVisible();
});

test.use({ tolerated: /status of 4\d\d/ });

/** A betslip as a phone would photograph it. */
async function drawSlip(page: import("@playwright/test").Page) {
  await page.goto("/");
  return page.screenshot({ type: "png" });
}
