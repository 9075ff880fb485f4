//! What people can do when something is not as it should be.

use leptos::prelude::*;

use super::{Page, who_runs_it};
use crate::app::ui::paid_but_see_nothing;
use crate::types::words;

words! {
    title { "Help" "Msaada" }
    lead { "What to do when something is not as it should be." "La kufanya mambo yasipokuwa sawa." }

    when_paid {
        "Do not pay again. Open My purchases and the payment, and wait a minute: we ask M-Pesa by ourselves. \
         Press Check again, or enter the code of your M-Pesa SMS. When M-Pesa confirms the money, the tip \
         opens, or the money is owed back to you."
        "Usilipe tena. Fungua Nilizonunua kisha malipo hayo, na usubiri dakika moja: tunaiuliza M-Pesa \
         wenyewe. Bonyeza Angalia tena, au weka code ya SMS yako ya M-Pesa. M-Pesa ikithibitisha pesa, tip \
         inafunguka, au pesa inarudishwa kwako."
    }
    no_prompt { "No prompt came to my phone" "Sikupata ombi kwenye simu" }
    when_no_prompt {
        "Unlock the screen and wait half a minute. If nothing comes, dial *234# to update the SIM card's \
         menu. After three minutes you can send the prompt again from the tip's page."
        "Fungua skrini na usubiri nusu dakika. Kama hakuna kitu, piga *234# kusasisha menyu ya laini. Baada \
         ya dakika tatu unaweza kutuma ombi tena kwenye ukurasa wa tip."
    }
    forgot { "I forgot my password" "Nimesahau nenosiri" }
    when_forgotten {
        "Press I forgot my password on the sign-in page. A code comes to your number; with it you set a new \
         one."
        "Bonyeza Nimesahau nenosiri kwenye ukurasa wa kuingia. Code itakuja kwa namba yako; kwa hiyo utaweka \
         nenosiri jipya."
    }
    owed { "My money is owed back" "Narudishiwa pesa" }
    when_owed {
        "My purchases names the date by which it is sent to the number that paid."
        "Kwenye Nilizonunua kuna tarehe ya mwisho ya kuirudisha kwa namba iliyolipa."
    }
    who_answers { "Who runs this, and how to reach them" "Nani anaendesha, na jinsi ya kuwasiliana nao" }
    spend_less { "I want to spend less, or nothing" "Nataka kupunguza au kuacha kutumia" }
    when_less {
        "My account, Limits and breaks: set what you spend at most in a day, week or month, take a break, or \
         exclude yourself for six months or longer."
        "Akaunti yangu, Vikomo na mapumziko: weka kikomo cha siku, wiki au mwezi, pumzika, au jizuie kwa \
         miezi sita au zaidi."
    }
    addiction {
        "Gambling addiction? Talk to someone you trust or to a counsellor. It is not a weakness, and it gets \
         better with help."
        "Uraibu wa kamari? Zungumza na mtu unayemwamini au mshauri. Si udhaifu, na ukipata msaada mambo \
         yanakuwa bora."
    }
}

/// Questions and answers.
#[component]
pub fn HelpPage() -> impl IntoView {
    let parts = vec![
        (paid_but_see_nothing(), vec![when_paid()]),
        (no_prompt(), vec![when_no_prompt()]),
        (forgot(), vec![when_forgotten()]),
        (owed(), vec![when_owed()]),
        (spend_less(), vec![when_less(), addiction()]),
        (who_answers(), vec![who_runs_it()]),
    ];
    view! { <Page title=title() lead=lead() parts/> }
}
