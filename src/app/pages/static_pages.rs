//! What the site is and promises, in plain words. Each sentence says what the program does, so a change of
//! one needs a change of the other.

mod about;
mod help;
mod privacy;
mod terms;

pub use about::AboutPage;
pub use help::HelpPage;
pub use privacy::PrivacyPage;
pub use terms::TermsPage;

use leptos::prelude::*;

use crate::app::Site;
use crate::app::ui::Head;
use crate::types::{Text, words};

words! {
    reached_at(contact) {
        "Ligisoo is run by the people who run this site. They decide what is kept of you and answer for it \
         (in law: the data controller). Reach them at {contact}."
        "Ligisoo inaendeshwa na wanaoendesha tovuti hii. Wao ndio wanaoamua kinachohifadhiwa kukuhusu na \
         wanawajibika (kisheria: mdhibiti wa data). Wasiliana nao: {contact}."
    }
    not_reached_yet {
        "Ligisoo is run by the people who run this site. They decide what is kept of you and answer for it \
         (in law: the data controller). They have not yet said here how to reach them."
        "Ligisoo inaendeshwa na wanaoendesha tovuti hii. Wao ndio wanaoamua kinachohifadhiwa kukuhusu na \
         wanawajibika (kisheria: mdhibiti wa data). Bado hawajaandika hapa jinsi ya kuwasiliana nao."
    }
}

/// Who runs the site, and how to reach them.
fn who_runs_it() -> Text {
    let contact = use_context::<Site>().and_then(|site| site.contact);
    contact.map_or(not_reached_yet(), reached_at)
}

/// A heading and its paragraphs.
type Part = (Text, Vec<Text>);

#[component]
fn Page(title: Text, lead: Text, parts: Vec<Part>) -> impl IntoView {
    view! {
        <article class="words">
            <Head title lead/>
            {parts
                .into_iter()
                .map(|(heading, paragraphs)| {
                    view! {
                        <section>
                            <h2>{heading}</h2>
                            {paragraphs.into_iter().map(|paragraph| view! {
                                <p>{paragraph}</p>
                            }).collect_view()}
                        </section>
                    }
                })
                .collect_view()}
        </article>
    }
    .into_any()
}
