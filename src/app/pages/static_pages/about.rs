//! What the site is, and what it is not.

use leptos::prelude::*;

use super::Page;
use crate::types::words;

words! {
    title { "About Ligisoo" "Kuhusu Ligisoo" }
    lead { "Football tips, one at a time, paid with M-Pesa." "Tips za mpira, moja moja, unalipa kwa M-Pesa." }

    what { "What this is" "Hii ni nini" }
    marketplace {
        "Ligisoo is a marketplace for football tips in Kenya. Tipsters post a betslip: a bookmaker's code, \
         their picks, a picture. Buyers pay for one tip at a time with M-Pesa and then see all of it."
        "Ligisoo ni soko la tips za mpira Kenya. Watoa tips wanaweka betslip: code ya kampuni ya beti, \
         chaguo zao na picha. Wanunuzi wanalipia tip moja moja kwa M-Pesa, kisha wanaiona yote."
    }
    no_bookmaker {
        "Ligisoo is not a bookmaker. It takes no bets, holds no stakes and pays no winnings."
        "Ligisoo si kampuni ya beti. Haipokei beti, haishiki dau na hailipi ushindi."
    }

    before_and_after { "Before and after you pay" "Kabla na baada ya kulipa" }
    before {
        "Before you pay you see the odds, the price, the league and day of each match, and the teams of one \
         or two of them. The code, the picks and the picture are not sent to your phone until M-Pesa has \
         confirmed your payment."
        "Kabla ya kulipa unaona odds, bei, ligi na siku ya kila mechi, na timu za mechi moja au mbili. Code, \
         chaguo na picha hazitumwi kwenye simu yako hadi M-Pesa ithibitishe malipo yako."
    }
    sales_close {
        "Sales of a tip close five minutes before its first match begins."
        "Mauzo ya tip yanafungwa dakika tano kabla ya mechi yake ya kwanza kuanza."
    }

    money { "Where the money goes" "Pesa inaenda wapi" }
    shares {
        "You pay Ligisoo by M-Pesa. Part of the price is the tipster's, the rest is Ligisoo's. The tipster's \
         part is held until some time after the last match and until M-Pesa has confirmed the money a second \
         time."
        "Unailipa Ligisoo kwa M-Pesa. Sehemu ya bei ni ya mtoa tips, inayobaki ni ya Ligisoo. Sehemu ya mtoa \
         tips inashikiliwa hadi muda fulani baada ya mechi ya mwisho, na hadi M-Pesa ithibitishe pesa mara \
         ya pili."
    }

    not_certain { "No tip is certain" "Hakuna tip yenye uhakika" }
    opinion {
        "A tip is the opinion of its tipster. Any tip can lose, whatever its tipster won before."
        "Tip ni maoni ya mtoa tips. Tip yoyote inaweza kupoteza, hata kama mtoa tips ameshinda mara ngapi."
    }
}

/// What Ligisoo is.
#[component]
pub fn AboutPage() -> impl IntoView {
    let parts = vec![
        (what(), vec![marketplace(), no_bookmaker()]),
        (before_and_after(), vec![before(), sales_close()]),
        (money(), vec![shares()]),
        (not_certain(), vec![opinion()]),
    ];
    view! { <Page title=title() lead=lead() parts/> }
}
