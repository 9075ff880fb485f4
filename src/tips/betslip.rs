//! Uploaded betslips, which are kept as WebP.

use super::fingerprint;
use crate::platform::picture::{Unfit, fit, flat, open, webp};

const KEPT_WIDTH: u32 = 1_080;
const KEPT_HEIGHT: u32 = 6_000;

/// A betslip as it is kept, without the metadata of the uploaded file.
pub struct Betslip {
    /// WebP, at most 1080 by 6000 pixels.
    pub clear: Vec<u8>,
    /// SHA-256 of `clear`, in hexadecimal.
    pub hash: String,
}

/// Turns an uploaded file into a betslip. This is slow: it takes a whole core for up to a second.
///
/// # Errors
/// [`Unfit`] says why the file is not taken: too large, no picture, too many pixels, too deep, moving, too
/// small or damaged.
pub fn read(file: &[u8]) -> Result<Betslip, Unfit> {
    let clear = webp(&flat(fit(open(file)?, KEPT_WIDTH, KEPT_HEIGHT)))?;
    let hash = fingerprint::hash(&clear);
    Ok(Betslip { clear, hash })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::picture::sample;
    use image::ImageFormat;

    #[test]
    fn every_kind_becomes_a_webp_of_at_most_1080() {
        for (format, width, height, wanted) in [
            (ImageFormat::Jpeg, 2_160, 1_000, (1_080, 500)),
            (ImageFormat::Png, 400, 700, (400, 700)),
            (ImageFormat::WebP, 1_080, 1_200, (1_080, 1_200)),
        ] {
            let slip = read(&sample(width, height, format)).expect("a betslip");
            assert_eq!(image::guess_format(&slip.clear).ok(), Some(ImageFormat::WebP));
            let clear = image::load_from_memory(&slip.clear).expect("a picture");
            assert_eq!((clear.width(), clear.height()), wanted, "{format:?}");
            assert_eq!(slip.hash, fingerprint::hash(&slip.clear));
        }
    }

    #[test]
    fn metadata_are_obeyed_and_dropped() {
        let plain = sample(400, 200, ImageFormat::Jpeg);
        // One entry: orientation 6, the camera was held on its side. Then what a camera knows of its owner.
        let exif =
            b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0Wanjiru at 1.2921 S";
        let length = u16::try_from(exif.len() + 2).expect("short").to_be_bytes();
        let photo = [&plain[..2], &[0xff, 0xe1], &length, exif, &plain[2..]].concat();
        let slip = read(&photo).expect("a betslip");
        let clear = image::load_from_memory(&slip.clear).expect("a picture");
        assert_eq!((clear.width(), clear.height()), (200, 400), "upright");
        assert!(!slip.clear.windows(7).any(|bytes| bytes == b"Wanjiru"), "nothing of the owner");
    }
}
