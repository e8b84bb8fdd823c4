//! DNS: every loss in closed form, with fixed times.

use super::{HOUR, certain, exact, lost, near, simulate};

/// Two regions; the first fails after ten hours.
fn world(horizon: &str, repair: &str, dns: &str) -> String {
    format!(
        "simulation.horizon = '{horizon}'
         region = {{ one.zones = ['a'], two.zones = ['b'] }}
         stack.s = {{ regions = ['one', 'two'], requires = ['t'] }}
         tier.t.pool.units = 1
         [failure.region]
         scope = 'region:one'
         mttf = {{ fixed = '10h' }}
         repair = '{repair}'
         [dns]
         record = {{ failover = ['one', 'two'] }}
         ttl = '60s'
         health_check = {{ detection = '30s', recovery = '20s' }}
         {dns}"
    )
}

/// Detection, then half a TTL on average over the clients; what a cohort keeps longer is lost longer.
#[test]
fn an_outage_loses_detection_half_a_ttl_and_what_is_stale() {
    let cases = [
        ("", 30.0 + 30.0),
        ("publish = '10s'", 30.0 + 10.0 + 30.0),
        ("decision = '5m'", 30.0 + 300.0 + 30.0),
        ("coverage = 0\n manual = '20m'", 30.0 + 1_200.0 + 30.0),
        ("cohort = [{ name = 'c', share = 0.1, stale = '5m' }]", 60.0 + 0.1 * 300.0),
        ("cohort = [{ name = 'c', share = 0.1, stale = { exponential = '5m' } }]", 60.0 + 0.1 * 300.0),
        ("cohort = [{ name = 'c', share = 0.2, min_ttl = '5m' }]", 30.0 + 0.8 * 30.0 + 0.2 * 150.0),
        ("cohort = [{ name = 'c', share = 0.2, pool_lifetime = '10m' }]", 30.0 + 0.8 * 30.0 + 0.2 * 300.0),
        ("failback = 'never'", 60.0),
    ];
    for (dns, seconds) in cases {
        exact(lost(&certain(&world("14h", "5h", dns)), 14.0 * HOUR), seconds);
    }
}

/// The incident ends when 99 % are served: 99 % of a TTL after the answer changed.
#[test]
fn recovery_ends_where_the_drain_crosses_the_threshold() {
    let summary = certain(&world("14h", "5h", ""));
    exact(summary.recovery_time.p50.unwrap().estimate, 30.0 + 0.99 * 60.0);
    // With a tenth of the clients stale for an exponential time the tail is 0.1 (m / T) (e^(T / m) - 1) e^(-t / m) after the TTL.
    let stale = certain(&world("14h", "5h", "cohort = [{ name = 'c', share = 0.1, stale = { exponential = '5m' } }]"));
    let t = 300.0 * f64::ln(0.1 / 0.01 * 5.0 * (f64::exp(0.2) - 1.0));
    exact(stale.recovery_time.p50.unwrap().estimate, 30.0 + t);
}

#[test]
fn an_outage_that_is_over_before_it_is_detected_moves_nobody() {
    exact(lost(&certain(&world("14h", "20s", "")), 14.0 * HOUR), 20.0);
}

/// Fails at 0, answer moved at 30, back at 40, answer returned at 60, fails again at 70, answer moved at 100: the share of the first region is
/// one minus the answer averaged over the last 60 s. Lost: 30, then 10 - 100/120; from 70 on 10, 35/6, 40/3 and 40/3 in the intervals to 90, 100, 120
/// and 160.
#[test]
fn a_flap_during_a_drain_superposes_exactly() {
    let text = world("12h", "40s", "")
        + "\n[failure.again]\n scope = 'region:one'\n mttf = { fixed = '10h1m10s' }\n repair = '100s'";
    exact(lost(&certain(&text), 12.0 * HOUR), 30.0 + 10.0 - 100.0 / 120.0 + 10.0 + 35.0 / 6.0 + 80.0 / 3.0);
}

/// The second region carries half of the load: 37.5 s of a drain of 60 s are lost, and half of all that follows.
#[test]
fn a_drain_into_too_little_capacity_is_clipped() {
    let text = world("11h", "5h", "")
        .replace(
            "stack.s = { regions = ['one', 'two'], requires = ['t'] }",
            "stack.one = { regions = ['one'], requires = ['t'] }\n stack.two = { regions = ['two'], requires = ['u'] }",
        )
        .replace(
            "tier.t.pool.units = 1",
            "demand.rate = '100/s'\n tier.t.pool.units = 1\n tier.u = { pool.units = 1, capacity = '50/s' }",
        );
    let summary = certain(&text);
    exact(lost(&summary, 11.0 * HOUR), 30.0 + 37.5 + 0.5 * (HOUR - 90.0));
}

/// Without a check a weighted answer never changes: its share is lost for the whole outage. With one, the same as for a failover.
#[test]
fn a_weighted_record_loses_its_share() {
    let weighted = |check: &str| {
        world("14h", "1h", "")
            .replace("{ failover = ['one', 'two'] }", "{ weighted = { one = 0.3, two = 0.7 } }")
            .replace("health_check = { detection = '30s', recovery = '20s' }", check)
    };
    exact(lost(&certain(&weighted("")), 14.0 * HOUR), 0.3 * HOUR);
    exact(lost(&certain(&weighted("health_check = { detection = '30s', recovery = '20s' }")), 14.0 * HOUR), 0.3 * 60.0);
}

/// The interval rule: 30 s, three failures, so 75 s on average, then half a TTL.
#[test]
fn endpoints_are_checked_at_a_random_phase() {
    let text = world("14h", "5h", "")
        .replace("detection = '30s', recovery = '20s'", "interval = '30s', unhealthy_threshold = 3");
    near(simulate(&text, 1_000).unavailability_request, (15.0 + 60.0 + 30.0) / (14.0 * HOUR));
}

/// While the global control plane is down no answer changes: it is back five minutes after the failure.
#[test]
fn an_answer_waits_for_the_global_control_plane() {
    let text = world("14h", "2h", "")
        + "\n[failure.control]\n scope = 'control-plane:global'\n mttf = { fixed = '590m' }\n repair = '15m'";
    exact(lost(&certain(&text), 14.0 * HOUR), 300.0 + 30.0);
}
