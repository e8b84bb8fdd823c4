//! Text tables of a terminal, and its colours.

use super::value::{Glyphs, fold};
use anstyle::{AnsiColor, Style};
use comfy_table::{CellAlignment, ContentArrangement, LineStyle, Table, TableStyle};
use std::fmt::Write;

/// Blanks between columns.
pub(super) const GAP: usize = 2;

/// Least width of a column before a long name is folded.
pub(super) const NARROWEST: usize = 12;

/// Headings and the names of architectures.
pub(super) const STRONG: Style = Style::new().bold();
/// Intervals and what is said in passing.
pub(super) const FAINT: Style = Style::new().dimmed();
/// An objective is met.
pub(super) const GOOD: Style = AnsiColor::Green.on_default().bold();
/// An objective is missed.
pub(super) const BAD: Style = AnsiColor::Red.on_default().bold();
/// It may go either way; a warning.
pub(super) const DOUBTFUL: Style = AnsiColor::Yellow.on_default().bold();

/// What to print on.
#[derive(Debug, Clone, Copy)]
pub(super) struct Page {
    /// Columns.
    pub width: usize,
    /// Whether ANSI styles are wanted.
    pub colour: bool,
    /// Which characters there are.
    pub glyphs: Glyphs,
}

impl Page {
    /// A page as wide as the terminal, within reason.
    pub fn new(width: usize, colour: bool, ascii: bool) -> Self {
        let glyphs = if ascii { Glyphs::ASCII } else { Glyphs::UNICODE };
        Self { width: width.clamp(40, 200), colour, glyphs }
    }

    /// The text in a style, if there is colour. Every line by itself, so that a pager that cuts lines keeps the rest.
    pub fn paint(&self, text: &str, style: Style) -> String {
        if !self.colour {
            return text.to_owned();
        }
        let lines: Vec<String> = text
            .split('\n')
            .map(|line| if line.trim().is_empty() { line.to_owned() } else { format!("{style}{line}{style:#}") })
            .collect();
        lines.join("\n")
    }

    /// Intervals faint and verdicts in their colour; layout is done before, on plain text, so that widths are right.
    pub fn paint_numbers(&self, text: &str) -> String {
        if !self.colour {
            return text.to_owned();
        }
        let mut painted = String::with_capacity(text.len() * 2);
        let mut rest = text;
        while let Some(open) = rest.find('[') {
            let Some(close) = rest[open..].find(']').map(|place| open + place + 1) else {
                break;
            };
            painted.push_str(&self.paint_verdicts(&rest[..open]));
            painted.push_str(&self.paint(&rest[open..close], FAINT));
            rest = &rest[close..];
        }
        painted.push_str(&self.paint_verdicts(rest));
        painted
    }

    fn paint_verdicts(&self, text: &str) -> String {
        let mut painted = String::with_capacity(text.len());
        let mut word = String::new();
        for letter in text.chars().map(Some).chain([None]) {
            match letter {
                Some(letter) if letter.is_alphanumeric() || letter == '-' => word.push(letter),
                other => {
                    match word.as_str() {
                        "met" => painted.push_str(&self.paint(&word, GOOD)),
                        "missed" => painted.push_str(&self.paint(&word, BAD)),
                        "inconclusive" => painted.push_str(&self.paint(&word, DOUBTFUL)),
                        plain => painted.push_str(plain),
                    }
                    word.clear();
                    painted.extend(other);
                }
            }
        }
        painted
    }

    /// A table with a line under its head; cells may have several lines.
    pub fn table(&self, head: &[String], alignments: &[CellAlignment], rows: &[Vec<String>]) -> String {
        let rule = self.glyphs.rule;
        let mut table = Table::new();
        table
            .load_style(TableStyle::new().header_separator(LineStyle::none().fill(rule).junction(rule)))
            .set_content_arrangement(ContentArrangement::Disabled)
            .set_header(head.iter().map(String::as_str))
            .add_rows(rows.iter().map(|row| row.iter().map(String::as_str)));
        for (place, column) in table.column_iter_mut().enumerate() {
            // One blank of the gap is the place of a vertical line, which this style leaves empty.
            column.set_padding((if place == 0 { 0 } else { GAP as u16 - 1 }, 0));
            column.set_cell_alignment(alignments.get(place).copied().unwrap_or(CellAlignment::Right));
        }
        let head_lines = head.iter().map(|cell| cell.split('\n').count()).max().unwrap_or(1);
        let mut text = String::new();
        for (place, line) in table.trim_fmt().lines().enumerate() {
            let line = line.trim_end();
            let painted = if place < head_lines {
                self.paint(line, STRONG)
            } else if place == head_lines {
                self.paint(line, FAINT)
            } else {
                self.paint_numbers(line)
            };
            let _ = writeln!(text, "{painted}");
        }
        text
    }

    /// A table whose names, in the first column, are folded as far as the page asks for; numbers are never cut.
    pub fn folded_table(&self, head: &[String], alignments: &[CellAlignment], mut rows: Vec<Vec<String>>) -> String {
        let others = total_width(head, &rows, 1) + GAP;
        let room = self.width.saturating_sub(others).max(NARROWEST);
        for row in &mut rows {
            row[0] = fold(&row[0], room).join("\n");
        }
        self.table(head, alignments, &rows)
    }

    /// A bar of at most `size` characters, in eighths of a character where the terminal has them.
    pub fn bar(&self, share: f64, size: usize) -> String {
        let parts = self.glyphs.bar_parts;
        let steps = parts.len();
        let filled = (share.clamp(0.0, 1.0) * (size * steps) as f64).round() as usize;
        let filled = if share > 0.0 { filled.max(1) } else { 0 };
        let mut bar = parts[steps - 1].to_string().repeat(filled / steps);
        if filled % steps > 0 {
            bar.push(parts[filled % steps - 1]);
        }
        bar
    }

    /// A column of one character whose height is a share of it: what is above nothing shows.
    pub fn column(&self, share: f64) -> char {
        let heights = self.glyphs.columns;
        let most = heights.len() - 1;
        let least = usize::from(share > 0.0);
        heights[((share.clamp(0.0, 1.0) * most as f64).round() as usize).max(least)]
    }

    /// A text in at most so many characters.
    pub fn cut(&self, text: &str, room: usize) -> String {
        if width(text) <= room {
            return text.to_owned();
        }
        let kept = text.chars().take(room.saturating_sub(self.glyphs.more.chars().count())).collect::<String>();
        format!("{kept}{}", self.glyphs.more).chars().take(room).collect()
    }
}

/// Width of a table from the column `start` on.
pub(super) fn total_width(head: &[String], rows: &[Vec<String>], start: usize) -> usize {
    (start..head.len())
        .map(|place| rows.iter().map(|row| width(&row[place])).max().unwrap_or(0).max(width(&head[place])))
        .map(|width| width + GAP)
        .sum::<usize>()
        .saturating_sub(GAP)
}

/// The widest line of a cell.
pub(super) fn width(text: &str) -> usize {
    text.split('\n').map(|line| line.chars().count()).max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn painting_changes_no_letter() {
        let page = Page::new(80, true, false);
        let plain = "objectives  met  missed-it  missed  4.08 [3.99, 4.19]* an [open";
        let painted = page.paint_numbers(plain);
        assert_eq!(anstream::adapter::strip_str(&painted).to_string(), plain);
        assert_eq!(painted.matches("\u{1b}[0m").count(), 3);
        assert_eq!(Page::new(80, false, false).paint_numbers(plain), plain);
    }

    #[test]
    fn a_share_above_nothing_shows() {
        let page = Page::new(80, false, true);
        assert_eq!(page.bar(0.0, 10), "");
        assert_eq!(page.bar(0.001, 10), "#");
        assert_eq!(page.bar(1.0, 10), "##########");
        let columns = |page: Page| [0.0, 1e-9, 0.5, 1.0].map(|share| page.column(share)).iter().collect::<String>();
        assert_eq!((columns(page), columns(Page::new(80, false, false))), (" .=#".to_owned(), " ▁▄█".to_owned()));
    }

    #[test]
    fn a_cut_text_says_so_and_fits() {
        let page = |ascii| Page::new(80, false, ascii);
        assert_eq!(page(false).cut("multi-region", 8), "multi-r…");
        assert_eq!(page(true).cut("multi-region", 8), "multi-..");
        assert_eq!(page(true).cut("web", 3), "web");
        assert_eq!(page(true).cut("web", 1), ".");
    }
}
