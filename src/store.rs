//! What is kept of experiments in files: shards of a study, and checkpoints of a long one.
//!
//! A file is a line that names the format, a line of JSON that says what it is of ([`Head`]), the sums, and a SHA-256 of all
//! before it. It is written beside its place and renamed when it is on disk, so that it is whole or not there. A
//! reader takes nothing on trust: a file that was cut short or changed is refused, and so is one of another version of this program, whose
//! histories may be other ones.

mod merge;
mod range;

pub use merge::{EXTENSION, Found, Refused, Shards, arrays, look, ranges};
pub use range::{MOST_PARTS, Part};

use crate::experiment::{Keep, Key, Raced, Sums};
use crate::file::{self, write_atomically};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::io;
use std::path::Path;

/// First line of a file. The number goes up with every change of what follows.
const FORMAT: &str = "ridethrough sums 1\n";

/// Version of this program.
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Bytes of the hash at the end.
const HASH: usize = 32;

/// Largest file that is read (bytes).
const LARGEST: u64 = 4 << 30;

/// What a file is of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// Version of the program that wrote it.
    pub version: String,
    /// The command whose result it is a part of, word by word.
    pub command: Vec<String>,
    /// Seed of the random numbers.
    pub seed: u64,
    /// A fingerprint of the designs and of how they are simulated, in hexadecimal digits.
    pub study: String,
    /// What the study is divided into: `blocks` of 64 replications, `points` or `designs`.
    pub of: String,
    /// How many there are in all.
    pub count: u64,
    /// Which part this is; none for a checkpoint.
    pub part: Option<Part>,
    /// The first of those that are in it, and the one after the last.
    pub begin: u64,
    /// The one after the last.
    pub end: u64,
}

/// Sums by what they are of.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Contents {
    sums: BTreeMap<Key, Sums>,
    raced: BTreeMap<Key, Raced>,
}

impl Contents {
    /// Takes in what another one has. Sums that go on where those of the same experiment end are joined with them.
    pub fn take(&mut self, other: Contents) {
        for (key, sums) in other.sums {
            match self.sums.get_mut(&key) {
                Some(mine) if mine.next() == sums.blocks().start => mine.append(sums),
                _ => {
                    self.sums.insert(key, sums);
                }
            }
        }
        self.raced.extend(other.raced);
    }

    /// Sums of an experiment.
    pub fn sums_of(&self, key: &Key) -> Option<Sums> {
        self.sums.get(key).cloned()
    }

    /// How far a design among many came.
    pub fn raced_of(&self, key: &Key) -> Option<Raced> {
        self.raced.get(key).cloned()
    }

    /// Whether all that came from a file has the form that it must have.
    fn is_sound(&self) -> bool {
        self.sums.values().all(Sums::is_sound) && self.raced.values().all(Raced::is_sound)
    }
}

impl Keep for Contents {
    fn found(&mut self, key: &Key) -> Option<Sums> {
        self.sums_of(key)
    }

    fn keep(&mut self, key: &Key, sums: &Sums, _: bool) {
        self.sums.insert(*key, sums.clone());
    }

    fn found_raced(&mut self, key: &Key) -> Option<Raced> {
        self.raced_of(key)
    }

    fn keep_raced(&mut self, key: &Key, raced: Raced) {
        self.raced.insert(*key, raced);
    }
}

/// Why a file is not used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Damage {
    /// It cannot be read.
    #[error("cannot be read: {0}")]
    Unreadable(#[from] io::Error),
    /// It is something else.
    #[error("is not a file of sums, or one of another format: this version reads {:?}", FORMAT.trim_end())]
    Other,
    /// It is too large to be one.
    #[error("is larger than {} GiB", LARGEST >> 30)]
    Large,
    /// It was cut short or changed.
    #[error("was cut short or changed: its checksum does not fit")]
    Changed,
    /// Another version of the program wrote it.
    #[error("was written by version {version}, this is {VERSION}: histories may differ between versions")]
    Version {
        /// That one.
        version: String,
    },
}

/// Writes a file, whole or not at all; it is on disk when this returns.
///
/// # Errors
/// When it cannot be written, for instance because the disk is full; what was there before is then untouched.
pub fn write(path: &Path, head: &Head, contents: &Contents) -> Result<(), file::Error> {
    write_atomically(path, &encoded(head, contents))
}

/// The bytes of a file.
pub fn encoded(head: &Head, contents: &Contents) -> Vec<u8> {
    let mut bytes = FORMAT.as_bytes().to_vec();
    // Neither has anything in it that cannot be written.
    bytes.extend(serde_json::to_vec(head).expect("a head is plain data"));
    bytes.push(b'\n');
    bytes.extend(postcard::to_allocvec(contents).expect("sums are plain data"));
    let hash = Sha256::digest(&bytes);
    bytes.extend(hash);
    bytes
}

/// Reads a file.
///
/// # Errors
/// When it is not what [`write()`] has written.
pub fn read(path: &Path) -> Result<(Head, Contents), Damage> {
    let size = std::fs::metadata(path)?.len();
    if size > LARGEST {
        return Err(Damage::Large);
    }
    decoded(&std::fs::read(path)?)
}

/// What bytes of a file say.
///
/// # Errors
/// When they are not those of a file of this version.
pub fn decoded(bytes: &[u8]) -> Result<(Head, Contents), Damage> {
    let Some(rest) = bytes.strip_prefix(FORMAT.as_bytes()) else {
        // What is the beginning of the first line may be a file that was cut very short.
        return Err(if FORMAT.as_bytes().starts_with(bytes) { Damage::Changed } else { Damage::Other });
    };
    let Some(body) = bytes.len().checked_sub(HASH).filter(|end| *end >= FORMAT.len()) else {
        return Err(Damage::Changed);
    };
    if Sha256::digest(&bytes[..body])[..] != bytes[body..] {
        return Err(Damage::Changed);
    }
    let rest = &rest[..rest.len() - HASH];
    let Some(line) = rest.iter().position(|byte| *byte == b'\n') else { return Err(Damage::Changed) };
    // First the version, which may have other heads.
    #[derive(Deserialize)]
    struct Written {
        version: String,
    }
    let written: Written = serde_json::from_slice(&rest[..line]).map_err(|_| Damage::Changed)?;
    if written.version != VERSION {
        return Err(Damage::Version { version: written.version });
    }
    let head: Head = serde_json::from_slice(&rest[..line]).map_err(|_| Damage::Changed)?;
    let (contents, left): (Contents, &[u8]) =
        postcard::take_from_bytes(&rest[line + 1..]).map_err(|_| Damage::Changed)?;
    if !left.is_empty() || !contents.is_sound() {
        return Err(Damage::Changed);
    }
    Ok((head, contents))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::{self, Options};
    use crate::model::Design;
    use proptest::prelude::*;
    use std::sync::atomic::AtomicBool;

    fn design() -> Design {
        let text = "region.eu.zones = ['a']\ntier.web.pool.units = 2\n\
                    failure.f = { scope = 'unit:web', mttf = '100d', repair = '1h' }\n";
        let file = tempfile::NamedTempFile::new().expect("a file");
        std::fs::write(file.path(), text).expect("writes");
        crate::scenario::load(&[file.path().to_owned()]).expect("sound").designs.remove(0)
    }

    fn file() -> (Head, Contents, Vec<u8>) {
        let mut contents = Contents::default();
        let options = Options { replications: 1_000, ..Options::default() };
        let through =
            experiment::run_blocks(&[design()], &options, 3..9, &AtomicBool::new(false), &mut |_| (), &mut contents);
        assert!(through.expect("compiles"));
        let head = Head {
            version: VERSION.to_owned(),
            command: vec!["run".to_owned(), "x.toml".to_owned()],
            seed: 1,
            study: "0".to_owned(),
            of: "blocks".to_owned(),
            count: 16,
            part: Some(Part { index: 1, of: 3 }),
            begin: 5,
            end: 10,
        };
        let bytes = encoded(&head, &contents);
        (head, contents, bytes)
    }

    #[test]
    fn what_is_written_is_read() {
        let (head, contents, bytes) = file();
        let (again, found) = decoded(&bytes).expect("it is whole");
        assert_eq!(again, head);
        assert_eq!(encoded(&again, &found), bytes);
        assert!(!contents.sums.is_empty());
    }

    #[test]
    fn another_version_is_told_apart_from_damage() {
        let (head, contents, _) = file();
        let older = encoded(&Head { version: "0.0.1".to_owned(), ..head }, &contents);
        let error = decoded(&older).expect_err("of another version").to_string();
        assert!(error.contains("was written by version 0.0.1, this is"), "{error}");
    }

    #[test]
    fn what_cannot_be_is_not_believed_whatever_its_checksum() {
        let (head, contents, _) = file();
        let mut bytes = FORMAT.as_bytes().to_vec();
        bytes.extend(serde_json::to_vec(&head).expect("plain"));
        bytes.push(b'\n');
        let mut body = postcard::to_allocvec(&contents).expect("plain");
        body.push(0);
        bytes.extend(body);
        let hash = Sha256::digest(&bytes);
        bytes.extend(hash);
        assert!(matches!(decoded(&bytes), Err(Damage::Changed)), "something is left over");
    }

    proptest! {
        #[test]
        fn a_changed_or_shortened_file_is_refused(at in 0.0..1.0f64, bit in 0u8..8, cut in any::<bool>()) {
            let (_, _, mut bytes) = file();
            let at = (at * bytes.len() as f64) as usize;
            if cut {
                bytes.truncate(at);
            } else {
                bytes[at] ^= 1 << bit;
            }
            prop_assert!(decoded(&bytes).is_err());
        }

        /// Whatever the bytes say, reading them neither panics nor takes more memory than they could fill.
        #[test]
        fn any_body_with_the_right_checksum_is_read_or_refused(body in prop::collection::vec(any::<u8>(), 0..200)) {
            let (head, ..) = file();
            let mut bytes = FORMAT.as_bytes().to_vec();
            bytes.extend(serde_json::to_vec(&head).expect("plain"));
            bytes.push(b'\n');
            bytes.extend(body);
            let hash = Sha256::digest(&bytes);
            bytes.extend(hash);
            let _ = decoded(&bytes);
        }
    }
}
