// The kinds of payments of a day. Each gets the day, which gives it buyers and tips and does later what must happen later:
// `again` is more than three minutes on, when a request may be sent again, `soon` a quarter of an hour after that, and `night` when
// the last matches have kicked off.
import { LOST, Sale, UNKNOWN, USUAL, payByHand } from "./money.mjs";

const OPERATOR = "Halima";
const SECOND_OPERATOR = "Juma";
/** An unknown number, a busy phone, a wrong passkey, and what has no reason. */
const REFUSALS = [
  "400.002.02 Bad Request - Invalid PhoneNumber",
  "500.001.1001 Unable to lock subscriber, a transaction is already in process for the current subscriber",
  "500.001.1001 Wrong credentials",
  "400.002.02 Bad Request",
];

/** Paid, and told by each of the sources. */
const paid = {
  plain: (day) => day.pay(),
  withConfirmation: (day) => day.pay({}),
  byConfirmation: (day) => day.pay({ lose_callback: null }),
  byQuery: (day) => day.pay(LOST),
  doubled: (day) => day.pay({ double_callback: null, double_confirmation: null }),
  async byStatement(day) {
    const sale = await day.pay(LOST);
    day.listed.push(...(await sale.lines()));
  },
  async byOperator(day) {
    const sale = await day.pay(LOST);
    await sale.settle(await sale.receipt(), OPERATOR);
  },
  async byTwoOperators(day) {
    const sale = await day.pay(LOST);
    const receipt = await sale.receipt();
    await sale.settle(receipt, OPERATOR);
    await sale.settle(receipt, SECOND_OPERATOR);
  },
};

/** How phones and Safaricom say no. */
const refusing = [
  async (day) => (await day.start()).answer("wrong_pin"),
  (day) => day.start({ refuse: day.turn("refused", REFUSALS) }, { wanted: [502] }),
  async (day) => (await day.start()).answer("no_money"),
  async (day) => (await day.start()).answer("ignore"),
];

/** Not paid. */
const unpaid = {
  cancelled: async (day) => (await day.start()).answer("cancel"),
  failed: (day) => day.turn("failed", refusing)(day),
  async unheard(day) {
    const sale = await (await day.start({ ...UNKNOWN, ...LOST })).answer("ignore");
    day.later.soon.push(async () => {
      await sale.claim(day.receipt());
      // Where the statement of the day is complete, it ends what it does not list.
      if (!day.isComplete) await sale.fail(OPERATOR);
    });
  },
};

/** Paid, and too late or twice: owed. */
const owed = {
  async boughtTwice(day) {
    const ways = [{ ...LOST }, { delay_callback: "10m", lose_confirmation: null }, { lose_callback: null, delay_confirmation: "10m" }];
    const way = day.turn("boughtTwice", ways);
    const first = await day.pay({ ...UNKNOWN, ...way });
    day.later.again.push(() => Sale.pay(day.market, first.buyer, first.tip, USUAL, { sendAgain: true }));
    if (way === ways[0]) day.later.soon.push(async () => day.listed.push(...(await first.lines())));
  },
  async withdrawn(day) {
    const tip = day.unsold();
    const late = [
      await Sale.pay(day.market, day.buyer(tip), tip, { ...UNKNOWN, ...LOST }),
      await Sale.pay(day.market, day.buyer(tip), tip, { ...UNKNOWN, delay_callback: "2h", lose_confirmation: null }),
    ];
    day.later.soon.push(async () => {
      for (const sale of late) await sale.fail(OPERATOR);
      await day.withdraw(tip);
      day.listed.push(...(await late[0].lines()));
    });
  },
  async kickedOff(day) {
    const tip = day.closingSoonest();
    const after = `${Math.ceil((tip.kicksOffAt - day.market.clock.seconds()) / 60) + 30}m`;
    const ways = [{ ...LOST }, { delay_callback: after, lose_confirmation: null }, { lose_callback: null, delay_confirmation: after }];
    const way = day.turn("kickedOff", ways);
    const sale = await Sale.pay(day.market, day.buyer(tip), tip, { ...UNKNOWN, ...way });
    if (way === ways[0]) day.later.night.push(async () => day.listed.push(...(await sale.lines())));
  },
};

/** Callbacks that cannot settle what they tell of. */
const unusable = [
  (day) => day.pay({ wrong_ids: null, ...USUAL }),
  (day) => day.pay({ malformed_callback: "no_receipt", ...USUAL }),
  (day) => day.pay({ malformed_callback: "html", ...USUAL }),
  (day) => day.pay({ callback_says: "777", ...USUAL }),
  async (day) => {
    const first = await (await day.pay()).until("completed");
    const second = await day.pay(LOST);
    await second.callBack(await first.receipt());
  },
];

/** What a person must look at. */
const doubtful = {
  async otherAmount(day) {
    const sale = await day.pay({ wrong_amount: 7, ...USUAL });
    const isSettled = day.turn("otherAmount", [false, true, false]);
    if (isSettled) day.later.night.push(async () => sale.settle(await sale.receipt(), OPERATOR));
  },
  unusable: (day) => day.turn("unusable", unusable)(day),
  /** The callback says that it was cancelled; the payer knows better, and so does the statement. */
  async contradicted(day) {
    const sale = await (await day.pay({ callback_says: "1032", ...USUAL })).until("cancelled");
    day.later.soon.push(async () => {
      await sale.claim(await sale.receipt());
      day.listed.push(...(await sale.lines()));
    });
  },
  async secondReceipt(day) {
    const sale = await day.pay();
    const isConfirmed = day.turn("secondReceipt", [true, false]);
    day.later.soon.push(async () => {
      if (!isConfirmed) await day.market.plan(sale.buyer, "lose_confirmation", null);
      await sale.payByHand(sale.tip.price);
      if (!isConfirmed) day.listed.push((await sale.lines()).at(-1));
    });
  },
  async tooLittleByHand(day) {
    const sale = await (await day.start({ lose_callback: null })).answer("ignore");
    day.later.soon.push(async () => {
      await sale.payByHand(sale.tip.price - 5);
      await sale.claim(day.receipt());
    });
  },
  /** Under a reference that names nothing of ours. */
  async nobodys(day) {
    const person = day.buyer();
    const isConfirmed = day.turn("nobodys", [true, false]);
    if (!isConfirmed) await day.market.plan(person, "lose_confirmation", null);
    const receipt = await payByHand(day.market, person, 50, "MAMA MBOGA");
    if (!isConfirmed) day.listed.push((await day.market.statement()).find((line) => line.startsWith(receipt)));
  },
};

export const KINDS = { ...paid, ...unpaid, ...owed, ...doubtful };

/** How many of each a day has. */
export const MORNING = {
  plain: 18, withConfirmation: 2, byConfirmation: 2, byQuery: 2, doubled: 1, byStatement: 2, byOperator: 2, byTwoOperators: 2,
  cancelled: 2, failed: 2, unheard: 2,
  boughtTwice: 2, withdrawn: 1, kickedOff: 2,
  otherAmount: 2, unusable: 2, contradicted: 1, secondReceipt: 2, tooLittleByHand: 2, nobodys: 1,
};
export const EVENING = { plain: 7 };
