// The simulator's own page: a phone on which a person enters the PIN.
import axe from "axe-core";
import { Panel, anyTip, expect, expectNoSidewaysScroll, expectUnlocked, test } from "../fixtures";

test("the PIN is entered on the phone's PIN pad", async ({ page, context, buyer, phones, site }) => {
  const tip = anyTip(site);
  const panel = new Panel(page);
  await panel.open(tip);
  await panel.pay();
  const opened = context.waitForEvent("page");
  await page.getByRole("link", { name: "Open the phones" }).click();
  const table = await opened;
  const local = `${buyer.phone.slice(0, 4)} ${buyer.phone.slice(4, 7)} ${buyer.phone.slice(7)}`;
  const handset = table.getByRole("article", { name: `Phone ${local}` });
  const [prompt] = await phones.prompts(buyer.phone);
  await expect(handset).toContainText(prompt.text);
  for (const digit of "1234") await handset.getByRole("button", { name: digit, exact: true }).click();
  await handset.getByRole("button", { name: "Pay", exact: true }).click();
  await expect(handset.getByRole("listitem").first()).toContainText(`for account ${prompt.account_reference}`);
  await page.bringToFront();
  await expectUnlocked(page, tip);
});

test("the page fits a phone and can be used by everybody", async ({ page, site, phones, buyer }) => {
  await phones.wallet(buyer.phone);
  await page.setViewportSize({ width: 360, height: 740 });
  await page.goto(site.simulatorUrl);
  await expect(page.getByRole("article").first()).toBeVisible();
  await expectNoSidewaysScroll(page);
  await page.evaluate(axe.source);
  const found = await page.evaluate(() => (window as any).axe.run());
  expect(found.violations.filter(({ impact }: any) => ["serious", "critical"].includes(impact)).map(({ id, nodes }: any) => [id, nodes[0].html])).toEqual([]);
});
