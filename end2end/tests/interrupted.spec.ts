// A payment survives reloads, second tabs, lost networks and lost sign-ins, and is made once.
import { Panel, anyTip, expect, expectUnlocked, test } from "../fixtures";

test("a reload while the phone rings goes on where it was", async ({ page, buyer, phones, site }) => {
  const tip = anyTip(site);
  const panel = new Panel(page);
  await panel.open(tip);
  await panel.pay();
  const [prompt] = await phones.prompts(buyer.phone);
  await page.reload();
  await expect(panel.status).toContainText("Check your phone");
  await expect(panel.box).toContainText(prompt.account_reference);
  await expect(panel.payButton).toBeHidden();
  await phones.answer(buyer.phone, "pay");
  await expectUnlocked(page, tip);
});

test("a second tab joins the payment, and both unlock", async ({ page, context, buyer, phones, site }) => {
  const tip = anyTip(site, 1);
  const second = await context.newPage();
  const [panel, other] = [new Panel(page), new Panel(second)];
  await panel.open(tip);
  await other.open(tip);
  await panel.pay();
  await other.pay();
  expect(await phones.prompts(buyer.phone)).toHaveLength(1);
  await phones.answer(buyer.phone, "pay");
  await page.bringToFront();
  await expectUnlocked(page, tip);
  await second.bringToFront();
  await expectUnlocked(second, tip);
  expect(Number((await phones.wallet(buyer.phone)).balance)).toBe(10_000 - Number(tip.price));
});

test("a double click sends one request and one prompt", async ({ page, buyer, phones, site }) => {
  const tip = anyTip(site, 2);
  const panel = new Panel(page);
  const posts: string[] = [];
  page.on("request", (request) => request.method() === "POST" && posts.push(request.url()));
  await panel.open(tip);
  await panel.payButton.dblclick();
  await expect(panel.status).toContainText("Check your phone");
  expect(posts).toHaveLength(1);
  expect(await phones.prompts(buyer.phone)).toHaveLength(1);
  await phones.answer(buyer.phone, "pay");
  await expectUnlocked(page, tip);
});

test("eight presses at once from a program are one payment", async ({ context, buyer, phones, site }) => {
  const tip = anyTip(site, 3);
  const press = () => context.request.post("/payments/api/initiate-tip-payment/", { data: { tip_id: tip.tip_id } });
  const answers = await Promise.all(Array.from({ length: 8 }, press));
  const ids = new Set(await Promise.all(answers.map(async (answer) => (await answer.json()).payment_id)));
  expect(answers.map((answer) => answer.status()).filter((status) => ![200, 202].includes(status))).toEqual([]);
  expect(ids.size).toBe(1);
  expect(await phones.prompts(buyer.phone)).toHaveLength(1);
});

test.describe("without a network for a while", () => {
  test.use({ tolerated: /ERR_INTERNET_DISCONNECTED|Failed to load resource/ });

  test("polls fail, the page says so, and asks at once when the network is back", async ({ page, context, buyer, phones, site }) => {
    const tip = anyTip(site, 4);
    const panel = new Panel(page);
    await panel.open(tip);
    await panel.pay();
    await context.setOffline(true);
    await phones.answer(buyer.phone, "pay");
    await expect(panel.box.getByText("We cannot reach Ligisoo")).toBeVisible();
    await expect(panel.status, "it does not give up").toContainText("Check your phone");
    await context.setOffline(false);
    await expect(panel.status).toContainText("Paid", { timeout: 3_000 });
    await expectUnlocked(page, tip);
  });

  test("a press that does not go out says so, and the next one works", async ({ page, context, buyer, phones, site }) => {
    const tip = anyTip(site, 5);
    const panel = new Panel(page);
    await panel.open(tip);
    await context.setOffline(true);
    await panel.payButton.click();
    await expect(panel.status).toContainText("We could not reach Ligisoo");
    await context.setOffline(false);
    await panel.pay();
    await phones.answer(buyer.phone, "pay");
    await expectUnlocked(page, tip);
  });
});

test.describe("signed out while the panel is open", () => {
  test.use({ tolerated: /401/ });

  test("a press says so and leads back to this tip", async ({ page, context, buyer, phones, site }) => {
    const tip = anyTip(site, 6);
    const panel = new Panel(page);
    await panel.open(tip);
    await context.clearCookies();
    await panel.payButton.click();
    await expect(panel.box.getByRole("alert")).toContainText("You were signed out");
    expect(await phones.prompts(buyer.phone)).toEqual([]);
    await panel.box.getByRole("link", { name: "Sign in to go on" }).click();
    await page.getByLabel("Phone number").fill(buyer.phone);
    await page.getByLabel("Password").fill(buyer.password);
    await page.getByRole("button", { name: "Sign in" }).click();
    await expect(page).toHaveURL(`/tips/${tip.tip_id}`);
    await panel.alive();
    await panel.pay();
  });

  test("a poll says so, and the payment is found after signing in", async ({ page, context, buyer, phones, site }) => {
    const tip = anyTip(site, 7);
    const panel = new Panel(page);
    await panel.open(tip);
    await panel.pay();
    await context.clearCookies();
    await phones.answer(buyer.phone, "pay");
    await panel.box.getByRole("link", { name: "Sign in to go on" }).click();
    await page.getByLabel("Phone number").fill(buyer.phone);
    await page.getByLabel("Password").fill(buyer.password);
    await page.getByRole("button", { name: "Sign in" }).click();
    await expectUnlocked(page, tip);
  });
});

test("polls come every five seconds, one at a time, and end with the payment", async ({ page, buyer, phones, site }) => {
  const tip = anyTip(site, 8);
  const panel = new Panel(page);
  const asked: number[] = [];
  page.on("request", (request) => request.url().includes("/api/payments/state") && asked.push(Date.now()));
  await panel.open(tip);
  await panel.pay();
  await expect.poll(() => asked.length, { timeout: 20_000 }).toBe(3);
  const gaps = asked.slice(1).map((time, index) => time - asked[index]);
  for (const gap of gaps) {
    expect(gap).toBeGreaterThan(3_900);
    expect(gap).toBeLessThan(6_500);
  }
  await phones.answer(buyer.phone, "cancel");
  await expect(panel.status).toContainText("cancelled");
  const count = asked.length;
  await page.waitForTimeout(6_500);
  expect(asked.length).toBe(count);
});

test("the whole way with the keyboard alone", async ({ page, buyer, phones, site }) => {
  const tip = anyTip(site, 9);
  const panel = new Panel(page);
  await panel.open(tip);
  const isFocused = () => panel.payButton.evaluate((button) => button === document.activeElement);
  for (let press = 0; press < 30 && !(await isFocused()); press++) await page.keyboard.press("Tab");
  expect(await isFocused(), "the button can be reached with Tab").toBe(true);
  await page.keyboard.press("Enter");
  await expect(panel.status).toContainText("Check your phone");
  await phones.answer(buyer.phone, "wrong_pin");
  await expect(panel.status).toContainText("The M-Pesa PIN was wrong.");
  await expect(panel.status, "the focus is where the news is").toBeFocused();
  for (let press = 0; press < 10 && !(await isFocused()); press++) await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await phones.answer(buyer.phone, "pay");
  await expectUnlocked(page, tip);
});
