//! What buyers are told about payments, in each language. No sentence says that no money was taken (MONEY
//! §1).

use super::Refusal;
use crate::types::{AppError, Text, words};

/// The sentence for a buyer whose push Safaricom did not take.
pub const fn refused(refusal: Refusal) -> Text {
    match refusal {
        Refusal::UnknownNumber => refused_number(),
        Refusal::PhoneLocked => refused_locked(),
        Refusal::Busy => refused_busy(),
        Refusal::OurAccount => refused_account(),
        Refusal::Other => not_taken(),
    }
}

/// The 404 of a payment that does not exist or belongs to another buyer: both read the same.
pub fn no_such_payment() -> AppError {
    AppError::not_found(payment_not_found())
}

words! {
    sending_title { "Sending the request to M-Pesa…" "Tunatuma ombi kwa M-Pesa…" }
    sending(phone) {
        "In a moment {phone} will ask for your M-Pesa PIN."
        "Baada ya muda mfupi {phone} itaomba PIN yako ya M-Pesa."
    }
    look_title { "Look at your phone" "Angalia simu yako" }
    unclear_answer(phone, price) {
        "M-Pesa did not answer us clearly. If {phone} asks for {price}, enter your PIN; we will notice."
        "M-Pesa haikutujibu wazi. Ikiwa {phone} itaomba {price}, weka PIN yako; tutajua."
    }
    check_phone_title { "Check your phone" "Angalia simu yako" }
    check_phone(phone, price, reference) {
        "Enter your M-Pesa PIN on {phone} to pay {price}. The request and the SMS name account {reference}."
        "Weka PIN yako ya M-Pesa kwenye {phone} ili ulipe {price}. Ombi na SMS zitataja akaunti {reference}."
    }
    confirming_title { "Still checking with M-Pesa" "Bado tunathibitisha na M-Pesa" }
    confirming {
        "Do not pay again yet. You can close this page: the tip unlocks by itself when M-Pesa confirms."
        "Usilipe tena kwa sasa. Unaweza kufunga ukurasa huu: tip itafunguka yenyewe M-Pesa ikithibitisha."
    }
    review_title { "A person is looking at this payment" "Mhudumu anaangalia malipo haya" }
    review(why, reference) {
        "{why} Do not pay again. Our reference is {reference}."
        "{why} Usilipe tena. Namba yetu ya kumbukumbu ni {reference}."
    }
    review_amount {
        "M-Pesa told us another amount than the price."
        "M-Pesa ilitutajia kiasi tofauti na bei."
    }
    review_receipt {
        "M-Pesa named a receipt that we have already seen."
        "M-Pesa ilitaja risiti ambayo tumeshaiona."
    }
    review_unclear {
        "M-Pesa's answer about this payment was not clear."
        "Jibu la M-Pesa kuhusu malipo haya halikuwa wazi."
    }
    paid_title { "Paid. The tip is unlocked" "Imelipwa. Tip imefunguka" }
    paid(price, phone) { "You paid {price} from {phone}." "Umelipa {price} kutoka {phone}." }
    receipt_follows { "The M-Pesa receipt number follows." "Namba ya risiti ya M-Pesa itafuata." }
    owed_title(price) { "Your {price} is coming back" "{price} yako inarudishwa" }
    owed(phone, day, reference) {
        "Your payment arrived, but it could not buy this tip any more. We send it back to {phone} by {day}. \
            Our reference is {reference}."
        "Malipo yako yalifika, lakini hayangeweza tena kununua tip hii. Tutayarudisha kwa {phone} kufikia \
            {day}. Namba yetu ya kumbukumbu ni {reference}."
    }
    owed_to_payer(day, reference) {
        "Your payment arrived, but it could not buy this tip any more. We send it back to the number that \
            paid by {day}. Our reference is {reference}."
        "Malipo yako yalifika, lakini hayangeweza tena kununua tip hii. Tutayarudisha kwa namba iliyolipa \
            kufikia {day}. Namba yetu ya kumbukumbu ni {reference}."
    }
    cancelled_title { "The request was cancelled or timed out" "Ombi lilikatizwa au muda wake uliisha" }
    cancelled {
        "Safaricom says the request was cancelled or timed out."
        "Safaricom inasema ombi lilikatizwa au muda wake uliisha."
    }
    failed_title { "The payment did not go through" "Malipo hayakukamilika" }
    failed_unknown { "Safaricom could not complete the request." "Safaricom haikuweza kukamilisha ombi." }
    no_money_found {
        "We looked at this payment with M-Pesa and found no money."
        "Tuliangalia malipo haya pamoja na M-Pesa na hatukupata pesa."
    }
    not_listed {
        "M-Pesa's own statement does not list this payment."
        "Taarifa ya M-Pesa yenyewe haina malipo haya."
    }
    do_not_pay_again {
        "If you got an M-Pesa SMS, do not pay again: we find your payment and unlock the tip."
        "Ukipata SMS ya M-Pesa, usilipe tena: tutapata malipo yako na kufungua tip."
    }

    not_a_buyer { "Your account does not buy tips." "Akaunti yako hainunui tips." }
    prove_first {
        "Prove your own number first (My account). Until then you can pay only with it."
        "Thibitisha namba yako kwanza (Akaunti yangu). Hadi hapo unaweza kulipa kwa namba hiyo tu."
    }
    bought_already {
        "You have bought this tip already. Reload the page to see it."
        "Umeshanunua tip hii. Pakia ukurasa upya ili uione."
    }
    own_tip {
        "This is your own tip: you see all of it already."
        "Hii ni tip yako mwenyewe: tayari unaiona yote."
    }
    not_on_sale {
        "This tip is no longer on sale: its first match is about to start or was withdrawn."
        "Tip hii haiuzwi tena: mechi yake ya kwanza inakaribia kuanza au imeondolewa."
    }
    too_many_streams {
        "This payment is watched on other pages already."
        "Malipo haya tayari yanafuatiliwa kwenye kurasa nyingine."
    }
    payment_not_found { "There is no such payment." "Hakuna malipo kama hayo." }
    in_use_wait(phone, seconds) {
        "An M-Pesa request for this tip is open on {phone}. Answer it, or use another number in {seconds} s."
        "Ombi la M-Pesa la tip hii liko wazi kwenye {phone}. Lijibu, au tumia namba nyingine baada ya \
            sekunde {seconds}."
    }
    in_use_send_again(phone) {
        "An M-Pesa request for this tip is open on {phone}. Press \u{201c}Send again\u{201d} to use another \
            number."
        "Ombi la M-Pesa la tip hii liko wazi kwenye {phone}. Bonyeza \u{201c}Tuma tena\u{201d} ili utumie \
            namba nyingine."
    }
    phone_is_busy(phone, seconds) {
        "An M-Pesa request is already on {phone}. Answer it, or try again in {seconds} s."
        "Tayari kuna ombi la M-Pesa kwenye {phone}. Lijibu, au jaribu tena baada ya sekunde {seconds}."
    }
    phone_does_not_answer(phone) {
        "{phone} did not answer our last M-Pesa requests. Please wait 10 minutes."
        "{phone} haikujibu maombi yetu ya mwisho ya M-Pesa. Tafadhali subiri dakika 10."
    }
    too_many_today(phone) {
        "{phone} got too many M-Pesa requests today. Please use another number or try tomorrow."
        "{phone} imepata maombi mengi mno ya M-Pesa leo. Tafadhali tumia namba nyingine au jaribu kesho."
    }
    refused_too_often {
        "Too many of your requests were refused in this hour. Please try again later."
        "Maombi yako mengi mno yamekataliwa saa hii. Tafadhali jaribu tena baadaye."
    }
    asked_too_often {
        "You asked for too many M-Pesa requests in this hour. Please try again later."
        "Umeomba maombi mengi mno ya M-Pesa saa hii. Tafadhali jaribu tena baadaye."
    }
    network_too_often {
        "Too many M-Pesa requests came from your network in this hour. Please try again later."
        "Maombi mengi mno ya M-Pesa yametoka kwenye mtandao wako saa hii. Tafadhali jaribu tena baadaye."
    }

    refused_number {
        "M-Pesa does not know this phone number. Check it, or use another one."
        "M-Pesa haijui namba hii ya simu. Iangalie, au tumia nyingine."
    }
    refused_locked {
        "Another M-Pesa request is open on this phone. Finish it, wait a minute and try again."
        "Ombi lingine la M-Pesa liko wazi kwenye simu hii. Limalize, subiri dakika moja, kisha jaribu tena."
    }
    refused_busy {
        "M-Pesa is very busy right now. Please try again in a minute."
        "M-Pesa ina shughuli nyingi sasa hivi. Tafadhali jaribu tena baada ya dakika moja."
    }
    refused_account {
        "We cannot reach our M-Pesa account right now. Please try again later."
        "Hatuwezi kufikia akaunti yetu ya M-Pesa sasa hivi. Tafadhali jaribu tena baadaye."
    }
    not_taken {
        "M-Pesa could not take the request. Please try again."
        "M-Pesa haikuweza kupokea ombi. Tafadhali jaribu tena."
    }

    arrived_already {
        "This payment has arrived: there is nothing to claim."
        "Malipo haya yameshafika: hakuna cha kudai."
    }
    five_claims {
        "You typed five codes in the last hour. A person looks at them; please try again later."
        "Umeandika code tano ndani ya saa moja. Mhudumu anaziangalia; tafadhali jaribu tena baadaye."
    }
    receipt_form {
        "An M-Pesa receipt has ten letters and digits."
        "Risiti ya M-Pesa ina herufi na tarakimu kumi."
    }
    cannot_ask {
        "M-Pesa gave us no number for this request, so we cannot ask about it. If you paid, enter the code \
            of the SMS."
        "M-Pesa haikutupa namba ya ombi hili, kwa hivyo hatuwezi kuliulizia. Kama ulilipa, weka code ya SMS."
    }
    ask_soon(seconds) {
        "M-Pesa can be asked about a payment after 35 seconds. We do it by ourselves in about {seconds} s."
        "M-Pesa inaweza kuulizwa kuhusu malipo baada ya sekunde 35. Tutauliza wenyewe baada ya sekunde \
            {seconds} hivi."
    }
    too_old_to_ask {
        "This request is too old to be asked about. If you paid, enter the code of the M-Pesa SMS."
        "Ombi hili ni la zamani mno kuuliziwa. Kama ulilipa, weka code ya SMS ya M-Pesa."
    }
    looked_just_now {
        "We looked less than a minute ago. Please wait a moment."
        "Tumeangalia muda usiozidi dakika moja uliopita. Tafadhali subiri kidogo."
    }
}
