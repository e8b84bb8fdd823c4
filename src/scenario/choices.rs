//! Values that are one of a few words.

use super::decoder::Decoder;
use super::registry::Kind;
use super::similar::{listed, nearest};
use super::tree::{Node, Value};
use crate::model::{CheckType, Effect};
use serde_json::{Value as Json, json};

/// What happens when a failed endpoint is healthy again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FailbackChoice {
    /// The answer returns by itself.
    Automatic,
    /// Somebody returns it.
    Manual,
    /// It stays.
    Never,
}

/// What is kept in a region that stands by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Strategy {
    /// Backups.
    BackupAndRestore,
    /// Data and infrastructure, no units.
    PilotLight,
    /// A share of the units.
    WarmStandby,
    /// All units, without traffic.
    HotStandby,
    /// All units, with traffic.
    ActiveActive,
}

/// When clients are sent to a region that stands by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SwitchChoice {
    /// When all of its units run.
    WhenReady,
    /// As soon as it is decided.
    AtOnce,
}

/// Whose breaker it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BreakerPreset {
    /// 5 failures in a row, 30 s.
    Lesson,
    /// Defaults of resilience4j.
    Resilience4j,
    /// Defaults of Polly.
    Polly,
    /// Defaults of Hystrix.
    Hystrix,
}

/// How waits between attempts are spread.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Jitter {
    /// Not at all.
    None,
    /// Uniform on (0, wait).
    Full,
    /// Uniform on (wait / 2, wait).
    Equal,
}

/// Where sessions are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StoreChoice {
    /// In a dependency.
    External,
    /// In the units.
    Instance,
}

/// What units do that get more than they can bear.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OverloadChoice {
    /// They serve what they can.
    Shed,
    /// They fail their checks.
    FailChecks,
}

/// How a failed unit looks from outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SymptomChoice {
    /// The instance is gone.
    Instance,
    /// The application is gone.
    Crash,
    /// The application hangs.
    Hang,
    /// It fails some of its requests.
    Gray,
}

macro_rules! choice {
    ($type:ident, $name:literal, $example:literal: $( $word:literal => $variant:ident ),+) => {
        impl Kind for $type {
            const NAME: &'static str = $name;
            const EXAMPLE: &'static str = $example;

            fn read(node: &Node, decoder: &mut Decoder) -> Option<$type> {
                let words = [$($word),+];
                let Value::Text(text) = &node.value else {
                    decoder.wrong_kind::<$type>(node);
                    return None;
                };
                match text.trim() {
                    $( $word => return Some(<$type>::$variant), )+
                    other => {
                        decoder.error("unknown-word", node, format!("`{other}` is not {}", $name)).label =
                            nearest(other, words).map(|meant| format!("did you mean `{meant}`?"));
                        decoder.set_help(format!("write one of {}", listed(words)));
                    }
                }
                None
            }

            fn placeholder() -> $type {
                [$($type::$variant),+][0]
            }

            fn schema() -> Json {
                json!({ "enum": [$($word),+] })
            }
        }
    };
}

choice!(CheckType, "a type of check", "\"elb\"": "ec2" => Ec2, "elb" => Elb);
choice!(Effect, "an effect", "\"mask\"": "mask" => Mask, "kill" => Kill);
choice!(SymptomChoice, "a symptom", "\"crash\"": "instance" => Instance, "crash" => Crash, "hang" => Hang, "gray" => Gray);
choice!(OverloadChoice, "what overload does", "\"shed\"": "shed" => Shed, "fail_checks" => FailChecks);
choice!(FailbackChoice, "a way to fail back", "\"automatic\"": "automatic" => Automatic, "manual" => Manual, "never" => Never);
choice!(
    Strategy,
    "a strategy",
    "\"pilot-light\"":
    "backup-and-restore" => BackupAndRestore,
    "pilot-light" => PilotLight,
    "warm-standby" => WarmStandby,
    "hot-standby" => HotStandby,
    "active-active" => ActiveActive
);
choice!(SwitchChoice, "a time to switch", "\"when-ready\"": "when-ready" => WhenReady, "at-once" => AtOnce);
choice!(BreakerPreset, "a preset of a breaker", "\"lesson\"": "lesson" => Lesson, "resilience4j" => Resilience4j, "polly" => Polly, "hystrix" => Hystrix);
choice!(Jitter, "a kind of jitter", "\"full\"": "none" => None, "full" => Full, "equal" => Equal);
choice!(StoreChoice, "a place for sessions", "\"external\"": "external" => External, "instance" => Instance);
