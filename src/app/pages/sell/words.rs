//! The texts of the pages of a draft.

use crate::types::{Text, words};

words! {
    title { "Sell a tip" "Uza tip" }
    lead {
        "Each part is saved by its own button. You can stop and come back: the draft stays under My tips."
        "Kila sehemu inahifadhiwa kwa kitufe chake. Unaweza kuacha na kurudi: rasimu inabaki kwenye Tips \
         zangu."
    }
    save { "Save" "Hifadhi" }
    remove { "Remove" "Ondoa" }

    step_betslip { "1. Betslip" "1. Betslip" }
    bookmaker { "Bookmaker" "Kampuni ya beti" }
    choose_one { "Choose one" "Chagua moja" }
    another_one { "Another one" "Nyingine" }
    bet_code_hint {
        "Exactly as the bookmaker gave it to you. Hidden until paid for."
        "Kama kampuni ya beti ilivyokupa. Imefichwa hadi ilipiwe."
    }
    total_odds { "Total odds" "Jumla ya odds" }
    odds_hint { "As the betslip shows them." "Kama zilivyo kwenye betslip." }
    odds_hint_with(product) {
        "As the betslip shows them. Your matches make {product}."
        "Kama zilivyo kwenye betslip. Mechi zako ni {product}."
    }
    price_in_kes { "Price in KES" "Bei kwa KES" }
    price_hint(least, most, share) {
        "{least} to {most}, whole shillings. You get {share} % of each sale."
        "{least} hadi {most}, shilingi kamili. Unapata {share} % ya kila mauzo."
    }
    note { "Note to buyers" "Ujumbe kwa wanunuzi" }
    note_hint { "If you like. Only those who paid see it." "Ukipenda. Waliolipa tu ndio wanauona." }

    step_matches { "2. Matches" "2. Mechi" }
    matches_lead {
        "Every match of the betslip. Before they pay, buyers see some of the teams and leagues, never a \
         market or a pick."
        "Kila mechi ya betslip. Kabla ya kulipa, wanunuzi wanaona baadhi ya timu na ligi, kamwe si soko wala \
         chaguo."
    }
    add_a_match { "Add a match" "Ongeza mechi" }
    add_this_match { "Add this match" "Ongeza mechi hii" }
    home_team { "Home team" "Timu ya nyumbani" }
    away_team { "Away team" "Timu ya ugenini" }
    league { "League" "Ligi" }
    kick_off { "Kick-off in Kenya" "Inaanza (saa za Kenya)" }
    market { "Market" "Soko" }
    market_hint { "Like Full-time result" "Kama Full-time result" }
    pick { "Pick" "Chaguo" }
    pick_hint { "Like Home win" "Kama Home win" }
    odds_of_match { "Odds of this match" "Odds za mechi hii" }
    remove_match(home, away) { "Remove {home} v {away}" "Ondoa {home} v {away}" }
    at_odds(odds) { "at {odds}" "odds {odds}" }

    step_picture { "3. Picture of the betslip" "3. Picha ya betslip" }
    picture_hint {
        "A screenshot is best. JPEG, PNG or WebP, up to 5 MB. Until somebody pays they see nothing of it."
        "Screenshot ni bora zaidi. JPEG, PNG au WebP, hadi MB 5. Kabla ya kulipa hawaoni chochote kwenye \
         picha."
    }
    your_betslip { "Your betslip" "Betslip yako" }

    step_publish { "4. Check and publish" "4. Kagua na uchapishe" }
    nothing_left {
        "Everything is there. Look at it once more before buyers do."
        "Kila kitu kipo. Itazame tena kabla ya wanunuzi."
    }
    one_left { "1 thing left to do before you can publish." "Limebaki jambo 1 kabla ya kuchapisha." }
    some_left(number) {
        "{number} things left to do before you can publish."
        "Yamebaki mambo {number} kabla ya kuchapisha."
    }
    check { "Check the tip" "Kagua tip" }
    delete_this { "Delete this draft" "Futa rasimu hii" }
    all_is_lost { "All that you filled in is lost." "Yote uliyojaza yatapotea." }
    delete { "Delete the draft" "Futa rasimu" }

    check_title { "Check your tip" "Kagua tip yako" }
    check_lead { "As buyers will see it." "Kama wanunuzi watakavyoiona." }
    left_to_do { "Left to do" "Yaliyobaki" }
    price { "Price" "Bei" }
    you_get { "You get" "Unapata" }
    of_each_sale(share) { "{share} of each sale" "{share} kwa kila mauzo" }
    sales_close { "Sales close" "Mauzo kufungwa" }
    before_they_pay { "Before they pay" "Kabla hawajalipa" }
    odds_they_see(odds) { "Total odds {odds}" "Jumla ya odds {odds}" }
    after_they_paid { "After they paid" "Wakishalipa" }
    publish { "Publish" "Chapisha" }
    nothing_changes {
        "After this nothing of the tip can be changed: its fingerprint is shown to everybody from the start. \
         You can withdraw it as long as nobody has bought it."
        "Baada ya hapa hakuna kinachoweza kubadilishwa kwenye tip: muhuri wake unaonyeshwa kwa kila mtu \
         tangu mwanzo. Unaweza kuiondoa mradi hakuna aliyeinunua."
    }
    who_waits {
        "Tips of verified tipsters are on sale at once. Tips of others are looked at first."
        "Tips za watoa tips waliothibitishwa zinauzwa mara moja. Za wengine zinaangaliwa kwanza."
    }
    publish_tip { "Publish the tip" "Chapisha tip" }
    change_something { "Change something" "Badilisha kitu" }
}

/// How many things are left to do before a draft can be published.
pub fn left(number: i64) -> Text {
    match number {
        0 => nothing_left(),
        1 => one_left(),
        number => some_left(number),
    }
}
