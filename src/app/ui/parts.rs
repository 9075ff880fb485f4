//! The smallest parts: headings, facts, badges, notices, empty lists.

use leptos::prelude::*;
use leptos_meta::Title;

use super::escaped;
use crate::tips::HIDDEN_CODE;
use crate::tips::record::Span;
use crate::types::{Text, words};

words! {
    show_older { "Show older" "Onyesha za zamani" }
    hidden_until_paid { "Hidden until you pay" "Imefichwa hadi ulipe" }
    pages { "Pages" "Kurasa" }
    page_number(number) { "Page {number}" "Ukurasa {number}" }
    back { "Back" "Nyuma" }
    next_page { "Next" "Mbele" }
    time { "Time" "Muda" }
    last_days(days) { "{days} days" "Siku {days}" }
    all_time { "All" "Zote" }
}

/// What a colour means. It is never said by the colour alone.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Tone {
    #[default]
    Plain,
    Good,
    Wait,
    Bad,
}

impl Tone {
    const fn class(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Good => "good",
            Self::Wait => "wait",
            Self::Bad => "bad",
        }
    }
}

/// A title for the browser's window only, with the name of the site behind it.
#[component]
pub fn WindowTitle(title: Text) -> impl IntoView {
    view! { <WholeTitle title=format!("{} · Ligisoo", title.here())/> }
}

/// The whole title of the browser's window. `leptos_meta` writes it into the page as it is, so it is escaped
/// here: a person's name in it must not become HTML.
#[component]
#[expect(clippy::disallowed_methods, reason = "the one place that escapes what it hands over")]
#[expect(clippy::needless_pass_by_value, reason = "a component owns what it is given")]
pub fn WholeTitle(#[prop(into)] title: String) -> impl IntoView {
    view! { <Title text=escaped(&title)/> }
}

/// A page's title, in the window and on the page, with a sentence below.
#[component]
pub fn Head(#[prop(into)] title: Text, #[prop(optional, into)] lead: Text) -> impl IntoView {
    let lead = lead.here();
    view! {
        <WindowTitle title=title.clone()/>
        <div class="head">
            <h1>{title}</h1>
            {(!lead.is_empty()).then(|| view! { <p class="lead">{lead}</p> })}
        </div>
    }
}

/// A name and its value, for use inside a `<dl>`.
#[component]
pub fn Fact(#[prop(into)] label: Text, #[prop(into)] value: Text) -> impl IntoView {
    view! {
        <div class="fact">
            <dt>{label}</dt>
            <dd>{value}</dd>
        </div>
    }
}

/// A short word in a coloured box, like the state of a payment.
#[component]
pub fn Badge(#[prop(into)] text: Text, #[prop(optional)] tone: Tone) -> impl IntoView {
    view! { <span class=format!("badge {}", tone.class())>{text}</span> }
}

/// A sentence that must not be overlooked.
#[component]
pub fn Notice(#[prop(optional)] tone: Tone, children: Children) -> impl IntoView {
    view! { <div class=format!("notice {}", tone.class())>{children()}</div> }
}

/// What stands in the place of an empty list: a reason, and a link to something else.
#[component]
pub fn Empty(
    #[prop(into)] title: Text,
    #[prop(into)] text: Text,
    href: &'static str,
    #[prop(into)] action: Text,
) -> impl IntoView {
    view! {
        <div class="card empty">
            <h2>{title}</h2>
            <p>{text}</p>
            <a class="button quiet" href=href>{action}</a>
        </div>
    }
}

/// The link to the next page of a list; nothing on the last page.
#[component]
pub fn More(
    path: &'static str,
    next: Option<String>,
    #[prop(default = show_older(), into)] text: Text,
) -> impl IntoView {
    next.map(|next| {
        let query = serde_urlencoded::to_string([("after", next)]).unwrap_or_default();
        let address = format!("{path}?{query}");
        view! { <p class="more"><a class="button quiet" href=address>{text}</a></p> }
    })
}

/// The links to the pages before and after a numbered one; nothing if there is only one page.
#[component]
pub fn Pager(before: Option<String>, page: u32, after: Option<String>) -> impl IntoView {
    let link = |address, text: Text| view! { <a class="button quiet" href=address>{text}</a> };
    (before.is_some() || after.is_some()).then(|| {
        view! {
            <div class="pager" role="navigation" aria-label=pages()>
                {before.map(|address| link(address, back()))}
                <span class="soft">{page_number(page)}</span>
                {after.map(|address| link(address, next_page()))}
            </div>
        }
    })
}

/// Links to the spans of time over which a record can be seen.
pub fn spans(path: &str, chosen: Span) -> impl IntoView + use<> {
    let link = |span: Span| {
        let address =
            if span == Span::All { path.to_owned() } else { format!("{path}?days={}", span.as_str()) };
        view! { <a href=address aria-current=(span == chosen).then_some("true")>{span_name(span)}</a> }
    };
    view! {
        <div class="spans" role="navigation" aria-label=time()>{Span::ALL.map(link).collect_view()}</div>
    }
}

fn span_name(span: Span) -> Text {
    if span == Span::All { all_time() } else { last_days(span.as_str()) }
}

/// A bet code that is not paid for, as dots. Screen readers hear what the dots mean.
#[component]
pub fn MaskedCode() -> impl IntoView {
    view! {
        <p class="code masked">
            <span aria-hidden="true">{HIDDEN_CODE}</span>
            <span class="unseen">{hidden_until_paid()}</span>
        </p>
    }
}
