//! How far it has got, on standard error and only where somebody watches; and Ctrl-C.

use crate::experiment::Progress;
use indicatif::{ProgressBar, ProgressStyle};
use std::sync::atomic::{AtomicBool, Ordering};

/// Set by Ctrl-C: a running experiment stops and keeps what it has.
pub static STOP: AtomicBool = AtomicBool::new(false);

/// From now on Ctrl-C ends the experiment, not the program; a second one ends that too.
pub fn catch_interrupts() {
    // An error means that a handler is there already, which is as good.
    let _ = ctrlc::set_handler(|| {
        if STOP.swap(true, Ordering::Relaxed) {
            std::process::exit(130);
        }
    });
}

/// A bar, where somebody watches.
pub struct Bar(Option<ProgressBar>);

impl Bar {
    /// Not yet begun.
    pub fn new(total: u64) -> Bar {
        Bar(super::watched().then(|| {
            let bar = ProgressBar::new(total);
            let style = "{bar:30} {pos}/{len} replications  {per_sec}  {eta} left";
            bar.set_style(ProgressStyle::with_template(style).unwrap_or_else(|_| ProgressStyle::default_bar()));
            bar
        }))
    }

    /// Shows how far it has got.
    pub fn show(&self, progress: Progress) {
        if let Some(bar) = &self.0 {
            bar.set_position(progress.done);
        }
    }

    /// Takes it away.
    pub fn clear(&self) {
        if let Some(bar) = &self.0 {
            bar.finish_and_clear();
        }
    }
}
