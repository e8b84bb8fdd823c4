//! What each code of a problem means, for the reference and for `ridethrough explain`.

/// Codes, sorted, with what they mean.
pub const CODES: &[(&str, &str)] = &[
    ("age-beyond-life", "What fails is older than its life can be when a history begins."),
    ("bad-duration", "A duration is a number with a unit in quotes, 0s or longer. A month has no fixed length."),
    ("bad-fraction", "A fraction is a number from 0 to 1, or a percentage in quotes."),
    (
        "bad-hours",
        "Hours are times of the day such as `\"08:00\"`, on days such as `\"mon-fri\"`, and end after they begin.",
    ),
    ("bad-law", "The parameters of a law are missing, too many, or out of range."),
    ("bad-name", "Names are letters, digits, `-` and `_`, at most 64 of them. No region is called `global`."),
    ("bad-number", "A whole number is needed."),
    ("bad-observation", "A line of a file of observations is not a duration."),
    ("bad-price", "A price is money over a time in quotes, such as `\"0.096/h\"` or `\"50/month\"`."),
    ("bad-rate", "A rate is a number over a time in quotes, such as `\"12/y\"`."),
    (
        "bad-record",
        "A DNS record is `failover` with a list of regions, `weighted` with a weight for each, or `latency` with populations of clients.",
    ),
    ("bad-requirement", "A table in `requires` is `all_of`, `any_of`, or `k_of` with `of`."),
    (
        "bad-scope",
        "A scope is one of the words of the reference, with a name after a colon where it needs one; a list holds one kind.",
    ),
    ("bad-size", "The sizes of an auto scaling group are in the order `min`, `desired`, `max`."),
    ("bad-space", "What an optimisation chooses is a key with values or a range, or options by name."),
    (
        "bad-stages",
        "Stages of a change are in the order `unit`, `zone`, `region`, `all`, of those that what it touches has.",
    ),
    ("bad-time", "A time of day is `\"08:00\"`, and days are `\"mon-fri\"`."),
    ("bad-unknown", "What is known about a value is `between`, `law`, or `events` with `exposure`."),
    (
        "bad-weights",
        "At least one region of a weighted record has a weight above 0; shares of a latency record sum to 1.",
    ),
    ("breaker-never-opens", "A circuit breaker sees too few calls in its window to conclude anything."),
    (
        "capacity-below-demand",
        "All units of a tier together serve less than the demand: requests are lost even when nothing fails.",
    ),
    ("catalog-kind", "A catalog value is of another kind than the one needed, such as a rate where a duration stands."),
    (
        "checkers-beside-law",
        "A law of detection or recovery replaces the rule that many checkers, or checks that err, follow.",
    ),
    ("control-character", "Names and questions are shown on terminals, which control characters would steer."),
    ("copies-share-zone", "Standby and replica are in one zone and fail together."),
    ("corrupt-scope", "Only databases hold data that can be corrupted."),
    ("data-lost-for-ever", "A database that something kills has no copy and no backup."),
    ("dns-without-stack", "A record names a region that runs no stack."),
    ("duplicate-name", "Two things have one name, or one thing is named twice where once is meant."),
    ("elb-without-load-balancer", "A group asks a load balancer that its tier does not have."),
    ("empty-architecture", "There is no tier, no database and no dependency."),
    ("empty-file", "The file is empty."),
    ("empty-requirements", "A list of requirements is empty."),
    ("environment-cycle", "A file names itself as its environment."),
    (
        "failover-to-itself",
        "A copy is in the zone of its primary, or a record names a region twice: both fail together.",
    ),
    ("failover-without-check", "A failover record without a health check never changes."),
    ("file-too-large", "A file is larger than 4 MiB."),
    ("gray-scope", "Only units, tiers, zones and regions fail gray, and nothing is killed by it."),
    ("ignored-key", "A key has no effect beside another one."),
    ("k-out-of-range", "`k_of` is from 1 to the number of members of `of`."),
    ("kill-scope", "Only zones, regions and databases can be killed."),
    ("killed-for-ever", "A pool that something kills has no `replacement`."),
    ("loss-above-objective", "A recovery loses more data than the objective allows."),
    ("many-events", "A replication has more than ten million events and takes seconds or more."),
    ("metastable-possible", "Retries can keep a dependency overloaded after what led to it is over."),
    ("missing-detection", "A corruption does not say when it is found."),
    ("missing-dns", "Several regions run a stack, and nothing sends clients to them."),
    ("missing-key", "A key that has no default is absent."),
    ("missing-region", "There is no region to run in."),
    ("missing-repair", "A failure that nothing else ends has no `repair`."),
    ("missing-upkeep", "A tier has neither `pool` nor `auto_scaling`."),
    ("missing-zone", "A region has no zone."),
    ("nested-environment", "An environment names an environment."),
    ("never-replaced", "A unit fails in a way that no check of its group sees, and is not repaired: it stays dead."),
    ("no-copy-in-region", "A stack needs a copy of a database in its region, where there is none."),
    ("no-demand", "The demand is 0: without requests there is no availability."),
    ("no-file", "No scenario is given."),
    ("no-headroom", "A tier in several zones serves less than the demand when one of them is lost."),
    ("not-for-environment", "A table does not belong in an environment file."),
    ("not-text", "The file is not UTF-8 text."),
    ("nothing-fails", "Nothing fails in the scenario."),
    ("out-of-range", "A number or a duration is too small, too large, or not finite."),
    ("overload-without-check", "Overload fails checks only in a tier with `capacity` and `load_balancer`."),
    ("overloaded-from-the-start", "A dependency gets more calls than it can take although nothing has failed."),
    (
        "pool-with-overload",
        "A dependency has callers with a pool and a capacity: the load that a pool bounds is not worked out.",
    ),
    ("recovery-above-objective", "The stages of a recovery add up to more than the objective, on average."),
    ("repair-above-mttf", "A repair takes longer than the time to failure: the part is down most of the time."),
    (
        "replacement-loop",
        "Every new unit is removed before it has booted: the group never serves again after its first losses.",
    ),
    ("replacement-loop-possible", "Some new units are removed before they have booted, and launched again."),
    ("required-above-units", "A tier requires more healthy units than it has."),
    ("retention-below-interval", "Restore points are kept for a shorter time than they lie apart."),
    ("scope-touches-nothing", "A failure takes down nothing that is there or used."),
    ("session-users", "The number of users with a session is not given, or given twice."),
    ("shares-above-one", "The shares of the cohorts sum to more than 1."),
    ("stack-regions", "With several regions, each stack says in which it runs."),
    ("standby-in-other-region", "A synchronous standby is in another region than its primary."),
    ("standby-in-use", "A region stands by, but the record sends clients there all the time, or never."),
    ("threshold-zero", "With an `up_threshold` of 0 there are no incidents."),
    ("tier-without-zone", "A tier has no zone in a region that requires it."),
    ("timeout-not-below-interval", "A check still waits when the next one starts."),
    ("toml-syntax", "The file is not TOML."),
    ("too-deep", "Requirements are nested too deeply."),
    ("too-many", "There are more units, zones, tables or items than can be meant."),
    ("too-many-events", "A replication would have more than a thousand million events."),
    ("too-many-problems", "Only the first 500 problems are listed."),
    ("too-many-zones", "A tier wants more zones than a region has."),
    ("ttl-above-objective", "Clients keep an answer for longer than the recovery objective."),
    ("two-stale-times", "A cohort has both `stale` and `restart`."),
    ("two-trips", "Two rules say when a circuit breaker opens."),
    ("two-upkeeps", "A tier has both `pool` and `auto_scaling`."),
    ("unknown-catalog-key", "The catalog has no such key."),
    ("unknown-format", "A file says that it is of a format that this version does not know."),
    ("unknown-key", "A table has no such key."),
    ("unknown-law", "There is no such law."),
    ("unknown-name", "A name refers to nothing."),
    ("unknown-override", "A key path that is to be set leads nowhere."),
    ("unknown-word", "A word is not one of the choices."),
    ("unreadable-file", "A file cannot be read."),
    ("unused", "Something is defined that nothing uses."),
    ("warm-up-too-long", "The warm-up is not shorter than the horizon."),
    ("writes-above-rate", "There are more writes than requests."),
    ("wrong-kind", "A value is of another kind than the one needed."),
];

/// What a code means; none for an unknown one.
pub fn explain(code: &str) -> Option<&'static str> {
    CODES.iter().find(|(known, _)| *known == code).map(|(_, meaning)| *meaning)
}

/// The code that was probably meant, or those that hold the word: what to offer for an unknown one.
pub fn codes_like(wrong: &str) -> Vec<&'static str> {
    let codes = || CODES.iter().map(|(code, _)| *code);
    if let Some(near) = super::similar::nearest(wrong, codes()) {
        return vec![near];
    }
    let word = wrong.trim().to_lowercase();
    let holds = |code: &&str| word.len() > 2 && code.contains(&word);
    codes().filter(holds).take(8).collect()
}
