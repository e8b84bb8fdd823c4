//! The command line as it was typed, for whoever wants the same result again.

use super::args::Cli;
use clap::CommandFactory;
use std::path::Path;
use std::sync::OnceLock;

/// Flags that say where a result goes, how it looks or how fast it comes, and nothing about what it is; the second says whether a value can
/// follow.
const ABOUT_OUTPUT: [(&str, bool); 12] = [
    ("--threads", true),
    ("--output", true),
    ("-o", true),
    ("--export", true),
    ("--charts", true),
    ("--color", true),
    ("--no-charts", false),
    ("--ascii", false),
    ("--enforce", false),
    ("--checkpoint", true),
    ("--checkpoint-every", true),
    ("--resume", false),
];
/// What the environment can say about a result, and the flags that go before it.
const ENVIRONMENT: [(&str, &[&str]); 6] = [
    ("RIDETHROUGH_SEED", &["--seed"]),
    ("RIDETHROUGH_REPLICATIONS", &["--replications", "-n"]),
    ("RIDETHROUGH_HORIZON", &["--horizon"]),
    ("RIDETHROUGH_PRECISION", &["--precision"]),
    ("RIDETHROUGH_MAX_TIME", &["--max-time"]),
    ("RIDETHROUGH_RARE", &["--rare"]),
];

/// Words of a command that the one that was typed is a part of.
static INSTEAD: OnceLock<Vec<String>> = OnceLock::new();

/// From now on, what was typed is taken for this command: the one whose parts are made, or put together. Only the first time counts.
pub fn stand_for(words: Vec<String>) {
    let words = match words.first() {
        Some(word) if Cli::command().get_subcommands().any(|it| it.get_name() == word) => words,
        _ => ["run".to_owned()].into_iter().chain(words).collect(),
    };
    let _ = INSTEAD.set(words);
}

/// The command that gives this result again, without what changes nothing in it.
pub fn command_line() -> String {
    typed(words().into_iter(), |name| std::env::var(name).ok())
}

/// What the environment says about a result, or would say if it were set: for a command that is to mean the same elsewhere.
pub fn environment() -> impl Iterator<Item = (&'static str, Option<String>)> {
    ENVIRONMENT.iter().map(|(name, _)| (*name, std::env::var(name).ok()))
}

/// The same by its words, which no shell has to read.
pub fn command_words() -> Vec<String> {
    result(words().into_iter())
}

fn words() -> Vec<String> {
    let typed = || std::env::args_os().skip(1).map(|it| it.to_string_lossy().into_owned()).collect();
    INSTEAD.get().cloned().unwrap_or_else(typed)
}

/// The words that say something about what the result is.
fn result(arguments: impl Iterator<Item = String>) -> Vec<String> {
    let mut kept: Vec<String> = Vec::new();
    let mut arguments = arguments.peekable();
    while let Some(argument) = arguments.next() {
        let Some((_, has_value)) = ABOUT_OUTPUT.iter().find(|(flag, _)| is(&argument, flag)) else {
            kept.push(argument);
            continue;
        };
        let alone = ABOUT_OUTPUT.iter().any(|(flag, _)| argument == *flag);
        if *has_value && alone {
            arguments.next_if(|value| !value.starts_with('-'));
        }
    }
    kept
}

fn typed(arguments: impl Iterator<Item = String>, variable: impl Fn(&str) -> Option<String>) -> String {
    let kept: Vec<String> = result(arguments).iter().map(|argument| word(argument)).collect();
    let given = |flags: &[&str]| kept.iter().any(|argument| flags.iter().any(|flag| is(argument, flag)));
    let variables: Vec<String> = (ENVIRONMENT.iter())
        .filter(|(_, flags)| !given(flags))
        .filter_map(|(name, _)| Some(format!("{name}={}", quoted(&variable(name)?))))
        .collect();
    let words: Vec<String> = variables.into_iter().chain(["ridethrough".to_owned()]).chain(kept).collect();
    words.join(" ")
}

/// The flag alone, or with its value in the same word.
fn is(argument: &str, flag: &str) -> bool {
    argument.strip_prefix(flag).is_some_and(|rest| {
        let short = !flag.starts_with("--");
        rest.is_empty() || rest.starts_with('=') || short
    })
}

/// An argument as it is typed again: of a temporary file, whose folder will not be there, the name alone.
pub fn word(argument: &str) -> String {
    let path = Path::new(argument);
    let name = path.file_name().and_then(|name| name.to_str());
    quoted(name.filter(|_| path.starts_with(std::env::temp_dir())).unwrap_or(argument))
}

/// As a shell takes it for one word.
pub fn quoted(word: &str) -> String {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "_-./:=,%@+".contains(letter);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(line: &str) -> String {
        typed(line.split(' ').map(str::to_owned), |_| None)
    }

    #[test]
    fn what_changes_nothing_is_left_out() {
        for line in [
            "run shop.toml --seed 3",
            "run shop.toml -o json --seed 3 --threads 2",
            "run shop.toml -ojson --seed 3 --export=x.html",
            "--color always run shop.toml --export x.html --export y.json --seed 3 --ascii",
            "run shop.toml --charts --seed 3",
            "run shop.toml --enforce --charts output --seed 3 --no-charts",
        ] {
            assert_eq!(of(line), "ridethrough run shop.toml --seed 3", "{line}");
        }
        assert_eq!(of("run shop.toml -n 20"), "ridethrough run shop.toml -n 20");
    }

    #[test]
    fn the_environment_counts_where_no_flag_does() {
        let variable = |name: &str| (name == "RIDETHROUGH_REPLICATIONS").then(|| "50".to_owned());
        let line = |text: &str| typed(text.split(' ').map(str::to_owned), variable);
        assert_eq!(line("run a.toml"), "RIDETHROUGH_REPLICATIONS=50 ridethrough run a.toml");
        assert_eq!(line("run a.toml -n20"), "ridethrough run a.toml -n20");
    }

    #[test]
    fn of_a_temporary_file_only_the_name_is_told() {
        let file = std::env::temp_dir().join("x1").join("shop.toml");
        assert_eq!(of(&format!("run {} -n 5", file.display())), "ridethrough run shop.toml -n 5");
        assert_eq!(of("run folder/shop.toml"), "ridethrough run folder/shop.toml");
    }

    #[test]
    fn words_are_quoted_for_a_shell() {
        let words = ["gate", "it's mine.toml", "--fail-if", "availability<99.9%"].map(str::to_owned);
        assert_eq!(
            typed(words.into_iter(), |_| None),
            r"ridethrough gate 'it'\''s mine.toml' --fail-if 'availability<99.9%'"
        );
    }
}
