//! What the TOML reader says, with a hint at what was probably meant.

/// A message and perhaps a fix for a syntax error, given the text under its caret.
pub fn explain(message: &str, found: &str) -> (String, Option<String>) {
    let lower = message.to_lowercase();
    let word = found.split_whitespace().next().unwrap_or("");
    let help = if lower.contains("duplicate key") {
        Some("a key or table stands once in a file: merge the two, or rename one".to_owned())
    } else if lower.contains("recursion limit") {
        Some("it is nested too deeply".to_owned())
    } else if word.starts_with(|c: char| c.is_ascii_digit()) && word.ends_with(|c: char| c.is_alphabetic() || c == '%')
    {
        Some(format!("a value with a unit stands in quotes: `\"{}\"`", word.trim_end_matches(',')))
    } else if lower.contains("string") && lower.contains("invalid") {
        Some("close the string with the same quote on the same line".to_owned())
    } else {
        None
    };
    (format!("this is not TOML: {message}"), help)
}
