//! Betslips of the demo, as a bookmaker's app would show them: an SVG that is drawn with a font of our own.

use std::borrow::Cow;
use std::fmt::Write;
use std::io::Cursor;
use std::sync::{Arc, LazyLock};

use anyhow::Context;
use image::{DynamicImage, ImageFormat, RgbaImage};
use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::{Options, Tree, fontdb};

use crate::platform::clock::day_and_time;
use crate::tips::Match;
use crate::types::{Language, Odds};

/// The width of a betslip in pixels; the next three are heights.
const WIDTH: usize = 480;
const ROW: usize = 66;
const HEAD: usize = 118;
const FOOT: usize = 76;
const FONT: &str = "DejaVu Sans";
const INK: &str = "#18201c";
const FAINT: &str = "#68746e";
const BAND: &str = "#105e3e";

/// The only fonts that are used, so that every machine draws the same picture.
static FONTS: LazyLock<Arc<fontdb::Database>> = LazyLock::new(|| {
    let mut fonts = fontdb::Database::new();
    for font in [dejavu::sans::regular(), dejavu::sans::bold()] {
        fonts.load_font_data(font.to_vec());
    }
    Arc::new(fonts)
});

/// Draws a betslip as WebP, 480 pixels wide and as high as its matches need.
///
/// # Errors
/// An error if the drawing cannot be read or written as a picture, which would be a defect of ours.
pub fn draw(bookmaker: &str, bet_code: &str, odds: Odds, matches: &[Match]) -> anyhow::Result<Vec<u8>> {
    let mut bytes = Cursor::new(Vec::new());
    render(&svg(bookmaker, bet_code, odds, matches)?)?.write_to(&mut bytes, ImageFormat::WebP)?;
    Ok(bytes.into_inner())
}

fn svg(bookmaker: &str, bet_code: &str, odds: Odds, matches: &[Match]) -> Result<String, std::fmt::Error> {
    let bottom = HEAD + matches.len() * ROW;
    let height = bottom + FOOT;
    let (bookmaker, bet_code) = (escaped(bookmaker), escaped(bet_code));
    let mut svg = format!(
        r##"<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" font-family="{FONT}" fill="{INK}">
        <rect width="{WIDTH}" height="{height}" fill="#fff"/>
        <rect width="{WIDTH}" height="56" fill="{BAND}"/>
        <text x="24" y="37" font-size="24" font-weight="bold" fill="#fff">{bookmaker}</text>
        <text x="24" y="88" font-size="15" fill="{FAINT}">Booking code</text>
        <text x="154" y="88" font-size="26" font-weight="bold">{bet_code}</text>"##
    );
    for (row, leg) in matches.iter().enumerate() {
        let top = HEAD + row * ROW;
        let kick_off = day_and_time(leg.kick_off_at);
        write!(
            svg,
            r##"<rect y="{}" width="{WIDTH}" height="1" fill="#d6deda"/>
            <text x="24" y="{}" font-size="16" font-weight="bold">{} - {}</text>
            <text x="24" y="{}" font-size="14">{}: {}</text>
            <text x="24" y="{}" font-size="12" fill="{FAINT}">{} · {}</text>
            <text x="456" y="{}" font-size="18" font-weight="bold" text-anchor="end">{}</text>"##,
            top - 8,
            top + 14,
            escaped(&leg.home_team),
            escaped(&leg.away_team),
            top + 34,
            escaped(&leg.market),
            escaped(&leg.selection),
            top + 52,
            escaped(&leg.league),
            kick_off.as_str(Language::English),
            top + 24,
            leg.odds,
        )?;
    }
    write!(
        svg,
        r#"<rect y="{bottom}" width="{WIDTH}" height="2" fill="{BAND}"/>
        <text x="24" y="{}" font-size="18">Total odds</text>
        <text x="456" y="{}" font-size="26" font-weight="bold" fill="{BAND}" text-anchor="end">{odds}</text></svg>"#,
        bottom + 44,
        bottom + 46,
    )?;
    Ok(svg)
}

/// Text that is safe in XML: markup is escaped, and a space stands for each character that XML does not
/// allow.
fn escaped(text: &str) -> String {
    let character = |character: char| match character {
        '&' => Cow::Borrowed("&amp;"),
        '<' => Cow::Borrowed("&lt;"),
        '>' => Cow::Borrowed("&gt;"),
        '\u{fffe}' | '\u{ffff}' => Cow::Borrowed(" "),
        other if other.is_control() => Cow::Borrowed(" "),
        other => Cow::Owned(other.to_string()),
    };
    text.chars().map(character).collect()
}

/// Draws an SVG in its own size.
fn render(svg: &str) -> anyhow::Result<DynamicImage> {
    let options = Options { fontdb: FONTS.clone(), font_family: FONT.to_owned(), ..Options::default() };
    let drawing = Tree::from_str(svg, &options)?;
    let size = drawing.size().to_int_size();
    let mut pixels = Pixmap::new(size.width(), size.height()).context("a picture without pixels")?;
    resvg::render(&drawing, Transform::identity(), &mut pixels.as_mut());
    let picture = RgbaImage::from_raw(size.width(), size.height(), pixels.take_demultiplied())
        .context("too few pixels")?;
    Ok(DynamicImage::ImageRgb8(DynamicImage::ImageRgba8(picture).into_rgb8()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::DateTime;

    fn leg(team: &str) -> Match {
        let [home_team, away_team, league, market, selection] =
            [team, "Bandari", "KPL", "Total goals", "Over 2.5"].map(str::to_owned);
        let odds = Odds::from_thousandths(1_850).expect("odds");
        Match { home_team, away_team, league, kick_off_at: DateTime::UNIX_EPOCH, market, selection, odds }
    }

    fn drawn(team: &str) -> DynamicImage {
        let slip = draw("Betika", "JYRCAV", Odds::from_thousandths(2_350).expect("odds"), &[leg(team)])
            .expect("a slip");
        assert_eq!(image::guess_format(&slip).ok(), Some(ImageFormat::WebP));
        image::load_from_memory(&slip).expect("WebP")
    }

    #[test]
    fn a_slip_has_letters() {
        let slip = drawn("Tusker").to_luma8();
        assert_eq!((slip.width(), slip.height()), (480, 260));
        // Of the row with the teams.
        let dark = |picture: &image::GrayImage| {
            (0..480).filter(|x| (118..134).any(|y| picture.get_pixel(*x, y).0[0] < 90)).count()
        };
        assert!((60..200).contains(&dark(&slip)), "{} columns with ink", dark(&slip));
        assert!(dark(&drawn("Kariobangi Sharks").to_luma8()) > dark(&slip), "a longer name");
    }

    #[test]
    fn a_name_is_text_whatever_is_in_it() {
        for name in [
            "</text><rect width=\"480\" height=\"260\"/>",
            "A & B",
            "<![CDATA[",
            "]]>",
            "\u{0}\u{b}\u{fffe}",
            "&lt;",
            "ما",
        ] {
            let slip = drawn(name).to_luma8();
            assert_eq!(slip.get_pixel(470, 70).0[0], 255, "{name:?} is not drawn over the paper");
        }
    }

    #[test]
    fn the_preview_is_small_and_the_drawing_beside_it() {
        let preview = crate::tips::previews::PREVIEW;
        assert!(preview.len() < 4_000, "{} bytes", preview.len());
        assert_eq!(image::guess_format(preview).ok(), Some(ImageFormat::Jpeg));
        let (kept, drawn) = (
            image::load_from_memory(preview).expect("JPEG").to_luma8(),
            render(include_str!("../tips/preview.svg")).expect("a drawing"),
        );
        let drawn = drawn.to_luma8();
        assert_eq!((kept.width(), kept.height()), (320, 240));
        assert_eq!(kept.dimensions(), drawn.dimensions());
        let apart: u64 =
            kept.pixels().zip(drawn.pixels()).map(|(a, b)| u64::from(a.0[0].abs_diff(b.0[0]))).sum();
        assert!(apart / u64::from(320 * 240_u32) < 3, "not the same picture");
    }
}
