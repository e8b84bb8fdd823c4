//! What is seen while it runs: on a terminal, and nowhere else.

use super::{ridethrough, scenario};
use std::process::Command;

/// What a run and a sweep say on standard error that take longer than the time after which a terminal would be told.
#[test]
fn where_nobody_watches_nothing_is_shown() {
    let lesson = scenario("lesson.toml");
    for rest in [&["-n", "100000000", "--color", "always"][..], &["-n", "100000000", "--output", "json"]] {
        let mut command = ridethrough();
        command.arg("run").arg(&lesson).args(["--max-time", "2s"]).args(rest);
        let assert = command.assert().success().stderr("");
        let text = String::from_utf8_lossy(&assert.get_output().stdout).into_owned();
        assert!(!text.contains("so far") && !text.contains('\r'), "{text}");
    }
    let mut command = ridethrough();
    command.arg("sweep").arg(&lesson).args(["--set", "dns.ttl=5s,30s", "--max-time", "1s", "--no-charts"]);
    command.assert().success().stderr("");
}

/// All that a terminal of 80 columns is sent by a run that takes a few seconds, where there is `script` to be one.
#[cfg(target_os = "linux")]
fn on_a_terminal(settings: &[(&str, &str)], arguments: &str) -> Option<String> {
    let lesson = scenario("lesson.toml").display().to_string();
    let program = env!("CARGO_BIN_EXE_ridethrough");
    let line = format!("stty cols 80 rows 24; '{program}' run '{lesson}' -n 100000000 --max-time 3s {arguments}");
    let mut command = Command::new("script");
    command.args(["-qec", &line, "/dev/null"]).env("TERM", "xterm").env_remove("COLUMNS");
    for name in ["LC_ALL", "LC_CTYPE", "LANG", "NO_COLOR"] {
        command.env_remove(name);
    }
    let output = command.envs(settings.iter().copied()).stdin(std::process::Stdio::null()).output().ok()?;
    Some(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Styles, but not what moves the cursor and clears lines.
#[cfg(target_os = "linux")]
fn is_painted(text: &str) -> bool {
    text.split("\u{1b}[")
        .skip(1)
        .any(|rest| rest.trim_start_matches(|c: char| c.is_ascii_digit() || c == ';').starts_with('m'))
}

#[cfg(target_os = "linux")]
#[test]
fn a_terminal_is_shown_what_is_known_and_left_clean() {
    let Some(text) = on_a_terminal(&[], "") else { return };
    for words in ["availability so far", "lesson", "replications", "at most", "95 % intervals so far", "█"] {
        assert!(text.contains(words), "{words}:\n{text}");
    }
    assert!(is_painted(&text), "{text}");
    // After the last time that all lines were cleared comes the result.
    let (_, after) = text.rsplit_once("\u{1b}[J").expect("lines are cleared");
    assert!(!after.contains("so far") && after.contains("How available is the lesson's system"), "{after}");
}

#[cfg(target_os = "linux")]
#[test]
fn a_terminal_without_colours_or_utf8_is_spared_them() {
    for (settings, arguments) in [(&[("NO_COLOR", "1")][..], ""), (&[], "--color never")] {
        let Some(text) = on_a_terminal(settings, arguments) else { return };
        assert!(text.contains("so far") && !is_painted(&text), "{settings:?} {arguments}\n{text}");
    }
    for (settings, arguments) in [(&[][..], "--ascii"), (&[("LC_ALL", "C")], ""), (&[("LANG", "en_GB.ISO-8859-1")], "")]
    {
        let Some(text) = on_a_terminal(settings, arguments) else { return };
        assert!(text.contains("so far") && text.is_ascii(), "{settings:?} {arguments}\n{text}");
    }
    let Some(text) = on_a_terminal(&[("TERM", "dumb")], "") else { return };
    assert!(!text.contains("so far"), "a terminal that cannot go back:\n{text}");
}
