import type { FullResult, Reporter, TestCase } from "@playwright/test/reporter";

/** With two browsers and a server on two cores, one test may need its second try by chance. Two are a
 *  defect. */
const MOST = 1;

export default class Flaky implements Reporter {
  private readonly flaky = new Map<string, string>();

  onTestEnd(test: TestCase) {
    if (test.outcome() === "flaky") this.flaky.set(test.id, test.titlePath().filter(Boolean).join(" › "));
  }

  onEnd(): { status: FullResult["status"] } | undefined {
    if (this.flaky.size <= MOST) return undefined;
    console.error(`${this.flaky.size} tests passed at their second try only:\n${[...this.flaky.values()].map((title) => `  ${title}`).join("\n")}`);
    return { status: "failed" };
  }

  printsToStdio() {
    return false;
  }
}
