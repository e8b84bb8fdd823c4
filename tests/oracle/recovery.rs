//! Databases and control planes.

use super::{HOUR, certain, exact, lost, near, simulate};
use ridethrough::units::Seconds;

/// The zone of the primary fails once, for two hours.
const WORLD: &str = "simulation.horizon = '20h'
     region.r.zones = ['a', 'b']
     failure.zone = { scope = 'zone:a', mttf = { fixed = '10h' }, repair = '2h' }
     [database.d]
     primary = 'a'
     ";

/// Promotion uniform on (60, 120) after a detection of 10 s, then a residual endpoint TTL uniform on (0, 20).
#[test]
fn a_standby_takes_over_in_its_promotion_time() {
    let plain = format!("{WORLD}standby = {{ zone = 'b', coverage = 1, promotion = {{ uniform = ['60s', '120s'] }} }}");
    let recovery = simulate(&plain, 3_000).recovery_time;
    near(recovery.mean.unwrap(), 90.0);
    near(recovery.p50.unwrap(), 90.0);
    near(recovery.p95.unwrap(), 117.0);
    let slower = format!("{plain}\n detection = '10s'\n endpoint_ttl = '20s'");
    let summary = simulate(&slower, 3_000);
    near(summary.recovery_time.mean.unwrap(), 10.0 + 90.0 + 10.0);
    assert_eq!(summary.data_loss.count, 0);
}

/// With coverage 0.8 one failover in five is done by hand, in half an hour.
#[test]
fn a_failover_that_does_not_work_is_done_by_hand() {
    let text = format!("{WORLD}standby = {{ zone = 'b', coverage = 0.8, promotion = '90s', manual = '30m' }}");
    near(simulate(&text, 3_000).recovery_time.mean.unwrap(), 0.8 * 90.0 + 0.2 * 1_800.0);
}

/// A primary that is back before it is missed just goes on.
#[test]
fn a_short_failure_causes_no_failover() {
    let text =
        format!("{WORLD}detection = '10m'\n standby = {{ zone = 'b', promotion = '1h' }}").replace("'2h'", "'5m'");
    exact(lost(&certain(&text), 20.0 * HOUR), 300.0);
}

/// Both zones fail; the standby's is back first, after half an hour, and is promoted then.
#[test]
fn without_a_living_copy_the_first_node_to_return_serves() {
    let text = format!("{WORLD}standby = {{ zone = 'b', coverage = 1, promotion = '60s' }}")
        + "\n[failure.other]\n scope = 'zone:b'\n mttf = { fixed = '10h' }\n repair = '30m'";
    exact(lost(&certain(&text), 20.0 * HOUR), 1_800.0 + 60.0);
}

/// An asynchronous replica loses the lag; writes come at ten a second.
#[test]
fn a_replica_loses_its_lag() {
    let text = format!(
        "demand = {{ rate = '100/s', writes = '10/s' }}\n{WORLD}replica = {{ zone = 'b', decision = '60s', promotion = '120s', lag = \
         {{ lognormal = {{ mean = '10s', sigma = 0.8 }} }} }}"
    );
    let summary = simulate(&text, 4_000);
    exact(summary.recovery_time.p50.unwrap().estimate, 180.0);
    near(summary.data_loss.mean.unwrap(), 10.0);
    // Quantiles of the lognormal with that mean: median 10 exp(-0.32), p95 that times exp(0.8 x 1.644854).
    let median = 10.0 * f64::exp(-0.32);
    near(summary.data_loss.p50.unwrap(), median);
    near(summary.data_loss.p95.unwrap(), median * f64::exp(0.8 * 1.644_854));
    near(summary.lost_writes_per_year, 10.0 * 10.0 * Seconds::YEAR.0 / (20.0 * HOUR));
}

/// Data gone and no copy: decision and restore, and what was written since the last restore point, uniform on (0, 1 h).
#[test]
fn a_restore_loses_the_age_of_the_backup() {
    let text = "simulation.horizon = '20h'
         region.r.zones = ['a']
         failure.volume = { scope = 'database:d', mttf = { fixed = '10h' }, repair = '1m', effect = 'kill' }
         [database.d]
         primary = 'a'
         backup = { interval = '1h', decision = '5m', restore = '20m' }";
    let summary = simulate(text, 4_000);
    exact(summary.recovery_time.p50.unwrap().estimate, 1_500.0);
    near(summary.data_loss.mean.unwrap(), 1_800.0);
    near(summary.data_loss.p95.unwrap(), 0.95 * 3_600.0);
}

/// The control plane is down from a minute before the failure to four minutes after it: the promotion of 60 s begins only then.
#[test]
fn a_promotion_waits_for_the_control_plane() {
    let text = format!("{WORLD}standby = {{ zone = 'b', coverage = 1, promotion = '60s' }}")
        + "\n[failure.control]\n scope = 'control-plane'\n mttf = { fixed = '599m' }\n repair = '5m'";
    exact(lost(&certain(&text), 20.0 * HOUR), 240.0 + 60.0);
}

/// Launches wait for it, too: 100 s of launch and boot begin when it is back, four minutes after the failure.
#[test]
fn a_launch_waits_for_the_control_plane() {
    let text = "simulation.horizon = '15h'
         region.r.zones = ['a']
         failure.f = { scope = 'unit:t', mttf = { fixed = '10h' } }
         failure.control = { scope = 'control-plane', mttf = { fixed = '599m' }, repair = '5m' }
         [tier.t.auto_scaling]
         desired = 1
         check = 'ec2'
         status_check.detection = '0s'
         launch = '40s'
         boot = '60s'";
    exact(lost(&certain(text), 15.0 * HOUR), 240.0 + 100.0);
}
