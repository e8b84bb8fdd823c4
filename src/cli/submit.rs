//! `submit`: a study on the machines of a batch system.

mod kubernetes;
mod slurm;

use super::args::{Cli, Common, SubmitCommand};
use super::divided::{Study, common, parsed};
use super::export::formats;
use super::typed::command_words;
use super::{Failure, Status, print, tell};

/// From the source to an image with the program in it.
const CONTAINERFILE: &str = include_str!("submit/Containerfile");

/// `ridethrough submit`.
pub fn submit(command: &SubmitCommand) -> Result<Status, Failure> {
    match command {
        SubmitCommand::Slurm(arguments) => slurm::slurm(arguments),
        SubmitCommand::Kubernetes(arguments) => kubernetes::kubernetes(arguments),
        SubmitCommand::Containerfile => print(CONTAINERFILE),
    }
}

/// A study that a batch system is to simulate.
struct Submission {
    cli: Cli,
    study: Study,
    /// Its command, without what changes nothing in the result.
    words: Vec<String>,
}

impl Submission {
    /// Reads what is to be simulated and finds what is wrong with it: better now than on many machines.
    fn of(command: &[String], shards: u64) -> Result<Submission, Failure> {
        let cli = parsed(command.to_vec())?;
        let study = Study::read(&cli)?;
        study.try_out()?;
        let asked = common(&cli)?;
        formats(&asked.export)?;
        if asked.enforce {
            return Err(Failure::Usage(
                "--enforce: the result is there only later, so that nothing can be enforced now; read its verdicts"
                    .to_owned(),
            ));
        }
        let designs = study.designs();
        let whole = study.whole(&designs);
        if whole.count < shards {
            let unit = whole.unit.word();
            tell(&format!("warning: {shards} shards of {} {unit}: some will be empty", whole.count));
        }
        drop(designs);
        Ok(Submission { study, words: command_words(), cli })
    }

    fn common(&self) -> Result<&Common, Failure> {
        common(&self.cli)
    }

    /// Processors of each task.
    fn threads(&self) -> Result<u16, Failure> {
        Ok(self.common()?.threads.unwrap_or(1))
    }
}
