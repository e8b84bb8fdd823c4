//! What XML may hold.

/// A character as it may stand in a document: those that may not, such as most control characters, are shown as unknown (U+FFFD).
///
/// Source: Extensible Markup Language (XML) 1.0, fifth edition, production 2.
#[must_use]
pub const fn allowed(letter: char) -> char {
    match letter {
        '\t' | '\n' | '\r' | '\u{20}'..='\u{fffd}' | '\u{10000}'.. => letter,
        '\0'..'\u{20}' | '\u{fffe}'..='\u{ffff}' => '\u{fffd}',
    }
}

/// A text of such characters.
#[must_use]
pub fn legible(text: &str) -> String {
    text.chars().map(allowed).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_no_document_may_hold_is_shown_as_unknown() {
        let text = "a\tb\u{0}\u{7f}\u{1b}é\u{fffe}\u{1f600}";
        assert_eq!(legible(text), "a\tb\u{fffd}\u{7f}\u{fffd}é\u{fffd}\u{1f600}");
        for letter in ('\0'..=char::MAX).step_by(7) {
            let document = format!("<a>{}</a>", allowed(letter).to_string().replace(['<', '&', ']'], ""));
            assert!(roxmltree::Document::parse(&document).is_ok(), "{letter:?}");
        }
    }
}
