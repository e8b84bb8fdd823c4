//! The command line: arguments in, exit status out. It only puts the other modules together.

mod args;
mod catalog;
mod chart;
mod divided;
mod drill;
mod explain;
mod export;
mod gate;
mod importance;
mod kept;
mod optimize;
mod page;
mod priced;
mod progress;
mod shard;
mod simulate;
mod size;
mod submit;
mod sweep;
mod typed;
mod uncertainty;
mod verify;

use crate::file;
use crate::scenario::{self, Problems};
use crate::selftest;
use crate::simulation::PlanError;
use args::{Cli, Command, ShardCommand, SubmitCommand};
use clap::{CommandFactory, Parser};
use std::ffi::OsString;
use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// How a command ended, as the shell sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Status {
    /// All is well.
    Success = 0,
    /// An objective is missed, and the user asked to be told.
    Missed = 1,
    /// Arguments or input cannot be used.
    BadInput = 2,
    /// An interval straddles an objective.
    Inconclusive = 3,
    /// A bug of ridethrough.
    Bug = 70,
    /// Ctrl-C.
    Interrupted = 130,
}

/// Why a command failed.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error("the scenario has problems")]
    Scenario(Problems),
    #[error("{name}: {error}")]
    Plan { name: String, error: PlanError },
    #[error("{0}")]
    Report(#[from] file::Error),
    #[error("{0}")]
    Chart(#[from] crate::report::ChartError),
    #[error("{0}")]
    Usage(String),
    #[error("cannot write the result: {0}; nothing else was written")]
    Output(io::Error),
    #[error(
        "--max-time is over before two replications were finished: allow more of it, or make simulation.horizon shorter"
    )]
    OutOfTime,
    #[error("--max-time is over before all designs were simulated once: allow more of it, or make the space smaller")]
    OutOfRounds,
    #[error("interrupted before two replications were finished: there is nothing to report")]
    Interrupted,
}

/// Runs the program with the arguments of the process.
pub fn main() -> ExitCode {
    let status = std::panic::catch_unwind(|| {
        let mut cli = Cli::parse_from(args::own_first(std::env::args_os().collect()));
        cli.ascii |= io::stdout().is_terminal() && !has_unicode();
        run(&cli)
    });
    ExitCode::from(match status {
        Ok(status) => status as u8,
        Err(_) => {
            eprintln!("error: this is a bug of ridethrough; please report it with the scenario and the command line");
            Status::Bug as u8
        }
    })
}

/// Whether a command line, with the name of the program first, asks for something that there is. Nothing is read or run.
///
/// # Errors
/// What the user is told instead: what is wrong with it, or the help that it asks for.
pub fn understand(words: Vec<OsString>) -> Result<(), String> {
    let cli = Cli::try_parse_from(args::own_first(words)).map_err(|answer| answer.to_string())?;
    let divided = match &cli.command {
        Command::Shard { command: ShardCommand::Run(it) } => &it.command,
        Command::Submit { command: SubmitCommand::Slurm(it) } => &it.command,
        Command::Submit { command: SubmitCommand::Kubernetes(it) } => &it.command,
        _ => return Ok(()),
    };
    let cli = divided::understood(divided).map_err(|failure| failure.to_string())?;
    divided::common(&cli).map(|_| ()).map_err(|failure| failure.to_string())
}

fn run(cli: &Cli) -> Status {
    let colour = cli.colour.stderr();
    match dispatch(cli) {
        Ok(status) => status,
        Err(Failure::Scenario(problems)) => {
            tell(&problems.render(colour));
            Status::BadInput
        }
        Err(failure) => {
            tell(&format!("{}: {failure}", emphasis("error", colour)));
            if matches!(failure, Failure::Interrupted) { Status::Interrupted } else { Status::BadInput }
        }
    }
}

fn dispatch(cli: &Cli) -> Result<Status, Failure> {
    match &cli.command {
        Command::Run(command) => simulate::run(cli, command),
        Command::Compare(command) => simulate::compare(cli, command),
        Command::Sweep(command) => sweep::sweep(cli, command),
        Command::Verify(command) => verify::verify(cli, command),
        Command::Selftest { filter, output } => selftest(filter.as_deref().unwrap_or(""), *output),
        Command::Explain(command) => explain::explain(cli, command),
        Command::Drill(command) => drill::drill(cli, command),
        Command::Optimize(command) => optimize::optimize(cli, command),
        Command::Shard { command } => shard::shard(command),
        Command::Submit { command } => submit::submit(command),
        Command::Gate(command) => gate::gate(cli, command),
        Command::Size(command) => size::size(cli, command),
        Command::Report(command) => page::report(command),
        Command::Chart(command) => chart::chart(cli, command),
        Command::Importance(command) => importance::importance(cli, command),
        Command::Uncertainty(command) => uncertainty::uncertainty(cli, command),
        Command::Check { explain: Some(code), .. } => meaning(code),
        Command::Check { files, output, .. } => check(cli, files, *output),
        Command::Init { file, force } => init(file, *force),
        Command::Defaults { filter, output } => catalog::defaults(cli, filter.as_deref(), *output),
        Command::Schema => print(&format!("{:#}\n", scenario::schema())),
        Command::Completions { shell } => {
            let mut text = Vec::new();
            clap_complete::generate(*shell, &mut Cli::command(), "ridethrough", &mut text);
            print(&String::from_utf8_lossy(&text))
        }
    }
}

/// Prints a result. A reader that has seen enough and went away, such as `head`, is no error: files are still written.
fn print(text: &str) -> Result<Status, Failure> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(Failure::Output(error)),
        _ => Ok(Status::Success),
    }
}

/// Tells the user something beside the result; nobody may be listening.
fn tell(text: &str) {
    let _ = writeln!(io::stderr(), "{}", text.trim_end());
}

fn emphasis(word: &str, colour: bool) -> String {
    if colour {
        let style = anstyle::AnsiColor::Red.on_default().bold();
        format!("{style}{word}{style:#}")
    } else {
        word.to_string()
    }
}

fn check(cli: &Cli, files: &[PathBuf], output: args::CheckOutput) -> Result<Status, Failure> {
    let problems = scenario::check(files);
    match output {
        args::CheckOutput::Json => {
            print(&(serde_json::to_string_pretty(&problems).unwrap_or_default() + "\n"))?;
        }
        args::CheckOutput::Text => {
            if !problems.is_empty() {
                tell(&problems.render(cli.colour.stderr()));
            }
            if problems.errors() == 0 {
                let subject =
                    if files.len() == 1 { "1 file is".to_string() } else { format!("{} files are", files.len()) };
                print(&format!("{subject} fit to be simulated\n"))?;
            }
        }
    }
    Ok(if problems.errors() > 0 { Status::BadInput } else { Status::Success })
}

fn selftest(filter: &str, output: args::SelftestOutput) -> Result<Status, Failure> {
    let claims = selftest::run(filter);
    if claims.is_empty() {
        return Err(Failure::Usage(format!("no mechanism and no case of the self-test contains {filter:?}")));
    }
    print(&selftest::render(
        &claims,
        match output {
            args::SelftestOutput::Table => selftest::Output::Text,
            args::SelftestOutput::Json => selftest::Output::Json,
            args::SelftestOutput::Markdown => selftest::Output::Markdown,
        },
    ))?;
    Ok(if claims.iter().all(|claim| claim.row.holds) { Status::Success } else { Status::Missed })
}

/// What the code of a problem means.
fn meaning(code: &str) -> Result<Status, Failure> {
    match scenario::explain(code) {
        Some(meaning) => print(&format!("{code}: {meaning}\n")),
        None => Err(Failure::Usage(unknown_code(code))),
    }
}

fn unknown_code(code: &str) -> String {
    let near = scenario::codes_like(code);
    if near.is_empty() {
        format!("no problem has the code {code:?}; the last section of scenarios/README.md lists them all")
    } else {
        format!("no problem has the code {code:?}; did you mean {}?", near.join(" or "))
    }
}

fn init(path: &Path, force: bool) -> Result<Status, Failure> {
    let text = scenario::example();
    if path == Path::new("-") {
        return print(&text);
    }
    if path.exists() && !force {
        let name = path.display();
        return Err(Failure::Usage(format!("{name} exists already: name another file, or add --force to replace it")));
    }
    file::write_atomically(path, text.as_bytes())?;
    let name = path.display();
    print(&format!("wrote {name}; next: ridethrough check {name} && ridethrough run {name}\n"))
}

/// Columns of the terminal, or of a sheet of paper.
fn width() -> usize {
    const PAPER: usize = 100;
    let columns = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
    let terminal = || terminal_size::terminal_size().map(|(width, _)| usize::from(width.0));
    columns.or_else(terminal).filter(|columns| *columns >= 40).unwrap_or(PAPER)
}

/// Somebody watches.
fn watched() -> bool {
    io::stderr().is_terminal()
}

/// Nothing says that terminals here lack UTF-8.
fn has_unicode() -> bool {
    let said = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().filter_map(|name| std::env::var(name).ok());
    is_unicode(said.into_iter().find(|locale| !locale.is_empty()).as_deref())
}

/// What the environment says first about characters, if it says anything.
fn is_unicode(locale: Option<&str>) -> bool {
    locale.map(str::to_ascii_lowercase).is_none_or(|locale| locale.contains("utf-8") || locale.contains("utf8"))
}

#[cfg(test)]
mod tests {
    use super::is_unicode;

    #[test]
    fn a_locale_says_what_characters_there_are() {
        assert!([None, Some("en_GB.UTF-8"), Some("C.utf8")].into_iter().all(is_unicode));
        assert!(![Some("C"), Some("POSIX"), Some("de_DE.ISO-8859-1")].into_iter().any(is_unicode));
    }
}
