// The panel hears at once that it was paid, and works without the stream where there is none.
import { Panel, anyTip, expect, expectUnlocked, test } from "../fixtures";

test("with every timer stopped, the stream alone says that it was paid", async ({ page, buyer, phones, site }) => {
  const tip = anyTip(site, 4);
  const panel = new Panel(page);
  await page.clock.install();
  await panel.open(tip);
  const stream = page.waitForRequest(/\/api\/payments\/events\?/);
  await panel.pay();
  await stream;
  await page.clock.pauseAt(Date.now() + 60_000);
  await phones.answer(buyer.phone, "pay");
  await expect(panel.status).toContainText("Paid. The tip is unlocked");
  await page.clock.resume();
  await expectUnlocked(page, tip);
});

test.describe("where no stream comes through", () => {
  test.use({ tolerated: /ERR_FAILED|ERR_INCOMPLETE_CHUNKED_ENCODING|Failed to load resource/ });

  test("asking alone finds it", async ({ page, buyer, phones, site }) => {
    const tip = anyTip(site, 5);
    const panel = new Panel(page);
    await page.route(/\/api\/payments\/events/, (route) => route.abort());
    await panel.open(tip);
    await panel.pay();
    await phones.answer(buyer.phone, "pay");
    await expectUnlocked(page, tip);
  });
});

test("the stream of a payment that has ended is closed", async ({ page, buyer, phones, site }) => {
  const tip = anyTip(site, 6);
  const panel = new Panel(page);
  const streams: string[] = [];
  page.on("request", (request) => request.url().includes("/api/payments/events") && streams.push(request.url()));
  await panel.open(tip);
  await panel.pay();
  await phones.answer(buyer.phone, "cancel");
  await expect(panel.status).toContainText("cancelled or timed out");
  // The browser would connect again after about three seconds.
  await page.waitForTimeout(4_500);
  expect(streams).toHaveLength(1);
});
