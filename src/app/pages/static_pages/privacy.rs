//! What the site knows of people, who else learns of it, and for how long it is kept.

use leptos::prelude::*;

use super::{Page, who_runs_it};
use crate::types::words;

words! {
    title { "Privacy" "Faragha" }
    lead {
        "What we know of you, who else learns of it, and for how long."
        "Tunachojua kukuhusu, nani mwingine anakijua, na kwa muda gani."
    }

    what_we_keep { "What we keep" "Tunachohifadhi" }
    person {
        "Your phone number, the name you show, the year of your birth (the day is looked at once, to know \
         that you are 18, and not kept), what you write about yourself and your picture, and your password \
         as a hash from which it cannot be read."
        "Namba yako ya simu, jina unaloonyesha, mwaka wako wa kuzaliwa (tarehe inaangaliwa mara moja kujua \
         kuwa una miaka 18, na haihifadhiwi), unachoandika kujihusu na picha yako, na nenosiri lako kwa njia \
         isiyoweza kusomwa (hash)."
    }
    payments {
        "Your payments: the tip, the amount, the number that paid, M-Pesa's receipt and what M-Pesa told us \
         about them. The books are never erased; when you close your account your name and number are taken \
         out of it, but not the number out of payments that were made with it."
        "Malipo yako: tip, kiasi, namba iliyolipa, risiti ya M-Pesa na taarifa za M-Pesa kuyahusu. Vitabu \
         havifutwi kamwe; ukifunga akaunti yako, jina na namba yako vinaondolewa, lakini namba haiondolewi \
         kwenye malipo yaliyofanywa nayo."
    }
    devices {
        "Of each device on which you are signed in two words, like Chrome on Android, and when it was last \
         used. You see them under My account, and can end each."
        "Kwa kila kifaa ulichoingia, maneno mawili, kama Chrome kwenye Android, na kilipotumika mara ya \
         mwisho. Unaviona kwenye Akaunti yangu, na unaweza kutoa kila kimoja."
    }
    addresses {
        "Of your internet address only a hash, to limit how often something may be tried."
        "Anwani yako ya intaneti kwa njia isiyosomeka tu (hash), ili kuzuia majaribio mengi mno."
    }

    when_you_close { "When you close your account" "Ukifunga akaunti" }
    closing {
        "Your name, its address, your words, picture, number, drafts with their pictures, notices, M-Pesa \
         codes you typed, whom you follow and who follows you are deleted at once. What stays: payments and \
         purchases with the number that paid, because they are other people's money too, and tips that were \
         published, because they were sold as they are and their record must stay true. Both stay without \
         your name. Limits that you set are remembered for a year under a hash of your number, so that they \
         cannot be loosened by joining again."
        "Jina lako, anwani yake, maneno yako, picha, namba, rasimu na picha zake, taarifa, code za M-Pesa \
         ulizoandika, unaowafuata na wanaokufuata vinafutwa mara moja. Kinachobaki: malipo na manunuzi \
         pamoja na namba iliyolipa, kwa sababu ni pesa za watu wengine pia, na tips zilizowekwa, kwa sababu \
         ziliuzwa jinsi zilivyo na rekodi yake lazima ibaki ya kweli. Vyote vinabaki bila jina lako. Vikomo \
         ulivyoweka vinakumbukwa kwa mwaka mmoja kwa njia isiyosomeka (hash) ya namba yako, ili visilegezwe \
         kwa kujisajili tena."
    }

    your_rights { "Your rights" "Haki zako" }
    rights {
        "The Data Protection Act 2019 of Kenya gives you the right to be told what is kept of you and to get \
         a copy, to have what is wrong corrected, to have it deleted where no law or debt stands against it, \
         to object to its use, and to get it in a form that you can take elsewhere. Name, words and picture \
         you change under My account, and there you close it; for the rest ask those who run this site."
        "Sheria ya Ulinzi wa Data ya Kenya ya 2019 inakupa haki ya kuambiwa kinachohifadhiwa kukuhusu na \
         kupata nakala, kusahihishiwa kilicho na makosa, kufutiwa pale ambapo hakuna sheria au deni \
         linalozuia, kupinga kitumike, na kukipata kwa njia unayoweza kwenda nayo kwingine. Jina, maneno na \
         picha unabadilisha kwenye Akaunti yangu, na hapo unaweza kuifunga; kwa mengine waulize wanaoendesha \
         tovuti hii."
    }
    commissioner {
        "If you are not satisfied with their answer, you can complain to the Office of the Data Protection \
         Commissioner, www.odpc.go.ke."
        "Kama hujaridhika na jibu lao, unaweza kulalamika kwa Ofisi ya Kamishna wa Ulinzi wa Data, \
         www.odpc.go.ke."
    }
    who_answers { "Who answers for it" "Nani anawajibika" }

    what_others_see { "What others see" "Wanachoona wengine" }
    name_and_tips {
        "The name you show, your picture if you sent one and, if you sell, your tips and what you write \
         about yourself. Nobody sees your number: where it must be shown, its middle is hidden. People who \
         run this site can see payments with their numbers, to help you."
        "Jina unaloonyesha, picha yako kama umeituma na, kama unauza, tips zako na unachoandika kujihusu. \
         Hakuna anayeona namba yako: inapolazimu kuonyeshwa, katikati yake inafichwa. Wanaoendesha tovuti \
         hii wanaweza kuona malipo na namba zake, ili wakusaidie."
    }

    who_else { "Who else learns something" "Nani mwingine anajua" }
    safaricom {
        "Safaricom gets the paying number, the amount, our reference and the tip's number, nothing of the \
         tip itself. Where one-time codes are sent by SMS, the company that carries them gets your number \
         and the text. Nobody else: there is no advertising, no counting by others, nothing loaded from \
         other sites."
        "Safaricom inapata namba inayolipa, kiasi, kumbukumbu yetu na namba ya tip, si chochote cha tip \
         yenyewe. Code zinapotumwa kwa SMS, kampuni inayozipeleka inapata namba yako na ujumbe. Hakuna \
         mwingine: hakuna matangazo, hakuna wengine wanaokuhesabu, hakuna kinachopakiwa kutoka tovuti \
         nyingine."
    }

    how_long { "For how long" "Kwa muda gani" }
    cookies {
        "One cookie keeps you signed in, for 14 days after your last visit and for 30 days at most. One \
         remembers the language you chose and one that you were in with this browser, so that nobody else's \
         wrong tries keep you out: each for a year. One belongs to a code that is on its way, for an hour. \
         Messages from M-Pesa as they came are kept for 90 days, notices for 90 days after you read them or \
         for a year if you do not, one-time codes and what limits count for a day."
        "Cookie moja inakuweka ndani ya akaunti kwa siku 14 baada ya kutembelea mara ya mwisho na kwa siku \
         30 zisizozidi. Moja inakumbuka lugha uliyochagua na nyingine kuwa uliwahi kuingia kwa browser hii, \
         ili makosa ya wengine yasikufungie nje: kila moja kwa mwaka mmoja. Moja ni ya code iliyo njiani, \
         kwa saa moja. Ujumbe kutoka M-Pesa unahifadhiwa kama ulivyokuja kwa siku 90, taarifa kwa siku 90 \
         baada ya kuzisoma au mwaka mmoja usipozisoma, na code za SMS pamoja na hesabu za vikomo kwa siku \
         moja."
    }
}

/// The privacy notice.
#[component]
pub fn PrivacyPage() -> impl IntoView {
    let parts = vec![
        (what_we_keep(), vec![person(), payments(), devices(), addresses()]),
        (what_others_see(), vec![name_and_tips()]),
        (who_else(), vec![safaricom()]),
        (how_long(), vec![cookies()]),
        (when_you_close(), vec![closing()]),
        (your_rights(), vec![rights(), commissioner()]),
        (who_answers(), vec![who_runs_it()]),
    ];
    view! { <Page title=title() lead=lead() parts/> }
}
