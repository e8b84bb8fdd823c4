//! The table of all claims: exact, simulated, distance, derivation.

use super::Judged;
use std::fmt::Write;

/// In which form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Output {
    /// Columns for people.
    Text,
    /// A JSON document.
    Json,
    /// A Markdown table.
    Markdown,
}

/// The table of judged claims.
#[must_use]
pub fn render(claims: &[Judged], output: Output) -> String {
    match output {
        Output::Text => text(claims),
        Output::Json => json(claims),
        Output::Markdown => markdown(claims),
    }
}

fn failed(claims: &[Judged]) -> usize {
    claims.iter().filter(|claim| !claim.row.holds).count()
}

/// How many there are, and how many do not hold.
fn summary(claims: &[Judged]) -> String {
    let mut cases: Vec<_> = claims.iter().map(|claim| (claim.group, &claim.row.case)).collect();
    cases.dedup();
    match failed(claims) {
        0 => format!("{} cases, {} claims: all hold", cases.len(), claims.len()),
        wrong => format!("{} cases, {} claims: {wrong} DO NOT HOLD", cases.len(), claims.len()),
    }
}

/// Seven digits, plainly where that is short.
fn digits(value: f64) -> String {
    let size = value.abs();
    if value == 0.0 || (1e-3..1e7).contains(&size) { format!("{value:.7}") } else { format!("{value:.6e}") }
}

fn simulated(claim: &Judged) -> String {
    claim.row.simulated.map_or_else(|| "nothing".to_owned(), digits)
}

fn text(claims: &[Judged]) -> String {
    let longest = claims.iter().map(|claim| claim.row.case.chars().count()).max().unwrap_or(0);
    let mut text = String::new();
    let mut group = "";
    for claim in claims {
        if claim.group != group {
            group = claim.group;
            let head = format!("{}{group}", if text.is_empty() { "" } else { "\n" });
            let _ = writeln!(text, "{head}");
        }
        let row = &claim.row;
        let mark = if row.holds { ' ' } else { '!' };
        let (exact, seen) = (digits(row.exact), simulated(claim));
        let _ = writeln!(
            text,
            "{mark} {:<longest$}  {:<20} {exact:>17} {seen:>17}  {:<18} {}",
            row.case, row.metric, row.distance, row.derivation
        );
    }
    let _ = writeln!(text, "\n{}", summary(claims));
    text
}

fn json(claims: &[Judged]) -> String {
    let document = serde_json::json!({
        "version": env!("CARGO_PKG_VERSION"),
        "failed": failed(claims),
        "claims": claims,
    });
    format!("{document:#}\n")
}

fn markdown(claims: &[Judged]) -> String {
    let mut text =
        "| mechanism | case | metric | exact | simulated | distance | derivation |\n|---|---|---|--:|--:|---|---|\n"
            .to_owned();
    for claim in claims {
        let row = &claim.row;
        let cell = |text: &str| text.replace('|', "\\|");
        let distance = if row.holds { row.distance.clone() } else { format!("**{}**", row.distance) };
        let _ = writeln!(
            text,
            "| {} | {} | {} | {} | {} | {} | {} |",
            claim.group,
            cell(&row.case),
            cell(&row.metric),
            digits(row.exact),
            simulated(claim),
            cell(&distance),
            cell(row.derivation)
        );
    }
    let _ = writeln!(text, "\n{}", summary(claims));
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::selftest::check::Row;

    fn claims(holds: bool) -> Vec<Judged> {
        let row = Row {
            case: "a | b".to_owned(),
            metric: "Lost".to_owned(),
            derivation: "by hand",
            exact: 3_600.0,
            simulated: Some(3_600.0),
            z: None,
            distance: "off by 0.0e0".to_owned(),
            holds,
        };
        vec![Judged { group: "pools", row }]
    }

    #[test]
    fn a_failure_shows_in_every_form() {
        assert!(render(&claims(true), Output::Text).ends_with("1 cases, 1 claims: all hold\n"));
        let text = render(&claims(false), Output::Text);
        assert!(text.contains("\n! a | b") && text.ends_with("1 DO NOT HOLD\n"), "{text}");
        assert!(render(&claims(false), Output::Markdown).contains("| a \\| b |"));
        let document: serde_json::Value =
            serde_json::from_str(&render(&claims(false), Output::Json)).expect("one JSON document");
        assert_eq!((&document["failed"], &document["claims"][0]["holds"]), (&1.into(), &false.into()));
        assert_eq!(document["claims"][0]["group"], "pools");
    }
}
