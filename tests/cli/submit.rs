//! What a batch system is given: the script for Slurm and the manifest for Kubernetes, as they are printed.

use super::printed::hold;
use super::shard::{folder, program};
use serde_json::Value;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Output;

fn golden(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cli/golden").join(name)
}

fn run(folder: &Path, arguments: &[&str]) -> Output {
    program(folder, arguments).output().expect("it runs")
}

fn printed(folder: &Path, arguments: &[&str]) -> String {
    let output = run(folder, arguments);
    assert_eq!(output.status.code(), Some(0), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("text")
}

fn refused(folder: &Path, arguments: &[&str]) -> String {
    let output = run(folder, arguments);
    assert_eq!(output.status.code(), Some(2), "{arguments:?}");
    assert!(output.stdout.is_empty(), "{arguments:?}");
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// The documents of a manifest.
fn documents(text: &str) -> Vec<Value> {
    serde_saphyr::from_multiple(text).expect("YAML")
}

const SLURM: [&str; 2] = ["submit", "slurm"];
const KUBERNETES: [&str; 8] =
    ["submit", "kubernetes", "--image", "example/ridethrough:1", "--volume", "studies", "--shards", "64"];

#[test]
fn slurm_golden() {
    let folder = folder();
    let here = folder.path().canonicalize().expect("a path");
    let arguments =
        ["compare", "multi-az.toml", "single-az.toml", "-n", "6400", "--threads", "2", "--export", "new/a page.html"];
    let own =
        ["--shards", "64", "-o", "parts", "--print", "--program", "/opt/ridethrough", "--sbatch", "--time=1:00:00"];
    // Own flags before the words of the command, and behind them.
    let before = printed(&here, &[&SLURM[..], &own, &arguments].concat());
    let behind = printed(&here, &[&SLURM[..], &arguments, &own].concat());
    assert_eq!(before, behind);
    assert!(!here.join("parts").exists() && !here.join("new").exists(), "what is printed is not written");
    hold(&golden("slurm.sh"), &before.replace(here.to_str().expect("text"), "/home/sre/study"));
}

#[test]
fn kubernetes_golden() {
    let folder = folder();
    let arguments =
        ["compare", "multi-az.toml", "single-az.toml", "-n", "6400", "--export", "here/page.html", "--threads", "2"];
    let text = printed(folder.path(), &[&KUBERNETES[..], &arguments].concat());
    hold(&golden("kubernetes.yaml"), &text);
}

#[test]
fn a_manifest_says_what_it_must() {
    let folder = folder();
    let arguments =
        ["multi-az.toml", "-n", "6400", "--name", "shop", "--parallelism", "8", "--resubmit", "2", "-o", "a/b"];
    let text = printed(folder.path(), &[&KUBERNETES[..], &arguments].concat());
    let [config, job, merge] = &documents(&text)[..] else { panic!("three documents in\n{text}") };
    let files = config["data"].as_object().expect("files");
    let texts: Vec<&str> = files.values().filter_map(Value::as_str).collect();
    for name in ["environment.toml", "multi-az.toml"] {
        let text = std::fs::read_to_string(folder.path().join(name)).expect("reads");
        assert!(texts.contains(&text.as_str()), "{name} is in it, letter by letter");
    }
    let spec = &job["spec"];
    assert_eq!(
        (&spec["completionMode"], &spec["completions"], &spec["parallelism"]),
        (&"Indexed".into(), &64.into(), &8.into())
    );
    assert_eq!((&spec["backoffLimitPerIndex"], &spec["maxFailedIndexes"]), (&2.into(), &7.into()));
    let rules = &spec["podFailurePolicy"]["rules"];
    assert_eq!(
        (&rules[0]["action"], &rules[0]["onPodConditions"][0]["type"]),
        (&"Ignore".into(), &"DisruptionTarget".into())
    );
    assert_eq!((&rules[1]["action"], &rules[1]["onExitCodes"]["values"]), (&"FailIndex".into(), &vec![2].into()));
    assert_eq!(merge["spec"]["suspend"], true);
    for (document, name) in [(job, "shard"), (merge, "merge")] {
        let pod = &document["spec"]["template"]["spec"];
        let container = &pod["containers"][0];
        assert_eq!((&pod["restartPolicy"], &container["name"]), (&"Never".into(), &name.into()));
        let mounted: Vec<&Value> = pod["volumes"][0]["configMap"]["items"].as_array().expect("items").iter().collect();
        assert_eq!(mounted.len(), files.len());
        assert!(mounted.iter().all(|item| files.contains_key(item["key"].as_str().expect("a key"))));
    }
    // What a pod is told to do is what this program understands: the shard of another index system, in another folder.
    let words = |document: &Value| -> Vec<String> {
        let args = document["spec"]["template"]["spec"]["containers"][0]["args"].as_array().expect("words").clone();
        let local = |word: &Value| word.as_str().expect("text").replace("/volume", "volume").replace("/64", "/2");
        args.iter().map(local).collect()
    };
    for index in ["0", "1"] {
        let mut command = program(folder.path(), &[]);
        let output = command.args(words(job)).env("JOB_COMPLETION_INDEX", index).output().expect("runs");
        assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    }
    let output = program(folder.path(), &[]).args(words(merge)).output().expect("runs");
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let whole = printed(folder.path(), &["run", "multi-az.toml", "-n", "6400", "--output", "json"]);
    assert_eq!(std::fs::read_to_string(folder.path().join("volume/a/b/result.json")).expect("reads"), whole);
}

#[test]
fn files_of_a_manifest_are_all_that_is_read() {
    let folder = folder();
    let folder = folder.path();
    std::fs::create_dir_all(folder.join("deep/er")).expect("a folder");
    let scenario = "environment = '../environment.toml'\nregion.eu.zones = ['a']\ntier.web.pool.units = 2\n\
        failure.f = { scope = 'unit:web', mttf = '9d', repair = { empirical = 'er/first.csv' } }\n";
    std::fs::write(folder.join("deep/shop.toml"), scenario).expect("writes");
    std::fs::write(folder.join("environment.toml"), "demand.rate = '7/s'\n").expect("writes");
    // Whatever is in a file, it is there letter by letter: no end of line, a tab at the beginning.
    std::fs::write(folder.join("deep/er/first.csv"), "\t60\r\n90").expect("writes");
    std::fs::write(folder.join("deep/er/second.csv"), "60\n").expect("writes");
    let set = "failure.f.repair={ empirical = 'deep/er/second.csv' }";
    let text = printed(folder, &[&KUBERNETES[..], &["sweep", "deep/shop.toml", "--set", set]].concat());
    let [config, job, _] = &documents(&text)[..] else { panic!("three documents in\n{text}") };
    let items = job["spec"]["template"]["spec"]["volumes"][0]["configMap"]["items"].as_array().expect("items").clone();
    let mut paths: Vec<(&str, &str)> = items
        .iter()
        .filter_map(|item| Some((item["path"].as_str()?, config["data"][item["key"].as_str()?].as_str()?)))
        .collect();
    paths.sort_unstable();
    assert_eq!(
        paths,
        [
            ("deep/er/first.csv", "\t60\r\n90"),
            ("deep/er/second.csv", "60\n"),
            ("deep/shop.toml", scenario),
            ("environment.toml", "demand.rate = '7/s'\n")
        ]
    );
    let outside = refused(&folder.join("deep"), &[&KUBERNETES[..], &["shop.toml"]].concat());
    assert!(outside.contains("../environment.toml is not below the current folder"), "{outside}");
}

/// A word that a shell, or Kubernetes, would take apart reaches the program as it was typed.
#[test]
fn words_are_quoted() {
    let folder = folder();
    let folder = folder.path();
    let name = "it's $(here) $HOME.toml";
    std::fs::copy(folder.join("multi-az.toml"), folder.join(name)).expect("copies");
    let text = printed(folder, &[&KUBERNETES[..], &[name]].concat());
    let args = &documents(&text)[1]["spec"]["template"]["spec"]["containers"][0]["args"];
    assert_eq!(args.as_array().and_then(|words| words.last()), Some(&"it's $$(here) $$HOME.toml".into()));

    // With an sbatch that says what it is told, and a scheduler of its own.
    let tools = folder.join("tools");
    std::fs::create_dir(&tools).expect("a folder");
    for (tool, text) in [
        ("scontrol", "#!/bin/sh\necho 'MaxArraySize            = 2'\n"),
        ("squeue", "#!/bin/sh\n"),
        // Runs an array at once, and prints a number that grows.
        (
            "sbatch",
            "#!/bin/sh\n\
             for it; do case $it in --array=*) tasks=${it#--array=} ;; --comment=*) echo \"$it\" >>comments ;; esac; done\n\
             while case $1 in -*) true ;; *) false ;; esac; do shift; done\n\
             for task in $(seq ${tasks%-*} ${tasks#*-}); do SLURM_ARRAY_TASK_ID=$task sh \"$@\" >/dev/null || exit 1; done\n\
             [ -n \"${tasks-}\" ] || sh \"$@\" >/dev/null || exit 1\n\
             echo x >>jobs; wc -l <jobs\n",
        ),
    ] {
        let path = tools.join(tool);
        std::fs::write(&path, text).expect("writes");
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).expect("can be run");
    }
    let path = format!("{}:{}", tools.display(), std::env::var("PATH").expect("a path"));
    let comment = "--comment=it's \"$HOME\"";
    let out = "the parts' folder";
    let words = [name, "-n", "300", "--shards", "5", "-o", out, "--sbatch", comment];
    let output = program(folder, &[&SLURM[..], &words].concat()).env("PATH", path).output().expect("it runs");
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(told.contains("array jobs 1 2 3, and put together by job 4"), "{told}");
    let comments = std::fs::read_to_string(folder.join("comments")).expect("reads");
    assert!(comments.lines().all(|line| line == comment) && comments.lines().count() == 4, "{comments}");
    let whole = printed(folder, &["run", name, "-n", "300", "--output", "json"]);
    assert_eq!(std::fs::read_to_string(folder.join(out).join("result.json")).expect("reads"), whole);
}

#[test]
fn what_cannot_be_submitted_is_said_at_once() {
    let folder = folder();
    let folder = folder.path();
    let slurm = [&SLURM[..], &["--shards", "4", "-o", "parts"]].concat();
    for (arguments, why) in [
        (&["run", "multi-az.toml", "--precision", "5%"][..], "give --replications"),
        (&["run", "multi-az.toml", "--max-time", "5s"], "give --replications"),
        (&["run", "multi-az.toml", "--enforce"], "nothing can be enforced now"),
        (&["run", "multi-az.toml", "--export", "x.doc"], ".json, .csv"),
        (&["gate", "multi-az.toml"], "nothing else"),
        (&["absent.toml"], "absent.toml"),
    ] {
        let text = refused(folder, &[&slurm, arguments].concat());
        assert!(text.contains(why), "{arguments:?}: {text}");
    }
    for (arguments, why) in [
        (&["--name", "Shop"][..], "--name Shop"),
        (&["--name", "a-"], "--name a-"),
        (&["--volume", "x/y"], "--volume x/y"),
        (&["--image", ""], "--image"),
        (&["-o", "../x"], "-o ../x"),
        (&["--shards", "100001"], "--shards"),
    ] {
        // The flag that is wrong stands for the one that is right.
        let right = KUBERNETES[2..].chunks(2).filter(|flag| flag[0] != arguments[0]).flatten().copied();
        let words: Vec<&str> = KUBERNETES[..2].iter().copied().chain(right).chain(arguments.iter().copied()).collect();
        let text = refused(folder, &[&words[..], &["multi-az.toml"]].concat());
        assert!(text.contains(why), "{arguments:?}: {text}");
    }
    assert!(refused(folder, &["submit", "slurm", "multi-az.toml"]).contains("--shards"));
    assert!(
        refused(folder, &["submit", "slurm", "multi-az.toml", "--shards", "4", "-o", "50%"]).contains("takes % and")
    );
    assert!(!folder.join("parts").exists(), "nothing was begun");
    // A folder of something else.
    printed(folder, &["shard", "run", "multi-az.toml", "-n", "100", "--shard", "1/4", "-o", "parts"]);
    let other = refused(folder, &[&slurm[..], &["multi-az.toml", "-n", "200"]].concat());
    assert!(other.contains("shard-1-of-4.sums is of another study"), "{other}");
}

#[test]
fn what_is_missing_is_told_as_arrays() {
    let folder = folder();
    let folder = folder.path();
    for shard in ["3/64", "20/64", "41/64"] {
        printed(folder, &["shard", "run", "multi-az.toml", "-n", "100", "--shard", shard, "-o", "parts"]);
    }
    let output = run(folder, &["shard", "missing", "parts", "--arrays", "20"]);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(String::from_utf8_lossy(&output.stdout), "0 0-2,4-19\n20 1-19\n40 0,2-19\n60 0-3\n");
}

#[test]
fn a_containerfile_is_printed() {
    let folder = folder();
    let text = printed(folder.path(), &["submit", "containerfile"]);
    for line in ["FROM scratch", "USER 65532:65532", "ENTRYPOINT [\"ridethrough\"]"] {
        assert!(text.lines().any(|it| it == line), "{line} is missing in\n{text}");
    }
}
