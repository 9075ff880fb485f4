//! Which page answers at which address.

use std::sync::LazyLock;

use leptos::prelude::*;
use leptos_axum::{AxumRouteListing, generate_route_list};
use leptos_meta::provide_meta_context;
use leptos_router::components::{Route, Router, Routes};
use leptos_router::{PartialPathMatch, PathSegment, PossibleRouteMatch, SsrMode};

use super::pages::{
    AboutPage, AccountPage, CodePage, DeskPage, DeskResultsPage, DeskTipResultsPage, DeskTipsPage,
    FollowingPage, HelpPage, HomePage, LeaderboardPage, LimitsPage, MarketPage, MissingPage, MyTipsPage,
    NoticesPage, PaymentPage, PrivacyPage, PurchasesPage, ReceiptPage, RegisterPage, ResetPage,
    SellCheckPage, SellPage, SignInPage, TermsPage, TipPage, TipsterPage, WalletPage,
};
use super::ui::Frame;
use crate::platform::paths;

/// The addresses of all pages, for the server. They are made once per process, because making them stops
/// every resource that is being loaded (leptos #4773).
pub static ROUTES: LazyLock<Vec<AxumRouteListing>> = LazyLock::new(|| generate_route_list(App));

/// A pattern of `paths`, which the router of pages matches as a whole, part by part.
#[derive(Debug, Clone, Copy)]
struct At(&'static str);

/// The name in a part like `{id}`, which stands for any text.
fn parameter(part: &'static str) -> Option<&'static str> {
    part.strip_prefix('{')?.strip_suffix('}')
}

impl PossibleRouteMatch for At {
    fn optional(&self) -> bool {
        false
    }

    fn test<'a>(&self, path: &'a str) -> Option<PartialPathMatch<'a>> {
        let mut parameters = Vec::new();
        let mut asked = path.split('/');
        for part in self.0.split('/') {
            let asked = asked.next()?;
            match parameter(part) {
                Some(name) if !asked.is_empty() => parameters.push((name.into(), asked.to_owned())),
                None if asked == part => {}
                _ => return None,
            }
        }
        asked.next().is_none().then(|| PartialPathMatch::new("", parameters, path))
    }

    fn generate_path(&self, path: &mut Vec<PathSegment>) {
        path.extend(self.0.split('/').skip(1).map(|part| {
            parameter(part).map_or(PathSegment::Static(part.into()), |name| PathSegment::Param(name.into()))
        }));
    }
}

/// The whole site: the frame, and in it the page of the address.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    view! {
        <Router>
            <Frame>
                <Routes fallback=MissingPage>
                    <Route path=At(paths::HOME) view=HomePage ssr=SsrMode::Async/>
                    <Route path=At(paths::TIPS) view=MarketPage ssr=SsrMode::Async/>
                    <Route path=At(paths::TIP) view=TipPage ssr=SsrMode::Async/>
                    <Route path=At(paths::TIPSTER) view=TipsterPage ssr=SsrMode::Async/>
                    <Route path=At(paths::LEADERBOARD) view=LeaderboardPage ssr=SsrMode::Async/>
                    <Route path=At(paths::PAYMENT) view=PaymentPage ssr=SsrMode::Async/>
                    <Route path=At(paths::PURCHASES) view=PurchasesPage ssr=SsrMode::Async/>
                    <Route path=At(paths::RECEIPT) view=ReceiptPage ssr=SsrMode::Async/>
                    <Route path=At(paths::ACCOUNT) view=AccountPage ssr=SsrMode::Async/>
                    <Route path=At(paths::LIMITS) view=LimitsPage ssr=SsrMode::Async/>
                    <Route path=At(paths::ABOUT) view=AboutPage ssr=SsrMode::Async/>
                    <Route path=At(paths::TERMS) view=TermsPage ssr=SsrMode::Async/>
                    <Route path=At(paths::PRIVACY) view=PrivacyPage ssr=SsrMode::Async/>
                    <Route path=At(paths::HELP) view=HelpPage ssr=SsrMode::Async/>
                    <Route path=At(paths::CODE) view=CodePage ssr=SsrMode::Async/>
                    <Route path=At(paths::RESET) view=ResetPage ssr=SsrMode::Async/>
                    <Route path=At(paths::NOTICES) view=NoticesPage ssr=SsrMode::Async/>
                    <Route path=At(paths::FOLLOWING) view=FollowingPage ssr=SsrMode::Async/>
                    <Route path=At(paths::MY_TIPS) view=MyTipsPage ssr=SsrMode::Async/>
                    <Route path=At(paths::DRAFT) view=SellPage ssr=SsrMode::Async/>
                    <Route path=At(paths::DRAFT_CHECK) view=SellCheckPage ssr=SsrMode::Async/>
                    <Route path=At(paths::DESK) view=DeskPage ssr=SsrMode::Async/>
                    <Route path=At(paths::DESK_TIPS) view=DeskTipsPage ssr=SsrMode::Async/>
                    <Route path=At(paths::DESK_RESULTS) view=DeskResultsPage ssr=SsrMode::Async/>
                    <Route path=At(paths::DESK_TIP_RESULTS) view=DeskTipResultsPage ssr=SsrMode::Async/>
                    <Route path=At(paths::WALLET) view=WalletPage ssr=SsrMode::Async/>
                    <Route path=At(paths::REGISTER) view=RegisterPage ssr=SsrMode::Async/>
                    <Route path=At(paths::SIGN_IN) view=SignInPage ssr=SsrMode::Async/>
                </Routes>
            </Frame>
        </Router>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_matched_whole() {
        let number = |path: &str| {
            let matched = At(paths::DESK_TIP_RESULTS).test(path)?;
            matched.is_complete().then(|| format!("{:?}", matched.params()))
        };
        assert_eq!(number("/desk/results/17").as_deref(), Some(r#"[("number", "17")]"#));
        for other in [
            "/desk/results",
            "/desk/results/",
            "/desk/results/17/",
            "/desk/results/17/x",
            "desk/results/17",
            "/desk/Results/17",
        ] {
            assert_eq!(number(other), None, "{other}");
        }
        assert!(At(paths::HOME).test("/").is_some() && At(paths::HOME).test("/tips").is_none());
    }

    /// A page that no address leads to would be dead, and an address without a page a 404.
    #[test]
    fn every_page_is_found_at_its_own_address() {
        let pages: Vec<&str> = ROUTES.iter().map(AxumRouteListing::path).collect();
        for path in [
            paths::HOME,
            paths::TIPS,
            paths::TIP,
            paths::RECEIPT,
            paths::LIMITS,
            paths::DRAFT_CHECK,
            paths::DESK_TIP_RESULTS,
        ] {
            assert!(pages.contains(&path), "{path} is not among {pages:?}");
        }
    }
}
