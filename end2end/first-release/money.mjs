// One payment of the story, from its push to its end, with what goes wrong on its way.
import { sleep } from "../processes-parts.mjs";

/** Faults that leave a payment to the questions, to the statement or to an operator. */
export const LOST = { lose_callback: null, lose_confirmation: null };
/** The push is carried out, and its answer is lost: Safaricom's ids are not known, so nothing can be asked. */
export const UNKNOWN = { lose_answer: null };
/** The usual one has no C2B confirmation. */
export const USUAL = { lose_confirmation: null };

const international = (phone) => `254${phone.slice(1)}`;

export class Sale {
  /** Presses the button; resolves when the phone rings, or when the request was refused. */
  static async start(market, buyer, tip, faults = USUAL, { sendAgain = false, wanted = [200, 202] } = {}) {
    const sale = Object.assign(new Sale(), { market, buyer, tip });
    buyer.tried.add(tip.id);
    for (const [fault, value] of Object.entries(faults)) await market.plan(buyer, fault, value);
    const body = JSON.stringify({ tip_id: tip.id, send_again: sendAgain });
    const headers = { cookie: buyer.cookie, "content-type": "application/json" };
    const address = `${market.server.url}/payments/api/initiate-tip-payment/`;
    const { text } = await market.asks(address, { method: "POST", body, headers }, wanted);
    sale.started = JSON.parse(text);
    sale.id = sale.started.payment_id;
    if (!sale.id) return sale;
    const prompts = await market.simulated("/prompts");
    sale.prompt = prompts.find((prompt) => prompt.phone_number === international(buyer.phone));
    if (!sale.prompt) throw new Error(`the phone ${buyer.phone} does not ring`);
    sale.reference = sale.prompt.account_reference;
    return sale;
  }

  /** What the phone's owner does: `pay`, `wrong_pin`, `no_money`, `cancel` or `ignore`. */
  async answer(what) {
    await this.market.simulated(`/prompts/${this.prompt.checkout_request_id}`, { answer: what });
    return this;
  }

  static async pay(market, buyer, tip, faults, options) {
    return (await Sale.start(market, buyer, tip, faults, options)).answer("pay");
  }

  /** The lines of the statement under its reference, oldest first. */
  async lines() {
    return (await this.market.statement()).filter((line) => line.endsWith(`,${this.reference}`));
  }

  async receipt() {
    return (await this.lines())[0].split(",")[0];
  }

  settle(receipt, by) {
    return this.market.command("payments", "settle", this.id, "--receipt", receipt, "--by", by, "--reason", "seen in the portal");
  }

  fail(by) {
    return this.market.command("payments", "fail", this.id, "--by", by, "--reason", "nothing came by then");
  }

  /** The buyer types the code of an M-Pesa message. */
  claim(receipt) {
    return this.market.form(this.buyer, `/api/payments/${this.id}/claim`, { receipt });
  }

  /** Money under its reference that no push asked for. */
  payByHand(shillings) {
    return payByHand(this.market, this.buyer, shillings, this.reference);
  }

  /** A callback under its own address, as Safaricom would write it, with a receipt of our choice. */
  async callBack(receipt) {
    const PhoneNumber = Number(international(this.buyer.phone));
    const items = { Amount: this.tip.price, MpesaReceiptNumber: receipt, TransactionDate: 20261103120000, PhoneNumber };
    const callback = {
      MerchantRequestID: this.started.merchant_request_id,
      CheckoutRequestID: this.started.checkout_request_id,
      ResultCode: 0,
      ResultDesc: "The service request is processed successfully.",
      CallbackMetadata: { Item: Object.entries(items).map(([Name, Value]) => ({ Name, Value })) },
    };
    await this.market.asks(this.prompt.callback_url, { method: "POST", body: JSON.stringify({ Body: { stkCallback: callback } }) });
  }

  /** Waits until it has this status. */
  async until(status) {
    for (let tries = 0; tries < 100; tries++) {
      const address = `${this.market.server.url}/payments/api/status/${this.id}/`;
      const { text } = await this.market.asks(address, { headers: { cookie: this.buyer.cookie } });
      if (JSON.parse(text).status === status) return this;
      await sleep(50);
    }
    throw new Error(`payment ${this.id} does not become ${status}`);
  }
}

/** Somebody opens the M-Pesa menu and pays our short code; its receipt. */
export async function payByHand(market, person, shillings, reference) {
  const body = { amount: String(shillings), account_reference: reference };
  return (await market.simulated(`/phones/${international(person.phone)}/pay`, body)).receipt;
}
