//! What is known of people.

use leptos::prelude::*;

use super::Page;
use crate::types::words;

words! {
    title { "Privacy" "Faragha" }
    lead {
        "What we know of you, who else learns of it, and for how long."
        "Tunachojua kukuhusu, nani mwingine anakijua, na kwa muda gani."
    }

    what_we_keep { "What we keep" "Tunachohifadhi" }
    person {
        "Your phone number, the name you show, your date of birth (to know that you are 18), what you write about yourself and your picture, and your password as a hash from which it cannot be read."
        "Namba yako ya simu, jina unaloonyesha, tarehe yako ya kuzaliwa (kujua kuwa una miaka 18), unachoandika kujihusu na picha yako, na nenosiri lako kwa njia isiyoweza kusomwa (hash)."
    }
    payments {
        "Your payments: the tip, the amount, the number that paid, M-Pesa's receipt and what M-Pesa told us about them. The books are never erased; when you close your account your name, number and date of birth are taken out of it, but not the number out of payments that were made with it."
        "Malipo yako: tip, kiasi, namba iliyolipa, risiti ya M-Pesa na taarifa za M-Pesa kuyahusu. Vitabu havifutwi kamwe; ukifunga akaunti yako, jina, namba na tarehe yako ya kuzaliwa zinaondolewa, lakini namba haiondolewi kwenye malipo yaliyofanywa nayo."
    }
    addresses {
        "Of your internet address only a hash, to limit how often something may be tried."
        "Anwani yako ya intaneti kwa njia isiyosomeka tu (hash), ili kuzuia majaribio mengi mno."
    }

    what_others_see { "What others see" "Wanachoona wengine" }
    name_and_tips {
        "The name you show, your picture if you sent one and, if you sell, your tips and what you write about yourself. Nobody sees your number: where it must be shown, its middle is hidden. People who run this site can see payments with their numbers, to help you."
        "Jina unaloonyesha, picha yako kama umeituma na, kama unauza, tips zako na unachoandika kujihusu. Hakuna anayeona namba yako: inapolazimu kuonyeshwa, katikati yake inafichwa. Wanaoendesha tovuti hii wanaweza kuona malipo na namba zake, ili wakusaidie."
    }

    who_else { "Who else learns something" "Nani mwingine anajua" }
    safaricom {
        "Safaricom gets the paying number, the amount, our reference and the tip's number, nothing of the tip itself. Where one-time codes are sent by SMS, the company that carries them gets your number and the text. Nobody else: there is no advertising, no counting by others, nothing loaded from other sites."
        "Safaricom inapata namba inayolipa, kiasi, kumbukumbu yetu na namba ya tip, si chochote cha tip yenyewe. Code zinapotumwa kwa SMS, kampuni inayozipeleka inapata namba yako na ujumbe. Hakuna mwingine: hakuna matangazo, hakuna wengine wanaokuhesabu, hakuna kinachopakiwa kutoka tovuti nyingine."
    }

    how_long { "For how long" "Kwa muda gani" }
    cookies {
        "One cookie keeps you signed in, for 14 days after your last visit; another remembers the language you chose, for a year. Messages from M-Pesa as they came are kept for 90 days, notices for 90 days after you read them, one-time codes for a day."
        "Cookie moja inakuweka ndani ya akaunti kwa siku 14 baada ya kutembelea mara ya mwisho; nyingine inakumbuka lugha uliyochagua kwa mwaka mmoja. Ujumbe kutoka M-Pesa unahifadhiwa kama ulivyokuja kwa siku 90, taarifa kwa siku 90 baada ya kuzisoma, na code za SMS kwa siku moja."
    }
}

#[component]
pub fn PrivacyPage() -> impl IntoView {
    let parts = vec![
        (what_we_keep(), vec![person(), payments(), addresses()]),
        (what_others_see(), vec![name_and_tips()]),
        (who_else(), vec![safaricom()]),
        (how_long(), vec![cookies()]),
    ];
    view! { <Page title=title() lead=lead() parts/> }
}
