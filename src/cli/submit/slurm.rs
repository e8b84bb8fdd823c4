//! `submit slurm`: one script for all jobs of a study.

use super::super::args::SlurmArgs;
use super::super::typed::{self, quoted};
use super::super::{Failure, Status, print};
use super::Submission;
use crate::file::{self, write_atomically};
use crate::store::{self, EXTENSION};
use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

/// What the script does, whatever the study.
const BODY: &str = include_str!("slurm.sh");

/// `ridethrough submit slurm`.
pub fn slurm(arguments: &SlurmArgs) -> Result<Status, Failure> {
    let submission = Submission::of(&arguments.command, arguments.shards)?;
    let script = script(arguments, &submission)?;
    if arguments.print {
        return print(&script);
    }
    let folder = &arguments.out;
    file::prepare_folder(folder)?;
    submission.fits(folder, arguments.shards)?;
    let path = folder.join("slurm.sh");
    write_atomically(&path, script.as_bytes())?;
    let name = path.display();
    let status = Command::new("sh").arg(&path).status();
    match status {
        Ok(status) if status.success() => Ok(Status::Success),
        Ok(_) => Err(Failure::Usage(format!("{name} could not submit all jobs: see above; sh {name} tries again"))),
        Err(error) => {
            Err(Failure::Usage(format!("cannot run sh: {error}; {name} is to be run where jobs are submitted")))
        }
    }
}

fn script(arguments: &SlurmArgs, submission: &Submission) -> Result<String, Failure> {
    let folder = text(&arguments.out, "the folder of -o")?;
    let here = std::env::current_dir().map_err(|error| Failure::Usage(format!("no current folder: {error}")))?;
    let program = match &arguments.program {
        Some(program) => program.clone(),
        None => std::env::current_exe().map_err(|error| {
            Failure::Usage(format!("the path of this program is not known ({error}): add --program"))
        })?,
    };
    let shards = arguments.shards;
    let mut script = format!(
        "#!/bin/sh
# {shards} shards of a study as array jobs of Slurm, and a job that puts them together.
# Written by ridethrough {}.
#
#   sh slurm.sh      submits what is missing; may be done again at any time
#
# The jobs run it as: slurm.sh shard SELF FIRST (the shard FIRST + SLURM_ARRAY_TASK_ID), slurm.sh merge SELF TIME.

set -eu
role=${{1:-submit}}
if [ \"$role\" = submit ]; then
    self=$(cd -- \"$(dirname -- \"$0\")\" && pwd)/$(basename -- \"$0\")
else
    self=$2 # what runs is a copy that Slurm has made
fi
cd -- {}
",
        env!("CARGO_PKG_VERSION"),
        quoted(text(&here, "the current folder")?)
    );
    let result = format!("{folder}/result.json");
    if folder.contains(['%', '\\']) {
        return Err(Failure::Usage(format!(
            "-o {folder}: in the names of output files Slurm takes % and \\ for something else; choose another folder"
        )));
    }
    let log = format!("{folder}/log");
    for (name, value) in [
        ("program", text(&program, "the program")?),
        ("folder", folder),
        ("log", &log),
        ("result", &result),
        ("shards", &shards.to_string()),
        ("resubmit", &arguments.resubmit.to_string()),
    ] {
        let _ = writeln!(script, "{name}={}", quoted(value));
    }
    script += "\n# What the environment said when this was written.\n";
    for (name, value) in typed::environment() {
        let _ = match value {
            Some(value) => writeln!(script, "export {name}={}", quoted(&value)),
            None => writeln!(script, "unset {name}"),
        };
    }
    script += "export RIDETHROUGH_THREADS=\"${SLURM_CPUS_PER_TASK:-1}\"\n";
    let all = |words: &[String]| words.iter().map(|word| format!(" {}", quoted(word))).collect::<String>();
    let outputs = &submission.common()?.export;
    let outputs: Vec<&str> = outputs.iter().map(|path| text(path, "--export")).collect::<Result<_, _>>()?;
    let outputs: String = outputs.iter().map(|path| format!(" -o {}", quoted(path))).collect();
    let _ = write!(
        script,
        "
# A job that may be started anew wherever it was; prints its number.
start() {{
    sbatch --parsable --requeue --open-mode=append --cpus-per-task={}{} \"$@\"
}}

study() {{
    exec \"$program\" shard run --shard \"$1/$shards\" -o \"$folder\"{}
}}

together() {{
    exec \"$program\" shard merge \"$folder\" -o \"$result\"{outputs}
}}
",
        submission.threads()?,
        all(&arguments.sbatch),
        all(&submission.words),
    );
    Ok(script + BODY)
}

/// A path as text, which a script can hold.
fn text<'p>(path: &'p Path, what: &str) -> Result<&'p str, Failure> {
    path.to_str().filter(|text| !text.contains('\n')).ok_or_else(|| {
        Failure::Usage(format!("{what}, {}, is not text in one line: choose another name", path.display()))
    })
}

impl Submission {
    /// Refuses a folder with shards of something else, which would never be put together with those of this study.
    fn fits(&self, folder: &Path, shards: u64) -> Result<(), Failure> {
        let unreadable = |error| Failure::Usage(format!("{}: cannot be read: {error}", folder.display()));
        let designs = self.study.designs();
        let whole = self.study.whole(&designs);
        for entry in std::fs::read_dir(folder).map_err(unreadable)? {
            let path = entry.map_err(unreadable)?.path();
            // What is damaged is made again.
            let Some((head, _)) =
                (path.extension().is_some_and(|it| it == EXTENSION)).then(|| store::read(&path).ok()).flatten()
            else {
                continue;
            };
            if head != whole.head(head.part) || head.part.is_none_or(|part| part.of != shards) {
                return Err(Failure::Usage(format!(
                    "{} is of another study, or of another number of shards: choose another folder, or remove it",
                    path.display()
                )));
            }
        }
        Ok(())
    }
}
