//! Pictures that people send. They are recognised by their content, opened within limits, and written anew
//! without their metadata.

mod cost;

use std::io::Cursor;

use image::codecs::jpeg::JpegDecoder;
use image::codecs::png::PngDecoder;
use image::codecs::webp::WebPDecoder;
use image::imageops::{FilterType, overlay};
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageFormat, Limits, RgbImage, Rgba, RgbaImage};

use cost::Kind;

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
    too_deep {
        "That picture has more colours than we can use (16 bits a channel). Take a screenshot of it \
         and send that."
        "Picha hiyo ina rangi nyingi kuliko tunazoweza kutumia (bits 16 kwa kila rangi). Ipige screenshot \
         utume hiyo."
    }
    moving {
        "That is a moving picture. Send one that stands still."
        "Hiyo ni picha inayosonga. Tuma picha iliyotulia."
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

/// The largest file that is taken, in bytes.
pub const FILE_LIMIT: usize = 5 * 1024 * 1024;
/// The most pixels that are taken: as many as a phone's camera makes. A file of a few bytes can claim
/// billions.
const PIXELS: u64 = 16 * 1024 * 1024;
const LONGEST_SIDE: u32 = 16_000;
/// The most memory for one opened picture, in bytes: three for each pixel. A picture with transparency takes
/// a fourth byte for each and so may have fewer pixels.
const MEMORY: u64 = 3 * PIXELS;
/// Up to this many pixels a picture is made smaller with a filter that keeps letters sharp. The filter takes
/// 16 bytes a pixel meanwhile.
const SHARP_PIXELS: u64 = 5_000_000;
/// A picture with a shorter side shows nothing that a person could read.
const SMALLEST_SIDE: u32 = 100;
const QUALITY: f32 = 80.0;

/// Why a file is not taken. Each has a text that says what to send instead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unfit {
    /// The file is larger than [`FILE_LIMIT`].
    TooLarge,
    /// It is no JPEG, PNG or WebP.
    NotAPicture,
    /// It has too many pixels, or opening it would take too much memory.
    TooManyPixels,
    /// It has 16 bits a channel.
    TooDeep,
    /// It is an animation.
    Moving,
    /// A side is shorter than 100 pixels.
    TooSmall,
    /// It could not be opened.
    Damaged,
}

impl From<Unfit> for Text {
    fn from(unfit: Unfit) -> Self {
        match unfit {
            Unfit::TooLarge => too_large(),
            Unfit::NotAPicture => not_a_picture(),
            Unfit::TooManyPixels => too_many_pixels(),
            Unfit::TooDeep => too_deep(),
            Unfit::Moving => moving(),
            Unfit::TooSmall => too_small(),
            Unfit::Damaged => damaged(),
        }
    }
}

/// The error for a picture that is not there, or that this person may not see.
pub fn no_such_picture() -> AppError {
    AppError::not_found(not_there())
}

/// Opens the picture in a file and turns it upright.
///
/// # Errors
/// The reason for which the file is not taken.
pub fn open(file: &[u8]) -> Result<DynamicImage, Unfit> {
    if file.len() > FILE_LIMIT {
        return Err(Unfit::TooLarge);
    }
    match image::guess_format(file) {
        Ok(ImageFormat::Jpeg) => {
            decode(JpegDecoder::new(Cursor::new(file)).map_err(refused)?, cost::jpeg(file), file.len())
        }
        Ok(ImageFormat::Png) => {
            let file = without_extras(file);
            decode(
                PngDecoder::with_limits(Cursor::new(file.as_slice()), limits()).map_err(refused)?,
                Kind::Png,
                file.len(),
            )
        }
        Ok(ImageFormat::WebP) => {
            let decoder = WebPDecoder::new(Cursor::new(file)).map_err(refused)?;
            if decoder.has_animation() {
                Err(Unfit::Moving)
            } else {
                decode(decoder, cost::webp(file), file.len())
            }
        }
        _ => Err(Unfit::NotAPicture),
    }
}

fn limits() -> Limits {
    let mut limits = Limits::default();
    limits.max_image_width = Some(LONGEST_SIDE);
    limits.max_image_height = Some(LONGEST_SIDE);
    limits.max_alloc = Some(MEMORY);
    limits
}

fn decode(mut decoder: impl ImageDecoder, kind: Kind, length: usize) -> Result<DynamicImage, Unfit> {
    decoder.set_limits(limits()).map_err(refused)?;
    let (width, height) = decoder.dimensions();
    let color = decoder.color_type();
    let pixels = u64::from(width) * u64::from(height);
    if pixels > PIXELS || decoder.total_bytes() > MEMORY || !kind.fits(pixels, length) {
        return Err(Unfit::TooManyPixels);
    }
    if color.bytes_per_pixel() > color.channel_count() {
        return Err(Unfit::TooDeep);
    }
    if width < SMALLEST_SIDE || height < SMALLEST_SIDE {
        return Err(Unfit::TooSmall);
    }
    // A camera says in the metadata which way up it was held, and the metadata are dropped.
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let mut picture = DynamicImage::from_decoder(decoder).map_err(refused)?;
    picture.apply_orientation(orientation);
    Ok(picture)
}

/// A PNG with only its pixels and which way up they are. Colour profiles and texts are left out because they
/// are compressed: a few bytes of them unpack to any size.
fn without_extras(png: &[u8]) -> Vec<u8> {
    const KEPT: [&[u8]; 6] = [b"IHDR", b"PLTE", b"tRNS", b"eXIf", b"IDAT", b"IEND"];
    const SIGNATURE: usize = 8;
    // The bytes of a chunk's length, name and checksum.
    const AROUND_A_CHUNK: usize = 12;
    let (signature, mut rest) = png.split_at(SIGNATURE.min(png.len()));
    let mut kept = signature.to_vec();
    while let Some(length) = rest.first_chunk().map(|bytes| u32::from_be_bytes(*bytes) as usize) {
        let Some((chunk, after)) = rest.split_at_checked(length.saturating_add(AROUND_A_CHUNK)) else {
            break;
        };
        if KEPT.contains(&&chunk[4..8]) {
            kept.extend_from_slice(chunk);
        }
        rest = after;
    }
    kept
}

/// Makes a picture smaller, so that it fits into a width and a height in pixels. A picture that fits already
/// stays as it is.
pub fn fit(picture: DynamicImage, width: u32, height: u32) -> DynamicImage {
    if picture.width() <= width && picture.height() <= height {
        return picture;
    }
    if u64::from(picture.width()) * u64::from(picture.height()) <= SHARP_PIXELS {
        return picture.resize(width, height, FilterType::CatmullRom);
    }
    picture.thumbnail(width, height)
}

#[expect(clippy::needless_pass_by_value, reason = "handed to map_err")]
fn refused(error: image::ImageError) -> Unfit {
    match error {
        image::ImageError::Limits(_) => Unfit::TooManyPixels,
        _ => Unfit::Damaged,
    }
}

/// The picture without transparency, on a white background.
pub fn flat(picture: DynamicImage) -> RgbImage {
    if !picture.color().has_alpha() {
        return picture.into_rgb8();
    }
    let picture = picture.into_rgba8();
    let mut paper = RgbaImage::from_pixel(picture.width(), picture.height(), Rgba([255; 4]));
    overlay(&mut paper, &picture, 0, 0);
    DynamicImage::ImageRgba8(paper).into_rgb8()
}

/// The picture as a lossy WebP file.
///
/// # Errors
/// [`Unfit::Damaged`] if it cannot be encoded.
pub fn webp(picture: &RgbImage) -> Result<Vec<u8>, Unfit> {
    let encoder = webp::Encoder::from_rgb(picture.as_raw(), picture.width(), picture.height());
    Ok(encoder.encode_simple(false, QUALITY).map_err(|_| Unfit::Damaged)?.to_vec())
}

/// A test picture with stripes, as a file of this format.
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
    use crate::types::Language;

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

    /// A chunk of a PNG.
    fn chunk(name: &[u8], data: &[u8]) -> Vec<u8> {
        let named = [name, data].concat();
        let length = u32::try_from(data.len()).expect("short").to_be_bytes();
        [&length[..], &named, &crc32(&named).to_be_bytes()].concat()
    }

    #[test]
    fn a_colour_profile_is_not_unpacked() {
        let plain = sample(300, 300, ImageFormat::Png);
        let bomb = [b"profile\0\0".as_slice(), &[0x78, 0x9c], &vec![0xff; 100_000]].concat();
        // Behind the head of 8 + 25 bytes; neither is a profile nor a text that could be unpacked, and
        // neither is looked at.
        let extras = [chunk(b"iCCP", &bomb), chunk(b"zTXt", &bomb), chunk(b"iTXt", &bomb)].concat();
        let file = [&plain[..33], &extras, &plain[33..]].concat();
        assert_eq!(without_extras(&file), without_extras(&plain));
        assert_eq!(open(&file).expect("a picture"), open(&plain).expect("a picture"));
    }

    #[test]
    fn what_takes_too_much_memory_is_refused_in_words() {
        let deep =
            DynamicImage::ImageRgb16(image::ImageBuffer::from_pixel(300, 300, image::Rgb([40_000_u16; 3])));
        let mut bytes = Cursor::new(Vec::new());
        deep.write_to(&mut bytes, ImageFormat::Png).expect("a picture");
        assert_eq!(open(&bytes.into_inner()).err(), Some(Unfit::TooDeep));
        for (width, height, wanted) in [(4_096, 4_096, None), (4_097, 4_096, Some(Unfit::TooManyPixels))] {
            let picture = DynamicImage::ImageLuma8(image::GrayImage::new(width, height));
            let mut bytes = Cursor::new(Vec::new());
            picture.write_to(&mut bytes, ImageFormat::Png).expect("a picture");
            assert_eq!(open(&bytes.into_inner()).err(), wanted, "{width} × {height}");
        }
        for (side, wanted) in [(3_547, None), (3_548, Some(Unfit::TooManyPixels))] {
            let mut bytes = Cursor::new(Vec::new());
            DynamicImage::ImageRgba8(RgbaImage::new(side, side))
                .write_to(&mut bytes, ImageFormat::Png)
                .expect("a picture");
            assert_eq!(open(&bytes.into_inner()).err(), wanted, "{side} × {side}, with transparency");
        }
        for unfit in [Unfit::TooDeep, Unfit::TooManyPixels, Unfit::Moving] {
            let text = Text::from(unfit);
            assert!(
                text.as_str(Language::English).contains("picture")
                    && text.as_str(Language::Swahili).contains("icha"),
                "{unfit:?}"
            );
        }
    }

    #[test]
    fn a_moving_picture_is_refused() {
        // RIFF, with the head of a WebP that says it has frames.
        let head =
            [b"VP8X".as_slice(), &10_u32.to_le_bytes(), &[0b10, 0, 0, 0], &[199, 0, 0, 199, 0, 0]].concat();
        let loops = [b"ANIM".as_slice(), &6_u32.to_le_bytes(), &[0; 6]].concat();
        let still = sample(200, 200, ImageFormat::WebP);
        let place = [&[0; 6][..], &[199, 0, 0, 199, 0, 0], &[100, 0, 0, 0]].concat();
        let frame_length = u32::try_from(place.len() + still.len() - 12).expect("short").to_le_bytes();
        let frame = [b"ANMF".as_slice(), &frame_length, &place, &still[12..]].concat();
        let length = u32::try_from(4 + head.len() + loops.len() + frame.len()).expect("short").to_le_bytes();
        let file = [b"RIFF".as_slice(), &length, b"WEBP", &head, &loops, &frame].concat();
        assert_eq!(open(&file).err(), Some(Unfit::Moving));
        assert!(open(&still).is_ok());
    }

    #[test]
    fn large_pictures_fit_too() {
        for (width, height, wanted) in
            [(4_000, 4_000, (1_080, 1_080)), (2_160, 1_000, (1_080, 500)), (400, 700, (400, 700))]
        {
            let picture = fit(DynamicImage::ImageRgb8(RgbImage::new(width, height)), 1_080, 6_000);
            assert_eq!((picture.width(), picture.height()), wanted);
        }
    }

    fn crc32(bytes: &[u8]) -> u32 {
        !bytes.iter().fold(!0_u32, |crc, byte| {
            (0..8).fold(
                crc ^ u32::from(*byte),
                |crc, _| if crc & 1 == 1 { crc >> 1 ^ 0xEDB8_8320 } else { crc >> 1 },
            )
        })
    }
}
