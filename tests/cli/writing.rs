//! Where results go: a reader that leaves, a full disk, a folder that cannot be written to.

use super::{ridethrough, scenario};
use std::path::Path;
use std::process::{Command, Output, Stdio};

fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ridethrough"));
    command.env("COLUMNS", "100");
    command
}

fn told(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn entries(folder: &Path) -> Vec<String> {
    let list = std::fs::read_dir(folder).expect("lists");
    list.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned()).collect()
}

/// As in `ridethrough run ... | head -1`: no panic, no complaint, and files are written all the same.
#[test]
fn a_reader_that_leaves_is_no_error() {
    let folder = tempfile::tempdir().expect("a folder");
    let export = folder.path().join("result.json");
    let commands: [&[&str]; 3] = [&["defaults"], &["schema"], &["run", "LESSON", "-n", "4", "--export", "EXPORT"]];
    for arguments in commands {
        let lesson = scenario("lesson.toml");
        let arguments = arguments.iter().map(|argument| match *argument {
            "LESSON" => lesson.as_os_str(),
            "EXPORT" => export.as_os_str(),
            other => other.as_ref(),
        });
        let mut child =
            program().args(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
        // The reading end is closed before anything is written, which is the worst that head can do.
        drop(child.stdout.take());
        let output = child.wait_with_output().expect("it ends");
        assert_eq!((output.status.code(), told(&output).as_str()), (Some(0), ""));
    }
    assert!(export.metadata().is_ok_and(|file| file.len() > 100));
}

/// A device on which every write fails for lack of space.
#[cfg(target_os = "linux")]
#[test]
fn a_full_device_is_said_and_leaves_no_files() {
    let folder = tempfile::tempdir().expect("a folder");
    let full = std::fs::File::options().write(true).open("/dev/full").expect("the device");
    let mut command = program();
    command.arg("run").arg(scenario("lesson.toml")).args(["-n", "4", "--export"]).arg(folder.path().join("result.csv"));
    let output = command.stdout(full).output().expect("it ends");
    assert_eq!(output.status.code(), Some(2));
    assert!(told(&output).contains("error: cannot write the result: No space left on device"), "{}", told(&output));
    assert_eq!(entries(folder.path()), [""; 0]);
}

/// A file may not grow beyond a few hundred bytes, as on a disk that fills up: the old file stays whole, and no part of the new
/// one is left.
#[cfg(unix)]
#[test]
fn a_full_disk_leaves_the_old_file_and_no_part_of_the_new_one() {
    let folder = tempfile::tempdir().expect("a folder");
    let export = folder.path().join("result.json");
    std::fs::write(&export, "old").expect("a file");
    // The signal for too large a file is ignored, so that the write fails as it does on a full disk.
    let script = "trap '' XFSZ; ulimit -f 1; exec \"$@\"";
    let mut command = Command::new("sh");
    command.args(["-c", script, "sh", env!("CARGO_BIN_EXE_ridethrough"), "run"]).arg(scenario("lesson.toml"));
    let output = command.args(["-n", "4", "--export"]).arg(&export).output().expect("it ends");
    assert_eq!(output.status.code(), Some(2), "{}", told(&output));
    assert!(
        told(&output).contains("result.json") && told(&output).contains("choose another place"),
        "{}",
        told(&output)
    );
    assert_eq!(std::fs::read_to_string(&export).expect("reads"), "old");
    assert_eq!(entries(folder.path()), ["result.json"]);
}

/// It is found out before anything is simulated, and the error names the folder and what to do.
#[test]
fn a_folder_that_cannot_be_written_to_is_refused_first() {
    let file = tempfile::NamedTempFile::new().expect("a file");
    let below_a_file = file.path().join("charts");
    let mut folders = vec![below_a_file.as_path()];
    if cfg!(target_os = "linux") {
        // Nobody, root included, makes folders there.
        folders.push(Path::new("/proc/ridethrough"));
    }
    for folder in folders {
        let refused = |arguments: &[&str], path: &Path| {
            let mut command = ridethrough();
            command.arg("run").arg(scenario("lesson.toml")).args(arguments).arg(path);
            let assert = command.assert().code(2).stdout("");
            let told = told(assert.get_output());
            assert!(told.contains("cannot write to the folder") && told.contains("; "), "{told}");
        };
        refused(&["-n", "4", "--charts"], folder);
        refused(&["-n", "4", "--export"], &folder.join("result.json"));
    }
}
