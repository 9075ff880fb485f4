//! How much memory a picture takes while it is decoded, told from its first bytes: some kinds take several
//! times the memory of their pixels.

/// The most memory that decoding may take at its peak, in bytes. To turn the largest picture upright takes as
/// much.
const PEAK: u64 = 96 * 1024 * 1024;

/// The kinds of files that take different amounts of memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Png,
    /// A pixel is finished as soon as its scan is read.
    JpegInOneScan,
    /// Progressive, or one colour after the other: the coefficients of up to four colours, two bytes each,
    /// are kept until the last scan.
    JpegInSeveralScans,
    WebpLossy,
    /// The picture or its transparency is compressed without loss, which takes four bytes a pixel beside the
    /// result, and tables of codes. Twelve bytes of a file can ask for a table of 4 KiB, any number of times.
    WebpLossless,
}

impl Kind {
    /// The bytes of memory for each pixel, and for each byte of the file.
    const fn bytes(self) -> (u64, u64) {
        match self {
            Self::Png => (4, 0),
            Self::JpegInOneScan => (3, 0),
            Self::JpegInSeveralScans => (13, 0),
            Self::WebpLossy => (6, 0),
            Self::WebpLossless => (11, 350),
        }
    }

    /// Whether this many pixels in a file of this length (in bytes) can be decoded within the limit.
    pub(super) const fn fits(self, pixels: u64, length: usize) -> bool {
        let (a_pixel, a_byte) = self.bytes();
        pixels.saturating_mul(a_pixel).saturating_add((length as u64).saturating_mul(a_byte)) <= PEAK
    }
}

/// The kind of a JPEG. A file that is not written in the usual way counts as the most expensive kind.
pub(super) fn jpeg(file: &[u8]) -> Kind {
    if is_in_one_scan(file).unwrap_or(false) { Kind::JpegInOneScan } else { Kind::JpegInSeveralScans }
}

/// Whether the first scan has all colours. It reads the segments up to that scan (ITU-T T.81, B.1.1); `None`
/// if they are unusual.
fn is_in_one_scan(file: &[u8]) -> Option<bool> {
    let mut rest = file.get(2..)?;
    let mut colours = None;
    loop {
        rest = rest.strip_prefix(&[0xff])?;
        let (marker, after) = rest.split_first()?;
        if *marker == 0xff {
            continue;
        }
        let length = usize::from(u16::from_be_bytes(*after.first_chunk()?));
        let segment = after.get(2..length)?;
        match marker {
            // Baseline and extended frames. A second frame is unusual.
            0xc0 | 0xc1 if colours.is_none() => colours = Some(*segment.get(5)?),
            // The numbers of Huffman tables and arithmetic conditioning lie between those of frames.
            0xc4 | 0xcc | 0xdb | 0xdd | 0xe0..=0xef | 0xfe => {}
            0xda => return Some(colours? == *segment.first()?),
            _ => return None,
        }
        rest = &after[length..];
    }
}

/// The kind of a WebP. All chunks of the RIFF file are read, because they may stand in any order.
pub(super) fn webp(file: &[u8]) -> Kind {
    let mut rest = file.get(12..).unwrap_or_default();
    let mut kind = Kind::WebpLossless;
    while let Some((head, after)) = rest.split_at_checked(8) {
        let (name, length) = head.split_at(4);
        match name {
            b"VP8L" | b"ALPH" => return Kind::WebpLossless,
            b"VP8 " => kind = Kind::WebpLossy,
            _ => {}
        }
        let length = length.first_chunk().map_or(0, |bytes| u32::from_le_bytes(*bytes) as usize);
        // Each chunk is padded to an even length.
        rest = after.get(length.saturating_add(length % 2)..).unwrap_or_default();
    }
    kind
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;
    use std::process::Command;

    use image::{DynamicImage, ImageFormat, RgbImage};

    use super::super::{Unfit, open, sample, webp as write_webp};
    use super::*;

    /// A grey JPEG of three colours, progressive or with a scan for each colour. It has only its heads and a
    /// bit for each block.
    fn dear_jpeg(width: u16, height: u16, is_progressive: bool) -> Vec<u8> {
        let mut file = vec![0xff, 0xd8, 0xff, 0xdb, 0, 67, 0];
        file.extend([1; 64]);
        file.extend([0xff, if is_progressive { 0xc2 } else { 0xc0 }, 0, 17, 8]);
        file.extend([height.to_be_bytes(), width.to_be_bytes()].concat());
        file.extend([3, 1, 0x11, 0, 2, 0x11, 0, 3, 0x11, 0]);
        // A single code of one bit, which means nothing, for the mean of a block and for the rest of it.
        for class in [0x00, 0x10] {
            file.extend([0xff, 0xc4, 0, 20, class, 1]);
            file.extend([0; 16]);
        }
        let blocks = usize::from(width).div_ceil(8) * usize::from(height).div_ceil(8);
        if is_progressive {
            file.extend([0xff, 0xda, 0, 12, 3, 1, 0, 2, 0, 3, 0, 0, 0, 0]);
            file.extend(vec![0; (blocks * 3).div_ceil(8)]);
        } else {
            for colour in 1..=3 {
                file.extend([0xff, 0xda, 0, 8, 1, colour, 0, 0, 63, 0]);
                file.extend(vec![0; (blocks * 2).div_ceil(8)]);
            }
        }
        file.extend([0xff, 0xd9]);
        file
    }

    #[test]
    fn a_kind_is_told_from_the_first_bytes() {
        assert_eq!(jpeg(&sample(300, 200, ImageFormat::Jpeg)), Kind::JpegInOneScan);
        assert_eq!(jpeg(&dear_jpeg(300, 200, true)), Kind::JpegInSeveralScans);
        assert_eq!(jpeg(&dear_jpeg(300, 200, false)), Kind::JpegInSeveralScans);
        for odd in [&b""[..], b"\xff\xd8", b"\xff\xd8\xff", b"\xff\xd8\xff\xe0\0\x01", b"\xff\xd8garbage"] {
            assert_eq!(jpeg(odd), Kind::JpegInSeveralScans, "{odd:?}");
        }
        let lossless = sample(300, 200, ImageFormat::WebP);
        let lossy = write_webp(&open(&lossless).expect("a picture").into_rgb8()).expect("a picture");
        assert_eq!(webp(&lossless), Kind::WebpLossless);
        assert_eq!(webp(&lossy), Kind::WebpLossy);
        // Its transparency may stand behind the picture.
        assert_eq!(webp(&[&lossy[..], b"ALPH", &[4, 0, 0, 0]].concat()), Kind::WebpLossless);
        assert_eq!(webp(b"RIFF"), Kind::WebpLossless);
    }

    /// An empty picture.
    fn empty(width: u32, height: u32, format: ImageFormat) -> Vec<u8> {
        let mut file = Cursor::new(Vec::new());
        DynamicImage::ImageRgb8(RgbImage::new(width, height)).write_to(&mut file, format).expect("a picture");
        file.into_inner()
    }

    #[test]
    fn dear_kinds_have_fewer_pixels() {
        for is_progressive in [true, false] {
            assert!(open(&dear_jpeg(1_080, 2_400, is_progressive)).is_ok(), "a screenshot");
            assert_eq!(open(&dear_jpeg(4_096, 4_096, is_progressive)).err(), Some(Unfit::TooManyPixels));
        }
        assert!(open(&empty(1_080, 2_400, ImageFormat::WebP)).is_ok());
        // A head that claims 4,096 by 4,096 pixels; each side is stored in fourteen bits as one less.
        let mut large = empty(300, 300, ImageFormat::WebP);
        large[21..25].copy_from_slice(&(4_095_u32 | 4_095 << 14).to_le_bytes());
        assert_eq!(open(&large).err(), Some(Unfit::TooManyPixels));
        let long = [empty(300, 300, ImageFormat::WebP), vec![0; 300 * 1024]].concat();
        assert_eq!(open(&long).err(), Some(Unfit::TooManyPixels), "room for too many tables");
    }

    /// A picture of each kind takes no more memory than the table says. Each is opened in a process of its
    /// own, which runs this same test, so that its memory can be measured.
    #[test]
    #[cfg(target_os = "linux")]
    fn no_picture_takes_more_than_is_said() {
        if let Some(file) = std::env::var_os(PICTURE) {
            return tell_memory(&std::fs::read(file).expect("a file"));
        }
        let lossy = write_webp(&RgbImage::new(2_000, 2_000)).expect("a picture");
        let pictures = [
            (Kind::Png, empty(2_000, 2_000, ImageFormat::Png)),
            (Kind::JpegInOneScan, empty(2_000, 2_000, ImageFormat::Jpeg)),
            (Kind::JpegInSeveralScans, dear_jpeg(2_000, 2_000, true)),
            (Kind::JpegInSeveralScans, dear_jpeg(2_000, 2_000, false)),
            (Kind::WebpLossless, empty(2_000, 2_000, ImageFormat::WebP)),
            (Kind::WebpLossy, lossy),
        ];
        let folder = tempfile::tempdir().expect("a folder");
        for (index, (kind, file)) in pictures.into_iter().enumerate() {
            let path = folder.path().join(index.to_string());
            std::fs::write(&path, &file).expect("a file");
            let this = "platform::picture::cost::tests::no_picture_takes_more_than_is_said";
            let program = std::env::current_exe().expect("a program");
            let told = Command::new(program)
                .args([this, "--exact", "--nocapture"])
                .env(PICTURE, &path)
                .output()
                .expect("an end");
            let told = String::from_utf8_lossy(&told.stdout).into_owned();
            let (_, taken) = told.split_once(TAKEN).unwrap_or_else(|| panic!("{kind:?}: {told}"));
            let taken: u64 =
                taken.split_whitespace().next().and_then(|taken| taken.parse().ok()).expect("a number");
            let (a_pixel, a_byte) = kind.bytes();
            let said = (2_000 * 2_000 * a_pixel + file.len() as u64 * a_byte) / 1024;
            println!("{kind:?}: {taken} KiB of {said} KiB, a file of {} KiB", file.len() >> 10);
            assert!((said / 2..said + 6 * 1024).contains(&taken), "{kind:?}: {taken} KiB of {said} KiB");
        }
    }

    const PICTURE: &str = "PICTURE_TO_OPEN";
    const TAKEN: &str = "taken, in KiB: ";

    /// Prints how much more memory this process took at its peak than before.
    fn tell_memory(file: &[u8]) {
        // The memory that the program itself needs to open pictures is taken before the measurement.
        let plain =
            [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::WebP].map(|format| empty(200, 200, format));
        let dear = [true, false].map(|is_progressive| dear_jpeg(200, 200, is_progressive));
        let lossy = write_webp(&RgbImage::new(200, 200)).expect("a picture");
        for small in plain.iter().chain(&dear).chain([&lossy]) {
            open(small).expect("a picture");
        }
        let (_, before) = memory();
        open(file).expect("a picture");
        println!("{TAKEN}{}", memory().0.saturating_sub(before));
    }

    /// The memory of this process at its peak and now, in KiB.
    fn memory() -> (u64, u64) {
        let status = std::fs::read_to_string("/proc/self/status").expect("Linux");
        let line = |name: &str| {
            status.lines().find_map(|line| line.strip_prefix(name)?.split_whitespace().next()?.parse().ok())
        };
        (line("VmHWM:").expect("a number"), line("VmRSS:").expect("a number"))
    }
}
