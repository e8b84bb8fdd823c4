//! How far it has got, on standard error and only where somebody watches; and Ctrl-C.

use super::tell;
use crate::experiment::Progress;
use crate::units::Seconds;
use indicatif::{HumanCount, ProgressBar, ProgressState, ProgressStyle};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// Set by Ctrl-C: a running experiment stops and keeps what it has.
pub static STOP: AtomicBool = AtomicBool::new(false);

/// From now on Ctrl-C ends the experiment, not the program; a second one ends that too.
pub fn catch_interrupts() {
    // An error means that a handler is there already, which is as good.
    let _ = ctrlc::set_handler(|| {
        if STOP.swap(true, Ordering::Relaxed) {
            std::process::exit(130);
        }
        if super::watched() {
            tell("stopping when the replications at work are finished; Ctrl-C again ends at once");
        }
    });
}

/// Where nobody watches, an experiment that takes longer than this says once how long it will be ...
const PATIENCE: Duration = Duration::from_secs(10);
/// ... if there is more than this to go.
const LONG: f64 = 60.0;

/// A bar, where somebody watches.
pub struct Bar {
    bar: Option<ProgressBar>,
    begun: Instant,
    /// Whether the number of replications says when it ends.
    counted: bool,
    told: bool,
}

impl Bar {
    /// Not yet begun. `counted` if it ends with that number of `things`, and not with a time or a precision.
    pub fn new(total: u64, counted: bool, things: &str) -> Bar {
        let bar = super::watched().then(|| {
            let (bar, style) = if counted {
                let style = format!("{{bar:30}} {{human_pos}} of {{human_len}} {things}  {{rate}}/s  {{eta}} left");
                (ProgressBar::new(total), style)
            } else {
                (ProgressBar::no_length(), format!("{{spinner}} {{human_pos}} {things}  {{rate}}/s  {{elapsed}}"))
            };
            let style = ProgressStyle::with_template(&style).unwrap_or_else(|_| ProgressStyle::default_bar());
            let rate = |state: &ProgressState, text: &mut dyn std::fmt::Write| {
                // The bar has nowhere to put an error.
                let _ = write!(text, "{}", HumanCount(state.per_sec().round() as u64));
            };
            bar.set_style(style.with_key("rate", rate));
            bar
        });
        Bar { bar, begun: Instant::now(), counted, told: false }
    }

    /// Shows how far it has got.
    pub fn show(&mut self, progress: Progress) {
        if let Some(bar) = &self.bar {
            bar.set_position(progress.done);
            return;
        }
        let elapsed = self.begun.elapsed();
        if self.told || !self.counted || elapsed < PATIENCE || progress.done == 0 {
            return;
        }
        self.told = true;
        let left = elapsed.as_secs_f64() * (progress.total as f64 / progress.done as f64 - 1.0);
        if left > LONG {
            let left = Seconds(left.round());
            tell(&format!(
                "about {left} left: --max-time 1m or fewer --replications end it sooner, with wider intervals"
            ));
        }
    }

    /// Takes it away.
    pub fn clear(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
