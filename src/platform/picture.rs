//! Pictures that people send: recognised by their content, opened within limits, written anew without their metadata.

use std::io::Cursor;

use image::imageops::overlay;
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits, RgbImage, Rgba, RgbaImage};

use crate::types::{AppError, Text, words};

words! {
    not_there { "There is no such picture." "Hakuna picha kama hiyo." }
    too_large {
        "That file is larger than 5 MB. Take a screenshot of it and send that."
        "Faili hiyo ni kubwa kuliko MB 5. Ipige screenshot utume hiyo."
    }
    not_a_picture {
        "That is not a picture we can use. Send a JPEG, PNG or WebP file."
        "Hiyo si picha tunayoweza kutumia. Tuma faili ya JPEG, PNG au WebP."
    }
    too_many_pixels {
        "That picture has too many pixels. Take a screenshot of it and send that."
        "Picha hiyo ina pixels nyingi mno. Ipige screenshot utume hiyo."
    }
    too_small {
        "That picture is too small. Send one of at least 100 by 100 pixels."
        "Picha hiyo ni ndogo mno. Tuma ya angalau pixels 100 kwa 100."
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
/// Below this nobody could see anything.
const SMALLEST_SIDE: u32 = 100;
const QUALITY: f32 = 80.0;

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

pub fn no_such_picture() -> AppError {
    AppError::not_found(not_there())
}

/// The picture in a file, upright.
pub fn open(file: &[u8]) -> Result<DynamicImage, Unfit> {
    if file.len() > FILE_LIMIT {
        return Err(Unfit::TooLarge);
    }
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

/// On white paper, where it was transparent.
pub fn flat(picture: DynamicImage) -> RgbImage {
    if !picture.color().has_alpha() {
        return picture.into_rgb8();
    }
    let picture = picture.into_rgba8();
    let mut paper = RgbaImage::from_pixel(picture.width(), picture.height(), Rgba([255; 4]));
    overlay(&mut paper, &picture, 0, 0);
    DynamicImage::ImageRgba8(paper).into_rgb8()
}

/// As WebP.
pub fn webp(picture: &RgbImage) -> Result<Vec<u8>, Unfit> {
    let encoder = webp::Encoder::from_rgb(picture.as_raw(), picture.width(), picture.height());
    Ok(encoder.encode_simple(false, QUALITY).map_err(|_| Unfit::Damaged)?.to_vec())
}

/// A test picture: stripes, in the format.
#[cfg(test)]
pub fn sample(width: u32, height: u32, format: ImageFormat) -> Vec<u8> {
    let stripe = |place: u32, width: u32| u8::try_from(place % width).unwrap_or(0);
    let image = RgbImage::from_fn(width, height, |x, y| image::Rgb([stripe(x, 251), stripe(y, 241), 90]));
    let mut bytes = Cursor::new(Vec::new());
    DynamicImage::ImageRgb8(image).write_to(&mut bytes, format).expect("a picture");
    bytes.into_inner()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_picture_is_refused_in_words() {
        let good = sample(300, 300, ImageFormat::Png);
        assert_eq!(open(b"<svg xmlns='http://www.w3.org/2000/svg'/>").err(), Some(Unfit::NotAPicture));
        assert_eq!(open(b"GIF89a\x01\x00\x01\x00").err(), Some(Unfit::NotAPicture));
        assert_eq!(open(&[]).err(), Some(Unfit::NotAPicture));
        assert_eq!(open(&good[..good.len() / 2]).err(), Some(Unfit::Damaged));
        assert_eq!(open(&sample(20, 20, ImageFormat::Png)).err(), Some(Unfit::TooSmall));
        assert_eq!(open(&vec![0xff; FILE_LIMIT + 1]).err(), Some(Unfit::TooLarge));
    }

    #[test]
    fn a_bomb_is_refused_before_it_goes_off() {
        // A PNG of a few bytes that claims 60,000 by 60,000 pixels, and one just over the limit of pixels.
        for (width, height) in [(60_000_u32, 60_000_u32), (15_000, 15_000)] {
            let mut bomb = sample(300, 300, ImageFormat::Png);
            bomb[16..20].copy_from_slice(&width.to_be_bytes());
            bomb[20..24].copy_from_slice(&height.to_be_bytes());
            let checksum = crc32(&bomb[12..29]);
            bomb[29..33].copy_from_slice(&checksum.to_be_bytes());
            assert_eq!(open(&bomb).err(), Some(Unfit::TooManyPixels), "{width} × {height}");
        }
    }

    fn crc32(bytes: &[u8]) -> u32 {
        !bytes.iter().fold(!0_u32, |crc, byte| {
            (0..8).fold(crc ^ u32::from(*byte), |crc, _| if crc & 1 == 1 { crc >> 1 ^ 0xEDB8_8320 } else { crc >> 1 })
        })
    }
}
