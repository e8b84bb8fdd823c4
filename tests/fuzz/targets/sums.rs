//! Shards and checkpoints: what is damaged is refused, and what is merged is right.

use super::{folder, parts};
use ridethrough::cli::understand;
use ridethrough::experiment::{self, Options, blocks_of};
use ridethrough::model::Design;
use ridethrough::scenario::load_text;
use ridethrough::store::{self, Contents, Head, Part};
use sha2::{Digest, Sha256};
use std::sync::OnceLock;
use std::sync::atomic::AtomicBool;

const SMALL: &str = "region.eu.zones = ['a']\ntier.web.pool.units = 2\n\
                     failure.f = { scope = 'unit:web', mttf = '100d', repair = '1h' }\n";

/// One study of a small design, in three parts.
pub struct Study {
    design: Vec<Design>,
    options: Options,
    pub shards: Vec<Vec<u8>>,
    /// The study that they make together, and all there is in them.
    whole: (String, Vec<u8>),
}

pub fn study() -> &'static Study {
    static STUDY: OnceLock<Study> = OnceLock::new();
    STUDY.get_or_init(Study::made)
}

impl Study {
    fn made() -> Study {
        let design = load_text("small.toml", SMALL).expect("a sound scenario").designs;
        let options = Options { replications: 1_000, ..Options::default() };
        let count = blocks_of(options.replications);
        let mut all = Contents::default();
        let mut shards = Vec::new();
        let mut heads = Vec::new();
        for part in [0, 1, 2].map(|index| Part { index, of: 3 }) {
            let (mut contents, range) = (Contents::default(), part.range(count));
            let stop = AtomicBool::new(false);
            experiment::run_blocks(&design, &options, range.clone(), &stop, &mut |_| (), &mut contents)
                .expect("it compiles");
            let head = Head {
                version: version(),
                command: vec!["run".to_owned(), "small.toml".to_owned()],
                seed: 1,
                study: "5".to_owned(),
                of: "blocks".to_owned(),
                count,
                part: Some(part),
                begin: range.start,
                end: range.end,
            };
            shards.push(store::encoded(&head, &contents));
            heads.push(head);
            all.take(contents);
        }
        let mut study = Study { design, options, shards, whole: Default::default() };
        study.whole = (study.result(&mut all.clone()), store::encoded(&heads[0], &all));
        study
    }

    /// What a study says that goes on from these sums.
    fn result(&self, kept: &mut Contents) -> String {
        let stop = AtomicBool::new(false);
        let study = experiment::run_kept(&self.design, &self.options, &stop, &mut |_| (), kept).expect("it compiles");
        ridethrough::report::json(&study, None)
    }
}

/// Version of the program, whichever crate these targets are in.
fn version() -> String {
    let asked = ["ridethrough", "--version"].map(Into::into).to_vec();
    let answer = understand(asked).expect_err("the version is told");
    answer.split_whitespace().last().unwrap_or_default().to_owned()
}

/// A file: refused unless it is whole. With a checksum that fits, as if somebody had forged it, it can be read, joined and written; what forged sums
/// would make of a study is nobody's business.
pub fn sums(input: &[u8]) -> bool {
    if let Ok((head, contents)) = store::decoded(input) {
        let again = store::encoded(&head, &contents);
        assert!(study().shards.iter().any(|shard| shard == input), "a file was made up");
        assert_eq!(again, input, "written in another way");
    }
    let body = &input[..input.len().saturating_sub(32)];
    let forged = [body, &Sha256::digest(body)[..]].concat();
    let forged = store::decoded(&forged);
    let is_read = forged.is_ok();
    if let Ok((head, mut contents)) = forged {
        let once = store::encoded(&head, &contents);
        let (again, found) = store::decoded(&once).expect("what was written is read");
        assert_eq!(store::encoded(&again, &found), once, "read as something else");
        contents.take(found);
    }
    is_read
}

/// Files in a folder: what is merged is the study, whole, or nothing is.
pub fn merge(input: &[u8]) -> bool {
    let folder = folder();
    for (number, bytes) in parts(input).into_iter().enumerate().take(12) {
        std::fs::write(folder.path().join(format!("{number}.sums")), bytes).expect("a temporary file");
    }
    let found = store::look(folder.path(), None).expect("a folder");
    let (refused, missing) = (found.refused().len(), found.missing().len());
    match found.merge(folder.path()) {
        Ok(mut merged) => {
            assert_eq!((refused, missing), (0, 0), "merged in spite of what is wrong");
            assert_eq!(store::encoded(&merged.head, &merged.contents), study().whole.1, "other sums");
            assert_eq!(study().result(&mut merged.contents), study().whole.0, "another result");
            true
        }
        Err(error) => {
            assert!(!error.to_string().is_empty(), "nothing is said");
            false
        }
    }
}
