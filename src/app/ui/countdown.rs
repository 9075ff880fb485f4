//! How long a tip is still on sale, kept right while the page is open. The server makes the words, and a few
//! lines of script count them down; without scripts the words just stay. An island would make every list of
//! tips load the WebAssembly.

use chrono::{DateTime, Utc};
use leptos::nonce::use_nonce;
use leptos::prelude::*;

use super::format::{days, hours, minutes, one_day, one_hour};
use super::until;
use crate::types::{Text, words};

words! {
    closes_in(time) { "Closes in {time}" "Imebaki {time}" }
    has_closed { "Sales have closed" "Mauzo yamefungwa" }
}

/// Stands for the number in the patterns that the script fills in.
const NUMBER: &str = "#";
/// The same arithmetic as `until`, but by the server's clock, because the clocks of many phones are wrong.
const SCRIPT: &str = r##"{const{words,now,left,over}=document.currentScript.dataset,[day,days,hour,hours,minutes]=JSON.parse(words),
skew=Date.now()/1e3-now,of=(one,many,n)=>n==1?one:many.replace("#",n),
say=s=>{const m=Math.floor(s/60),d=Math.floor(m/1440),h=Math.floor(m/60)%24,r=m%60;
return d?of(day,days,d)+(h?" "+of(hour,hours,h):""):h?of(hour,hours,h)+(r?" "+minutes.replace("#",r):""):minutes.replace("#",Math.max(1,r))};
setInterval(()=>{for(const e of document.querySelectorAll("[data-until]")){const s=e.dataset.until-Date.now()/1e3+skew;
e.textContent=s>0?left.replace("#",say(s)):over}},1e4)}"##;

/// When sales close, in words, as seen at `now`.
pub fn closing(now: DateTime<Utc>, at: DateTime<Utc>) -> impl IntoView {
    view! { <span data-until=at.timestamp().to_string()>{closes_in(until(now, at))}</span> }
}

/// Counts down every `closing` of the page. It is put once on a page, after all of them.
#[component]
pub fn Countdown(now: DateTime<Utc>) -> impl IntoView {
    let patterns = [one_day(), days(NUMBER), one_hour(), hours(NUMBER), minutes(NUMBER)]
        .map(|text: Text| text.here().into_owned());
    let patterns = serde_json::to_string(&patterns).unwrap_or_default();
    view! {
        <script
            nonce=use_nonce()
            data-words=patterns
            data-now=now.timestamp().to_string()
            data-left=closes_in(NUMBER)
            data-over=has_closed()
        >
            {SCRIPT}
        </script>
    }
}
