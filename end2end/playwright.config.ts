import { defineConfig, devices } from "@playwright/test";
import { launchOptions } from "./chromium.mjs";
import type { Engine } from "./fixtures";

const desktop = { viewport: { width: 1280, height: 800 } };
const phone = { ...devices["Galaxy S9+"], viewport: { width: 360, height: 740 } };

const withoutScripts = "no-scripts.spec.ts";
/** The tests in which nothing depends on a window's size. */
const onceIsEnough = ["interrupted.spec.ts", "instant.spec.ts", "secrecy.spec.ts", "simulator.spec.ts"];
/** The tests of flows that need no scripts at all. */
const plainForms = ["accounts.spec.ts", "buyer.spec.ts", "desk.spec.ts", "find.spec.ts", "selling.spec.ts", "touch.spec.ts"];

export default defineConfig<{ engine: Engine }>({
  testDir: "tests",
  globalSetup: "./global-setup.ts",
  fullyParallel: true,
  forbidOnly: Boolean(process.env.CI),
  workers: 2,
  // A test has a second try and is then reported as flaky. One test of a run may need it (`flaky.ts`).
  retries: 1,
  timeout: 45_000,
  expect: { timeout: 12_000 },
  reporter: [["list"], ["./flaky.ts"]],
  outputDir: "test-results",
  use: {
    locale: "en-KE",
    timezoneId: "Africa/Nairobi",
    trace: "retain-on-failure",
    launchOptions,
  },
  projects: [
    { name: "desktop", use: desktop, testIgnore: withoutScripts },
    // Every flow runs again as most people have it: on a phone, with dark colours.
    { name: "phone", use: { ...phone, colorScheme: "dark" }, testIgnore: [withoutScripts, ...onceIsEnough] },
    { name: "dark", use: { ...desktop, colorScheme: "dark" }, testMatch: "pages.spec.ts" },
    { name: "phone-light", use: phone, testMatch: "pages.spec.ts" },
    { name: "no-scripts", use: { ...phone, javaScriptEnabled: false }, testMatch: [withoutScripts, ...plainForms] },
    ...(process.env.TEST_POSTGRES_URL
      ? [{ name: "postgres", use: { ...desktop, engine: "postgres" as const }, testMatch: ["pay.spec.ts", "selling.spec.ts", "desk.spec.ts"] }]
      : []),
  ],
});
