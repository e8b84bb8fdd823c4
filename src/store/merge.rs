//! The shards of a study in a folder: which are there, which are missing, and what they are together.

use super::{Contents, Damage, Head, Part, read};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Extension of a file that is whole.
pub const EXTENSION: &str = "sums";

/// A file with its head.
type Shard = (PathBuf, Head);

/// What is in a folder.
#[derive(Debug, Default)]
pub struct Found {
    /// Shards of one study, by index.
    whole: BTreeMap<u64, Shard>,
    /// Files that are not used, each with why.
    refused: Vec<(PathBuf, String)>,
    /// How many shards there are to be, as far as anything says.
    of: Option<u64>,
}

/// Why shards are not merged.
#[derive(Debug, thiserror::Error)]
#[error("{}", self.lines().join("\n"))]
pub struct Refused {
    folder: PathBuf,
    refused: Vec<(PathBuf, String)>,
    missing: Vec<u64>,
    of: Option<u64>,
}

impl Refused {
    /// One line for each problem.
    fn lines(&self) -> Vec<String> {
        let folder = self.folder.display();
        let mut lines: Vec<String> =
            self.refused.iter().map(|(path, why)| format!("{}: {why}", path.display())).collect();
        match self.of {
            None => lines.push(format!("{folder}: no shard is there; ridethrough shard run writes them")),
            Some(of) if !self.missing.is_empty() => {
                let count = self.missing.len();
                let (shards, are) = (if of == 1 { "shard" } else { "shards" }, if count == 1 { "is" } else { "are" });
                lines.push(format!("{folder}: {count} of {of} {shards} {are} missing: {}", ranges(&self.missing)));
            }
            Some(_) => {}
        }
        lines
    }
}

/// What was merged.
#[derive(Debug)]
pub struct Shards {
    /// What they are of; the part of the first.
    pub head: Head,
    /// All that is in them.
    pub contents: Contents,
}

/// Looks through a folder. `of` is how many shards there should be, if it is known.
///
/// # Errors
/// When the folder cannot be read.
pub fn look(folder: &Path, of: Option<u64>) -> std::io::Result<Found> {
    let mut paths: Vec<PathBuf> = std::fs::read_dir(folder)?
        .map(|entry| Ok(entry?.path()))
        .filter(|path| path.as_ref().map_or(true, |path| path.extension().is_some_and(|it| it == EXTENSION)))
        .collect::<std::io::Result<_>>()?;
    paths.sort();
    let mut found = Found { of, ..Found::default() };
    let mut shards: Vec<(Shard, Part)> = Vec::new();
    for path in paths {
        match read(&path).map(|(head, _)| head) {
            Ok(head) => match head.part {
                Some(part) if (head.begin, head.end) == bounds(part, head.count) => shards.push(((path, head), part)),
                Some(_) => found.refuse(path, Damage::Changed.to_string()),
                None => found.refuse(path, "is a checkpoint, not a shard".to_owned()),
            },
            Err(damage) => found.refuse(path, damage.to_string()),
        }
    }
    // What most shards are of is the study; with as many of another one, that of the first file.
    let alike = |one: &Head, two: &Head| difference(one, two).is_none();
    let votes = |head: &Head| shards.iter().filter(|((_, other), _)| alike(head, other)).count();
    let Some(((_, study), part)) = shards.iter().rev().max_by_key(|((_, head), _)| votes(head)).cloned() else {
        return Ok(found);
    };
    let of = *found.of.get_or_insert(part.of);
    for ((path, head), part) in shards {
        if let Some(other) = difference(&study, &head) {
            found.refuse(path, other);
        } else if part.of != of {
            found.refuse(path, format!("is shard {part}, but there are {of} shards"));
        } else if let Some((first, _)) = found.whole.get(&part.index) {
            let why = format!("is shard {part}, as {} is: remove one of them", first.display());
            found.refuse(path, why);
        } else {
            found.whole.insert(part.index, (path, head));
        }
    }
    Ok(found)
}

fn bounds(part: Part, count: u64) -> (u64, u64) {
    let range = part.range(count);
    (range.start, range.end)
}

/// What keeps two files from being parts of the same study.
fn difference(study: &Head, other: &Head) -> Option<String> {
    let part = |head: &Head| head.part.map(|part| part.of);
    if study.seed != other.seed {
        Some(format!("has the seed {}, and others have {}", other.seed, study.seed))
    } else if study.command != other.command {
        Some(format!(
            "is of the command {:?}, and others are of {:?}",
            other.command.join(" "),
            study.command.join(" ")
        ))
    } else if study.study != other.study || (&study.of, study.count) != (&other.of, other.count) {
        Some("is of another scenario than the others, or of one that was changed between".to_owned())
    } else if part(study) != part(other) {
        Some(format!("is one of {} shards, and others are of {}", part(other)?, part(study)?))
    } else {
        None
    }
}

impl Found {
    fn refuse(&mut self, path: PathBuf, why: String) {
        self.refused.push((path, why));
    }

    /// How many shards there are to be; none if nothing says so.
    pub fn of(&self) -> Option<u64> {
        self.of
    }

    /// Files that cannot be used, each with why.
    pub fn refused(&self) -> &[(PathBuf, String)] {
        &self.refused
    }

    /// Indices of the shards that are not there.
    pub fn missing(&self) -> Vec<u64> {
        (0..self.of.unwrap_or(0)).filter(|index| !self.whole.contains_key(index)).collect()
    }

    /// All shards together.
    ///
    /// # Errors
    /// When there is a gap, or a file that is not one of them: all of these at once.
    pub fn merge(self, folder: &Path) -> Result<Shards, Refused> {
        let missing = self.missing();
        let mut refused = self.refused;
        let mut merged: Option<Shards> = None;
        if refused.is_empty() && missing.is_empty() {
            // One after the other: all contents at once may be more than there is memory for.
            for (path, head) in self.whole.values() {
                match read(path) {
                    Ok((again, contents)) if again == *head => match &mut merged {
                        Some(merged) => merged.contents.take(contents),
                        None => merged = Some(Shards { head: again, contents }),
                    },
                    Ok(_) => refused.push((path.clone(), "was changed while it was read".to_owned())),
                    Err(damage) => refused.push((path.clone(), damage.to_string())),
                }
            }
        }
        match merged {
            Some(merged) if refused.is_empty() => Ok(merged),
            _ => Err(Refused { folder: folder.to_owned(), refused, missing, of: self.of }),
        }
    }
}

/// Rising numbers as array jobs of a batch system that numbers tasks from 0 to `size` - 1: what the task 0 of each array would be, and
/// its tasks.
pub fn arrays(numbers: &[u64], size: u64) -> Vec<(u64, Vec<u64>)> {
    let size = size.max(1);
    let arrays = numbers.chunk_by(|one, two| one / size == two / size);
    arrays.map(|tasks| (tasks[0] / size * size, tasks.iter().map(|task| task % size).collect())).collect()
}

/// Rising numbers as Slurm and people write them: 1-3,7.
pub fn ranges(numbers: &[u64]) -> String {
    let mut ranges: Vec<(u64, u64)> = Vec::new();
    for &number in numbers {
        match ranges.last_mut() {
            Some((_, last)) if *last + 1 == number => *last = number,
            _ => ranges.push((number, number)),
        }
    }
    let words =
        ranges.iter().map(|(first, last)| if first == last { first.to_string() } else { format!("{first}-{last}") });
    words.collect::<Vec<_>>().join(",")
}
