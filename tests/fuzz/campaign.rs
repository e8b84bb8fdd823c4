//! Many executions of a target, on all threads: what panics, takes long or fills the memory is a finding, and is made small.

use crate::corpus::Corpus;
use crate::mutation::Mutator;
use crate::random::Random;
use crate::targets::Target;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, Once, PoisonError};
use std::time::{Duration, Instant};

/// One that takes longer than this is not waited for.
const HANGS: Duration = Duration::from_secs(60);
/// Memory of the process that is a finding (bytes).
const MOST_MEMORY: u64 = 1 << 30;
/// Tries to make a finding smaller.
const TRIES: usize = 3_000;
/// No execution.
const NONE: u64 = u64::MAX;

thread_local! {
    /// Where and why the last execution of this thread panicked; none outside of executions, whose panics are shown.
    static LAST: RefCell<Option<Panic>> = const { RefCell::new(None) };
}

/// Where a panic was, and why.
#[derive(Debug, Clone, Default)]
pub struct Panic {
    place: String,
    why: String,
}

impl std::fmt::Display for Panic {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} ({})", self.why.chars().take(600).collect::<String>(), self.place)
    }
}

/// Digests an input: whether it was taken for good, or the panic.
pub fn digested(target: &Target, input: &[u8]) -> Result<bool, Panic> {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let usual = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            let is_kept = LAST.with_borrow_mut(|last| {
                let Some(last) = last else { return false };
                last.place = info.location().map(ToString::to_string).unwrap_or_default();
                let (text, owned) = (info.payload().downcast_ref::<&str>(), info.payload().downcast_ref::<String>());
                last.why = owned.cloned().or(text.map(ToString::to_string)).unwrap_or_default();
                true
            });
            if !is_kept {
                usual(info);
            }
        }));
    });
    LAST.set(Some(Panic::default()));
    let result = catch_unwind(AssertUnwindSafe(|| (target.digest)(input)));
    let panic = LAST.take().unwrap_or_default();
    result.map_err(|_| panic)
}

/// Executions of one target.
pub struct Campaign {
    pub target: &'static Target,
    pub corpus: Corpus,
    pub seed: u64,
    pub executions: u64,
    /// An execution that takes longer is a finding.
    pub longest: Duration,
}

/// What became of it.
pub struct Done {
    pub executions: u64,
    /// Inputs that were taken for good.
    pub accepted: u64,
    pub seconds: f64,
    /// One line for each place that panics, and for each kind of slowness.
    pub findings: Vec<String>,
}

/// What a thread does now.
struct Worker {
    execution: AtomicU64,
    /// Since when (ms from the beginning of the campaign).
    since: AtomicU64,
}

impl Campaign {
    /// The input of an execution.
    pub fn input(&self, execution: u64) -> Vec<u8> {
        let random = Random::of(self.seed, self.target.name, execution);
        Mutator { seeds: &self.corpus.seeds, words: &self.corpus.words, random }.input()
    }

    pub fn run(&self) -> Done {
        let begun = Instant::now();
        let (next, accepted) = (AtomicU64::new(0), AtomicU64::new(0));
        let found: Mutex<BTreeMap<String, (Vec<u8>, String)>> = Mutex::default();
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        let workers: Vec<Worker> =
            (0..threads).map(|_| Worker { execution: AtomicU64::new(NONE), since: AtomicU64::new(0) }).collect();
        let at_work = AtomicU64::new(threads as u64);
        std::thread::scope(|scope| {
            for worker in &workers {
                scope.spawn(|| {
                    loop {
                        let execution = next.fetch_add(1, Ordering::Relaxed);
                        if execution >= self.executions {
                            break;
                        }
                        worker.since.store(begun.elapsed().as_millis() as u64, Ordering::Relaxed);
                        worker.execution.store(execution, Ordering::Relaxed);
                        let input = self.input(execution);
                        match self.judged(&input) {
                            Ok(is_good) => {
                                accepted.fetch_add(is_good.into(), Ordering::Relaxed);
                            }
                            Err((place, why)) => {
                                let mut found = found.lock().unwrap_or_else(PoisonError::into_inner);
                                found.entry(place).or_insert((input, why));
                            }
                        }
                        worker.execution.store(NONE, Ordering::Relaxed);
                    }
                    at_work.fetch_sub(1, Ordering::Relaxed);
                });
            }
            scope.spawn(|| {
                while at_work.load(Ordering::Relaxed) > 0 {
                    self.guard(&workers, begun);
                    std::thread::sleep(Duration::from_millis(20));
                }
            });
        });
        let found = found.into_inner().unwrap_or_else(PoisonError::into_inner);
        let seconds = begun.elapsed().as_secs_f64();
        let findings = found.into_iter().map(|(place, (input, why))| {
            let small = self.made_small(input, &place);
            format!("{why}; {} bytes: {}", small.len(), self.save(&small).display())
        });
        let accepted = accepted.into_inner();
        Done { executions: self.executions, accepted, seconds, findings: findings.collect() }
    }

    /// Whether an input was taken for good, or where and why it is a finding.
    fn judged(&self, input: &[u8]) -> Result<bool, (String, String)> {
        let begun = Instant::now();
        let is_good = digested(self.target, input).map_err(|panic| (panic.place.clone(), panic.to_string()))?;
        if begun.elapsed() <= self.longest {
            return Ok(is_good);
        }
        // Others may have had the processor: what it takes of that counts, where the system says so.
        let (begun, before) = (Instant::now(), worked());
        let _ = digested(self.target, input);
        let took = before.zip(worked()).map_or(begun.elapsed(), |(before, after)| after - before);
        if took <= self.longest {
            return Ok(is_good);
        }
        Err(("slow".to_owned(), format!("takes {:.1} s", took.as_secs_f64())))
    }

    /// Ends the process when an execution does not end or fills the memory, with what is executed kept in files.
    fn guard(&self, workers: &[Worker], begun: Instant) {
        let now = begun.elapsed().as_millis() as u64;
        let hangs = |worker: &&Worker| {
            worker.execution.load(Ordering::Relaxed) != NONE
                && now.saturating_sub(worker.since.load(Ordering::Relaxed)) > HANGS.as_millis() as u64
        };
        let memory = memory();
        let why =
            if memory > MOST_MEMORY { format!("{} MiB of memory", memory >> 20) } else { "does not end".to_owned() };
        let guilty: Vec<&Worker> = workers.iter().filter(|it| memory > MOST_MEMORY || hangs(it)).collect();
        if guilty.is_empty() {
            return;
        }
        for worker in guilty {
            let execution = worker.execution.load(Ordering::Relaxed);
            if execution != NONE {
                let path = self.save(&self.input(execution));
                eprintln!("{}: execution {execution}: {why}: {}", self.target.name, path.display());
            }
        }
        std::process::abort();
    }

    /// As small as it gets by leaving out lines, then bytes, while it panics in the same place.
    fn made_small(&self, input: Vec<u8>, place: &str) -> Vec<u8> {
        let is_same = |input: &[u8]| digested(self.target, input).is_err_and(|panic| panic.place == place);
        if !is_same(&input) {
            return input;
        }
        let mut pieces: Vec<Vec<u8>> = input.split_inclusive(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect();
        let mut tries = TRIES;
        for _ in 0..2 {
            let mut size = pieces.len().div_ceil(2).max(1);
            while tries > 0 {
                let mut at = 0;
                let before = pieces.len();
                while at < pieces.len() && tries > 0 {
                    let mut fewer = pieces.clone();
                    fewer.drain(at..(at + size).min(pieces.len()));
                    tries -= 1;
                    if is_same(&fewer.concat()) { pieces = fewer } else { at += size }
                }
                match size {
                    1 if pieces.len() == before => break,
                    _ => size = size.div_ceil(2),
                }
            }
            pieces = pieces.concat().into_iter().map(|byte| vec![byte]).collect();
        }
        pieces.concat()
    }

    /// Keeps an input where builds keep their files.
    fn save(&self, input: &[u8]) -> PathBuf {
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("found").join(self.target.name);
        let name = input
            .iter()
            .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x100_0000_01b3));
        let path = folder.join(format!("{name:016x}"));
        let written = std::fs::create_dir_all(&folder).and_then(|()| std::fs::write(&path, input));
        written.unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        path
    }
}

/// How long this thread has had a processor, where the system says so.
fn worked() -> Option<Duration> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    text.split(' ').next()?.parse().ok().map(Duration::from_nanos)
}

/// Memory that the process has, where the system says so (bytes).
fn memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib = line.and_then(|line| line.trim().split(' ').next()?.parse::<u64>().ok());
    kib.unwrap_or(0) << 10
}
