//! What the site is and promises, in plain words. Each sentence says what the program does; a change of the one changes the other.

mod about;
mod help;
mod privacy;
mod terms;

pub use about::AboutPage;
pub use help::HelpPage;
pub use privacy::PrivacyPage;
pub use terms::TermsPage;

use leptos::prelude::*;

use crate::app::ui::Head;
use crate::types::Text;

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
                            {paragraphs.into_iter().map(|paragraph| view! { <p>{paragraph}</p> }).collect_view()}
                        </section>
                    }
                })
                .collect_view()}
        </article>
    }
    .into_any()
}
