// Pictures of every page, to be looked at; `make screenshots` takes them.
import { ASHA, Panel, anyTip, expect, expectUnlocked, register, newPerson, signIn, test } from "../fixtures";

for (const width of [360, 1280]) {
  for (const colorScheme of ["light", "dark"] as const) {
    test.describe(() => {
      test.use({ colorScheme, viewport: { width, height: width === 360 ? 740 : 800 }, tolerated: /status of 40\d/ });

      test(`${width} ${colorScheme} @screenshots`, async ({ page, context, phones, site }) => {
        test.setTimeout(120_000);
        const shoot = (name: string) => page.screenshot({ path: `screenshots/${width}-${colorScheme}/${name}.png`, fullPage: true });
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
        await page.getByLabel("Phone number").fill("12");
        await page.getByLabel("Name to show").fill("Wambui");
        await page.getByLabel("Date of birth").fill("1990-05-01");
        await page.getByLabel("Password").fill("correct horse");
        await page.getByRole("button", { name: "Join" }).click();
        await shoot("register-refused");
        await visit("leaderboard", "/leaderboard");
        await page.locator("a[href^=\"/tipsters/\"]").first().click();
        await shoot("tipster");
        for (const name of ["help", "terms", "about"]) await visit(name, `/${name}`);
        await visit("missing", "/nowhere");

        const buyer = newPerson();
        await register(context, buyer, phones);
        const panel = new Panel(page);
        await visit("purchases-empty", "/purchases");
        await visit("tip-buyer", `/tips/${tip.tip_id}`);
        await panel.alive();
        await panel.pay();
        await shoot("tip-check-phone");
        await visit("simulator", site.simulatorUrl);
        await page.goto(`/tips/${tip.tip_id}`);
        await phones.answer(buyer.phone, "pay");
        await expect(panel.status).toContainText("Paid");
        await shoot("tip-paid");
        await expectUnlocked(page, tip);
        await shoot("tip-owner");
        await panel.open(cancelled);
        await panel.pay();
        await phones.answer(buyer.phone, "cancel");
        await expect(panel.status).toContainText("cancelled");
        await shoot("tip-cancelled");
        await visit("purchases", "/purchases");
        for (const name of ["account", "account/limits", "notices", "following"]) await visit(name.replace("/", "-"), `/${name}`);
        await page.goto("/purchases");
        await page.getByRole("link", { name: "See the payment" }).first().click();
        await shoot("payment-cancelled");

        await context.clearCookies();
        await signIn(context, ASHA);
        await visit("wallet", "/wallet");
        const own = site.tips.find((tip) => tip.tipster === ASHA.name)!;
        await visit("tip-tipster", `/tips/${own.tip_id}`);
        await visit("my-tips", "/my-tips");
        await page.getByRole("button", { name: "Sell a new tip" }).click();
        await shoot("sell");

        await context.clearCookies();
        await signIn(context, { ...ASHA, phone: "0712000009" });
        for (const name of ["desk/tips", "desk/results"]) await visit(name.replace("/", "-"), `/${name}`);
      });
    });
  }
}
