//! What a tier could serve of the demand: sizes, without a simulation.

use crate::design::{HOUR, TierPart, pool, world};

/// What is left without the zone that holds most units.
#[test]
fn headroom() {
    let of = |tier: TierPart| {
        let design = world(HOUR).region("r", &["a", "b", "c"]).tier(tier).build();
        let room = &design.headroom()[0];
        (room.with_all, room.with_one_zone_lost)
    };
    // Two, two and one in three zones; each serves 30 of 100.
    assert_eq!(of(pool("t", 5).capacity(30.0)), (Some(1.5), Some(0.9)));
    assert_eq!(of(pool("t", 5).capacity(30.0).required(4)), (Some(1.5), Some(0.0)));
    assert_eq!(of(pool("t", 5).required(3)), (None, None));
    assert_eq!(of(pool("t", 5).within(&["b"])), (None, Some(0.0)));
}
