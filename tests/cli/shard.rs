//! A study in parts, and one that was cut short: in the end the bytes are those of one undisturbed process.

use super::scenario;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// The program in a folder, with some arguments.
pub fn program(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ridethrough"));
    command.current_dir(folder).env("COLUMNS", "100").args(arguments);
    command
}

fn run(folder: &Path, arguments: &[&str]) -> Output {
    program(folder, arguments).output().expect("it runs")
}

/// What it prints, if all is well.
fn told(folder: &Path, arguments: &[&str]) -> Vec<u8> {
    let output = run(folder, arguments);
    assert_eq!(output.status.code(), Some(0), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

/// What it complains of.
fn refused(folder: &Path, arguments: &[&str]) -> String {
    let output = run(folder, arguments);
    assert_eq!(output.status.code(), Some(2), "{arguments:?}: {}", String::from_utf8_lossy(&output.stdout));
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// A folder with scenarios.
pub fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for name in ["multi-az.toml", "single-az.toml", "environment.toml"] {
        std::fs::copy(scenario(name), folder.path().join(name)).expect("copies");
    }
    let choose = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cli/choose.toml");
    std::fs::copy(choose, folder.path().join("choose.toml")).expect("copies");
    folder
}

/// Makes some shards of a study.
fn shards(folder: &Path, study: &[&str], of: usize, indices: impl Iterator<Item = usize>) {
    for index in indices {
        let shard = format!("{index}/{of}");
        let arguments: Vec<&str> =
            ["shard", "run", "--shard", &shard, "-o", "parts"].iter().chain(study).copied().collect();
        told(folder, &arguments);
    }
}

fn merged(folder: &Path) -> Vec<u8> {
    told(folder, &["shard", "merge", "parts", "-o", "merged.json"]);
    std::fs::read(folder.join("merged.json")).expect("it is written")
}

fn part(folder: &Path, name: &str) -> PathBuf {
    folder.join("parts").join(name)
}

const STUDY: [&str; 4] = ["run", "multi-az.toml", "-n", "1000"];

#[test]
fn shards_in_any_number_and_order_are_one_run() {
    let folder = folder();
    let folder = folder.path();
    let whole = told(folder, &[&STUDY[..], &["--output", "json"]].concat());
    for of in [1, 3, 16, 40] {
        // The last first; with 40 shards of 16 blocks most are empty.
        shards(folder, &STUDY, of, (0..of).rev());
        assert_eq!(merged(folder), whole, "{of}");
        assert!(told(folder, &["shard", "missing", "parts"]).is_empty());
        std::fs::remove_dir_all(folder.join("parts")).expect("removes");
    }
}

#[test]
fn a_comparison_a_sweep_and_a_selection_are_put_together_as_well() {
    let studies: [&[&str]; 3] = [
        &["compare", "multi-az.toml", "single-az.toml", "-n", "600", "--no-charts"],
        &["sweep", "multi-az.toml", "--set", "failure.instance.mttf=100d,200d,1y", "-n", "100", "--no-charts"],
        &["optimize", "choose.toml", "--no-charts"],
    ];
    for study in studies {
        let folder = folder();
        let folder = folder.path();
        let whole = told(folder, &[study, &["--output", "json"]].concat());
        shards(folder, study, 2, 0..2);
        assert_eq!(merged(folder), whole, "{study:?}");
    }
}

#[test]
fn a_shard_that_is_there_is_not_made_again() {
    let folder = folder();
    let folder = folder.path();
    shards(folder, &STUDY, 2, 0..1);
    let file = part(folder, "shard-0-of-2.sums");
    let (bytes, time) =
        (std::fs::read(&file).expect("reads"), file.metadata().and_then(|it| it.modified()).expect("a time"));
    let again = told(folder, &["shard", "run", "multi-az.toml", "-n", "1000", "--shard=0/2", "-o", "parts"]);
    assert!(String::from_utf8_lossy(&again).contains("is there already"));
    assert_eq!(file.metadata().and_then(|it| it.modified()).expect("a time"), time);
    std::fs::write(&file, &bytes[..bytes.len() / 2]).expect("writes");
    shards(folder, &STUDY, 2, 0..1);
    assert_eq!(std::fs::read(&file).expect("reads"), bytes, "what was cut short is made again");
    let other = refused(
        folder,
        &["shard", "run", "multi-az.toml", "-n", "1000", "--seed", "2", "--shard", "0/2", "-o", "parts"],
    );
    assert!(other.contains("is of another study") && other.contains("seed 1"), "{other}");
}

#[test]
fn what_does_not_belong_together_is_not_merged() {
    let folder = folder();
    let folder = folder.path();
    shards(folder, &STUDY, 3, 0..3);
    let (first, second) = (part(folder, "shard-0-of-3.sums"), part(folder, "shard-1-of-3.sums"));
    let bytes = std::fs::read(&second).expect("reads");
    let merge = ["shard", "merge", "parts"];

    std::fs::remove_file(&second).expect("removes");
    let gap = refused(folder, &merge);
    assert!(gap.contains("1 of 3 shards is missing: 1"), "{gap}");
    let missing = run(folder, &["shard", "missing", "parts"]);
    assert_eq!((missing.status.code(), missing.stdout.as_slice()), (Some(1), &b"1\n"[..]));

    let mut changed = bytes.clone();
    changed[bytes.len() / 2] ^= 1;
    for damaged in [&bytes[..bytes.len() - 1], &changed, &bytes[..5]] {
        std::fs::write(&second, damaged).expect("writes");
        let text = refused(folder, &merge);
        assert!(text.contains("shard-1-of-3.sums: was cut short or changed"), "{text}");
        assert!(text.contains("is missing: 1"), "{text}");
    }

    std::fs::write(&second, &bytes).expect("writes");
    std::fs::copy(&first, part(folder, "copy.sums")).expect("copies");
    let double = refused(folder, &merge);
    assert!(double.contains("is shard 0/3, as") && double.contains("remove one of them"), "{double}");
    std::fs::remove_file(part(folder, "copy.sums")).expect("removes");

    for (study, why) in [
        (&["run", "multi-az.toml", "-n", "1000", "--seed", "2"][..], "has the seed 2, and others have 1"),
        (&["run", "multi-az.toml", "-n", "2000"], "is of the command"),
        (&["run", "single-az.toml", "-n", "1000"], "is of the command"),
    ] {
        let other = folder.join("other");
        let arguments = [&["shard", "run", "--shard", "1/3", "-o", "other"], study].concat();
        told(folder, &arguments);
        std::fs::copy(other.join("shard-1-of-3.sums"), &second).expect("copies");
        let text = refused(folder, &merge);
        assert!(text.contains(why) && text.contains("is missing: 1"), "{text}");
        std::fs::remove_dir_all(other).expect("removes");
    }

    // The same words, but what the file says has changed since.
    let file = folder.join("multi-az.toml");
    let text = std::fs::read_to_string(&file).expect("reads");
    std::fs::write(&file, format!("{text}\n[simulation]\nhorizon = \"2y\"\n")).expect("writes");
    std::fs::remove_file(&second).expect("removes");
    shards(folder, &STUDY, 3, 1..2);
    let changed = refused(folder, &merge);
    assert!(changed.contains("another scenario than the others, or of one that was changed"), "{changed}");
    std::fs::write(&second, &bytes).expect("writes");
    let since = refused(folder, &merge);
    assert!(since.contains("are not those that the shards were made of"), "{since}");
    std::fs::write(&file, text).expect("writes");
    merged(folder);
}

#[test]
fn what_cannot_be_divided_is_said() {
    let folder = folder();
    let folder = folder.path();
    for (arguments, why) in [
        (&["run", "multi-az.toml", "--precision", "5%", "--shard", "0/2", "-o", "parts"][..], "give --replications"),
        (&["run", "multi-az.toml", "--max-time", "5s", "--shard", "0/2", "-o", "parts"], "give --replications"),
        (&["run", "multi-az.toml", "--rare", "splitting", "--shard", "0/2", "-o", "parts"], "are not divided"),
        (&["gate", "multi-az.toml", "--shard", "0/2", "-o", "parts"], "nothing else"),
        (&["multi-az.toml", "--shard", "2/2", "-o", "parts"], "counted from 0 to 1"),
        (&["multi-az.toml", "-o", "parts"], "--shard INDEX/COUNT"),
        (&["multi-az.toml", "--shard", "0/2"], "-o FOLDER"),
        (&["run", "--bad", "--shard", "0/2", "-o", "parts"], "unexpected argument"),
    ] {
        let text = refused(folder, &[&["shard", "run"], arguments].concat());
        assert!(text.contains(why), "{arguments:?}: {text}");
    }
    assert!(refused(folder, &["shard", "missing", "."]).contains("add --of"));
    assert!(refused(folder, &["shard", "merge", "."]).contains("no shard is there"));
    assert!(refused(folder, &["shard", "merge", "nowhere"]).contains("nowhere"));
}

#[test]
fn an_array_job_says_which_shard_it_is() {
    let folder = folder();
    let folder = folder.path();
    let mut command =
        program(folder, &["shard", "run", "multi-az.toml", "-n", "100", "--shard", "auto/2", "-o", "parts"]);
    let output = command.env("SLURM_ARRAY_TASK_ID", "1").output().expect("it runs");
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(part(folder, "shard-1-of-2.sums").exists());
}
