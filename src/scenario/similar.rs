//! "Did you mean": the nearest of the known names.

/// The nearest candidate, if it is near enough to be a typing error.
pub fn nearest<'a>(wrong: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    // Names are short; an adversarial one is not worth comparing.
    if wrong.chars().count() > 64 {
        return None;
    }
    let wrong = wrong.to_lowercase();
    let allowed = match wrong.chars().count() {
        0..=2 => 1,
        3..=5 => 2,
        length => length.div_ceil(3),
    };
    let scored = candidates.into_iter().filter(|candidate| candidate.len() <= 128).map(|candidate| {
        let lower = candidate.to_lowercase();
        // The same words in other order or with other joints are near, however many letters moved.
        let distance = if words(&lower) == words(&wrong) { 0 } else { distance(&wrong, &lower) };
        (distance, candidate)
    });
    let best = scored.min_by(|a, b| a.cmp(b))?;
    (best.0 <= allowed && best.0 < wrong.chars().count().max(1)).then_some(best.1)
}

fn words(name: &str) -> Vec<&str> {
    let mut words: Vec<&str> = name.split(['_', '-', '.', ' ']).filter(|word| !word.is_empty()).collect();
    words.sort_unstable();
    words
}

/// Insertions, deletions, replacements and swaps of neighbours that turn one word into the other.
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut before: Vec<usize> = vec![0; b.len() + 1];
    let mut above: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut row = vec![i; b.len() + 1];
        for j in 1..=b.len() {
            let replaced = above[j - 1] + usize::from(a[i - 1] != b[j - 1]);
            row[j] = replaced.min(above[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                row[j] = row[j].min(before[j - 2] + 1);
            }
        }
        before = std::mem::replace(&mut above, row);
    }
    above[b.len()]
}

/// The candidates as a list in words, shortened where it would be long: "`a`, `b` and `c`".
pub fn listed<'a>(candidates: impl IntoIterator<Item = &'a str>) -> String {
    let mut names: Vec<String> = candidates.into_iter().map(|name| format!("`{name}`")).collect();
    let hidden = names.len().saturating_sub(24);
    names.truncate(24);
    if hidden > 0 {
        return format!("{} and {hidden} more", names.join(", "));
    }
    match names.split_last() {
        None => "none".to_owned(),
        Some((only, [])) => only.clone(),
        Some((last, rest)) => format!("{} and {last}", rest.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn typing_errors_are_near_and_other_words_are_not() {
        let keys = ["interval", "timeout", "unhealthy_threshold", "healthy_threshold", "deep"];
        assert_eq!(nearest("intervall", keys), Some("interval"));
        assert_eq!(nearest("time-out", keys), Some("timeout"));
        assert_eq!(nearest("threshold_unhealthy", keys), Some("unhealthy_threshold"));
        assert_eq!(nearest("dept", keys), Some("deep"));
        assert_eq!(nearest("colour", keys), None);
        assert_eq!(nearest("", keys), None);
        assert_eq!(nearest("x", ["y"]), None);
    }

    #[test]
    fn a_swap_is_one_step() {
        assert_eq!(distance("mttf", "mtft"), 1);
        assert_eq!(distance("", "abc"), 3);
    }

    #[test]
    fn lists_read_as_words() {
        assert_eq!(listed([]), "none");
        assert_eq!(listed(["a"]), "`a`");
        assert_eq!(listed(["a", "b", "c"]), "`a`, `b` and `c`");
    }
}
