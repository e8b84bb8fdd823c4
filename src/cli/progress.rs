//! How far it has got, on standard error and only where somebody watches; and Ctrl-C.

use super::args::Cli;
use super::tell;
use crate::experiment::{Options, Part, Progress};
use crate::report::{self, Course, Running, Until};
use crate::units::Seconds;
use std::io::{self, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use terminal_size::terminal_size_of;

/// Set by Ctrl-C: a running experiment stops and keeps what it has.
pub static STOP: AtomicBool = AtomicBool::new(false);

/// How many lines stand on the terminal, for whoever else has something to say there.
static SHOWN: Mutex<usize> = Mutex::new(0);

fn shown() -> MutexGuard<'static, usize> {
    SHOWN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Puts lines in the place of those that stand there. The cursor stays below them, so that the `^C` of a terminal moves none of them, and a line
/// that is too wide after all is clipped, so that their number is known.
fn draw(shown: &mut usize, text: &str) {
    let back = if *shown > 0 { format!("\r\u{1b}[{shown}A\u{1b}[J") } else { String::new() };
    let lines: String = text.lines().map(|line| format!("{line}\n")).collect();
    // At once, so that nothing flickers. Nobody may be listening any more.
    let _ = io::stderr().write_all(format!("{back}\u{1b}[?7l{lines}\u{1b}[?7h").as_bytes());
    *shown = text.lines().count();
}

/// From now on Ctrl-C ends the experiment, not the program; a second one ends that too.
pub fn catch_interrupts() {
    // An error means that a handler is there already, which is as good.
    let _ = ctrlc::set_handler(|| {
        if STOP.swap(true, Ordering::Relaxed) {
            clear();
            std::process::exit(130);
        }
        if super::watched() {
            let mut shown = shown();
            wipe(&mut shown);
            tell("stopping when the replications at work are finished; Ctrl-C again ends at once");
        }
    });
}

/// Takes away what is shown, so that what comes then stands alone.
pub fn clear() {
    wipe(&mut shown());
}

fn wipe(shown: &mut usize) {
    if *shown > 0 {
        draw(shown, "");
    }
}

/// A terminal on which one can go back a line.
fn goes_back() -> bool {
    super::watched() && std::env::var("TERM").map_or(cfg!(windows), |term| term != "dumb")
}

/// What takes no longer than this shows nothing.
const SOON: Duration = Duration::from_secs(1);
/// Lines stay as they are so long, so that they can be read.
const STILL: Duration = Duration::from_millis(200);
/// Where nobody watches, an experiment that takes longer than this says once how long it will be ...
const PATIENCE: Duration = Duration::from_secs(10);
/// ... if there is more than this to go.
const LONG: f64 = 60.0;

/// How far an experiment has got.
pub struct Bar {
    things: &'static str,
    until: Until,
    begun: Instant,
    told: bool,
    /// Where somebody watches.
    live: Option<Live>,
}

impl Bar {
    /// Not yet begun; it counts `things`.
    pub fn new(cli: &Cli, things: &'static str, until: Until) -> Bar {
        let begun = Instant::now();
        let live = goes_back().then(|| Live {
            colour: cli.colour.stderr(),
            ascii: cli.ascii || !super::has_unicode(),
            seen: begun,
            drawn: None,
            clocks: [Clock::default(); 2],
            courses: Vec::new(),
        });
        Bar { things, until, begun, told: false, live }
    }

    /// Shows how far it has got.
    pub fn show(&mut self, progress: Progress) {
        match &mut self.live {
            Some(live) => live.show(progress, self.things, self.until, self.begun),
            None => self.tell_once(progress),
        }
    }

    fn tell_once(&mut self, progress: Progress) {
        let elapsed = self.begun.elapsed();
        if self.told || !self.until.counted || elapsed < PATIENCE || progress.done == 0 {
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
}

/// When an experiment ends that is run like this.
pub fn until(options: &Options) -> Until {
    Until {
        counted: options.precision.is_none() && options.max_time.is_none(),
        precision: options.precision,
        max_time: options.max_time,
    }
}

/// What is shown while it runs.
struct Live {
    colour: bool,
    ascii: bool,
    /// When it was last heard of.
    seen: Instant,
    drawn: Option<Instant>,
    /// Replications, and histories that branch, each have their time.
    clocks: [Clock; 2],
    courses: Vec<Course>,
}

/// Time in which so many things were done.
#[derive(Debug, Clone, Copy, Default)]
struct Clock {
    time: Duration,
    done: u64,
}

impl Live {
    fn show(&mut self, progress: Progress, things: &str, until: Until, begun: Instant) {
        let now = Instant::now();
        let clock = &mut self.clocks[usize::from(matches!(progress.part, Some(Part::Rare(_))))];
        if progress.done <= clock.done {
            *clock = Clock::default();
        }
        *clock = Clock { time: clock.time + (now - self.seen), done: progress.done };
        let counting = clock.time;
        self.seen = now;
        if self.drawn.is_some_and(|drawn| now - drawn < STILL) {
            return;
        }
        self.drawn = Some(now);
        let known = progress.known.map_or_else(Vec::new, |known| known());
        self.courses.resize(known.len(), Course::default());
        for (course, known) in self.courses.iter_mut().zip(&known) {
            course.push(&known.unavailability);
        }
        let elapsed = now - begun;
        if elapsed < SOON {
            return;
        }
        let running = Running { progress, things, until, elapsed, counting, known: &known, courses: &self.courses };
        let (width, height) = terminal_size_of(io::stderr())
            .map_or((super::width(), usize::MAX), |(width, height)| (width.0.into(), height.0.into()));
        // The cursor has a line of its own.
        let text = report::live(&running, width, height.saturating_sub(1), self.colour, self.ascii);
        draw(&mut shown(), &text);
    }
}
