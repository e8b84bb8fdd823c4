//! A simulation that was cut short goes on from its checkpoint, and ends with the bytes of one that was not.
#![cfg(unix)]

use super::shard::{folder, program};
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::Duration;

/// A study that saves all the time.
fn saving(folder: &Path, study: &[&str]) -> Command {
    let saving = ["--output", "json", "--checkpoint", "it.sums", "--resume", "--checkpoint-every", "1ms"];
    let mut command = program(folder, &[study, &saving].concat());
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// Runs it, and sends a signal once it has saved something; again and again, until it gets through. Returns how often it was cut short, and
/// what it told in the end.
fn through(folder: &Path, study: &[&str], signal: &str) -> (u32, Output) {
    for cut in 0.. {
        let saved = folder.join("it.sums");
        let before = std::fs::read(&saved).ok();
        let mut child = saving(folder, study).spawn().expect("it starts");
        // A few times is enough; after that it may come to its end.
        while cut < 3 && child.try_wait().expect("waits").is_none() {
            if std::fs::read(&saved).ok() != before {
                Command::new("kill").args([signal, &child.id().to_string()]).status().expect("kill runs");
                break;
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        let output = child.wait_with_output().expect("it ends");
        if output.status.code() == Some(0) {
            return (cut, output);
        }
        assert!(matches!(output.status.code(), None | Some(130)), "{}", String::from_utf8_lossy(&output.stderr));
    }
    unreachable!("it gets through")
}

fn undisturbed(folder: &Path, study: &[&str]) -> Vec<u8> {
    let output = program(folder, &[study, &["--output", "json"]].concat()).output().expect("it runs");
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

fn same_after(signal: &str, study: &[&str]) {
    let folder = folder();
    let whole = undisturbed(folder.path(), study);
    let (cut, output) = through(folder.path(), study, signal);
    assert!(cut > 0, "it was never cut short");
    assert_eq!(String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&whole));
    assert!(!folder.path().join("it.sums").exists(), "what is whole needs no checkpoint");
}

#[test]
fn killed_it_goes_on() {
    same_after("-KILL", &["run", "multi-az.toml", "-n", "20000"]);
}

#[test]
fn killed_while_it_looks_at_the_precision_it_goes_on() {
    same_after("-KILL", &["compare", "multi-az.toml", "single-az.toml", "--precision", "6%", "--no-charts"]);
}

#[test]
fn interrupted_it_goes_on() {
    same_after("-INT", &["run", "multi-az.toml", "-n", "20000"]);
}

#[test]
fn a_sweep_goes_on() {
    same_after(
        "-KILL",
        &["sweep", "multi-az.toml", "--set", "failure.instance.mttf=100d,200d,1y", "-n", "5000", "--no-charts"],
    );
}

#[test]
fn a_selection_goes_on() {
    same_after("-KILL", &["optimize", "choose.toml", "--no-charts", "-n", "16384"]);
}

/// A file that would grow beyond a limit cannot be written, as on a full disk.
#[test]
fn a_full_disk_costs_the_checkpoint_and_nothing_else() {
    let folder = folder();
    let study = ["run", "multi-az.toml", "-n", "5000"];
    let whole = undisturbed(folder.path(), &study);
    let line = format!(
        "trap '' XFSZ; ulimit -f 4; exec {} {} --output json --checkpoint it.sums --checkpoint-every 1ms",
        env!("CARGO_BIN_EXE_ridethrough"),
        study.join(" ")
    );
    // Into a pipe, which has no such limit.
    let output = Command::new("sh").arg("-c").arg(line).current_dir(folder.path()).output().expect("it runs");
    let complaints = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(0), "{complaints}");
    assert_eq!(complaints.matches("warning: no checkpoint").count(), 1, "{complaints}");
    assert_eq!(output.stdout, whole);
    assert!(!folder.path().join("it.sums").exists());
}

#[test]
fn a_checkpoint_of_something_else_is_refused() {
    let folder = folder();
    let folder = folder.path();
    let mut command = saving(folder, &["run", "multi-az.toml", "-n", "100000000"]);
    let mut child = command.spawn().expect("it starts");
    while !folder.join("it.sums").exists() {
        std::thread::sleep(Duration::from_millis(1));
    }
    child.kill().expect("it is killed");
    child.wait().expect("it ends");
    let refused = |arguments: &[&str]| {
        let output = program(folder, arguments).output().expect("it runs");
        assert_eq!(output.status.code(), Some(2), "{}", String::from_utf8_lossy(&output.stdout));
        String::from_utf8_lossy(&output.stderr).into_owned()
    };
    let at = |study: &[&str], more: &[&str]| refused(&[study, &["--checkpoint", "it.sums"], more].concat());
    let study = ["run", "multi-az.toml", "-n", "100000000"];
    assert!(at(&study, &[]).contains("is there already: add --resume"));
    assert!(at(&["run", "multi-az.toml", "-n", "100"], &["--resume"]).contains("of another command"));
    let file = folder.join("multi-az.toml");
    let text = std::fs::read_to_string(&file).expect("reads");
    std::fs::write(&file, format!("{text}\n[simulation]\nhorizon = \"2y\"\n")).expect("writes");
    assert!(at(&study, &["--resume"]).contains("of another scenario"));
    std::fs::write(&file, text).expect("writes");
    let bytes = std::fs::read(folder.join("it.sums")).expect("reads");
    std::fs::write(folder.join("it.sums"), &bytes[..bytes.len() - 7]).expect("writes");
    assert!(at(&study, &["--resume"]).contains("was cut short or changed"));
    std::fs::write(folder.join("it.sums"), "something else").expect("writes");
    assert!(at(&study, &["--resume"]).contains("is not a file of sums"));
}
