//! The same three tips in two worlds, which differ only in what is sold.

use reqwest::StatusCode;

use crate::tests::harness::seller::{number, png};
use crate::tests::harness::{Person, TestApp};
use crate::types::TipId;

/// What is sold and must not be told. The two worlds differ in nothing else.
pub struct SecretSale {
    pub code: &'static str,
    pub note: &'static str,
    /// The total odds. They differ in the third decimal, or for a single match in the second.
    pub odds: &'static str,
    pub picture: (u32, u32),
    pub legs: &'static [SecretLeg],
}

/// The home team, league, hour in Kenya in three days, market, pick and odds.
pub type SecretLeg = (&'static str, &'static str, &'static str, &'static str, &'static str, &'static str);

/// The tips of the two worlds. Zebras and Ants are the teams that the first tip shows, Lions those of the
/// second.
pub const WORLDS: [[SecretSale; 3]; 2] = [
    [
        SecretSale {
            code: "JYRCAV",
            note: "Notealpha",
            odds: "8.661",
            picture: (300, 400),
            legs: &[
                ("Zebras", "KPL", "13:00:00", "Full-time result", "Home win", "2.00"),
                ("Ants", "KPL", "15:00:00", "Full-time result", "Draw", "2.00"),
                ("Hiddenalpha", "La Liga", "18:00:00", "Total goals", "Over 2.5", "1.50"),
                ("Hiddenbeta", "Serie A", "20:00:00", "Total goals", "Under 2.5", "1.443"),
            ],
        },
        SecretSale {
            code: "AB-12",
            note: "",
            odds: "4.00",
            picture: (200, 200),
            legs: &[
                ("Lions", "KPL", "13:00:00", "Full-time result", "Home win", "2.00"),
                ("Hiddengamma", "KPL", "13:30:00", "Full-time result", "Away win", "2.00"),
            ],
        },
        SecretSale {
            code: "SINGLE1",
            note: "Sure.",
            odds: "1.72",
            picture: (320, 240),
            legs: &[("Hiddendelta", "Ligue 1", "14:00:00", "Total goals", "Under 2.5", "1.72")],
        },
    ],
    [
        SecretSale {
            code: "ZZ9XKCDQWERTY77",
            note: "",
            odds: "8.669",
            picture: (640, 200),
            legs: &[
                ("Ants", "KPL", "13:00:40", "Both teams to score", "Yes", "1.70"),
                ("Zebras", "KPL", "16:30:00", "Double chance", "Home or draw", "1.70"),
                ("Otheromega", "Serie A", "17:10:00", "Draw no bet", "Away", "1.50"),
                ("Otherpsi", "La Liga", "22:45:00", "Corners", "Over 9", "2.00"),
            ],
        },
        SecretSale {
            code: "QQQQQQQQQ",
            note: "Otherchi\nand more.",
            odds: "4.009",
            picture: (500, 900),
            legs: &[
                ("Lions", "KPL", "13:00:09", "Corners", "Under 9", "1.60"),
                ("Othersigma", "KPL", "23:59:00", "Cards", "Over 3", "2.50"),
            ],
        },
        SecretSale {
            code: "X1Y",
            note: "",
            odds: "1.799",
            picture: (100, 700),
            legs: &[("Othertau", "Ligue 1", "14:00:59", "Full-time result", "Away win", "1.80")],
        },
    ],
];

impl Person {
    /// Sells a tip as a browser does.
    pub async fn sell(&self, app: &TestApp, sold: &SecretSale) -> TipId {
        let draft = self.begin(app).await;
        let details = [
            ("bookmaker", "betika"),
            ("bet_code", sold.code),
            ("odds", sold.odds),
            ("price", "50"),
            ("note", sold.note),
        ];
        let form = format!("/api/selling/drafts/{draft}");
        assert_eq!(
            self.submit(app, &format!("{form}/details"), &details).await.status(),
            StatusCode::SEE_OTHER
        );
        let day = (app.clock.now() + chrono::TimeDelta::days(3)).format("%Y-%m-%d");
        for &(home, league, hour, market, pick, odds) in sold.legs {
            let kick_off = format!("{day}T{hour}");
            let leg = [
                ("home_team", home),
                ("away_team", "Visitors"),
                ("league", league),
                ("kick_off", &kick_off),
                ("market", market),
            ];
            let leg: Vec<_> = leg.into_iter().chain([("selection", pick), ("leg_odds", odds)]).collect();
            assert_eq!(
                self.submit(app, &format!("{form}/matches"), &leg).await.status(),
                StatusCode::SEE_OTHER,
                "{home}"
            );
        }
        let picture = png(sold.picture.0, sold.picture.1);
        assert_eq!(self.upload(app, &draft, "slip.png", picture).await.status(), StatusCode::SEE_OTHER);
        let version = self.checked(app, &draft).await;
        number(&self.press_publish(app, &draft, &version).await)
    }
}
