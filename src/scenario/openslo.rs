//! Objectives from OpenSLO documents (<https://github.com/OpenSLO/OpenSLO>, version `openslo/v1`, kind `SLO`).
//!
//! `spec.objectives[].target`, or `targetPercent`, is the share of what is good. Which share that is follows from
//! `spec.budgetingMethod`: `Occurrences` counts events, as the availability of requests does; `RatioTimeslices` averages the success
//! ratio of slices of time, which is the same where slices have the same demand; `Timeslices` counts slices of time that are good, for which
//! the availability in time stands, with the scenario's `up_threshold` as what is good. Thresholds of measured values, such as a latency,
//! are nothing that is simulated. What is set aside is named.

use serde_json::Value;

/// What an objective is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Budgeting {
    /// Requests.
    Requests,
    /// Time.
    Time,
}

/// An availability objective of a document.
#[derive(Debug, Clone, PartialEq)]
pub struct SloTarget {
    /// Name of the document, and of the objective where it has one.
    pub name: String,
    /// What it is about.
    pub budgeting: Budgeting,
    /// Least share, in 0..1.
    pub target: f64,
}

/// The objectives of a file, and in words what was set aside.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SloFile {
    /// Objectives in their order.
    pub targets: Vec<SloTarget>,
    /// Sentences.
    pub ignored: Vec<String>,
}

/// Keys of `spec` that say nothing about how much availability is wanted.
const UNUSED: [&str; 3] = ["timeWindow", "alertPolicies", "service"];

/// Reads all documents of a file.
///
/// # Errors
/// Every problem, in sentences: what is no YAML, a version or target that cannot be used, or no objective at all.
pub fn openslo(text: &str) -> Result<SloFile, Vec<String>> {
    let documents: Vec<Value> = match serde_saphyr::from_multiple(text) {
        Ok(documents) => documents,
        Err(error) => {
            let error = error.to_string();
            return Err(vec![format!("is no YAML: {}", error.lines().next().unwrap_or_default())]);
        }
    };
    let mut file = SloFile::default();
    let mut problems = Vec::new();
    for (place, document) in documents.iter().enumerate().filter(|(_, document)| !document.is_null()) {
        let name =
            document["metadata"]["name"].as_str().map_or_else(|| format!("document {}", place + 1), str::to_owned);
        let kind = document["kind"].as_str().unwrap_or_default();
        match document["apiVersion"].as_str() {
            Some("openslo/v1") if kind == "SLO" => slo(&name, &document["spec"], &mut file, &mut problems),
            Some("openslo/v1") if !kind.is_empty() => file.ignored.push(format!("{name} is of kind {kind}, not SLO")),
            Some("openslo/v1") => problems.push(format!("{name} has no kind: write kind: SLO")),
            Some(other) => problems.push(format!("{name} has apiVersion {other}: only openslo/v1 is known")),
            None => problems.push(format!("{name} is no OpenSLO document: it begins with apiVersion: openslo/v1")),
        }
    }
    if problems.is_empty() && file.targets.is_empty() {
        let why = if file.ignored.is_empty() { String::new() } else { format!(" ({})", file.ignored.join("; ")) };
        problems.push(format!("has no availability objective{why}"));
    }
    let texts = file.targets.iter_mut().map(|target| &mut target.name).chain(&mut file.ignored).chain(&mut problems);
    texts.for_each(|text| *text = printable(text));
    if problems.is_empty() { Ok(file) } else { Err(problems) }
}

/// What a document names, without what could steer a terminal.
fn printable(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}

fn slo(name: &str, spec: &Value, file: &mut SloFile, problems: &mut Vec<String>) {
    let budgeting = match spec["budgetingMethod"].as_str() {
        Some("Occurrences" | "RatioTimeslices") => Budgeting::Requests,
        Some("Timeslices") => Budgeting::Time,
        Some(other) => {
            return problems.push(format!(
                "{name}: budgetingMethod {other:?} is unknown: one of Occurrences, Timeslices, RatioTimeslices"
            ));
        }
        None => {
            return problems
                .push(format!("{name}: spec.budgetingMethod is missing: Occurrences, Timeslices or RatioTimeslices"));
        }
    };
    let Some(objectives) = spec["objectives"].as_array().filter(|list| !list.is_empty()) else {
        return problems.push(format!("{name}: spec.objectives is missing: a list of objectives with a target"));
    };
    let threshold = !spec["indicator"]["spec"]["thresholdMetric"].is_null();
    let mut set_aside: Vec<&str> = UNUSED.into_iter().filter(|key| !spec[key].is_null()).collect();
    for (place, objective) in objectives.iter().enumerate() {
        let own = objective["displayName"].as_str().map(|own| format!("{name}/{own}"));
        let own = own.unwrap_or_else(|| match objectives.len() {
            1 => name.to_owned(),
            _ => format!("{name}/{}", place + 1),
        });
        if threshold || !objective["value"].is_null() {
            file.ignored.push(format!("{own} is a threshold of a measured value, which is not simulated"));
            continue;
        }
        for key in ["timeSliceTarget", "timeSliceWindow"] {
            if !objective[key].is_null() && !set_aside.contains(&key) {
                set_aside.push(key);
            }
        }
        match target(objective) {
            Ok(target) => file.targets.push(SloTarget { name: own, budgeting, target }),
            Err(problem) => problems.push(format!("{own}: {problem}")),
        }
    }
    if !set_aside.is_empty() {
        file.ignored.push(format!("of {name} is not used: {}", set_aside.join(", ")));
    }
}

/// The target of an objective as a share.
fn target(objective: &Value) -> Result<f64, String> {
    let (key, most) = match (objective["target"].is_null(), objective["targetPercent"].is_null()) {
        (false, true) => ("target", 1.0),
        (true, false) => ("targetPercent", 100.0),
        (false, false) => return Err("has both target and targetPercent: keep one".to_owned()),
        (true, true) => return Err("has no target: write target: 0.9995 or targetPercent: 99.95".to_owned()),
    };
    let value = &objective[key];
    let share = value.as_f64().filter(|share| (0.0..most).contains(share));
    let share = share.ok_or_else(|| format!("{key}: {value} is no number from 0 to below {most}"))?;
    if most == 1.0 {
        return Ok(share);
    }
    // The point is moved in the text, so that 99.95 and 0.9995 are the same number to the last bit.
    Ok(format!("{share}e-2").parse().unwrap_or(share / 100.0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const SLO: &str = "apiVersion: openslo/v1\nkind: SLO\nmetadata:\n  name: checkout\nspec:\n  service: shop\n  \
                       indicatorRef: good-requests\n  budgetingMethod: Occurrences\n  timeWindow:\n    - duration: 28d\n      \
                       isRolling: true\n  objectives:\n    - targetPercent: 99.95\n";

    #[test]
    fn a_target_is_an_availability() {
        let file = openslo(SLO).expect("a document");
        let target = SloTarget { name: "checkout".to_owned(), budgeting: Budgeting::Requests, target: 0.9995 };
        assert_eq!(file.targets, [target]);
        assert_eq!(file.ignored, ["of checkout is not used: timeWindow, service"]);
    }

    #[test]
    fn slices_are_of_time_and_have_names() {
        let objectives = "Timeslices\n  objectives:\n    - displayName: Internal\n      target: 0.995\n      \
                          timeSliceTarget: 0.99\n      timeSliceWindow: 1m\n    - target: 0.99\n";
        let text = SLO.split_once("Occurrences").expect("the method").0.to_owned() + objectives;
        let file = openslo(&text).expect("a document");
        let found: Vec<_> = file.targets.iter().map(|it| (it.name.as_str(), it.budgeting, it.target)).collect();
        assert_eq!(found, [("checkout/Internal", Budgeting::Time, 0.995), ("checkout/2", Budgeting::Time, 0.99)]);
        assert!(file.ignored[0].contains("timeSliceTarget, timeSliceWindow"), "{:?}", file.ignored);
    }

    #[test]
    fn other_kinds_and_thresholds_are_named() {
        let two = format!("{SLO}---\napiVersion: openslo/v1\nkind: Service\nmetadata:\n  name: shop\n");
        assert!(
            openslo(&two)
                .expect("an SLO among others")
                .ignored
                .contains(&"shop is of kind Service, not SLO".to_owned())
        );
        let latency = SLO.replace("- targetPercent", "- value: 200\n      op: lte\n      targetPercent");
        let told = openslo(&latency).expect_err("nothing is left").join("; ");
        assert!(told.contains("has no availability objective") && told.contains("threshold"), "{told}");
    }

    #[test]
    fn problems_are_named_all_at_once() {
        for (text, remedy) in [
            (SLO.replace("99.95", "100"), "below 100"),
            (SLO.replace("99.95", "'99.95'"), "is no number"),
            (SLO.replace("targetPercent: 99.95", "displayName: none"), "targetPercent: 99.95"),
            (SLO.replace("- targetPercent", "- target: 0.9\n      targetPercent"), "keep one"),
            (SLO.replace("Occurrences", "Events"), "Timeslices, RatioTimeslices"),
            (SLO.replace("openslo/v1", "openslo/v2alpha"), "only openslo/v1"),
            (SLO.replace("kind: SLO", "sort: SLO"), "kind: SLO"),
            ("[1, 2]".to_owned(), "apiVersion: openslo/v1"),
            (String::new(), "has no availability objective"),
            ("a: [".to_owned(), "is no YAML"),
        ] {
            let told = openslo(&text).expect_err(&text).join("; ");
            assert!(told.contains(remedy), "{text}\n{told}");
        }
        let both = SLO.replace("Occurrences", "Events");
        assert_eq!(openslo(&format!("{both}---\n{both}")).expect_err("two").len(), 2);
    }

    #[test]
    fn names_steer_no_terminal() {
        let named = SLO
            .replacen("metadata:", "metadata:\n  displayName: x", 1)
            .replace("- targetPercent", "- displayName: \"a\\e[2Jb\\x9b\"\n      targetPercent");
        let file = openslo(&named).expect("sound");
        assert!(file.targets[0].name.ends_with("a\u{fffd}[2Jb\u{fffd}"), "{:?}", file.targets[0].name);
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in "[ a-z0-9:\\-\\[\\]{}&*!|>'\"\n%@]{0,80}") {
            let _ = openslo(&text);
            let _ = openslo(&format!("{SLO}{text}"));
        }
    }
}
