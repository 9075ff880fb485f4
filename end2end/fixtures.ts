// What every test has: the running site, people, phones that pay, and a check that the browser does not
// complain.
import { expect, test as base } from "@playwright/test";
import type { BrowserContext, Locator, Page } from "@playwright/test";
import { randomInt } from "node:crypto";

export type Engine = "sqlite" | "postgres";

/** A tip as `ligisoo tips show N --json` prints it. */
export type Tip = { tip_id: number; tipster: string; bet_code: string; price: string; matches: string[] };

export type Site = { url: string; simulatorUrl: string; tips: Tip[] };

export type Person = { phone: string; password: string; name: string };

export const DEMO_PASSWORD = "ligisoo-demo";
/** Only the test of the wallet buys from her, so that her balance moves by that test alone. */
export const ASHA: Person = { phone: "0712000002", password: DEMO_PASSWORD, name: "Asha Odhiambo" };

/** The phones of the simulator, through its own endpoints. */
export class Phones {
  constructor(private readonly url: string) {}

  private async ask(path: string, body?: object) {
    const answer = await fetch(this.url + path, body && { method: "POST", body: JSON.stringify(body) });
    const json = await answer.json();
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${JSON.stringify(json)}`);
    return json;
  }

  /** The prompts that ring on a phone now. */
  async prompts(phone: string): Promise<{ checkout_request_id: string; amount: string; account_reference: string; text: string }[]> {
    const all = await this.ask("/prompts");
    return all.filter((prompt: { phone_number: string }) => prompt.phone_number === msisdn(phone));
  }

  /** Waits until the phone rings, and answers. */
  async answer(phone: string, answer: "pay" | "wrong_pin" | "no_money" | "cancel" | "ignore") {
    await expect.poll(async () => (await this.prompts(phone)).length, { message: `${phone} rings` }).toBe(1);
    const [prompt] = await this.prompts(phone);
    await this.ask(`/prompts/${encodeURIComponent(prompt.checkout_request_id)}`, { answer });
    return prompt;
  }

  async wallet(phone: string): Promise<{ balance: string; sms: { text: string }[] }> {
    return this.ask(`/phones/${msisdn(phone)}`);
  }

  /** The six digits of the code that a phone got last. */
  async code(phone: string): Promise<string> {
    let code = "";
    const newest = async () => (await this.wallet(phone)).sms[0]?.text.match(/^Ligisoo: (?:.* )?(\d{6}) /)?.[1] ?? "";
    await expect.poll(async () => (code = await newest()), { message: `a code on ${phone}` }).not.toBe("");
    return code;
  }

  async plan(fault: object) {
    await this.ask("/faults", fault);
  }
}

export const msisdn = (phone: string) => `254${phone.slice(1)}`;

/** Letters that make a name unique, because no two tipsters may have names that look the same. */
const letters = () => Array.from({ length: 6 }, () => "abdeghknoprstu"[randomInt(14)]).join("");

export const newPerson = (): Person => ({
  phone: `079${String(randomInt(1e7)).padStart(7, "0")}`,
  password: "correct horse",
  name: `Wambui ${letters()}`,
});

/** Collects what the browser must not do: complain, break the content security policy, or ask another site. */
function watch(context: BrowserContext, site: Site, tolerated: RegExp) {
  const complaints: string[] = [];
  const own = [site.url, site.simulatorUrl].map((url) => new URL(url).origin);
  const note = (text: string) => {
    if (!tolerated.test(text)) complaints.push(text);
  };
  context.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) note(`${message.type()}: ${message.text()} (${message.location().url})`);
  });
  context.on("weberror", (error) => note(`exception: ${error.error().message}`));
  context.on("request", (request) => {
    const { protocol, origin } = new URL(request.url());
    if (/^(https?|wss?):/.test(protocol) && !own.includes(origin)) note(`a request to another site: ${request.url()}`);
  });
  return complaints;
}

type Fixtures = {
  engine: Engine;
  /** The complaints of the browser that a test provokes. */
  tolerated: RegExp;
  site: Site;
  phones: Phones;
  /** A new buyer who is signed in on `page`. */
  buyer: Person;
};

export const test = base.extend<Fixtures>({
  engine: ["sqlite", { option: true }],
  tolerated: [/^$/, { option: true }],
  site: async ({ engine }, use) => {
    await use(JSON.parse(process.env[`LIGISOO_${engine}`] ?? "null"));
  },
  baseURL: async ({ site }, use) => {
    await use(site.url);
  },
  context: async ({ context, site, tolerated }, use) => {
    const complaints = watch(context, site, tolerated);
    await use(context);
    expect(complaints, "complaints of the browser").toEqual([]);
  },
  phones: async ({ site }, use) => {
    await use(new Phones(site.simulatorUrl));
  },
  buyer: async ({ context, phones }, use) => {
    const person = newPerson();
    await register(context, person, phones);
    await use(person);
  },
});

export { expect };

/** Registers over HTTP as a program would. The context's pages are signed in then. */
export async function register(context: BrowserContext, person: Person, phones: Phones, roles: object = { buyer: "true" }) {
  const { phone, password, name } = person;
  const form = { phone_number: phone, display_name: name, birth_date: "1990-05-01", ...roles };
  const begun = await context.request.post("/api/accounts/register", { form, maxRedirects: 0 });
  expect(begun.status(), await begun.text()).toBe(303);
  const id = begun.headers().location.replace("/code/", "");
  const proof = { id, code: await phones.code(phone), password };
  const entered = await context.request.post("/api/accounts/code", { form: proof, maxRedirects: 0 });
  expect(entered.status(), await entered.text()).toBe(303);
}

export async function signIn(context: BrowserContext, person: Person) {
  const form = { phone_number: person.phone, password: person.password };
  const answer = await context.request.post("/api/accounts/sign-in", { form, maxRedirects: 0 });
  expect(answer.status(), await answer.text()).toBe(303);
}

export async function signOut(context: BrowserContext) {
  await context.clearCookies();
}

/** A tip of any tipster except Asha, another one for each `turn`. */
export function anyTip(site: Site, turn = 0): Tip {
  const tips = site.tips.filter((tip) => tip.tipster !== ASHA.name);
  return tips[turn % tips.length];
}

export const shillings = (amount: string) => `KES ${amount.replace(/\.00$/, "").replace(/\B(?=(\d{3})+$)/g, ",")}`;

/** The texts of the pay panel in the languages of the site. */
export const PANEL_WORDS = {
  "en-KE": { panel: "Payment", pay: /^Pay KES .* with M-Pesa$/, again: /send it again/, number: "M-Pesa number", check: "Check your phone", paid: "Paid", cancelled: "cancelled" },
  "sw-KE": { panel: "Malipo", pay: /^Lipa KES .* kwa M-Pesa$/, again: /tuma tena/, number: "Namba ya M-Pesa", check: "Angalia simu yako", paid: "Imelipwa", cancelled: "lilikatizwa" },
};

export type Locale = keyof typeof PANEL_WORDS;

/** The pay panel of a page, as a person finds it. */
export class Panel {
  readonly box: Locator;
  readonly status: Locator;
  readonly payButton: Locator;
  readonly againButton: Locator;
  readonly number: Locator;

  readonly words: (typeof PANEL_WORDS)[Locale];

  constructor(readonly page: Page, locale: Locale = "en-KE") {
    this.words = PANEL_WORDS[locale];
    this.box = page.getByRole("region", { name: this.words.panel });
    this.status = this.box.getByRole("status");
    this.payButton = this.box.getByRole("button", { name: this.words.pay });
    this.againButton = this.box.getByRole("button", { name: this.words.again });
    this.number = this.box.getByLabel(this.words.number);
  }

  /** Waits until the island has taken over the panel. From then on it keeps the form from leaving the page. */
  async alive() {
    await this.page.waitForFunction(() => {
      const panel = document.querySelector("[data-pay]");
      return panel && !panel.dispatchEvent(new Event("submit", { cancelable: true }));
    });
  }

  async open(tip: Tip) {
    await this.page.goto(`/tips/${tip.tip_id}`);
    await this.alive();
  }

  async pay() {
    await this.payButton.click();
    await expect(this.status).toContainText(this.words.check);
  }
}

/** Expects the whole tip on the page: its code, every pick and the clear picture. */
export async function expectUnlocked(page: Page, tip: Tip) {
  await expect(page.getByText(tip.bet_code, { exact: true })).toBeVisible();
  await expect(page.getByRole("list", { name: "Picks" }).getByRole("listitem")).toHaveCount(tip.matches.length);
  const picture = page.getByRole("img", { name: "The betslip as the tipster posted it" });
  await expect(picture).toBeVisible();
  await expect.poll(() => picture.evaluate((image: HTMLImageElement) => image.complete && image.naturalWidth)).toBeGreaterThan(300);
}

/** Expects that nothing is wider than the page. */
export async function expectNoSidewaysScroll(page: Page) {
  const [content, window] = await page.evaluate(() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]);
  expect(content, "the page is wider than its window").toBeLessThanOrEqual(window);
}
