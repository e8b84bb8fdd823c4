//! What is kept of a simulation while it runs: a checkpoint, or the shards that it is put together from.

use super::args::Keeping;
use super::priced::Priced;
use super::typed::command_words;
use super::{Failure, tell};
use crate::experiment::{self, Keep, Key, Options, Raced, Sums};
use crate::file;
use crate::model::Design;
use crate::store::{self, Contents, Head, Part, Shards};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// What a study is divided into.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Blocks of replications.
    Blocks,
    /// Points of a sweep.
    Points,
    /// Designs of a space.
    Designs,
}

impl Unit {
    /// As a word.
    pub const fn word(self) -> &'static str {
        match self {
            Unit::Blocks => "blocks",
            Unit::Points => "points",
            Unit::Designs => "designs",
        }
    }
}

/// Designs of a study.
#[derive(Clone, Copy)]
pub enum Designs<'d> {
    /// These.
    These(&'d [&'d Design]),
    /// Those of a space, which are made when they are needed.
    Of(&'d Priced),
}

impl Designs<'_> {
    fn key(&self, options: &Options) -> Key {
        match self {
            Designs::These(designs) => Key::of_all(designs, options),
            Designs::Of(priced) => priced.key(options),
        }
    }
}

/// A study that can be divided: what of, and into what.
#[derive(Clone, Copy)]
pub struct Whole<'d> {
    /// All designs in it.
    pub designs: Designs<'d>,
    /// How they are simulated.
    pub options: &'d Options,
    /// What it is divided into ...
    pub unit: Unit,
    /// ... and how many there are.
    pub count: u64,
}

impl<'d> Whole<'d> {
    /// Blocks of replications of architectures that are simulated together.
    pub const fn of_blocks(designs: &'d [&'d Design], options: &'d Options) -> Whole<'d> {
        Whole {
            designs: Designs::These(designs),
            options,
            unit: Unit::Blocks,
            count: experiment::blocks_of(options.replications),
        }
    }

    /// Designs of a space.
    pub const fn of_space(priced: &'d Priced, options: &'d Options) -> Whole<'d> {
        Whole { designs: Designs::Of(priced), options, unit: Unit::Designs, count: priced.costs.len() as u64 }
    }

    /// Points of a sweep.
    pub const fn of_points(designs: &'d [&'d Design], options: &'d Options, count: u64) -> Whole<'d> {
        Whole { designs: Designs::These(designs), options, unit: Unit::Points, count }
    }

    /// What a file of it says at its head; `part` of it, or all.
    pub fn head(&self, part: Option<Part>) -> Head {
        let range = part.map_or(0..self.count, |part| part.range(self.count));
        Head {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            command: command_words(),
            seed: self.options.seed,
            study: self.designs.key(self.options).to_string(),
            of: self.unit.word().to_owned(),
            count: self.count,
            part,
            begin: range.start,
            end: range.end,
        }
    }
}

/// What is kept.
#[derive(Debug)]
pub enum Kept {
    /// Nothing.
    Nothing,
    /// A file that is written now and then.
    Checkpoint(Box<Checkpoint>),
    /// What others have simulated.
    Merged(Arc<Shards>),
}

/// A file that is written now and then.
#[derive(Debug)]
pub struct Checkpoint {
    path: PathBuf,
    head: Head,
    contents: Contents,
    saved: Instant,
    every: Duration,
    /// It was said that it cannot be written.
    told: bool,
}

impl Kept {
    /// What the arguments ask for.
    pub fn open(keeping: &Keeping, whole: &Whole) -> Result<Kept, Failure> {
        if let Some(shards) = &keeping.merged {
            let (then, now) = (&shards.head, whole.head(shards.head.part));
            if then.study != now.study {
                let command = then.command.join(" ");
                return Err(Failure::Usage(format!(
                    "the scenarios of {command:?} are not those that the shards were made of: put them back as they were, or make the shards again"
                )));
            }
            return Ok(Kept::Merged(shards.clone()));
        }
        let Some(path) = &keeping.checkpoint else { return Ok(Kept::Nothing) };
        let checkpoint = Checkpoint::open(path, whole.head(None), keeping.checkpoint_every, keeping.resume)?;
        Ok(Kept::Checkpoint(Box::new(checkpoint)))
    }

    /// After the result has been told: what is whole needs no checkpoint any more.
    pub fn close(self, interrupted: bool) {
        let Kept::Checkpoint(mut it) = self else { return };
        if interrupted {
            it.save();
            if !it.told {
                tell(&format!("saved to {}: the same command with --resume goes on from there", it.path.display()));
            }
        } else {
            // Somebody else may have removed it.
            let _ = std::fs::remove_file(&it.path);
        }
    }
}

impl Checkpoint {
    /// Begins a file, or goes on from the one that is there.
    pub fn open(path: &Path, head: Head, every: Duration, resume: bool) -> Result<Checkpoint, Failure> {
        let name = path.display();
        let mut contents = Contents::default();
        if path.exists() {
            if !resume {
                return Err(Failure::Usage(format!(
                    "{name} is there already: add --resume to go on from it, or remove it to begin anew"
                )));
            }
            let (before, found) = store::read(path)
                .map_err(|damage| Failure::Usage(format!("{name} {damage}; remove it to begin anew")))?;
            if before != head {
                let what =
                    if before.command == head.command { "of another scenario or seed" } else { "of another command" };
                let command = before.command.join(" ");
                return Err(Failure::Usage(format!(
                    "{name} is {what} (it is of {command:?}); choose another file, or remove it to begin anew"
                )));
            }
            contents = found;
        } else {
            // Better to know before a long simulation than after it.
            let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
            file::prepare_folder(folder)?;
        }
        Ok(Checkpoint { path: path.to_owned(), head, contents, saved: Instant::now(), every, told: false })
    }

    /// Goes on from a file if it is there and of the same study, else begins anew.
    pub fn go_on(path: &Path, head: Head, every: Duration) -> Checkpoint {
        let found = store::read(path).ok().filter(|(before, _)| *before == head);
        let contents = found.map(|(_, contents)| contents).unwrap_or_default();
        Checkpoint { path: path.to_owned(), head, contents, saved: Instant::now(), every, told: false }
    }

    /// Writes it to its place for good.
    pub fn finish(self, path: &Path) -> Result<(), Failure> {
        store::write(path, &self.head, &self.contents)?;
        // It may never have been saved.
        let _ = std::fs::remove_file(&self.path);
        Ok(())
    }

    fn is_due(&self) -> bool {
        self.saved.elapsed() >= self.every
    }

    /// Writes it. A full disk is no reason to stop: what was saved before is still there.
    pub fn save(&mut self) {
        match store::write(&self.path, &self.head, &self.contents) {
            Ok(()) => self.told = false,
            Err(error) if !self.told => {
                self.told = true;
                tell(&format!("warning: no checkpoint: {error}; the simulation goes on"));
            }
            Err(_) => {}
        }
        self.saved = Instant::now();
    }
}

impl Keep for Checkpoint {
    fn found(&mut self, key: &Key) -> Option<Sums> {
        self.contents.found(key)
    }

    fn keep(&mut self, key: &Key, sums: &Sums, whole: bool) {
        if whole || self.is_due() {
            self.contents.keep(key, sums, whole);
        }
        if self.is_due() {
            self.save();
        }
    }

    fn found_raced(&mut self, key: &Key) -> Option<Raced> {
        self.contents.found_raced(key)
    }

    fn keep_raced(&mut self, key: &Key, raced: Raced) {
        self.contents.keep_raced(key, raced);
        if self.is_due() {
            self.save();
        }
    }
}

impl Keep for Kept {
    fn keeps(&self) -> bool {
        !matches!(self, Kept::Nothing)
    }

    fn found(&mut self, key: &Key) -> Option<Sums> {
        match self {
            Kept::Nothing => None,
            Kept::Checkpoint(it) => it.found(key),
            Kept::Merged(shards) => shards.contents.sums_of(key),
        }
    }

    fn keep(&mut self, key: &Key, sums: &Sums, whole: bool) {
        if let Kept::Checkpoint(it) = self {
            it.keep(key, sums, whole);
        }
    }

    fn found_raced(&mut self, key: &Key) -> Option<Raced> {
        match self {
            Kept::Nothing => None,
            Kept::Checkpoint(it) => it.found_raced(key),
            Kept::Merged(shards) => shards.contents.raced_of(key),
        }
    }

    fn keep_raced(&mut self, key: &Key, raced: Raced) {
        if let Kept::Checkpoint(it) = self {
            it.keep_raced(key, raced);
        }
    }
}
