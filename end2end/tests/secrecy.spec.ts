// What is paid for is absent from pages, answers and files until it is paid for.
import { ASHA, anyTip, expect, register, newPerson, signIn, test } from "../fixtures";

test("before payment no page, answer or file holds a bet code, a pick or the clear picture", async ({ context, page, phones, site }) => {
  const previews = new Set<string>();
  for (const isSignedIn of [false, true]) {
    if (isSignedIn) await register(context, newPerson(), phones);
    for (const tip of site.tips) {
      const html = await (await context.request.get(`/tips/${tip.tip_id}`)).text();
      expect(html).toContain("••••••");
      expect(html).not.toContain(tip.bet_code);
      for (const line of tip.matches) {
        const [, selection, odds] = line.match(/: (.*) @ (.*)$/)!;
        expect(html, `tip ${tip.tip_id}`).not.toContain(`>${selection}<`);
        expect(html, `tip ${tip.tip_id}`).not.toContain(`>${odds}<`);
      }
      const clear = await context.request.get(`/tips/${tip.tip_id}/betslip`, { maxRedirects: 0 });
      expect([401, 403, 404]).toContain(clear.status());
      const preview = await (await context.request.get(`/tips/${tip.tip_id}/preview.jpg`)).body();
      previews.add(preview.toString("base64"));
    }
    for (const list of ["/", "/tips"]) {
      const html = await (await context.request.get(list)).text();
      for (const tip of site.tips) expect(html).not.toContain(tip.bet_code);
    }
  }
  expect(previews.size, "one drawing for all").toBe(1);
  const tip = anyTip(site);
  const started = await (await context.request.post("/payments/api/initiate-tip-payment/", { data: { tip_id: tip.tip_id } })).text();
  expect(started).not.toContain(tip.bet_code);
  const status = await (await context.request.get(`/payments/api/status/${JSON.parse(started).payment_id}/`)).json();
  expect(status.status).toBe("pending");
  expect(status.tip_code).toBe("••••••");
  expect(await page.request.get("/uploads/").then((answer) => answer.status())).toBe(404);
});

test("a tipster sees the own tips whole, and only those", async ({ context, site }) => {
  await signIn(context, ASHA);
  for (const tip of site.tips) {
    const html = await (await context.request.get(`/tips/${tip.tip_id}`)).text();
    expect(html.includes(tip.bet_code), `tip ${tip.tip_id} of ${tip.tipster}`).toBe(tip.tipster === ASHA.name);
  }
});

test("other people's payments are not found", async ({ context, buyer, browser, site, phones }) => {
  const start = { data: { tip_id: anyTip(site, 2).tip_id } };
  const { payment_id, checkout_request_id } = await (await context.request.post("/payments/api/initiate-tip-payment/", start)).json();
  await phones.answer(buyer.phone, "cancel");
  const stranger = await browser.newContext({ baseURL: site.url });
  await register(stranger, newPerson(), phones);
  for (const id of [payment_id, checkout_request_id]) {
    expect((await stranger.request.get(`/payments/api/status/${id}/`)).status()).toBe(404);
  }
  expect((await stranger.request.get(`/payments/${payment_id}`)).status()).toBe(404);
  await stranger.close();
});
