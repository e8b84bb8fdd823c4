//! A gate as JUnit XML, which build servers show as tests: a suite for each architecture, a case for each condition.

use super::super::metric::word;
use super::super::value::Glyphs;
use super::super::xml::allowed;
use super::output::{interrupted, sentence};
use super::{Gate, Judged};
use crate::study::Judgement;
use std::fmt::Write;

/// What is missed is a failure, what is open is skipped. There are no times in it: the same gate gives the same bytes.
#[must_use]
pub fn gate_junit(gate: &Gate) -> String {
    let totals = |judged: &[&Judged]| {
        let count = |verdict| judged.iter().filter(|it| it.verdict == verdict).count();
        format!(
            "tests=\"{}\" failures=\"{}\" errors=\"0\" skipped=\"{}\"",
            judged.len(),
            count(Judgement::Missed),
            count(Judgement::Inconclusive)
        )
    };
    let all: Vec<&Judged> = gate.judged.iter().collect();
    let mut text = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"ridethrough gate\" {}>\n",
        totals(&all)
    );
    for index in 0..gate.files.len() {
        let judged: Vec<&Judged> = gate.judged.iter().filter(|it| it.index == index).collect();
        let name = escaped(gate.architecture(index));
        let _ = writeln!(text, "  <testsuite name=\"{name}\" {}>", totals(&judged));
        if interrupted(gate) {
            text.push_str("    <properties><property name=\"interrupted\" value=\"true\"/></properties>\n");
        }
        for it in judged {
            let case = format!("{} ({})", it.condition.demand(Glyphs::UNICODE), it.origin.words());
            let _ = write!(text, "    <testcase classname=\"{name}\" name=\"{}\"", escaped(&case));
            let message = escaped(&sentence(it, Glyphs::UNICODE));
            match it.verdict {
                Judgement::Met => {
                    let _ = writeln!(text, ">\n      <system-out>{message}</system-out>\n    </testcase>");
                }
                Judgement::Missed => {
                    let kind = word(it.verdict);
                    let _ = writeln!(
                        text,
                        ">\n      <failure type=\"{kind}\" message=\"{message}\">{message}</failure>\n    </testcase>"
                    );
                }
                Judgement::Inconclusive => {
                    let _ = writeln!(text, ">\n      <skipped message=\"{message}\"/>\n    </testcase>");
                }
            }
        }
        text.push_str("  </testsuite>\n");
    }
    text.push_str("</testsuites>\n");
    text
}

/// Text of an element or an attribute. What no XML 1.0 document may contain, however it is written, becomes U+FFFD
/// (Extensible Markup Language 1.0, fifth edition, production 2).
fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&apos;"),
            // Attributes would be normalised to blanks.
            '\t' | '\n' | '\r' => {
                let _ = write!(safe, "&#{};", letter as u32);
            }
            other => safe.push(allowed(other)),
        }
    }
    safe
}
