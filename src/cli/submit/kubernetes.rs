//! `submit kubernetes`: a manifest with the jobs of a study and the files that it reads.

use super::super::args::KubernetesArgs;
use super::super::typed;
use super::super::{Failure, Status, print};
use super::Submission;
use crate::scenario::FileOfScenario;
use serde_json::{Map, Value, json};
use std::path::{Component, Path};

/// Where the files of the study are, which is where the program runs.
const STUDY: &str = "/study";
/// Where the volume is.
const VOLUME: &str = "/volume";
/// Most bytes of a ConfigMap.
const LARGEST: usize = 1 << 20;
/// Longest name: pods add to it.
const LONGEST_NAME: usize = 40;
/// Nobody in particular.
const NOBODY: u32 = 65_532;

/// `ridethrough submit kubernetes`.
pub fn kubernetes(arguments: &KubernetesArgs) -> Result<Status, Failure> {
    check(arguments)?;
    let submission = Submission::of(&arguments.command, arguments.shards)?;
    let files = files(submission.study.files(&submission.cli)?)?;
    let documents =
        [config(arguments, &files), shards(arguments, &submission, &files)?, merge(arguments, &submission, &files)?];
    // Long arguments stay in one line.
    let options = serde_saphyr::ser_options! { folded_wrap_chars: usize::MAX };
    let text = serde_saphyr::to_string_multiple_with_options(&documents, options)
        .map_err(|error| Failure::Usage(format!("the manifest cannot be written: {error}")))?;
    print(&(head(arguments) + &text))
}

/// Refuses what Kubernetes would refuse, or take for something else.
fn check(arguments: &KubernetesArgs) -> Result<(), Failure> {
    let usage = |text: String| Err(Failure::Usage(text));
    let small = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit();
    let dashed = |name: &str| name.starts_with(small) && name.ends_with(small);
    let name = &arguments.name;
    if !(dashed(name) && name.len() <= LONGEST_NAME && name.chars().all(|it| small(it) || it == '-')) {
        return usage(format!("--name {name}: small letters, digits and - between them, at most {LONGEST_NAME}"));
    }
    let volume = &arguments.volume;
    if !(dashed(volume) && volume.len() <= 253 && volume.chars().all(|it| small(it) || "-.".contains(it))) {
        return usage(format!("--volume {volume}: the name of a PersistentVolumeClaim, e.g. studies"));
    }
    if arguments.image.is_empty() || arguments.image.contains(|it: char| it.is_whitespace() || it.is_control()) {
        return usage(format!("--image {:?}: the name of an image, e.g. example/ridethrough:1", arguments.image));
    }
    if inside(Path::new(&arguments.out)).is_none() {
        return usage(format!("-o {}: a folder of the volume, e.g. parts", arguments.out));
    }
    Ok(())
}

/// A path below the current folder, without detours.
fn inside(path: &Path) -> Option<String> {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.components() {
        match part {
            Component::Normal(name) => parts.push(name.to_str()?),
            Component::CurDir => {}
            Component::ParentDir => drop(parts.pop()?),
            Component::RootDir | Component::Prefix(_) => return None,
        }
    }
    (!parts.is_empty()).then(|| parts.join("/"))
}

/// A file in the ConfigMap.
struct File {
    key: String,
    path: String,
    text: String,
}

fn files(read: Vec<FileOfScenario>) -> Result<Vec<File>, Failure> {
    let mut files: Vec<File> = Vec::new();
    for FileOfScenario { path, text } in read {
        let Some(inner) = inside(&path) else {
            return Err(Failure::Usage(format!(
                "{} is not below the current folder, or not named from here: in the pods files are where they are from here; \
                 change to a folder above all of them and name them relative to it",
                path.display()
            )));
        };
        if files.iter().any(|it| it.path == inner) {
            continue;
        }
        let letter = |it: char| if it.is_ascii_alphanumeric() || "-._".contains(it) { it } else { '-' };
        let name: String = inner.rsplit('/').next().unwrap_or_default().chars().take(200).map(letter).collect();
        files.push(File { key: format!("{}.{name}", files.len()), path: inner, text });
    }
    let bytes: usize = files.iter().map(|it| it.key.len() + it.text.len()).sum();
    if bytes > LARGEST {
        return Err(Failure::Usage(format!(
            "the files of the study have {bytes} bytes, but a ConfigMap has at most {LARGEST}: \
             make the observations in them fewer"
        )));
    }
    Ok(files)
}

/// What is to be done with the manifest.
fn head(arguments: &KubernetesArgs) -> String {
    let KubernetesArgs { shards, name, out, volume, .. } = arguments;
    format!(
        "# {shards} shards of a study as a Job of Kubernetes 1.29 or newer, and a Job that puts them together.
# Written by ridethrough {} submit kubernetes; as study.yaml:
#
#   kubectl apply --server-side -f study.yaml
#   kubectl wait --for=condition=complete --timeout=24h job/{name}
#   kubectl patch job/{name}-merge -p '{{\"spec\":{{\"suspend\":false}}}}'
#   kubectl wait --for=condition=complete --timeout=1h job/{name}-merge
#
# The result is {out}/result.json on the volume of {volume}, and in short the log of job/{name}-merge. Where shards failed,
# kubectl get job/{name} -o jsonpath='{{.status.failedIndexes}}' names them. Mend it, kubectl delete -f study.yaml, and
# begin anew: shards that are there are not made again, and one that was cut short goes on where it was.
",
        env!("CARGO_PKG_VERSION")
    )
}

fn metadata(arguments: &KubernetesArgs, name: &str) -> Value {
    json!({
        "name": name,
        "labels": { "app.kubernetes.io/name": "ridethrough", "app.kubernetes.io/instance": arguments.name },
    })
}

/// The files of the study.
fn config(arguments: &KubernetesArgs, files: &[File]) -> Value {
    let data: Map<String, Value> = files.iter().map(|it| (it.key.clone(), it.text.clone().into())).collect();
    json!({
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": metadata(arguments, &arguments.name),
        "immutable": true,
        "data": data,
    })
}

/// The job that simulates.
fn shards(arguments: &KubernetesArgs, submission: &Submission, files: &[File]) -> Result<Value, Failure> {
    let shard = format!("auto/{}", arguments.shards);
    let folder = format!("{VOLUME}/{}", arguments.out);
    let own = ["shard", "run", "--shard", &shard, "-o", &folder].map(str::to_owned);
    let words: Vec<String> = own.into_iter().chain(submission.words.iter().cloned()).collect();
    Ok(json!({
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": metadata(arguments, &arguments.name),
        "spec": {
            "completionMode": "Indexed",
            "completions": arguments.shards,
            "parallelism": arguments.parallelism.min(arguments.shards),
            "backoffLimitPerIndex": arguments.resubmit,
            // If many fail, it is not by chance.
            "maxFailedIndexes": arguments.shards.div_ceil(10),
            "podFailurePolicy": {
                "rules": [
                    disruption(),
                    // Bad input does not get better by trying again.
                    { "action": "FailIndex", "onExitCodes": { "containerName": "shard", "operator": "In", "values": [2] } },
                ],
            },
            "template": template(arguments, submission, files, "shard", &words)?,
        },
    }))
}

/// The job that puts the shards together, which waits to be told that they are there.
fn merge(arguments: &KubernetesArgs, submission: &Submission, files: &[File]) -> Result<Value, Failure> {
    let folder = format!("{VOLUME}/{}", arguments.out);
    let mut words: Vec<String> =
        ["shard", "merge", &folder, "-o", &format!("{folder}/result.json")].map(str::to_owned).into();
    for export in &submission.common()?.export {
        let name = export.file_name().map(|it| it.to_string_lossy().into_owned()).unwrap_or_default();
        words.extend(["-o".to_owned(), format!("{folder}/{name}")]);
    }
    Ok(json!({
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": metadata(arguments, &format!("{}-merge", arguments.name)),
        "spec": {
            "suspend": true,
            "backoffLimit": arguments.resubmit,
            "podFailurePolicy": {
                "rules": [
                    disruption(),
                    { "action": "FailJob", "onExitCodes": { "containerName": "merge", "operator": "In", "values": [1, 2, 3] } },
                ],
            },
            "template": template(arguments, submission, files, "merge", &words)?,
        },
    }))
}

/// A node that is drained, or a pod that makes room for another one, is nobody's failure.
fn disruption() -> Value {
    json!({ "action": "Ignore", "onPodConditions": [{ "type": "DisruptionTarget", "status": "True" }] })
}

/// The pod of a job: it runs the program as nobody in particular, who can write to the volume only.
fn template(
    arguments: &KubernetesArgs,
    submission: &Submission,
    files: &[File],
    name: &str,
    words: &[String],
) -> Result<Value, Failure> {
    let threads = submission.threads()?.to_string();
    let variables = [("RIDETHROUGH_THREADS", Some(threads.clone()))].into_iter().chain(typed::environment());
    let variables: Vec<Value> =
        variables.filter_map(|(name, value)| Some(json!({ "name": name, "value": literal(&value?) }))).collect();
    let items: Vec<Value> = files.iter().map(|it| json!({ "key": it.key, "path": it.path })).collect();
    Ok(json!({
        "metadata": { "labels": { "app.kubernetes.io/name": "ridethrough", "app.kubernetes.io/instance": arguments.name } },
        "spec": {
            "restartPolicy": "Never",
            "automountServiceAccountToken": false,
            "enableServiceLinks": false,
            "securityContext": {
                "runAsNonRoot": true,
                "runAsUser": NOBODY,
                "runAsGroup": NOBODY,
                "fsGroup": NOBODY,
                "seccompProfile": { "type": "RuntimeDefault" },
            },
            "containers": [{
                "name": name,
                "image": arguments.image,
                "command": ["ridethrough"],
                "args": words.iter().map(|word| literal(word)).collect::<Vec<_>>(),
                "workingDir": STUDY,
                "env": variables,
                "resources": { "requests": { "cpu": threads, "memory": "256Mi" } },
                "securityContext": {
                    "allowPrivilegeEscalation": false,
                    "readOnlyRootFilesystem": true,
                    "capabilities": { "drop": ["ALL"] },
                },
                "volumeMounts": [
                    { "name": "study", "mountPath": STUDY, "readOnly": true },
                    { "name": "volume", "mountPath": VOLUME },
                ],
            }],
            "volumes": [
                { "name": "study", "configMap": { "name": arguments.name, "items": items } },
                { "name": "volume", "persistentVolumeClaim": { "claimName": arguments.volume } },
            ],
        },
    }))
}

/// A word in which Kubernetes puts no variable: $(NAME) is one, $$ a dollar.
fn literal(word: &str) -> String {
    word.replace('$', "$$")
}
