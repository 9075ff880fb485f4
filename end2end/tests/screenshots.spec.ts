// Takes pictures of every page for people to look at (`make screenshots`).
import { ASHA, Panel, anyTip, expect, register, newPerson, signIn, test } from "../fixtures";

// Swahili texts are longer, so the narrow window shows whether they fit.
const LOOKS = [
  { width: 360, colorScheme: "light", locale: "en-KE" },
  { width: 360, colorScheme: "light", locale: "sw-KE" },
  { width: 360, colorScheme: "dark", locale: "en-KE" },
  { width: 1280, colorScheme: "light", locale: "en-KE" },
  { width: 1280, colorScheme: "dark", locale: "en-KE" },
] as const;

for (const { width, colorScheme, locale } of LOOKS) {
  test.describe(() => {
    test.use({ colorScheme, locale, viewport: { width, height: width === 360 ? 740 : 800 }, tolerated: /status of 40\d/ });

    test(`${width} ${colorScheme} ${locale} @screenshots`, async ({ page, context, phones, site }) => {
      test.setTimeout(120_000);
      const folder = `screenshots/${width}-${colorScheme}${locale === "sw-KE" ? "-swahili" : ""}`;
      const shoot = (name: string) => page.screenshot({ path: `${folder}/${name}.png`, fullPage: true });
      const visit = async (name: string, address: string) => {
        await page.goto(address, { waitUntil: "networkidle" });
        await shoot(name);
      };
      const [tip, cancelled] = [anyTip(site, 2), anyTip(site, 3)];
      await visit("home", "/");
      await visit("market", "/tips");
      await visit("tip-visitor", `/tips/${tip.tip_id}`);
      await visit("sign-in", "/sign-in");
      await visit("register", "/register");
      const typed = { phone_number: "12", display_name: "Wambui", birth_date: "1990-05-01" };
      for (const [field, text] of Object.entries(typed)) await page.locator(`#${field}`).fill(text);
      await page.locator("main form button").click();
      await shoot("register-refused");
      await visit("leaderboard", "/leaderboard");
      await page.locator("a[href^=\"/tipsters/\"]").first().click();
      await shoot("tipster");
      for (const name of ["help", "terms", "privacy", "about", "reset"]) await visit(name, `/${name}`);
      await visit("missing", "/nowhere");

      const buyer = newPerson();
      await register(context, buyer, phones);
      const panel = new Panel(page, locale);
      await visit("purchases-empty", "/purchases");
      await visit("tip-buyer", `/tips/${tip.tip_id}`);
      await panel.alive();
      await panel.pay();
      await shoot("tip-check-phone");
      await visit("simulator", site.simulatorUrl);
      await page.goto(`/tips/${tip.tip_id}`);
      await phones.answer(buyer.phone, "pay");
      await expect(panel.status).toContainText(panel.words.paid);
      await shoot("tip-paid");
      await expect(page.getByText(tip.bet_code, { exact: true })).toBeVisible();
      await page.waitForLoadState("networkidle");
      await shoot("tip-owner");
      await panel.open(cancelled);
      await panel.pay();
      await phones.answer(buyer.phone, "cancel");
      await expect(panel.status).toContainText(panel.words.cancelled);
      await shoot("tip-cancelled");
      await visit("purchases", "/purchases");
      for (const name of ["account", "account/limits", "notices", "following"]) await visit(name.replace("/", "-"), `/${name}`);
      await page.goto("/purchases");
      await page.locator("a[href^=\"/payments/\"]").first().click();
      await shoot("payment-cancelled");

      await context.clearCookies();
      await signIn(context, ASHA);
      await visit("wallet", "/wallet");
      const own = site.tips.find((tip) => tip.tipster === ASHA.name)!;
      await visit("tip-tipster", `/tips/${own.tip_id}`);
      await visit("my-tips", "/my-tips");
      await page.locator("form[action=\"/api/selling/drafts\"] button").click();
      await shoot("sell");

      await context.clearCookies();
      await signIn(context, { ...ASHA, phone: "0712000009" });
      for (const name of ["desk/tips", "desk/results"]) await visit(name.replace("/", "-"), `/${name}`);
    });
  });
}
