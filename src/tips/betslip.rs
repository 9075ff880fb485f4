//! Betslip pictures: the demo's are drawn here, and every picture's blurred twin is made here.

use std::io::Cursor;

use ab_glyph::{Font, FontRef, PxScale, ScaleFont, point};
use image::imageops::{FilterType, fast_blur, resize};
use image::{DynamicImage, ImageFormat, Rgb, RgbImage};

use super::Match;
use crate::platform::clock::day_and_time;
use crate::types::{Language, Odds};

const WIDTH: u32 = 480;
const MARGIN: i32 = 24;
const ROW: i32 = 66;
const HEAD: i32 = 118;
const FOOT: i32 = 76;
const PAPER: Rgb<u8> = Rgb([255, 255, 255]);
const INK: Rgb<u8> = Rgb([24, 32, 28]);
const FAINT: Rgb<u8> = Rgb([104, 116, 110]);
const BAND: Rgb<u8> = Rgb([16, 94, 62]);

/// So few pixels that no letter survives.
const BLURRED_WIDTH: u32 = 20;
const BLURRED_SHOWN: u32 = 160;
const BLURRED_SIGMA: f32 = 3.0;

/// A betslip as a bookmaker's app shows it, as WebP.
pub fn draw(bookmaker: &str, bet_code: &str, odds: Odds, matches: &[Match]) -> anyhow::Result<Vec<u8>> {
    let rows = i32::try_from(matches.len())?;
    let height = u32::try_from(HEAD + rows * ROW + FOOT)?;
    let mut slip = RgbImage::from_pixel(WIDTH, height, PAPER);
    let bold = FontRef::try_from_slice(dejavu::sans::bold())?;
    let plain = FontRef::try_from_slice(dejavu::sans::regular())?;
    fill(&mut slip, 0, 56, BAND);
    write(&mut slip, &bold, 24.0, (MARGIN, 15), PAPER, bookmaker);
    write(&mut slip, &plain, 15.0, (MARGIN, 70), FAINT, "Booking code");
    write(&mut slip, &bold, 26.0, (MARGIN + 130, 62), INK, bet_code);
    for (row, leg) in (0..).zip(matches) {
        let top = HEAD + row * ROW;
        fill(&mut slip, top - 8, 1, Rgb([214, 222, 218]));
        write(&mut slip, &bold, 16.0, (MARGIN, top), INK, &format!("{} - {}", leg.home_team, leg.away_team));
        write(&mut slip, &plain, 14.0, (MARGIN, top + 22), INK, &format!("{}: {}", leg.market, leg.selection));
        write(
            &mut slip,
            &plain,
            12.0,
            (MARGIN, top + 42),
            FAINT,
            &format!("{} · {}", leg.league, day_and_time(leg.kick_off_at).as_str(Language::English)),
        );
        write(&mut slip, &bold, 18.0, (400, top + 8), INK, &leg.odds.to_string());
    }
    let bottom = HEAD + rows * ROW;
    fill(&mut slip, bottom, 2, BAND);
    write(&mut slip, &plain, 18.0, (MARGIN, bottom + 26), INK, "Total odds");
    write(&mut slip, &bold, 26.0, (360, bottom + 20), BAND, &odds.to_string());
    encode(&DynamicImage::ImageRgb8(slip), ImageFormat::WebP)
}

/// A small JPEG in which nothing can be read: shrunk to a handful of pixels first, so that no filter brings it back.
pub fn blur(picture: &[u8]) -> anyhow::Result<Vec<u8>> {
    let picture = image::load_from_memory(picture)?.to_rgb8();
    let tall = |width: u32| (u64::from(picture.height()) * u64::from(width) / u64::from(picture.width().max(1))).clamp(1, 400);
    let few = resize(&picture, BLURRED_WIDTH, u32::try_from(tall(BLURRED_WIDTH))?, FilterType::Triangle);
    let shown = resize(&few, BLURRED_SHOWN, u32::try_from(tall(BLURRED_SHOWN))?, FilterType::Triangle);
    let mut bytes = Vec::new();
    let encoder = image::codecs::jpeg::JpegEncoder::new_with_quality(&mut bytes, 50);
    fast_blur(&shown, BLURRED_SIGMA).write_with_encoder(encoder)?;
    Ok(bytes)
}

fn encode(picture: &DynamicImage, format: ImageFormat) -> anyhow::Result<Vec<u8>> {
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, format)?;
    Ok(bytes.into_inner())
}

fn fill(picture: &mut RgbImage, top: i32, height: i32, colour: Rgb<u8>) {
    for y in top..top + height {
        for x in 0..WIDTH {
            if let Some(pixel) = u32::try_from(y).ok().and_then(|y| picture.get_pixel_mut_checked(x, y)) {
                *pixel = colour;
            }
        }
    }
}

#[expect(clippy::float_arithmetic, clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "pixels, not money")]
fn write(picture: &mut RgbImage, font: &FontRef<'_>, size: f32, (left, top): (i32, i32), colour: Rgb<u8>, text: &str) {
    let font = font.as_scaled(PxScale::from(size));
    let mut pen = point(left as f32, top as f32 + font.ascent());
    for character in text.chars() {
        let mut glyph = font.scaled_glyph(character);
        glyph.position = pen;
        pen.x += font.h_advance(glyph.id);
        let Some(outline) = font.outline_glyph(glyph) else { continue };
        let bounds = outline.px_bounds();
        outline.draw(|x, y, coverage| {
            let at = (bounds.min.x as i64 + i64::from(x), bounds.min.y as i64 + i64::from(y));
            let (Ok(x), Ok(y)) = (u32::try_from(at.0), u32::try_from(at.1)) else { return };
            if let Some(pixel) = picture.get_pixel_mut_checked(x, y) {
                mix(pixel, colour, coverage);
            }
        });
    }
}

#[expect(clippy::float_arithmetic, clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "pixels, not money")]
fn mix(pixel: &mut Rgb<u8>, ink: Rgb<u8>, coverage: f32) {
    for (under, over) in pixel.0.iter_mut().zip(ink.0) {
        let mixed = f32::from(*under) * (1.0 - coverage) + f32::from(over) * coverage;
        *under = mixed.clamp(0.0, 255.0) as u8;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_blurred_twin_is_small_and_has_no_edges() {
        let slip = draw("Betika", "JYRCAV", Odds::from_thousandths(2_350).expect("odds"), &[]).expect("a slip");
        let clear = image::load_from_memory(&slip).expect("WebP").to_luma8();
        let bytes = blur(&slip).expect("a twin");
        assert!(bytes.len() < 4_000, "{} bytes", bytes.len());
        let blurred = image::load_from_memory(&bytes).expect("JPEG").to_luma8();
        let steepest = |picture: &image::GrayImage| {
            let rows = picture.rows().map(|row| row.map(|pixel| i32::from(pixel.0[0])).collect::<Vec<_>>());
            rows.flat_map(|row| row.windows(2).map(|pair| (pair[0] - pair[1]).abs()).collect::<Vec<_>>()).max()
        };
        assert!(steepest(&clear) > Some(150), "letters are sharp: {:?}", steepest(&clear));
        assert!(steepest(&blurred) < Some(40), "nothing is sharp: {:?}", steepest(&blurred));
    }
}
