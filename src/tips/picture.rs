//! Uploaded betslips: recognised by their content, opened within limits, written anew without their metadata.

use std::io::Cursor;

use image::imageops::{FilterType, overlay};
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits, Rgba, RgbaImage};

use super::{betslip, seal};
use crate::types::{Text, words};

words! {
    too_large {
        "That file is larger than 5 MB. Take a screenshot of the betslip and send that."
        "Faili hiyo ni kubwa kuliko MB 5. Piga screenshot ya betslip utume hiyo."
    }
    not_a_picture {
        "That is not a picture we can use. Send a JPEG, PNG or WebP file."
        "Hiyo si picha tunayoweza kutumia. Tuma faili ya JPEG, PNG au WebP."
    }
    too_many_pixels {
        "That picture has too many pixels. Take a screenshot of the betslip and send that."
        "Picha hiyo ina pixels nyingi mno. Piga screenshot ya betslip utume hiyo."
    }
    too_small {
        "That picture is too small to read. Send one of at least 100 by 100 pixels."
        "Picha hiyo ni ndogo mno kusomeka. Tuma ya angalau pixels 100 kwa 100."
    }
    damaged {
        "That picture is damaged: it could not be opened. Send it again, or another one."
        "Picha hiyo imeharibika: haikuweza kufunguliwa. Itume tena, au tuma nyingine."
    }
}

/// The largest file that is taken.
pub const FILE_LIMIT: usize = 5 * 1024 * 1024;
/// A phone's camera makes 16 million pixels; a few bytes can claim billions.
const PIXELS: u64 = 20_000_000;
const LONGEST_SIDE: u32 = 16_000;
/// One picture while it is opened.
const MEMORY: u64 = 160 * 1024 * 1024;
/// Below this nobody could read it.
const SMALLEST_SIDE: u32 = 100;
/// As it is kept and shown.
const KEPT_WIDTH: u32 = 1_080;
const KEPT_HEIGHT: u32 = 6_000;
const QUALITY: f32 = 80.0;

/// A betslip as it is kept: WebP, and a JPEG in which nothing can be read.
pub struct Betslip {
    pub clear: Vec<u8>,
    pub blurred: Vec<u8>,
    /// SHA-256 of the clear one, in hex.
    pub hash: String,
}

/// Why a file is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unfit {
    TooLarge,
    NotAPicture,
    TooManyPixels,
    TooSmall,
    Damaged,
}

impl From<Unfit> for Text {
    fn from(unfit: Unfit) -> Self {
        match unfit {
            Unfit::TooLarge => too_large(),
            Unfit::NotAPicture => not_a_picture(),
            Unfit::TooManyPixels => too_many_pixels(),
            Unfit::TooSmall => too_small(),
            Unfit::Damaged => damaged(),
        }
    }
}

/// Slow: takes a whole core for up to a second.
pub fn read(file: &[u8]) -> Result<Betslip, Unfit> {
    if file.len() > FILE_LIMIT {
        return Err(Unfit::TooLarge);
    }
    let picture = flat(shrunk(open(file)?));
    let encoder = webp::Encoder::from_rgb(picture.as_raw(), picture.width(), picture.height());
    let clear = encoder.encode_simple(false, QUALITY).map_err(|_| Unfit::Damaged)?.to_vec();
    let blurred = betslip::blur(&clear).map_err(|_| Unfit::Damaged)?;
    let hash = seal::hash(&clear);
    Ok(Betslip { clear, blurred, hash })
}

fn open(file: &[u8]) -> Result<DynamicImage, Unfit> {
    let format = image::guess_format(file).map_err(|_| Unfit::NotAPicture)?;
    if !matches!(format, ImageFormat::Jpeg | ImageFormat::Png | ImageFormat::WebP) {
        return Err(Unfit::NotAPicture);
    }
    let mut reader = ImageReader::with_format(Cursor::new(file), format);
    let mut limits = Limits::default();
    limits.max_image_width = Some(LONGEST_SIDE);
    limits.max_image_height = Some(LONGEST_SIDE);
    limits.max_alloc = Some(MEMORY);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(refused)?;
    let (width, height) = decoder.dimensions();
    if u64::from(width) * u64::from(height) > PIXELS || decoder.total_bytes() > MEMORY {
        return Err(Unfit::TooManyPixels);
    }
    if width < SMALLEST_SIDE || height < SMALLEST_SIDE {
        return Err(Unfit::TooSmall);
    }
    // A camera says which way up it was held in the metadata, which are dropped.
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let mut picture = DynamicImage::from_decoder(decoder).map_err(refused)?;
    picture.apply_orientation(orientation);
    Ok(picture)
}

#[expect(clippy::needless_pass_by_value, reason = "handed to map_err")]
fn refused(error: image::ImageError) -> Unfit {
    match error {
        image::ImageError::Limits(_) => Unfit::TooManyPixels,
        _ => Unfit::Damaged,
    }
}

fn shrunk(picture: DynamicImage) -> DynamicImage {
    if picture.width() <= KEPT_WIDTH && picture.height() <= KEPT_HEIGHT {
        return picture;
    }
    picture.resize(KEPT_WIDTH, KEPT_HEIGHT, FilterType::CatmullRom)
}

/// On white paper, where it was transparent.
fn flat(picture: DynamicImage) -> image::RgbImage {
    if !picture.color().has_alpha() {
        return picture.into_rgb8();
    }
    let picture = picture.into_rgba8();
    let mut paper = RgbaImage::from_pixel(picture.width(), picture.height(), Rgba([255; 4]));
    overlay(&mut paper, &picture, 0, 0);
    DynamicImage::ImageRgba8(paper).into_rgb8()
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::{Rgb, RgbImage};

    fn picture(width: u32, height: u32, format: ImageFormat) -> Vec<u8> {
        let image =
            RgbImage::from_fn(width, height, |x, y| Rgb([u8::try_from(x % 251).unwrap_or(0), u8::try_from(y % 241).unwrap_or(0), 90]));
        let mut bytes = Cursor::new(Vec::new());
        DynamicImage::ImageRgb8(image).write_to(&mut bytes, format).expect("a picture");
        bytes.into_inner()
    }

    #[test]
    fn every_kind_becomes_a_webp_of_at_most_1080() {
        for (format, width, height, wanted) in [
            (ImageFormat::Jpeg, 2_160, 1_000, (1_080, 500)),
            (ImageFormat::Png, 400, 700, (400, 700)),
            (ImageFormat::WebP, 1_080, 1_200, (1_080, 1_200)),
        ] {
            let slip = read(&picture(width, height, format)).expect("a betslip");
            assert_eq!(image::guess_format(&slip.clear).ok(), Some(ImageFormat::WebP));
            let clear = image::load_from_memory(&slip.clear).expect("a picture");
            assert_eq!((clear.width(), clear.height()), wanted, "{format:?}");
            assert_eq!(slip.hash, seal::hash(&slip.clear));
            assert!(slip.blurred.len() < 5_000);
        }
    }

    #[test]
    fn metadata_are_obeyed_and_dropped() {
        let plain = picture(400, 200, ImageFormat::Jpeg);
        // One entry: orientation 6, the camera was held on its side. Then what a camera knows of its owner.
        let exif = b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0Wanjiru at 1.2921 S";
        let length = u16::try_from(exif.len() + 2).expect("short").to_be_bytes();
        let photo = [&plain[..2], &[0xff, 0xe1], &length, exif, &plain[2..]].concat();
        let slip = read(&photo).expect("a betslip");
        let clear = image::load_from_memory(&slip.clear).expect("a picture");
        assert_eq!((clear.width(), clear.height()), (200, 400), "upright");
        for kept in [&slip.clear, &slip.blurred] {
            assert!(!kept.windows(7).any(|bytes| bytes == b"Wanjiru"), "nothing of the owner");
        }
    }

    #[test]
    fn what_is_no_picture_is_refused_in_words() {
        let good = picture(300, 300, ImageFormat::Png);
        assert_eq!(read(b"<svg xmlns='http://www.w3.org/2000/svg'/>").err(), Some(Unfit::NotAPicture));
        assert_eq!(read(b"GIF89a\x01\x00\x01\x00").err(), Some(Unfit::NotAPicture));
        assert_eq!(read(&[]).err(), Some(Unfit::NotAPicture));
        assert_eq!(read(&good[..good.len() / 2]).err(), Some(Unfit::Damaged));
        assert_eq!(read(&picture(20, 20, ImageFormat::Png)).err(), Some(Unfit::TooSmall));
        assert_eq!(read(&vec![0xff; FILE_LIMIT + 1]).err(), Some(Unfit::TooLarge));
    }

    #[test]
    fn a_bomb_is_refused_before_it_goes_off() {
        // A PNG of a few bytes that claims 60,000 by 60,000 pixels, and one just over the limit of pixels.
        for (width, height) in [(60_000_u32, 60_000_u32), (15_000, 15_000)] {
            let mut bomb = picture(300, 300, ImageFormat::Png);
            bomb[16..20].copy_from_slice(&width.to_be_bytes());
            bomb[20..24].copy_from_slice(&height.to_be_bytes());
            let checksum = crc32(&bomb[12..29]);
            bomb[29..33].copy_from_slice(&checksum.to_be_bytes());
            assert_eq!(read(&bomb).err(), Some(Unfit::TooManyPixels), "{width} × {height}");
        }
    }

    fn crc32(bytes: &[u8]) -> u32 {
        !bytes.iter().fold(!0_u32, |crc, byte| {
            (0..8).fold(crc ^ u32::from(*byte), |crc, _| if crc & 1 == 1 { crc >> 1 ^ 0xEDB8_8320 } else { crc >> 1 })
        })
    }
}
