//! The targets under libFuzzer, which keeps inputs that reach code that no other reached. `FUZZ_TARGET` names the target.
#![no_main]

#[expect(dead_code, reason = "libFuzzer knows nothing of shares")]
#[path = "../targets/mod.rs"]
mod targets;

use libfuzzer_sys::fuzz_target;
use std::sync::LazyLock;
use targets::{TARGETS, Target};

static TARGET: LazyLock<&Target> = LazyLock::new(|| {
    let name = std::env::var("FUZZ_TARGET").expect("FUZZ_TARGET names a target");
    TARGETS.iter().find(|target| target.name == name).unwrap_or_else(|| panic!("there is no target {name}"))
});

fuzz_target!(|input: &[u8]| {
    (TARGET.digest)(input);
});
