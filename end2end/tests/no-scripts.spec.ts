// Without scripts the site works with plain forms and a page that refreshes itself.
import { Panel, anyTip, expect, newPerson, test } from "../fixtures";

// Without scripts Chromium still fetches what is preloaded for them, and says so. A refused form is a 409.
test.use({ tolerated: /was preloaded using link preload|status of 409/ });

test("joining, paying and reading the tip", async ({ page, phones, site }) => {
  const tip = anyTip(site);
  const person = newPerson();
  const panel = new Panel(page);
  await page.goto(`/tips/${tip.tip_id}`);
  await panel.box.getByRole("link", { name: "Join Ligisoo" }).click();
  await page.getByLabel("Phone number").fill(person.phone);
  await page.getByLabel("Name to show").fill(person.name);
  await page.getByLabel("Date of birth").fill("1994-02-28");
  await page.getByRole("button", { name: "Join" }).click();
  await page.getByLabel("Code from the SMS").fill(await phones.code(person.phone));
  await page.getByLabel("New password").fill(person.password);
  await page.getByRole("button", { name: "Set the password and sign in" }).click();
  await expect(page).toHaveURL(`/tips/${tip.tip_id}`);

  await panel.payButton.click();
  await expect(page).toHaveURL(/\/payments\/[0-9a-f-]{36}$/);
  await expect(panel.status).toContainText("Check your phone");
  await phones.answer(person.phone, "pay");
  // Nobody presses anything: the page asks again by itself.
  await expect(panel.status).toContainText("Paid. The tip is unlocked");
  await page.getByRole("link", { name: "Open the tip" }).click();
  await expect(page.getByText(tip.bet_code, { exact: true })).toBeVisible();
  await expect(page.getByRole("list", { name: "Picks" }).getByRole("listitem")).toHaveCount(tip.matches.length);
  await expect(page.getByRole("img", { name: "The betslip as the tipster posted it" })).toBeVisible();
});

test("a cancelled payment says so and can be tried again", async ({ page, buyer, phones, site }) => {
  const tip = anyTip(site, 1);
  const panel = new Panel(page);
  await page.goto(`/tips/${tip.tip_id}`);
  await panel.payButton.click();
  await phones.answer(buyer.phone, "cancel");
  await expect(panel.status).toContainText("The request was cancelled or timed out");
  await page.getByRole("link", { name: "Try again" }).click();
  await expect(page).toHaveURL(`/tips/${tip.tip_id}`);
  await panel.payButton.click();
  await phones.answer(buyer.phone, "pay");
  await expect(panel.status).toContainText("Paid. The tip is unlocked");
});

test("a pending payment is found again from the tip's page", async ({ page, buyer, phones, site }) => {
  const tip = anyTip(site, 2);
  const panel = new Panel(page);
  await page.goto(`/tips/${tip.tip_id}`);
  await panel.payButton.click();
  await expect(panel.status).toContainText("Check your phone");
  await page.goto(`/tips/${tip.tip_id}`);
  await expect(panel.status).toContainText("Check your phone");
  await page.getByRole("link", { name: "Follow this payment" }).click();
  await phones.answer(buyer.phone, "pay");
  await expect(panel.status).toContainText("Paid. The tip is unlocked");
});

test.describe("a refused form", () => {
  test.use({ tolerated: /status of 400/ });

  test("a number that is none comes back with the reason", async ({ page, buyer, phones, site }) => {
    const tip = anyTip(site, 3);
    const panel = new Panel(page);
    await page.goto(`/tips/${tip.tip_id}`);
    await panel.number.fill("0201234567");
    await panel.payButton.click();
    // The tip's page is made anew with the reason, because an address cannot carry words onto it.
    await expect(panel.status).toContainText("not a Kenyan mobile number");
    await expect(panel.payButton).toBeVisible();
    expect(await phones.prompts(buyer.phone)).toEqual([]);
  });
});

test("signing out is a button", async ({ page, buyer }) => {
  await page.goto("/tips");
  await expect(page.getByRole("banner").getByText(buyer.name)).toBeVisible();
  await page.getByRole("button", { name: "Sign out" }).click();
  await expect(page.getByRole("link", { name: "Sign in" })).toBeVisible();
});
