//! Parts of a study.

use serde::{Deserialize, Serialize};
use std::ops::Range;
use std::str::FromStr;

/// One of several parts of about the same size, counted from 0 as array jobs of batch systems are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Part {
    /// Which one.
    pub index: u64,
    /// How many there are.
    pub of: u64,
}

/// Most parts of a study.
pub const MOST_PARTS: u64 = 1_000_000;

impl Part {
    /// What it has of so many things in a row. All parts together have each of them once.
    pub fn range(self, count: u64) -> Range<u64> {
        let bound = |index: u64| (u128::from(count) * u128::from(index) / u128::from(self.of.max(1))) as u64;
        bound(self.index)..bound(self.index + 1)
    }

    /// Name of its file, without an extension.
    pub fn stem(self) -> String {
        let width = (self.of.max(1) - 1).to_string().len();
        format!("shard-{:0width$}-of-{}", self.index, self.of)
    }
}

impl std::fmt::Display for Part {
    fn fmt(&self, to: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(to, "{}/{}", self.index, self.of)
    }
}

impl FromStr for Part {
    type Err = String;

    /// Reads `3/64`, or `auto/64` for the number that the batch system gives in the environment.
    fn from_str(text: &str) -> Result<Part, String> {
        let form = "write INDEX/COUNT with an index from 0 on, e.g. 3/64, or auto/64 in an array job";
        let (index, of) = text.split_once('/').ok_or(form)?;
        let of: u64 = of.parse().map_err(|_| form)?;
        if !(1..=MOST_PARTS).contains(&of) {
            return Err(format!("a study has from 1 to {MOST_PARTS} shards"));
        }
        let index = match index {
            "auto" => environment(|name| std::env::var(name).ok())?,
            index => index.parse().map_err(|_| form)?,
        };
        if index >= of {
            return Err(format!("there is no shard {index} of {of}: they are counted from 0 to {}", of - 1));
        }
        Ok(Part { index, of })
    }
}

/// Where batch systems say which task of an array this is, and the number of the first task there.
const VARIABLES: [(&str, &str, u64); 8] = [
    ("SLURM_ARRAY_TASK_ID", "Slurm", 0),
    ("JOB_COMPLETION_INDEX", "Kubernetes", 0),
    ("AWS_BATCH_JOB_ARRAY_INDEX", "AWS Batch", 0),
    ("BATCH_TASK_INDEX", "Google Cloud Batch", 0),
    ("CLOUD_RUN_TASK_INDEX", "Cloud Run jobs", 0),
    ("PBS_ARRAY_INDEX", "PBS", 0),
    ("LSB_JOBINDEX", "LSF", 1),
    ("SGE_TASK_ID", "Grid Engine", 1),
];

/// The index that a batch system gives in the environment.
///
/// # Errors
/// When none gives one, one gives something else than a number, or two give different ones.
pub fn environment(variable: impl Fn(&str) -> Option<String>) -> Result<u64, String> {
    let mut found: Option<(&str, u64)> = None;
    for (name, system, first) in VARIABLES {
        // Outside of an array Grid Engine says "undefined", and LSF 0.
        let is_none = |text: &String| text == "undefined" || name == "LSB_JOBINDEX" && text == "0";
        let Some(text) = variable(name).filter(|text| !is_none(text)) else { continue };
        let number: Option<u64> = text.parse().ok();
        let index = number.and_then(|number| number.checked_sub(first)).ok_or_else(|| {
            let from = format!("{name} is {text:?}, but {system} counts the tasks of an array from {first}");
            format!("{from}: give the index yourself, e.g. 3/64")
        })?;
        match found {
            Some((other, before)) if before != index => {
                return Err(format!("{other} and {name} say different things: give the index yourself, e.g. 3/64"));
            }
            _ => found = Some((name, index)),
        }
    }
    found.map(|(_, index)| index).ok_or_else(|| {
        let names: Vec<&str> = VARIABLES.iter().map(|(name, ..)| *name).collect();
        let none = format!("no batch system says which shard this is (none of {} is set)", names.join(", "));
        format!("{none}: give the index, e.g. 3/64")
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn parts_have_each_thing_once(of in 1u64..200, count in prop_oneof![0u64..1_000, Just(u64::MAX)]) {
            let mut next = 0;
            for index in 0..of {
                let range = Part { index, of }.range(count);
                prop_assert_eq!(range.start, next);
                // As many as the others, or one more.
                prop_assert!(range.end - range.start - count / of <= 1);
                next = range.end;
            }
            prop_assert_eq!(next, count);
        }
    }

    #[test]
    fn a_part_is_read_as_it_is_written() {
        let part = Part { index: 3, of: 64 };
        assert_eq!("3/64".parse(), Ok(part));
        assert_eq!((part.to_string(), part.stem()), ("3/64".to_owned(), "shard-03-of-64".to_owned()));
        assert_eq!(Part { index: 9, of: 10 }.stem(), "shard-9-of-10");
        for (text, word) in [
            ("3", "INDEX/COUNT"),
            ("64/64", "counted from 0 to 63"),
            ("-1/4", "INDEX/COUNT"),
            ("0/0", "from 1 to"),
            ("0/99999999", "from 1 to"),
            ("x/4", "INDEX/COUNT"),
        ] {
            let error = text.parse::<Part>().expect_err(text);
            assert!(error.contains(word), "{text}: {error}");
        }
    }

    #[test]
    fn batch_systems_say_which_part_it_is() {
        let of = |set: &[(&str, &str)]| {
            environment(|name| set.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned()))
        };
        assert_eq!(of(&[("SLURM_ARRAY_TASK_ID", "7")]), Ok(7));
        assert_eq!(of(&[("SGE_TASK_ID", "7")]), Ok(6), "counts from 1");
        assert_eq!(of(&[("SGE_TASK_ID", "undefined"), ("JOB_COMPLETION_INDEX", "0")]), Ok(0));
        assert_eq!(of(&[("SLURM_ARRAY_TASK_ID", "7"), ("JOB_COMPLETION_INDEX", "7")]), Ok(7));
        assert!(of(&[]).is_err_and(|error| error.contains("AWS_BATCH_JOB_ARRAY_INDEX")));
        assert!(of(&[("LSB_JOBINDEX", "x")]).is_err_and(|error| error.contains("LSB_JOBINDEX")));
        assert!(
            of(&[("SLURM_ARRAY_TASK_ID", "7"), ("JOB_COMPLETION_INDEX", "6")]).is_err_and(|e| e.contains("different"))
        );
    }
}
