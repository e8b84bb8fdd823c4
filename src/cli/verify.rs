//! `verify`.

use super::args::{CheckOutput, Cli, VerifyArgs};
use super::progress::{STOP, catch_interrupts};
use super::{Failure, Status, print, tell, width};
use crate::experiment::{self, DEFAULT_REPLICATIONS, Options};
use crate::report;
use crate::scenario;
use crate::units::Seconds;
use std::sync::atomic::Ordering;

/// `ridethrough verify`.
pub fn verify(cli: &Cli, command: &VerifyArgs) -> Result<Status, Failure> {
    let loaded = scenario::load_with(&command.files, &[]).map_err(Failure::Scenario)?;
    if !loaded.warnings.is_empty() {
        tell(&scenario::Problems::from(loaded.warnings).render(cli.colour.stderr()));
    }
    catch_interrupts();
    let mut verifications = Vec::new();
    for mut design in loaded.designs {
        if let Some(horizon) = command.horizon {
            design.horizon = Seconds(horizon);
        }
        let asked = command.replications.or(design.replications);
        let replications = asked.unwrap_or(DEFAULT_REPLICATIONS);
        let options = Options { seed: command.seed, replications, ..Options::default() };
        let verification = experiment::verify(&design, &options, &STOP)
            .map_err(|error| Failure::Plan { name: design.name.clone(), error })?;
        verifications.push(verification);
        if STOP.load(Ordering::Relaxed) {
            return Ok(Status::Interrupted);
        }
    }
    print(&match command.output {
        CheckOutput::Text => report::verify_text(&verifications, width()),
        CheckOutput::Json => report::verify_json(&verifications),
    })?;
    let exact = || verifications.iter().map(|verification| verification.exact.as_ref());
    let parts = || verifications.iter().flat_map(|it| &it.parts).filter_map(|part| part.exact.as_ref());
    Ok(match () {
        () if exact().flatten().chain(parts()).any(|verified| !verified.agrees()) => Status::Missed,
        () if exact().any(|verified| verified.is_none()) => Status::Inconclusive,
        () => Status::Success,
    })
}
