//! The embedded font: Noto Sans, subset, under the SIL Open Font License 1.1 (see `report/font/OFL.txt`).
//!
//! Widths are read from the font's own tables, because the drawing library rounds them to whole pixels and leaves out
//! the side bearings, which makes letters touch.

use plotters::style::{FontStyle, register_font};

/// Name of the font for CSS, and in the registry of the drawing library.
pub(super) const FAMILY: &str = "Noto Sans, sans-serif";

const REGULAR: &[u8] = include_bytes!("../font/NotoSans-Regular-subset.ttf");
const BOLD: &[u8] = include_bytes!("../font/NotoSans-Bold-subset.ttf");

/// Height of ascender and descender together, in ems: what the drawing library calls the size of a font.
pub(super) const LINE: f64 = 1.362;
/// Height of a small letter, in ems.
pub(super) const X_HEIGHT: f64 = 0.536;

/// Makes the fonts known to the drawing library; false if they are damaged.
pub(super) fn register() -> bool {
    register_font(FAMILY, FontStyle::Normal, REGULAR).is_ok() && register_font(FAMILY, FontStyle::Bold, BOLD).is_ok()
}

/// Advance and left side bearing of a letter, in ems.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Letter {
    /// From its origin to that of the next letter.
    pub advance: f64,
    /// From its origin to its leftmost ink.
    pub bearing: f64,
}

/// Width of a text, in ems.
pub(super) fn width(text: &str, bold: bool) -> f64 {
    text.chars().map(|c| letter(c, bold).advance).sum()
}

/// The measures of a letter; of the replacement box for one that the font lacks.
pub(super) fn letter(character: char, bold: bool) -> Letter {
    let font = if bold { BOLD } else { REGULAR };
    measure(font, character).unwrap_or(Letter { advance: 0.6, bearing: 0.0 })
}

/// Reads `cmap` (format 4), `hhea` and `hmtx`. None if the font is damaged.
fn measure(font: &[u8], character: char) -> Option<Letter> {
    let units = f64::from(u16_at(font, table(font, b"head")? + 18)?);
    let glyph = glyph(font, table(font, b"cmap")?, u32::from(character))?;
    let full = usize::from(u16_at(font, table(font, b"hhea")? + 34)?);
    let metrics = table(font, b"hmtx")?;
    // Glyphs past the full entries share the last advance and have only a bearing of their own.
    let advance = u16_at(font, metrics + 4 * glyph.min(full.checked_sub(1)?))?;
    let bearing_at = if glyph < full { metrics + 4 * glyph + 2 } else { metrics + 4 * full + 2 * (glyph - full) };
    let bearing = i16::from_be_bytes(u16_at(font, bearing_at)?.to_be_bytes());
    Some(Letter { advance: f64::from(advance) / units, bearing: f64::from(bearing) / units })
}

/// Where a table starts.
fn table(font: &[u8], tag: &[u8; 4]) -> Option<usize> {
    let count = usize::from(u16_at(font, 4)?);
    (0..count)
        .map(|place| 12 + 16 * place)
        .find(|&entry| font.get(entry..entry + 4) == Some(tag))
        .and_then(|entry| Some((usize::from(u16_at(font, entry + 8)?) << 16) | usize::from(u16_at(font, entry + 10)?)))
}

/// The glyph of a character; 0, the replacement box, if the font has none.
fn glyph(font: &[u8], cmap: usize, character: u32) -> Option<usize> {
    let Ok(code) = u16::try_from(character) else { return Some(0) };
    let offset = (usize::from(u16_at(font, cmap + 8)?) << 16) | usize::from(u16_at(font, cmap + 10)?);
    let start = cmap + offset;
    if u16_at(font, start)? != 4 {
        return None;
    }
    let doubled = usize::from(u16_at(font, start + 6)?);
    let (ends, starts) = (start + 14, start + 16 + doubled);
    let (deltas, ranges) = (starts + doubled, starts + 2 * doubled);
    for segment in (0..doubled).step_by(2) {
        if u16_at(font, ends + segment)? < code {
            continue;
        }
        let first = u16_at(font, starts + segment)?;
        if first > code {
            return Some(0);
        }
        let delta = u16_at(font, deltas + segment)?;
        let range = u16_at(font, ranges + segment)?;
        if range == 0 {
            return Some(usize::from(code.wrapping_add(delta)));
        }
        let place = ranges + segment + usize::from(range) + 2 * usize::from(code - first);
        return Some(match u16_at(font, place)? {
            0 => 0,
            glyph => usize::from(glyph.wrapping_add(delta)),
        });
    }
    Some(0)
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_be_bytes(bytes.get(at..at + 2)?.try_into().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// From fontTools: NotoSans-Regular 2.004 has 1000 units per em.
    #[test]
    fn letters_have_the_measures_of_the_font() {
        assert_eq!(letter('n', false), Letter { advance: 0.618, bearing: 0.085 });
        assert_eq!(letter(' ', false).advance, 0.26);
        assert!(letter('m', true).advance > letter('m', false).advance);
        assert_eq!(letter('日', false), letter('\u{fffd}', false));
        assert!((width("nn", false) - 2.0 * 0.618).abs() < 1e-12);
    }

    #[test]
    fn a_damaged_font_has_no_measures() {
        assert_eq!(measure(&REGULAR[..200], 'n'), None);
        assert_eq!(measure(&[], 'n'), None);
        assert!(register());
    }
}
