//! The terms of use: what people and the site can expect of each other.

use leptos::prelude::*;

use super::Page;
use crate::refunds::REFUND_WITHIN;
use crate::types::words;

words! {
    title { "Terms" "Masharti" }
    lead {
        "What you can expect of us, and we of you."
        "Unachoweza kutarajia kutoka kwetu, na sisi kutoka kwako."
    }

    who { "Who may use it" "Nani anaweza kuitumia" }
    adults {
        "You must be 18 or older. One phone number is one account: whoever proves a number by a code sent to \
         it has its account."
        "Lazima uwe na miaka 18 au zaidi. Namba moja ya simu ni akaunti moja: anayethibitisha namba kwa code \
         iliyotumwa kwake ndiye mwenye akaunti yake."
    }

    buying { "Buying" "Kununua" }
    price {
        "A price is for one tip. It pays for reading the tip: its code, picks and picture, which stay on \
         your account. It places no bet."
        "Bei ni ya tip moja. Unalipia kusoma tip: code yake, chaguo na picha, ambazo zinabaki kwenye akaunti \
         yako. Haiweki beti."
    }
    no_return {
        "A tip that loses is not paid back. Tips are opinions, and betting on them can cost you the whole \
         stake."
        "Tip ikipoteza, pesa hairudishwi. Tips ni maoni, na kubeti kwa tips kunaweza kukupotezea dau lote."
    }
    other_numbers {
        "You may pay with another person's number only if they agree: the request for the M-Pesa PIN goes to \
         their phone."
        "Unaweza kulipa kwa namba ya mtu mwingine akikubali tu: ombi la PIN ya M-Pesa linaenda kwenye simu \
         yake."
    }

    cannot_buy { "When a payment cannot buy" "Malipo yasipoweza kununua" }
    is_owed {
        "If your payment arrives after the tip's first match began, after it was withdrawn, or a second \
         time, it cannot buy the tip. Then the whole amount is owed back to the M-Pesa number that paid, and \
         to no other."
        "Malipo yako yakifika baada ya mechi ya kwanza ya tip kuanza, baada ya tip kuondolewa, au mara ya \
         pili, hayawezi kununua tip. Hapo tunadaiwa kiasi chote, na kinarudishwa kwa namba ya M-Pesa \
         iliyolipa tu."
    }
    sent_back(days) {
        "We send it back within {days} days. My purchases names the date."
        "Tunairudisha ndani ya siku {days}. Tarehe iko kwenye Nilizonunua."
    }

    slow { "When M-Pesa is slow" "M-Pesa ikichelewa" }
    we_ask {
        "We ask M-Pesa about every open payment until it answers. If you got an M-Pesa SMS and see nothing \
         here, do not pay again: enter the code of the SMS on the payment's page. A person looks at what the \
         computers cannot decide."
        "Tunaiuliza M-Pesa kuhusu kila malipo yaliyo wazi hadi ijibu. Ukipata SMS ya M-Pesa na huoni kitu \
         hapa, usilipe tena: weka code ya SMS kwenye ukurasa wa malipo. Mhudumu anaangalia kile ambacho \
         kompyuta haziwezi kuamua."
    }

    selling { "Selling" "Kuuza" }
    own_tips {
        "You sell your own tips. You may not promise that a tip wins. What you earn appears in your wallet, \
         first as held, then as available."
        "Unauza tips zako mwenyewe. Huruhusiwi kuahidi kuwa tip itashinda. Unachopata kinaonekana kwenye \
         pochi yako, kwanza kikiwa kimeshikiliwa, kisha kinapatikana."
    }

    closing { "Closing an account" "Kufunga akaunti" }
    when_closed {
        "You can close your account under My account when no money is held, owed or waiting. What was paid \
         stays in our books without your name."
        "Unaweza kufunga akaunti yako kwenye Akaunti yangu wakati hakuna pesa inayoshikiliwa, inayodaiwa au \
         inayosubiri. Kilicholipwa kinabaki kwenye vitabu vyetu bila jina lako."
    }
}

/// The terms of use; the time within which money is sent back comes from `refunds`.
#[component]
pub fn TermsPage() -> impl IntoView {
    let parts = vec![
        (who(), vec![adults()]),
        (buying(), vec![price(), no_return(), other_numbers()]),
        (cannot_buy(), vec![is_owed(), sent_back(REFUND_WITHIN.num_days())]),
        (slow(), vec![we_ask()]),
        (selling(), vec![own_tips()]),
        (closing(), vec![when_closed()]),
    ];
    view! { <Page title=title() lead=lead() parts/> }
}
