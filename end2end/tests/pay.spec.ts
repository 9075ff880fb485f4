// Paying for a tip: with the right PIN, and with everything else that can happen on the phone.
import { ASHA, Panel, anyTip, expect, expectNoSidewaysScroll, expectUnlocked, msisdn, newPerson, shillings, signIn, signOut, test } from "../fixtures";

test("a visitor joins, pays with the right PIN, and reads the whole tip", async ({ page, phones, site }) => {
  const tip = anyTip(site);
  const person = newPerson();
  const panel = new Panel(page);

  await page.goto("/tips");
  await page.locator(`a[href="/tips/${tip.tip_id}"]`).click();
  await expect(page.getByRole("heading", { level: 1 })).toContainText(`Tip ${tip.tip_id}`);
  await expect(page.getByText("••••••")).toBeVisible();
  await panel.box.getByRole("link", { name: "Join Ligisoo" }).click();
  await page.getByLabel("Phone number").fill(person.phone);
  await page.getByLabel("Name to show").fill(person.name);
  await page.getByLabel("Date of birth").fill("1994-02-28");
  await expect(page.getByLabel("Buy tips")).toBeChecked();
  await page.getByRole("button", { name: "Join" }).click();
  await page.getByLabel("Code from the SMS").fill(await phones.code(person.phone));
  await page.getByLabel("New password").fill(person.password);
  await page.getByRole("button", { name: "Set the password and sign in" }).click();

  await expect(page, "back at the tip").toHaveURL(`/tips/${tip.tip_id}`);
  await panel.alive();
  await expect(panel.number).toHaveValue(person.phone);
  await expect(panel.payButton).toHaveText(`Pay ${shillings(tip.price)} with M-Pesa`);
  await panel.pay();
  await expect(panel.box.getByText(/^\d:\d\d$/)).toBeVisible();
  await expectNoSidewaysScroll(page);

  const prompt = await phones.answer(person.phone, "pay");
  expect(prompt.amount).toBe(tip.price);
  await expect(panel.box, "the reference that the SMS names").toContainText(prompt.account_reference);
  await expect(panel.status).toContainText("Paid. The tip is unlocked");
  await expectUnlocked(page, tip);
  await expectNoSidewaysScroll(page);

  const { sms, balance } = await phones.wallet(person.phone);
  expect(Number(balance)).toBe(10_000 - Number(tip.price));
  const receipt = sms[0].text.split(" ")[0];
  await page.getByRole("link", { name: "My purchases" }).click();
  const line = page.getByRole("listitem").filter({ hasText: `Tip ${tip.tip_id} ` });
  await expect(line).toContainText(receipt);
  await expect(line).toContainText("Paid");
  await line.getByRole("link", { name: "Open the tip" }).click();
  await expectUnlocked(page, tip);
});

test("the tipster's wallet grows by 60 % of the price", async ({ page, context, buyer, phones, site }, info) => {
  test.skip(!["desktop", "postgres"].includes(info.project.name), "one at a time, so that the balance moves once");
  const tip = site.tips.find((tip) => tip.tipster === ASHA.name)!;
  const buyerCookies = await context.cookies();
  const held = page.locator(".stat").filter({ hasText: "Held" }).locator("dd").first();
  const read = async () => Math.round(Number((await held.innerText()).replace(/[^\d.]/g, "")) * 100);

  await signOut(context);
  await signIn(context, ASHA);
  await page.goto("/wallet");
  const before = await read();

  await context.clearCookies();
  await context.addCookies(buyerCookies);
  const panel = new Panel(page);
  await panel.open(tip);
  await panel.pay();
  await phones.answer(buyer.phone, "pay");
  await expectUnlocked(page, tip);

  await signOut(context);
  await signIn(context, ASHA);
  await page.goto("/wallet");
  const share = Number(tip.price) * 60;
  expect(await read()).toBe(before + share);
  const sale = page.getByRole("row").filter({ hasText: `Tip ${tip.tip_id}` }).first();
  await expect(sale).toContainText(shillings(tip.price));
  await expect(sale).toContainText(shillings((share / 100).toFixed(2)));
});

const FAILURES = [
  { answer: "wrong_pin", says: ["The payment did not go through", "The M-Pesa PIN was wrong."] },
  { answer: "no_money", says: ["The payment did not go through", "Your M-Pesa balance was too low."] },
  { answer: "cancel", says: ["The request was cancelled or timed out"] },
] as const;

for (const [turn, { answer, says }] of FAILURES.entries()) {
  test(`${answer}: says what happened, unlocks nothing, and the next try can pay`, async ({ page, buyer, phones, site }) => {
    const tip = anyTip(site, turn + 1);
    const panel = new Panel(page);
    await panel.open(tip);
    await panel.pay();
    await phones.answer(buyer.phone, answer);
    for (const text of says) await expect(panel.status).toContainText(text);
    await expect(panel.status).toContainText("do not pay again");
    await expect(panel.status).not.toContainText(/no money was taken|not charged/i);
    expect(await page.content()).not.toContain(tip.bet_code);
    expect((await phones.wallet(buyer.phone)).balance).toBe("10000.00");

    await panel.pay();
    await phones.answer(buyer.phone, "pay");
    await expectUnlocked(page, tip);
    expect(Number((await phones.wallet(buyer.phone)).balance)).toBe(10_000 - Number(tip.price));
  });
}

test("ignored: the countdown runs out, the page goes on asking, and says that nobody answered", async ({ page, buyer, phones, site }, info) => {
  test.skip(info.project.name !== "desktop", "it takes the minute that a prompt lives");
  test.setTimeout(120_000);
  const panel = new Panel(page);
  await panel.open(anyTip(site, 10));
  await panel.pay();
  await phones.answer(buyer.phone, "ignore");
  await expect(panel.status).toContainText("Your phone could not be reached or nobody answered.", { timeout: 90_000 });
  await expect(panel.payButton).toBeEnabled();
});

test("another number can pay, for this purchase only", async ({ page, buyer, phones, site }) => {
  const tip = anyTip(site, 5);
  const friend = newPerson();
  const panel = new Panel(page);
  await panel.open(tip);
  await panel.number.fill(`+254 ${friend.phone.slice(1, 4)}-${friend.phone.slice(4)}`);
  await panel.pay();
  expect(await phones.prompts(buyer.phone)).toEqual([]);
  await phones.answer(friend.phone, "pay");
  await expectUnlocked(page, tip);
  await panel.open(anyTip(site, 6));
  await expect(panel.number).toHaveValue(buyer.phone);
});

test.describe("refused", () => {
  test.use({ tolerated: /status of (400|502)/ });

  test("a number that is none is refused in words, and stays to be corrected", async ({ page, buyer, phones, site }) => {
    const panel = new Panel(page);
    await panel.open(anyTip(site, 7));
    await panel.number.fill("0201234567");
    await panel.payButton.click();
    await expect(panel.status).toContainText(/number/i);
    await expect(panel.number).toHaveValue("0201234567");
    await expect(panel.payButton).toBeEnabled();
    expect(await phones.prompts(buyer.phone)).toEqual([]);
    await panel.number.fill(msisdn(buyer.phone));
    await panel.pay();
  });

  test("a push that Safaricom refuses says why and lets one try again", async ({ page, buyer, phones, site }) => {
    const tip = anyTip(site, 8);
    await phones.plan({ match: { phone_number: buyer.phone }, fault: "refuse", value: "500.001.1001", times: 1 });
    const panel = new Panel(page);
    await panel.open(tip);
    await panel.payButton.click();
    await expect(panel.status).toContainText(/M-Pesa/);
    await expect(panel.payButton).toBeEnabled();
    await panel.pay();
    await phones.answer(buyer.phone, "pay");
    await expectUnlocked(page, tip);
  });
});

test("a push whose answer was lost still rings, and still unlocks", async ({ page, buyer, phones, site }) => {
  const tip = anyTip(site, 9);
  await phones.plan({ match: { phone_number: buyer.phone }, fault: "lose_answer", times: 1 });
  const panel = new Panel(page);
  await panel.open(tip);
  await panel.payButton.click();
  await phones.answer(buyer.phone, "pay");
  await expectUnlocked(page, tip);
});
