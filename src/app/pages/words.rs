//! What the site is and promises, in plain words. Each sentence says what the program does; a change of the one changes the other.

use leptos::prelude::*;

use crate::app::ui::Head;
use crate::payouts::REFUND_WITHIN;

/// A heading and its paragraphs.
type Part = (&'static str, Vec<String>);

#[component]
fn Page(title: &'static str, lead: &'static str, parts: Vec<Part>) -> impl IntoView {
    view! {
        <article class="words">
            <Head title lead/>
            {parts
                .into_iter()
                .map(|(heading, paragraphs)| {
                    view! {
                        <section>
                            <h2>{heading}</h2>
                            {paragraphs.into_iter().map(|paragraph| view! { <p>{paragraph}</p> }).collect_view()}
                        </section>
                    }
                })
                .collect_view()}
        </article>
    }
    .into_any()
}

fn part(heading: &'static str, paragraphs: &[&str]) -> Part {
    (heading, paragraphs.iter().map(|paragraph| (*paragraph).to_owned()).collect())
}

#[component]
pub fn AboutPage() -> impl IntoView {
    let parts = vec![
        part(
            "What this is",
            &[
                "Ligisoo is a marketplace for football tips in Kenya. Tipsters post a betslip: a bookmaker's code, their picks, a picture. \
                 Buyers pay for one tip at a time with M-Pesa and then see all of it.",
                "Ligisoo is not a bookmaker. It takes no bets, holds no stakes and pays no winnings.",
            ],
        ),
        part(
            "Before and after you pay",
            &[
                "Before you pay you see the odds, the price, the number of matches and the teams of some of them. The code, the picks and the \
                 clear picture are not sent to your phone until M-Pesa has confirmed your payment.",
                "Sales of a tip close five minutes before its first match begins.",
            ],
        ),
        part(
            "Where the money goes",
            &[
                "You pay Ligisoo by M-Pesa. Part of the price is the tipster's, the rest is Ligisoo's. The tipster's part is held until some \
                 time after the last match and until M-Pesa has confirmed the money a second time.",
            ],
        ),
        part("No tip is certain", &["A tip is the opinion of its tipster. Any tip can lose, whatever its tipster won before."]),
    ];
    view! { <Page title="About Ligisoo" lead="Football tips, one at a time, paid with M-Pesa." parts/> }
}

#[component]
pub fn TermsPage() -> impl IntoView {
    let days = REFUND_WITHIN.num_days();
    let parts = vec![
        part("Who may use it", &["You must be 18 or older. One phone number is one account: whoever proves a number by a code sent to it has its account."]),
        part(
            "Buying",
            &[
                "A price is for one tip. It pays for reading the tip: its code, picks and picture, which stay on your account. It places no bet.",
                "A tip that loses is not paid back. Tips are opinions, and betting on them can cost you the whole stake.",
                "You may pay with another person's number only if they agree: the request for the M-Pesa PIN goes to their phone.",
            ],
        ),
        (
            "When a payment cannot buy",
            vec![
                "If your payment arrives after the tip's first match began, after it was withdrawn, or a second time, it cannot buy the tip. \
                 Then the whole amount is owed back to the M-Pesa number that paid, and to no other."
                    .to_owned(),
                format!("We send it back within {days} days. My purchases names the date."),
            ],
        ),
        part(
            "When M-Pesa is slow",
            &[
                "We ask M-Pesa about every open payment until it answers. If you got an M-Pesa SMS and see nothing here, do not pay again: \
                 enter the code of the SMS on the payment's page. A person looks at what the computers cannot decide.",
            ],
        ),
        part(
            "Selling",
            &[
                "You sell your own tips. You may not promise that a tip wins. What you earn appears in your wallet, first as held, then as \
                 available.",
            ],
        ),
        part("Closing an account", &["You can close your account under My account when no money is held, owed or waiting. What was paid stays in our books without your name."]),
    ];
    view! { <Page title="Terms" lead="What you can expect of us, and we of you." parts/> }
}

#[component]
pub fn PrivacyPage() -> impl IntoView {
    let parts = vec![
        part(
            "What we keep",
            &[
                "Your phone number, the name you show, your date of birth (to know that you are 18), what you write about yourself, and your \
                 password as a hash from which it cannot be read.",
                "Your payments: the tip, the amount, the number that paid, M-Pesa's receipt and what M-Pesa told us about them. The books are \
                 never erased; when you close your account your name, number and date of birth are taken out of it, but not the number out of \
                 payments that were made with it.",
                "Of your internet address only a hash, to limit how often something may be tried.",
            ],
        ),
        part(
            "What others see",
            &[
                "The name you show and, if you sell, your tips and what you write about yourself. Nobody sees your number: where it must be \
                 shown, its middle is hidden. People who run this site can see payments with their numbers, to help you.",
            ],
        ),
        part(
            "Who else learns something",
            &[
                "Safaricom gets the paying number, the amount, our reference and the tip's number, nothing of the tip itself. Where one-time \
                 codes are sent by SMS, the company that carries them gets your number and the text. Nobody else: there is no advertising, no \
                 counting by others, nothing loaded from other sites.",
            ],
        ),
        part(
            "For how long",
            &[
                "One cookie keeps you signed in, for 14 days after your last visit. Messages from M-Pesa as they came are kept for 90 days, \
                 notices for 90 days after you read them, one-time codes for a day.",
            ],
        ),
    ];
    view! { <Page title="Privacy" lead="What we know of you, who else learns of it, and for how long." parts/> }
}

#[component]
pub fn HelpPage() -> impl IntoView {
    let parts = vec![
        part(
            "I paid but see nothing",
            &["Do not pay again. Open My purchases and the payment, and wait a minute: we ask M-Pesa by ourselves. Press Check again, or \
                 enter the code of your M-Pesa SMS. When M-Pesa confirms the money, the tip opens, or the money is owed back to you."],
        ),
        part(
            "No prompt came to my phone",
            &[
                "Unlock the screen and wait half a minute. If nothing comes, dial *234# to update the SIM card's menu. After three minutes you \
                 can send the prompt again from the tip's page.",
            ],
        ),
        part(
            "I forgot my password",
            &["Press I forgot my password on the sign-in page. A code comes to your number; with it you set a new one."],
        ),
        part("My money is owed back", &["My purchases names the date by which it is sent to the number that paid."]),
        part(
            "I want to spend less, or nothing",
            &[
                "My account, Limits and breaks: set what you spend at most in a day, week or month, take a break, or exclude yourself for six \
                 months or longer.",
                "Gambling addiction? Talk to someone you trust or to a counsellor. It is not a weakness, and it gets better with help.",
            ],
        ),
    ];
    view! { <Page title="Help" lead="What to do when something is not as it should be." parts/> }
}
